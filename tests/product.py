"""The whole product as processes: gunicorn as the Procfile starts it, and the stand-in for LINE it talks to."""

from __future__ import annotations

import atexit
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.crypto import new_key
from bot.simulator.client import Simulator

ROOT = Path(__file__).parent.parent
START_SECONDS = 180.0
PATIENCE = 60.0
"""Seconds for what takes a moment: a wait that ends well costs no more, and a busy machine may stand still for long."""

CONFIGURATION, REAL_CONFIGURATION = "python:tests.patient", "python:bot.serve"
LINE_WAITS = 30.0
REDELIVERY_AFTER = (1.0, 5.0, 20.0, 30.0, 30.0, 30.0)
RESERVED = 200
"""So many ports at most are kept for who has asked for one; the oldest have long been used."""

_reserved: deque[socket.socket] = deque()


class Product:
    """One installation. `line` is the stand-in; it survives when the product is killed.

    Both are more patient with a busy machine than in earnest, unless `patient` is false: then LINE waits for two seconds.
    """

    def __init__(self, database_url: str, folder: Path, flows: Path = ROOT / "flows", *, patient: bool = True) -> None:
        self.configuration = CONFIGURATION if patient else REAL_CONFIGURATION
        self.database_url = database_url
        self.folder = folder
        self.flows = flows
        self.port = free_port()
        self.secret = secrets.token_hex(16)
        self.token = secrets.token_hex(16)
        self.keys = {"ENCRYPTION_KEYS": new_key(), "LOOKUP_KEYS": new_key()}
        self.line = Simulator.start(
            webhook=f"http://127.0.0.1:{self.port}/line/webhook", secret=self.secret, token=self.token
        )
        if patient:
            self.line.configure(webhook_timeout=LINE_WAITS, redelivery_after=REDELIVERY_AFTER)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = folder / "product.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.line.close()
        if error is not None and self.log.exists():
            sys.stderr.write(self.log.read_text(encoding="utf-8")[-4000:])

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of this installation, as an operator would set them."""
        return {
            "DATABASE_URL": self.database_url,
            "LINE_CHANNEL_SECRET": self.secret,
            "LINE_CHANNEL_ACCESS_TOKEN": self.token,
            "LINE_API_BASE": self.line.url,
            "MADOGUCHI_FLOWS": str(self.flows),
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "2",
            **self.keys,
        }

    def start(self, extra: Mapping[str, str] | None = None) -> None:
        """Start gunicorn and wait until it is ready."""
        self.launch(extra)
        wait_until(self.ready, START_SECONDS, "the product to be ready")

    def launch(self, extra: Mapping[str, str] | None = None) -> None:
        """Start gunicorn, and do not wait for it: it may be going to die at once."""
        self.spawn(
            _beside_python("gunicorn"), "--config", self.configuration, "bot.app:from_environment()", extra=extra
        )

    def start_worker(self, extra: Mapping[str, str] | None = None) -> None:
        """Start the process that works off jobs, where the web process does not do it itself."""
        if not self.database_url.startswith("sqlite"):
            self.spawn(sys.executable, "-m", "bot.cli", "worker", extra=extra)

    def spawn(self, *command: str, extra: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start one process of this installation, in a group of its own."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**kept, **self.environment, **(extra or {})},
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def ready(self) -> bool:
        """Tell whether the product answers."""
        try:
            return self.request("GET", "/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = PATIENCE,
    ) -> tuple[int, bytes]:
        """Make one HTTP request to the product and return status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def kill(self) -> None:
        """Kill everything of the product at once, as a power cut would."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Stop the product as a PaaS does, and kill what has not gone after a while."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGKILL)

    def wait_dead(self, seconds: float = PATIENCE) -> None:
        """Wait until a crash point has killed the product."""
        wait_until(lambda: all(process.poll() is not None for process in self.processes), seconds, "the product to die")
        self.processes.clear()

    def _signal(self, number: signal.Signals) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, number)
        for process in self.processes:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                continue
        self.processes = [process for process in self.processes if process.poll() is None]


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until `condition` holds. Raises TimeoutError naming `what` was waited for."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} seconds in vain for {what}")
        time.sleep(0.02)


def free_port() -> int:
    """Return a port nobody listens on, and keep it: it is given to nobody else, and whoever names it may listen there."""
    held = socket.socket()
    # A server sets the same and may therefore share a port on which nobody listens yet; one that asks for any port may not.
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    _reserved.append(held)
    if len(_reserved) > RESERVED:
        _reserved.popleft().close()
    port: int = held.getsockname()[1]
    return port


@atexit.register
def _give_ports_back() -> None:
    while _reserved:
        _reserved.popleft().close()


def listens(port: int) -> bool:
    """Tell whether someone answers HTTP there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _beside_python(name: str) -> str:
    return str(Path(sys.executable).with_name(name))
