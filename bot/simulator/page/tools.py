"""What authors and testers do on the page: read the wire, send any webhook, set faults, move the time, take records."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, jsonify, request

from bot.simulator.acts import source_of
from bot.simulator.curl import as_curl
from bot.simulator.faults import KINDS
from bot.simulator.page.residents import addressed, body, the_world
from bot.simulator.platform import ROUTES
from bot.simulator.transcript import as_yaml

TOKYO = ZoneInfo("Asia/Tokyo")
EXCHANGES_SHOWN = 200
WITHOUT_REPLY = {"unfollow", "unsend", "leave", "memberLeft", "delivery", "module", "deactivated", "botSuspended"}

pages = Blueprint("tools", __name__, url_prefix="/api")


@pages.get("/traffic")
def traffic() -> Response:
    """?search, kind: the latest exchanges with their curl commands, oldest first."""
    world = the_world()
    with world.lock:
        found = world.log.search(request.args.get("search", ""), request.args.get("kind", ""), limit=EXCHANGES_SHOWN)
        base = request.url_root.rstrip("/")
        shown = [{**one.as_json(), "curl": as_curl(one, base, world.own_token(one.channel))} for one in found]
    return jsonify({"exchanges": shown})


@pages.post("/event")
def event() -> Response:
    """{resident, channel, group?, type, details, mode?, source?}: an event of any type, with those properties."""
    given = body()
    world = the_world()
    resident, channel, group = addressed(given)
    kind, details = str(given["type"]), given.get("details", {})
    if not isinstance(details, dict):
        abort(400, "details must be a JSON object")
    sent = world.acts.emit(
        kind,
        details,
        channel=world.channel(channel),
        chat=group.id if group else resident.id,
        source=None if given.get("anonymous") else source_of(resident, group),
        reply=kind not in WITHOUT_REPLY and not given.get("anonymous"),
        mode=given.get("mode"),
    )
    return jsonify(sent)


@pages.post("/unsend")
def unsend() -> Response:
    """{resident, channel, group?, message}: take back one's own message."""
    given = body()
    resident, channel, group = addressed(given)
    return jsonify(resident.unsend(str(given["message"]), channel=channel, group=group))


@pages.post("/edit")
def edit() -> Response:
    """{resident, channel, group, message, text}: edit one's own text, which LINE has in groups only."""
    given = body()
    resident, channel, group = addressed(given)
    if group is None:
        raise ValueError("LINE lets people edit messages in groups only")
    return jsonify(resident.edit(str(given["message"]), str(given["text"]), group=group, channel=channel))


@pages.post("/again")
def again() -> Response:
    """{event, how: redeliver|duplicate}: deliver an event once more."""
    given, world = body(), the_world()
    with world.lock:
        deliver = world.webhooks.redeliver if given.get("how") == "redeliver" else world.webhooks.duplicate
        deliver(str(given["event"]))
    return jsonify({})


@pages.post("/verify")
def verify() -> Response:
    """{channel}: what the Verify button of LINE's console sends."""
    the_world().webhooks.verify(body().get("channel"))
    return jsonify({})


@pages.post("/hold")
def hold() -> Response:
    """{channel}: keep webhooks back until they are released."""
    world = the_world()
    with world.lock:
        world.webhooks.hold(body().get("channel"))
    return jsonify({})


@pages.post("/release")
def release() -> Response:
    """{channel, order: as sent|reversed|shuffled, batch, copies}: deliver what was kept back."""
    given, world = body(), the_world()
    order, batch, copies = str(given.get("order", "as sent")), int(given.get("batch", 1)), int(given.get("copies", 1))
    with world.lock:
        count = world.webhooks.release(given.get("channel"), order=order, batch=batch, copies=copies)
    return jsonify({"released": count})


@pages.get("/faults")
def faults() -> Response:
    """The faults in force, and what may be chosen."""
    world = the_world()
    with world.lock:
        active = [fault.as_json() for fault in world.faults.active]
    return jsonify({"faults": active, "kinds": sorted(KINDS), "endpoints": ROUTES.names})


@pages.post("/faults")
def add_fault() -> Response:
    """{kind, endpoint, times, rate, seconds}."""
    given, world = body(), the_world()
    with world.lock:
        fault = world.faults.add(
            str(given["kind"]),
            str(given.get("endpoint") or "*"),
            times=int(given["times"]) if given.get("times") else None,
            rate=float(given.get("rate", 1.0)),
            seconds=float(given.get("seconds", 30.0)),
        )
    return jsonify(fault.as_json())


@pages.post("/faults/clear")
def clear_faults() -> Response:
    """End all faults."""
    world = the_world()
    with world.lock:
        world.faults.clear()
    return jsonify({})


@pages.post("/travel")
def travel() -> Response:
    """{seconds} or {to: YYYY-MM-DDThh:mm in Tokyo}: move the time forward."""
    machine, world = current_app.extensions["simulator"]["travel"], the_world()
    if machine is None:
        raise ValueError("the time cannot be moved here")
    machine(_seconds(body(), world.clock()))
    return jsonify({"now": int(world.clock() * 1000)})


def _seconds(given: dict[str, Any], now: float) -> float:
    if "seconds" in given:
        seconds = float(given["seconds"])
    else:
        seconds = dt.datetime.fromisoformat(str(given["to"])).replace(tzinfo=TOKYO).timestamp() - now
    if seconds < 0:
        raise ValueError("the time moves forward only")
    return seconds


@pages.get("/transcript")
def download() -> Response:
    """?resident, channel, group: the conversation as a YAML file."""
    resident, channel, group = addressed(request.args.to_dict())
    world = the_world()
    with world.lock:
        text = as_yaml(world.chat(channel, group.id if group else resident.id), world)
    response = Response(text, content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="conversation.talk.yaml"'
    return response


@pages.post("/reset")
def reset() -> Response:
    """Forget chats, logs and faults; the residents stay, as strangers."""
    world = the_world()
    with world.lock:
        world.reset(people=False)
        for resident in world.residents.values():
            resident.friendships.clear()
    return jsonify({})
