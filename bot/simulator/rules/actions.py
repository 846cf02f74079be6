"""Rules for action objects: what may be tapped, and what its label may be in which place."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from bot.simulator.rules.counting import graphemes
from bot.simulator.rules.parts import Part

DATA_MOST = 300
URI_MOST = 1000
CLIPBOARD_MOST = 1000
SCHEMES = ("http", "https", "line", "tel")
INPUT_OPTIONS = ("closeRichMenu", "openRichMenu", "openKeyboard", "openVoice")
COMMON = ("postback", "message", "uri", "datetimepicker", "clipboard")
QUICK_REPLY_ONLY = ("camera", "cameraRoll", "location")
MODES = {
    "date": (re.compile(r"\d{4}-\d\d-\d\d"), "%Y-%m-%d"),
    "time": (re.compile(r"\d\d:\d\d"), "%H:%M"),
    "datetime": (re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d"), "%Y-%m-%dT%H:%M"),
}
EARLIEST = dt.datetime(1900, 1, 1)  # noqa: DTZ001 - LINE's pickers know no time zone
LATEST = dt.datetime(2100, 12, 31, 23, 59)  # noqa: DTZ001 - likewise


@dataclass(frozen=True, slots=True)
class Place:
    """Where an action stands: the types allowed there, and whether it needs a label of how many graphemes."""

    types: tuple[str, ...]
    label_most: int
    label_required: bool


TEMPLATE = Place(COMMON, 20, label_required=True)
IMAGE_CAROUSEL = Place(COMMON, 12, label_required=False)
QUICK_REPLY = Place((*COMMON, *QUICK_REPLY_ONLY), 20, label_required=True)
RICH_MENU = Place((*COMMON, "richmenuswitch"), 20, label_required=False)
FLEX = Place(COMMON, 40, label_required=False)
FLEX_BUTTON = Place(COMMON, 40, label_required=True)
FLEX_VIDEO = Place(("uri",), 40, label_required=False)


def check_action(action: Part | None, place: Place) -> None:
    """Note what is wrong with an action in its place."""
    if action is None:
        return
    kind = action.one_of("type", place.types, required=True)
    action.text(
        "label", place.label_most, required=place.label_required, count=graphemes, empty=not place.label_required
    )
    if kind == "postback":
        _postback(action)
    elif kind == "message":
        action.text("text", DATA_MOST, required=True, count=graphemes)
    elif kind == "uri":
        action.url("uri", URI_MOST, required=True, schemes=SCHEMES)
        alternative = action.part("altUri")
        if alternative is not None:
            alternative.url("desktop", URI_MOST, schemes=SCHEMES)
    elif kind == "datetimepicker":
        _picker(action)
    elif kind == "clipboard":
        action.text("clipboardText", CLIPBOARD_MOST, required=True)
    elif kind == "richmenuswitch":
        action.text("richMenuAliasId", 32, required=True)
        action.text("data", DATA_MOST, required=True)


def _postback(action: Part) -> None:
    action.text("data", DATA_MOST, required=True)
    action.text("displayText", DATA_MOST, count=graphemes)
    action.text("text", DATA_MOST, count=graphemes)
    if action.get("displayText") is not None and action.get("text") is not None:
        action.refuse("text", "displayText and text can't both be specified")
    action.one_of("inputOption", INPUT_OPTIONS)
    if action.text("fillInText", DATA_MOST, count=graphemes) and action.get("inputOption") != "openKeyboard":
        action.refuse("fillInText", "fillInText requires the inputOption openKeyboard")


def _picker(action: Part) -> None:
    action.text("data", DATA_MOST, required=True)
    mode = action.one_of("mode", tuple(MODES), required=True)
    if mode is None:
        return
    values = {name: _moment(action, name, mode) for name in ("min", "initial", "max")}
    low, chosen, high = values["min"], values["initial"], values["max"]
    if low and high and low >= high:
        action.refuse("max", "max must be greater than min")
    elif chosen and ((low and chosen < low) or (high and chosen > high)):
        action.refuse("initial", "initial must be between min and max")


def _moment(action: Part, name: str, mode: str) -> dt.datetime | None:
    pattern, shape = MODES[mode]
    text = action.pattern(name, pattern)
    if text is None:
        return None
    try:
        moment = dt.datetime.strptime(text.replace("t", "T"), shape)  # noqa: DTZ007 - LINE's pickers know no time zone
    except ValueError:
        action.refuse(name, "invalid property")
        return None
    if mode != "time" and not EARLIEST <= moment <= LATEST:
        action.refuse(name, "must be between 1900-01-01 and 2100-12-31")
        return None
    return moment
