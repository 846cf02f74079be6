"""A PostgreSQL server of a test's own, which may be restarted, killed and filled up without harming anybody else's."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.conftest import absent
from tests.product import free_port, wait_until

_USER = "postgres"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "16MB",
    "min_wal_size": "4MB",
    "max_wal_size": "8MB",
}


class Cluster:
    """A server in `folder`, which belongs to the user it runs as."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self._run(
            "initdb",
            "-D",
            str(self.data),
            "-U",
            _USER,
            "-A",
            "trust",
            "-N",
            "--wal-segsize=1",
            "-E",
            "UTF8",
            "--no-locale",
        )
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as conf:
            for name, value in (_SETTINGS | dict(settings or {}) | {"port": str(self.port)}).items():
                conf.write(f"{name} = '{value}'\n")
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/postgres"

    def create(self) -> str:
        """Create an empty database and return its address."""
        name = f"town_{uuid.uuid4().hex[:8]}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url.removesuffix("postgres") + name

    def start(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), "-w", "-t", "120", "start")

    def restart(self, mode: str = "fast") -> None:
        self._run(
            "pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), "-w", "-m", mode, "-t", "120", "restart"
        )

    def stop(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", str(self.data), "-w", "-m", "immediate", "stop")

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def recover(self) -> None:
        """Wait until it answers, starting it again if it has given up."""
        with contextlib.suppress(TimeoutError):
            wait_until(self.answers, 5, "the server to come back by itself")
            return
        self.stop()
        self.start()

    def _run(self, command: str, *arguments: str) -> None:
        # It refuses to run as root, which a test in a container often is.
        user = _USER if os.geteuid() == 0 else None
        subprocess.run([_found(command), *arguments], check=True, user=user, stdout=subprocess.DEVNULL, cwd=self.folder)


def _found(command: str) -> str:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{command}"))
    path = shutil.which(command) or (str(installed[-1]) if installed else None)
    if path is None:
        absent(f"no {command} is installed")
        raise FileNotFoundError(command)
    return path


@contextmanager
def cluster(folder: Path | None = None, settings: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Open a server in a folder of its own, or in one given; `settings` are lines of its postgresql.conf."""
    home = folder or Path(tempfile.mkdtemp(prefix="madoguchi-pg-"))
    if os.geteuid() == 0:
        shutil.chown(home, _USER)
    home.chmod(0o700)
    try:
        made = Cluster(home, settings)
        yield made
        made.stop()
    finally:
        if folder is None:
            shutil.rmtree(home, ignore_errors=True)
