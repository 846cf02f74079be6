"""The control API `/_sim/…` as a WSGI app: JSON in and out, for tests in other processes and for the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bot.simulator.api.routes import Handler, Route, Routes
from bot.simulator.calls import Answer, Call
from bot.simulator.controls import people, records, setting, webhooks
from bot.simulator.errors import LineError
from bot.simulator.platform import NOBODY, REASONS, read_body
from bot.simulator.world import World

LARGEST = 64 * 1024 * 1024
BASE = "/_sim/"


def routes(*families: list[tuple[str, str, Handler]]) -> Routes:
    """Return the control calls of the families as routes."""
    return Routes(
        [Route(pattern, method, BASE + pattern, handler) for family in families for method, pattern, handler in family]
    )


ROUTES = routes(setting.CALLS, people.CALLS, webhooks.CALLS, records.CALLS)


class Control:
    """Answers control calls; errors are `{"message"}` with 400, 404, 405 or 409."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one call."""
        route, parts, known = ROUTES.find(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        body = read_body(environ, LARGEST)
        call = Call(self._world, environ, "", NOBODY, "", body or b"", parts)
        try:
            answer = route.handler(call) if route else unknown(environ["PATH_INFO"], known=known)
        except LineError as error:
            answer = Answer(error.body(), error.status)
        except (KeyError, IndexError) as error:
            answer = Answer({"message": f"not found: {error}"}, 404)
        except (ValueError, TypeError) as error:
            answer = Answer({"message": str(error)}, 400)
        except RuntimeError as error:
            answer = Answer({"message": str(error)}, 409)
        payload = answer.payload()
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(payload))), *answer.headers]
        start_response(REASONS.get(answer.status, f"{answer.status} Status"), headers)
        return [payload]


def unknown(path: str, *, known: bool) -> Answer:
    """Return the answer to a call that does not exist."""
    return Answer({"message": f"no such control call: {path}"}, 405 if known else 404)
