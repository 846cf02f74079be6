"""Every line of the Procfile boots on PostgreSQL, does its part, and stops cleanly when the PaaS says so."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.db import Database
from bot.models import Heartbeat
from tests.product import ROOT, Product, wait_until

LINES = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines() if line)
BESIDE_PYTHON = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
SECONDS = 120.0

pytestmark = pytest.mark.parametrize("engine", ["postgres"])


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """An installation on PostgreSQL of which nothing runs yet."""
    with Product(database_url, tmp_path) as product:
        yield product


def boot(town: Product, line: str) -> subprocess.Popen[bytes]:
    return town.spawn(*shlex.split(LINES[line]), extra=BESIDE_PYTHON)


def seen(town: Product, process: str) -> bool:
    database = Database(town.database_url, pool_size=1)
    with database.read() as connection:
        found = connection.execute(select(Heartbeat.process).where(Heartbeat.process == process)).one_or_none()
    database.close()
    return found is not None


def stop(process: subprocess.Popen[bytes]) -> int:
    os.kill(process.pid, signal.SIGTERM)
    return process.wait(SECONDS)


def test_the_procfile_names_the_processes_a_paas_starts(engine: str) -> None:
    assert list(LINES) == ["release", "web", "worker", "clock"]


def test_the_release_makes_the_tables_and_ends(town: Product) -> None:
    database = Database(town.database_url, pool_size=1)
    with database.write() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    database.close()
    assert boot(town, "release").wait(SECONDS) == 0
    assert not seen(town, "web"), "the tables are there, nobody has written"


def test_web_answers_and_stops_cleanly(town: Product) -> None:
    process = boot(town, "web")
    wait_until(town.ready, SECONDS, "web to be ready")
    hanako = town.line.resident("花子")
    hanako.say("自動車税")
    hanako.wait_for("どの税のお知らせですか")
    assert stop(process) == 0


@pytest.mark.parametrize("line", ["worker", "clock"])
def test_a_background_process_shows_that_it_lives_and_stops_cleanly(town: Product, line: str) -> None:
    process = boot(town, line)
    wait_until(lambda: seen(town, line), SECONDS, f"{line} to be seen")
    assert stop(process) == 0


def test_what_was_promised_is_sent_before_web_stops(town: Product) -> None:
    process = boot(town, "web")
    wait_until(town.ready, SECONDS, "web to be ready")
    town.line.fault("slow", "reply", seconds=1.5)
    hanako = town.line.resident("花子")
    assert town.line.delivered(hanako.say("自動車税")) == 200
    assert stop(process) == 0
    assert hanako.wait_for("どの税のお知らせですか")
