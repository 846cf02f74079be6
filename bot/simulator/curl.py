"""An exchange as a command line, so that it can be tried again by hand."""

from __future__ import annotations

import shlex

from bot.simulator.log import Exchange

LEFT_OUT = frozenset({"host", "content-length", "connection", "accept-encoding", "user-agent"})


def as_curl(exchange: Exchange, base: str, token: str | None) -> str:
    """Return a curl command that works when it is pasted; calls of the API go to `base`.

    `token` stands in for the bot's own, which is not kept; without one it is the shell's `$TOKEN`.
    """
    url = exchange.url if exchange.kind == "webhook" else base + exchange.url
    parts = ["curl", "-i", "-X", exchange.method, shlex.quote(url)]
    for name, value in exchange.request_headers:
        if name == "authorization":
            parts += [
                "-H",
                shlex.quote(f"Authorization: Bearer {token}") if token else '"Authorization: Bearer $TOKEN"',
            ]
        elif name not in LEFT_OUT:
            parts += ["-H", shlex.quote(f"{name}: {value}")]
    if exchange.request_body:
        parts += ["--data-binary", shlex.quote(exchange.request_body.decode("utf-8", "replace"))]
    return " ".join(parts)
