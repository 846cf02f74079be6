"""One call of the API and its answer, as the handlers see them: thin, because replies and pushes must be fast."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.simulator.channels import Channel
from bot.simulator.errors import LineError
from bot.simulator.world import World

JSON_TYPE = "application/json"


@dataclass(slots=True)
class Answer:
    """An HTTP answer; `body` is bytes or plain data to be written as JSON."""

    body: Any = None
    status: int = 200
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()

    def payload(self) -> bytes:
        """Return the bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        return b"{}" if self.body is None else orjson.dumps(self.body)


@dataclass(eq=False, slots=True)
class Call:
    """A request: `path` holds the values of the route's `{…}` parts, `channel` whose access token came with it."""

    world: World
    environ: dict[str, Any]
    endpoint: str
    channel: Channel
    request_id: str
    body: bytes
    path: tuple[str, ...] = ()
    fault: str = ""
    _json: Any = field(default=None)

    @property
    def now(self) -> float:
        """Return the world's time in epoch seconds."""
        return self.world.clock()

    def header(self, name: str) -> str | None:
        """Return a request header by its WSGI name (`X_LINE_RETRY_KEY`)."""
        value = self.environ.get(f"HTTP_{name}")
        return None if value is None else str(value)

    def query(self, name: str, default: str | None = None) -> str | None:
        """Return one query parameter."""
        return dict(urllib.parse.parse_qsl(self.environ.get("QUERY_STRING", ""))).get(name, default)

    def queries(self, name: str) -> list[str]:
        """Return all values of a query parameter."""
        pairs = urllib.parse.parse_qsl(self.environ.get("QUERY_STRING", ""))
        return [value for key, value in pairs if key == name]

    def json(self) -> dict[str, Any]:
        """Return the JSON object of the body.

        Raises:
            LineError: 415 for another content type, 400 for anything but a JSON object.
        """
        if self._json is None:
            kind = str(self.environ.get("CONTENT_TYPE", ""))
            if not kind.startswith(JSON_TYPE):
                raise LineError(415, f"The content type, {kind}, is not supported")
            try:
                self._json = orjson.loads(self.body)
            except orjson.JSONDecodeError as error:
                place = f"(line: {error.lineno}, column: {error.colno})"
                raise LineError(400, f"The request body could not be parsed as JSON {place}") from error
            if not isinstance(self._json, dict):
                raise LineError(400, "The request body could not be parsed as JSON (line: 1, column: 1)")
        found: dict[str, Any] = self._json
        return found
