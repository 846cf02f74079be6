"""What a webhook event says to the conversation: LINE's objects on one side, the engine's plain inputs on the other."""

from __future__ import annotations

from typing import Any

from bot.flow.talk import Followed, Input, Overtaken, Pressed, Said, Sent
from bot.line.events import Event
from bot.line.limits import cut_graphemes
from bot.media.filename import safe_name

PLACE_GRAPHEMES = 200
ELSEWHERE = "external"
"""A picture that does not lie with LINE: no question takes it."""


def hear(event: Event, *, overtaken: bool, bundle: str | None) -> Input | None:
    """Return the event as the engine understands it; None for what needs no answer.

    `bundle` is the name under which a file of it would be kept.
    """
    if event.type == "follow":
        return Followed(event.unblocked)
    if event.type == "postback":
        return _pressed(event)
    if event.type != "message":
        return None
    said = Said(event.text or "") if event.message.get("type") == "text" else _sent(event, bundle)
    return Overtaken(said) if overtaken else said


def _pressed(event: Event) -> Input | None:
    params = event.postback.get("params")
    if not isinstance(params, dict):
        params = {}
    if "status" in params:
        return None  # the resident changed the rich menu, which speaks for itself whether or not it worked
    picked = next((params[key] for key in ("date", "time", "datetime") if key in params), None)
    return Pressed(str(event.postback.get("data", "")), picked if isinstance(picked, str) else None)


def _sent(event: Event, bundle: str | None) -> Sent:
    kind = str(event.message.get("type", ""))
    if kind == "location":
        return Sent(kind, _place(event))
    if bundle is None:
        elsewhere = kind in {"image", "video", "audio"}
        return Sent(ELSEWHERE if elsewhere else kind)
    name = event.message.get("fileName")
    return Sent(kind, {"attachment": bundle} | ({"name": safe_name(name)} if isinstance(name, str) else {}))


def _place(event: Event) -> dict[str, Any]:
    """Return the place that was sent: degrees, and words where there are some."""
    place: dict[str, Any] = {}
    for name, furthest in (("latitude", 90), ("longitude", 180)):
        value = event.message.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and -furthest <= value <= furthest:
            place[name] = float(value)
    for name in ("title", "address"):
        words = event.message.get(name)
        if isinstance(words, str) and words:
            place[name] = cut_graphemes(words, PLACE_GRAPHEMES)
    return place
