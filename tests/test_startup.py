"""What keeps an installation from starting is said in one sentence, before any worker is started."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config import LINE_API, Settings, read_settings
from bot.db import Database
from bot.startup import obstacle
from tests.conftest import MakeDatabase
from tests.product import ROOT, free_port
from tests.test_config import complete


def settings(database_url: str, flows: Path = ROOT / "flows", line: str = "http://127.0.0.1:1") -> Settings:
    return read_settings(complete(DATABASE_URL=database_url, MADOGUCHI_FLOWS=str(flows), LINE_API_BASE=line))


def test_a_sound_installation_starts(database_url: str) -> None:
    assert obstacle(settings(database_url)) is None


def test_the_first_start_before_residents_wants_the_towns_own_values(database_url: str, tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    shutil.copytree(ROOT / "flows", flows)
    sentence = obstacle(settings(database_url, flows, LINE_API))
    assert sentence is not None
    assert "flows/town.yaml:26:3" in sentence
    empty = (flows / "town.yaml").read_text("utf-8")
    filled = re.sub(r"(?m)^(  \w+):$(?!\n   )", r"\1: '110'", empty).replace(
        "site: '110'", "site: https://town.example"
    )
    (flows / "town.yaml").write_text(filled, encoding="utf-8")
    assert obstacle(settings(database_url, flows, LINE_API)) is None


def test_what_is_in_force_already_is_not_looked_at_again_for_them(database_url: str) -> None:
    assert obstacle(settings(database_url)) is None
    assert obstacle(settings(database_url, line=LINE_API)) is None


def test_a_database_without_tables_is_told_how_to_get_them(tmp_path: Path) -> None:
    sentence = obstacle(settings(f"sqlite:///{tmp_path}/empty.db"))
    assert sentence is not None
    assert "madoguchi db upgrade" in sentence


def test_a_database_ahead_of_the_code_serves_the_older_processes(database: Database, database_url: str) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert obstacle(settings(database_url)) is None


def test_a_database_that_is_not_there_is_named() -> None:
    sentence = obstacle(settings("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    assert sentence is not None
    assert "DATABASE_URL" in sentence


def test_broken_flows_stop_the_start_with_file_and_line(database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "broken.yaml").write_text("flow: a.b\ntitle: x\nstepz:\n  - say: x\n", encoding="utf-8")
    sentence = obstacle(settings(database_url, folder))
    assert sentence is not None
    assert "flows/broken.yaml:3" in sentence


def test_gunicorn_itself_ends_with_the_sentence(tmp_path: Path) -> None:
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    environment = complete(
        DATABASE_URL=f"sqlite:///{tmp_path}/empty.db", MADOGUCHI_FLOWS=str(ROOT / "flows"), PORT=str(free_port())
    )
    ended = subprocess.run(
        [gunicorn, "--config", "python:bot.serve", "bot.app:from_environment()"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert ended.returncode != 0
    assert "madoguchi db upgrade" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("process", ["worker", "clock"])
def test_the_other_processes_end_with_the_sentence_too(process: str, make_database: MakeDatabase) -> None:
    url = make_database("postgres")
    older = Database(url, pool_size=1)
    with older.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    older.close()
    environment = complete(DATABASE_URL=url, MADOGUCHI_FLOWS=str(ROOT / "flows"))
    ended = subprocess.run(
        [sys.executable, "-m", "bot.cli", process],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "madoguchi db upgrade" in ended.stderr
    assert "Traceback" not in ended.stderr
