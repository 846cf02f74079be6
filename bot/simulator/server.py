"""Serves the stand-in as a process of its own: gevent's WSGI server, kept connections, no access log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gevent.pywsgi import WSGIHandler, WSGIServer


class Handler(WSGIHandler):
    """Hands the connection to the app, because some faults are about connections."""

    def get_environ(self) -> dict[str, Any]:
        """Return the WSGI environ with the client's socket in it."""
        environ: dict[str, Any] = super().get_environ()
        environ["simulator.socket"] = self.socket
        return environ

    def _write_with_headers(self, data: bytes) -> None:
        """Send head and body in one piece: half the system calls, and no waiting for an acknowledgement between them."""
        this: Any = self
        send = this._sendall  # noqa: SLF001 - inherited, the stubs leave it out
        this.headers_sent = True
        this.finalize_headers()
        head = [b"HTTP/1.1 ", this.status, b"\r\n"]
        for name, value in this.response_headers:
            head += (name, b": ", value, b"\r\n")
        if this.response_use_chunked:
            send(b"".join((*head, b"\r\n")))
            this._write(data)  # noqa: SLF001 - likewise
        else:
            send(b"".join((*head, b"\r\n", data)))


def make_server(app: Callable[..., Iterable[bytes]], host: str, port: int) -> WSGIServer:
    """Return a server that listens (port 0: a free one, see its `server_port`) and waits for `serve_forever`."""
    server = WSGIServer((host, port), app, handler_class=Handler, log=None)
    server.init_socket()
    return server
