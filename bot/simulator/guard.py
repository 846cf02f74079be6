"""Keeps the stand-in a thing of one machine: whoever reaches it can speak for every resident, so nobody else may."""

from __future__ import annotations

from typing import Any

LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


def stranger(environ: dict[str, Any]) -> str | None:
    """Return why a request is refused: it was addressed to another name, came through a proxy or from another site."""
    host = environ.get("HTTP_HOST", "localhost")
    name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    if name.lower() not in LOCAL:
        return "the simulator is for this machine only: call it by localhost, or start it with --host"
    if "HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ:
        return "the simulator does not stand behind a proxy: it belongs to the demo and to tests, never to a deployment"
    if environ.get("HTTP_SEC_FETCH_SITE") in {"cross-site", "same-site"}:
        return "the simulator takes no requests from other sites"
    return None
