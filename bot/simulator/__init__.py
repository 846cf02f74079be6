"""Madoguchi's stand-in for LINE: the Messaging API at its true paths, webhooks over HTTP, and LINE's rules in its own code.

It imports nothing of the bot, so that one wrong limit cannot pass on both sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.simulator.world import World

    WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def create_app(world: World, page: WsgiApp | None = None, *, remote: bool = False) -> WsgiApp:
    """Return the whole stand-in as a WSGI app that may be mounted under any prefix.

    LINE's paths are `/v2/…` and `/oauth2/…`, the control API is `/_sim/…`, everything else goes to `page`. Only callers
    on this machine are answered, so that it is of no use in a deployment; `remote` opens it to others.
    """
    import orjson

    from bot.simulator.control import Control
    from bot.simulator.guard import stranger
    from bot.simulator.platform import Platform

    platform = Platform(world)
    control = Control(world)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        refusal = None if remote else stranger(environ)
        if refusal is not None:
            body = orjson.dumps({"message": refusal})
            headers = [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
                ("Connection", "close"),
            ]
            start_response("403 Forbidden", headers)
            return [body]
        path = environ["PATH_INFO"]
        if path.startswith(("/v2/", "/oauth2/", "/v3/")):
            return platform(environ, start_response)
        if path.startswith("/_sim/"):
            return control(environ, start_response)
        return (page or platform)(environ, start_response)

    return app
