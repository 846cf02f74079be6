"""The WSGI face of LINE: authentication, rates, faults, log, and the way to the endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from bot.simulator.api.all import ROUTES
from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.channels import Channel
from bot.simulator.errors import LineError, not_found
from bot.simulator.failures import ON_THE_WIRE, UNANSWERED, Wire, failure, spoil
from bot.simulator.faults import BEFORE, Fault
from bot.simulator.log import BODY_SHOWN, Exchange
from bot.simulator.world import World

__all__ = ["NOBODY", "REASONS", "ROUTES", "Platform", "read_body"]

StartResponse = Callable[..., Any]
REASONS = {
    200: "200 OK",
    202: "202 Accepted",
    302: "302 Found",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    403: "403 Forbidden",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    409: "409 Conflict",
    410: "410 Gone",
    413: "413 Payload Too Large",
    415: "415 Unsupported Media Type",
    422: "422 Unprocessable Entity",
    429: "429 Too Many Requests",
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Unavailable",
    504: "504 Gateway Timeout",
}
UNAUTHORIZED = "Authentication failed. Confirm that the access token in the authorization header is valid."
NOBODY = Channel("", "", "", [""])


class Platform:
    """The API of LINE as a WSGI app."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one call, or go wrong in the way that was asked for."""
        world = self._world
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        route, parts, known = ROUTES.find(method, path)
        body = read_body(environ, route.largest if route else 0)
        call = Call(world, environ, route.name if route else "", NOBODY, world.ids.uuid(), body or b"", parts)
        with world.lock:
            fault = self._authenticate(call, route)
        with world.lock if route is None or route.locked else nullcontext():
            answer = self._answer(call, route, fault, known=known, too_large=body is None)
        with world.lock:
            answer = spoil(answer, fault)
            self._record(call, method, path, answer, fault)
        headers = [("Content-Type", answer.content_type), ("x-line-request-id", call.request_id), *answer.headers]
        payload = answer.payload()
        if fault is not None and fault.kind in ON_THE_WIRE:
            return ON_THE_WIRE[fault.kind](Wire(environ, start_response, headers, payload, fault.seconds, fault.kind))
        headers.append(("Content-Length", str(len(payload))))
        start_response(REASONS.get(answer.status, f"{answer.status} Status"), headers)
        return [payload]

    def _authenticate(self, call: Call, route: Route | None) -> Fault | None:
        if route is not None and route.token:
            scheme, _, token = call.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
            channel = self._world.channel_of(token.strip()) if scheme == "Bearer" else None
            call.channel = channel or NOBODY
        faults = self._world.faults
        if route is None or not faults.active:
            return None
        fault = faults.take(route.name, call.channel.name)
        call.fault = fault.kind if fault else ""
        return fault

    def _answer(self, call: Call, route: Route | None, fault: Fault | None, *, known: bool, too_large: bool) -> Answer:
        try:
            if route is None:
                return refusal(LineError(405, "Method Not Allowed") if known else not_found())
            if fault is not None and fault.kind in BEFORE:
                return failure(fault, call)
            self._admit(call, route, too_large=too_large)
            return route.handler(call)
        except LineError as error:
            return refusal(error)

    def _admit(self, call: Call, route: Route, *, too_large: bool) -> None:
        """Check what LINE checks before it looks at the request: token, rate, size, retry key."""
        if route.token:
            if call.channel is NOBODY:
                raise LineError(401, UNAUTHORIZED)
            call.channel.rates.take(route.name, route.rate, call.now)
        if too_large:
            raise LineError(413, "Payload Too Large")
        key = call.header("X_LINE_RETRY_KEY")
        if key is None:
            return
        if not route.retry_key:
            raise LineError(400, "The header X-Line-Retry-Key is not supported by this endpoint")
        self._world.retry_keys.check(call.channel.name, key, call.now)

    def _record(self, call: Call, method: str, path: str, answer: Answer, fault: Fault | None) -> None:
        environ = call.environ
        query = environ.get("QUERY_STRING")
        self._world.log.add(
            Exchange(
                kind="api",
                at=call.now,
                channel=call.channel.name,
                method=method,
                url=f"{path}?{query}" if query else path,
                request_headers=request_headers(environ),
                request_body=call.body[:BODY_SHOWN],
                status=0 if fault and fault.kind in UNANSWERED else answer.status,
                response_headers=[("x-line-request-id", call.request_id), *answer.headers],
                response_body=answer.payload()[:BODY_SHOWN],
                fault=call.fault,
            )
        )


def refusal(error: LineError) -> Answer:
    """Return LINE's answer to a request it refuses."""
    return Answer(error.body(), error.status, headers=error.headers)


def read_body(environ: dict[str, Any], largest: int) -> bytes | None:
    """Return the request's body, or None when it is larger than allowed (it is read off, so that the answer arrives)."""
    length = environ.get("CONTENT_LENGTH")
    stream = environ["wsgi.input"]
    if not length:
        body: bytes = stream.read(largest + 1) if environ.get("HTTP_TRANSFER_ENCODING") else b""
        return body if len(body) <= largest else None
    size = int(length)
    if size > largest:
        left = min(size, 64 * 1024 * 1024)
        while left > 0:
            piece = stream.read(min(left, 65_536))
            if not piece:
                break
            left -= len(piece)
        return None
    whole: bytes = stream.read(size)
    return whole


def request_headers(environ: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the request's headers, names in lower case, the access token shortened."""
    headers = [
        (name[5:].replace("_", "-").lower(), value) for name, value in environ.items() if name.startswith("HTTP_")
    ]
    if environ.get("CONTENT_TYPE"):
        headers.append(("content-type", environ["CONTENT_TYPE"]))
    return [(name, "Bearer …" if name == "authorization" else value) for name, value in headers]
