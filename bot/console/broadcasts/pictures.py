"""Pictures of broadcasts as the console shows them: under its own address, to whoever may look at broadcasts."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from bot.campaigns import pictures
from bot.console.access import allow
from bot.console.broadcasts.rights import VIEW
from bot.console.console import console


def add_to(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/pictures/<token>", view_func=picture)


@allow(VIEW)
def picture(token: str) -> Response:
    """Return a picture."""
    with console().database.read() as connection:
        found = pictures.load(connection, token, small=False)
    if found is None:
        abort(404)
    return Response(found[0], mimetype=found[1], headers={"Cache-Control": "private, max-age=86400"})
