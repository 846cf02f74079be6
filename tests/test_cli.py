"""The command: exit codes that scripts can rely on, and sentences instead of tracebacks."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.crypto import new_key
from tests.product import ROOT, free_port

SETTINGS = {
    "LINE_CHANNEL_SECRET": "s" * 32,
    "LINE_CHANNEL_ACCESS_TOKEN": "t" * 32,
    "ENCRYPTION_KEYS": new_key(),
    "LOOKUP_KEYS": new_key(),
    "MADOGUCHI_FLOWS": str(ROOT / "flows"),
    "LINE_API_BASE": "http://127.0.0.1:9",
}


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `madoguchi` with these settings and no others."""
    return run_module("bot.cli", *arguments, **settings)


def run_module(module: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a module of Python as a program."""
    command = [sys.executable, "-m", module, *arguments]
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "200", **settings}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)


def one_sentence(done: subprocess.CompletedProcess[str], code: int) -> str:
    """Return what a command said when it ended with `code`: no traceback."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("process", ["worker", "clock"])
def test_on_sqlite_there_is_no_process_of_its_own_for(process: str, tmp_path: Path) -> None:
    done = run(process, **SETTINGS, DATABASE_URL=f"sqlite:///{tmp_path / 'town.db'}")
    assert one_sentence(done, 1) == (
        f"On SQLite the web process is {process} too: set DATABASE_URL to PostgreSQL before you start a `{process}`.\n"
    )


@pytest.mark.parametrize("command", ["publish", "history"])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///{home}/town.db", "madoguchi db upgrade"),
        ("postgres://u@127.0.0.1:9/none", "DATABASE_URL を確かめて"),
    ],
    ids=["never made ready", "nobody there"],
)
def test_flows_are_not_published_into_a_database_that_is_not_ready(
    command: str, url: str, said: str, tmp_path: Path
) -> None:
    assert said in one_sentence(run("flows", command, DATABASE_URL=url.format(home=tmp_path)), 1)


@pytest.mark.parametrize("process", ["web", "worker", "clock"])
def test_bad_settings_stop_the_start_and_are_all_named(process: str) -> None:
    said = one_sentence(run(process, PORT="eighty", DATABASE_URL="mysql://x"), 2)
    for name in ("LINE_CHANNEL_SECRET", "ENCRYPTION_KEYS", "LOOKUP_KEYS", "PORT", "DATABASE_URL"):
        assert name in said


def test_gunicorn_itself_says_which_settings_are_bad() -> None:
    done = run_module("gunicorn", "--config", "python:bot.serve", "bot.app:from_environment()")
    assert done.returncode != 0
    for name in ("LINE_CHANNEL_SECRET", "ENCRYPTION_KEYS", "LOOKUP_KEYS"):
        assert name in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("process", ["worker", "clock"])
def test_a_database_that_is_not_there_is_a_sentence(process: str) -> None:
    url = f"postgres://nobody@127.0.0.1:{free_port()}/town"
    assert "DATABASE_URL" in one_sentence(run(process, **SETTINGS, DATABASE_URL=url), 1)


def test_the_database_is_brought_up_to_date_and_says_where_it_stands(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'town.db'}"
    before = run("db", "current", DATABASE_URL=url)
    assert (before.returncode, "empty" in before.stdout) == (1, True)
    first, second = (run("db", "upgrade", DATABASE_URL=url) for _ in range(2))
    assert (first.returncode, "was empty" in first.stdout) == (0, True)
    assert (second.returncode, "was" in second.stdout) == (0, False)
    assert run("db", "current", DATABASE_URL=url).returncode == 0


def test_a_release_without_a_database_fails_with_a_sentence() -> None:
    url = f"postgres://nobody@127.0.0.1:{free_port()}/town"
    assert "DATABASE_URL" in one_sentence(run("db", "upgrade", DATABASE_URL=url), 1)


def test_a_fresh_key_can_be_used_at_once(tmp_path: Path) -> None:
    done = run("keys", "new")
    assert done.returncode == 0
    assert len(base64.urlsafe_b64decode(done.stdout.strip() + "=")) == 32


def test_the_doctor_ends_with_1_when_something_is_wrong() -> None:
    done = run("doctor")
    assert done.returncode == 1
    assert "LINE_CHANNEL_SECRET" in done.stdout
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_a_wrong_use() -> None:
    assert run("wbe").returncode == 2
