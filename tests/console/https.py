"""What stands in front of an installation: takes TLS off and passes the bytes on."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from pathlib import Path

from tests.bench.tls import certificate

BYTES = 65_536


class Front:
    """A TLS front on a port of its own until it is closed; browsers are told not to mind its certificate."""

    def __init__(self, folder: Path) -> None:
        self._context, _trusted = certificate(folder)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._target = 0
        self.url = f"https://127.0.0.1:{self._listening.getsockname()[1]}"

    def before(self, port: int) -> str:
        """Stand in front of `port`; return the address."""
        self._target = port
        threading.Thread(target=self._accept, daemon=True).start()
        return self.url

    def close(self) -> None:
        """Take no more connections."""
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=[self._listening.accept()[0]], daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        with (
            contextlib.suppress(OSError, ssl.SSLError),
            raw,
            self._context.wrap_socket(raw, server_side=True) as visitor,
        ):
            head = b""
            while b"\r\n\r\n" not in head and (more := visitor.recv(BYTES)):
                head += more
            # One request a connection is enough, and needs no second direction.
            with socket.create_connection(("127.0.0.1", self._target)) as product:
                product.sendall(head.replace(b"\r\nConnection: keep-alive", b"\r\nConnection: close"))
                while more := product.recv(BYTES):
                    visitor.sendall(more)
