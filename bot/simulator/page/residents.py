"""What residents do on the page, handed to the world: talk, press, send things, add and block the bot."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request

from bot.simulator.page.state import RESIDENTS_SHOWN
from bot.simulator.people import Group, Resident
from bot.simulator.world import World

LANGUAGES = {"ja", "ja-easy", "en"}
# What a browser may show in place; everything else, SVG and HTML above all, is handed out as a file.
SHOWN_IN_PLACE = {
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "video/mp4",
    "audio/mpeg",
    "audio/mp4",
    "audio/aac",
}
KINDS = {"image", "video", "audio", "file"}

pages = Blueprint("residents", __name__, url_prefix="/api")


def the_world() -> World:
    """Return the world this page belongs to."""
    world: World = current_app.extensions["simulator"]["world"]
    return world


def body() -> dict[str, Any]:
    """Return the JSON object that was posted."""
    given = request.get_json()
    if not isinstance(given, dict):
        abort(400, "the body must be a JSON object")
    return given


def addressed(given: dict[str, Any]) -> tuple[Resident, str, Group | None]:
    """Return who acts, towards which bot, in which group; raises KeyError for someone unknown."""
    world = the_world()
    resident = world.residents[str(given["resident"])]
    channel = world.channel(given.get("channel") or None).name
    group = world.groups[str(given["group"])] if given.get("group") else None
    return resident, channel, group


@pages.post("/residents")
def add_resident() -> Response:
    """{name, language}: a new resident, who is nobody's friend yet."""
    world, given = the_world(), body()
    name, language = str(given.get("name", "")).strip(), given.get("language", "ja")
    if not name or language not in LANGUAGES:
        raise ValueError(f"a resident needs a name and a language out of {', '.join(sorted(LANGUAGES))}")
    if len(world.residents) >= RESIDENTS_SHOWN:
        raise ValueError(f"this page shows {RESIDENTS_SHOWN} residents: reset it first")
    resident = world.add_resident(name, language=str(language))
    return jsonify({"key": f"{world.channel().name}/{resident.id}"})


@pages.post("/say")
def say() -> Response:
    """{resident, channel, group?, text}."""
    given = body()
    resident, channel, group = addressed(given)
    return jsonify(resident.say(str(given["text"]), channel=channel, group=group))


@pages.post("/send")
def send() -> Response:
    """{resident, channel, group?, message}: a location, sticker or other message object of a webhook."""
    given = body()
    resident, channel, group = addressed(given)
    message = given["message"]
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        abort(400, "message must be an object with a type")
    return jsonify(resident.send(message, channel=channel, group=group))


@pages.post("/press")
def press() -> Response:
    """{resident, channel, group?, data, params?, displayText?}: a postback."""
    given = body()
    resident, channel, group = addressed(given)
    event = resident.press(
        str(given["data"]),
        params=given.get("params"),
        display_text=given.get("displayText"),
        channel=channel,
        group=group,
    )
    return jsonify(event)


@pages.post("/switch-menu")
def switch_menu() -> Response:
    """{resident, channel, alias, data}: tap the tab of a rich menu."""
    given = body()
    resident, channel, _ = addressed(given)
    return jsonify(resident.switch_menu(str(given["alias"]), str(given["data"]), channel=channel))


@pages.get("/menu/<channel>/<menu_id>")
def menu_picture(channel: str, menu_id: str) -> Response:
    """The picture of a rich menu."""
    menu = the_world().channel(channel).menus.menus[menu_id]
    if menu.content_type not in SHOWN_IN_PLACE:
        abort(404)
    response = Response(menu.image, content_type=menu.content_type)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@pages.post("/follow")
def follow() -> Response:
    """{resident, channel}: add the bot as a friend, or lift the block."""
    resident, channel, _ = addressed(body())
    return jsonify(resident.follow(channel=channel))


@pages.post("/block")
def block() -> Response:
    """{resident, channel}."""
    resident, channel, _ = addressed(body())
    return jsonify(resident.block(channel=channel))


@pages.post("/upload")
def upload() -> Response:
    """The bytes of a photo, film, sound or file; ?resident, channel, group, kind, name."""
    resident, channel, group = addressed(request.args.to_dict())
    kind = request.args.get("kind", "")
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(sorted(KINDS))}")
    event = resident.send_file(
        kind,
        request.get_data(),
        request.mimetype or "application/octet-stream",
        name=request.args.get("name", ""),
        duration=1000 if kind in {"video", "audio"} else None,
        channel=channel,
        group=group,
    )
    return jsonify(event)


@pages.get("/content/<message_id>")
def content(message_id: str) -> Response:
    """What a resident uploaded; never as a document of this page."""
    found = the_world().contents.get(message_id)
    if found is None or found.unsent:
        abort(404)
    inline = found.content_type in SHOWN_IN_PLACE
    response = Response(found.body, content_type=found.content_type if inline else "application/octet-stream")
    response.headers["Content-Disposition"] = "inline" if inline else "attachment"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
