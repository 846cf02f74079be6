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


def make_server(app: Callable[..., Iterable[bytes]], host: str, port: int) -> WSGIServer:
    """Return a server that listens (port 0: a free one, see its `server_port`) and waits for `serve_forever`."""
    server = WSGIServer((host, port), app, handler_class=Handler, log=None)
    server.init_socket()
    return server
