"""The bots that are measured, as processes: our product as the Procfile starts it, and the yardstick as its author would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.crypto import new_key
from tests.bench.push import database_of
from tests.bench.walk import MAIN, SECOND, YARDSTICK, Form, Press, text
from tests.product import ROOT, free_port, wait_until

HERE = Path(__file__).parent
GUNICORN = str(Path(sys.executable).with_name("gunicorn"))
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Bot:
    """A running bot: where it listens and which processes are its own."""

    name: str
    form: Form
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time that its processes have used so far."""
        return sum(cpu_of(pid) for pid in self.pids())

    def pss_mib(self) -> list[float]:
        """Return the proportional memory of each worker process, in MiB."""
        return [_pss(pid) for pid in self.pids() if pid != self.pid]

    def pids(self) -> list[int]:
        """Return the numbers of all its processes."""
        return descendants(self.pid)


def descendants(pid: int) -> list[int]:
    """Return the numbers of a process and of all that it started."""
    found, left = [pid], [pid]
    while left:
        listed = Path(f"/proc/{left.pop()}/task").glob("*/children")
        children = [int(child) for path in listed for child in path.read_text().split()]
        found += children
        left += children
    return found


def cpu_of(pid: int) -> float:
    """Return the processor time that a process has used so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


@contextmanager
def ours(line: str, engine: str, workers: int, extra: Mapping[str, str] | None = None) -> Iterator[Bot]:
    """Start the product on an empty database."""
    with database_of(engine) as url:
        environment = our_environment(line, url, workers) | dict(extra or {})
        madoguchi = [sys.executable, "-m", "bot.cli", "db", "upgrade"]
        subprocess.run(madoguchi, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        command = ["--config", "python:bot.serve", "bot.app:from_environment()"]
        with running("Madoguchi", OUR_FORM, environment, command) as bot:
            yield bot


def our_environment(line: str, url: str, workers: int) -> dict[str, str]:
    """Return the settings of a measured installation."""
    return {
        **_inherited(),
        "DATABASE_URL": url,
        "LINE_CHANNEL_SECRET": MAIN.secret,
        "LINE_CHANNEL_ACCESS_TOKEN": "t" * 32,
        "LINE_CHANNEL_SECOND_SECRET": SECOND.secret,
        "LINE_CHANNEL_SECOND_ACCESS_TOKEN": "t" * 32,
        "LINE_API_BASE": line,
        "MADOGUCHI_FLOWS": str(HERE / "form"),
        "MADOGUCHI_SERVICES": "tests.bench.services",
        "PORT": str(free_port()),
        "WEB_CONCURRENCY": str(workers),
        "ENCRYPTION_KEYS": new_key(),
        "LOOKUP_KEYS": new_key(),
        "SECRET_KEY": new_key(),
    }


OUR_FORM = Form(
    "/line/webhook",
    [
        text("form"),
        text("Hanako"),
        text("42"),
        text("Plan B"),
        Press(b"?date=", {"date": "2026-12-31"}),
        Press(b"?pick=yes"),
    ],
    (MAIN, SECOND),
)
"""Two accounts, as a prefecture has several: LINE's limit of 2,000 replies a second, which we keep to, is each one's own."""


@contextmanager
def yardstick(line: str, variant: str) -> Iterator[Bot]:
    """Start the yardstick with two synchronous workers: `wal`, `delete` (SQLite's default journal) or `postgres`."""
    with tempfile.TemporaryDirectory() as folder, database_of("postgres" if variant == "postgres" else "sqlite") as url:
        environment = {
            **_inherited(), "LINE_API": line, "CHANNEL_SECRET": MAIN.secret, "CHANNEL_TOKEN": "t", "DATA": folder,
            "PORT": str(free_port()), "SQLITE_WAL": "1" if variant == "wal" else "0",
        }  # fmt: skip
        if variant == "postgres":
            environment["DATABASE_URL"] = url
        app = HERE / "yardstick"
        subprocess.run([sys.executable, "app.py", "init"], env=environment, cwd=app, check=True)
        command = [
            "--chdir",
            str(app),
            "--workers",
            "2",
            "--bind",
            f"127.0.0.1:{environment['PORT']}",
            "--log-level",
            "error",
            "app:app",
        ]
        with running(f"yardstick ({variant})", YARDSTICK, environment, command) as bot:
            yield bot


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


@contextmanager
def running(name: str, form: Form, environment: dict[str, str], command: list[str]) -> Iterator[Bot]:
    """Start a bot under gunicorn and stop it at the end."""
    process = subprocess.Popen([GUNICORN, *command], env=environment, cwd=ROOT, start_new_session=True)
    try:
        port = int(environment["PORT"])
        wait_until(lambda: _answers(port), 40, f"{name} to answer")
        time.sleep(1)
        yield Bot(name, form, port, process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(25)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(port: int) -> bool:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status in {200, 404}
    except OSError:
        return False
    finally:
        connection.close()
