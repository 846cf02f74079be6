"""Rules for imagemap messages."""

from __future__ import annotations

from bot.simulator.rules.actions import SCHEMES
from bot.simulator.rules.parts import Part

WIDTH = 1040
ACTIONS_MOST = 50


def check_imagemap(message: Part) -> None:
    """Note what is wrong with an imagemap."""
    message.url("baseUrl", required=True)
    message.text("altText", 1500, required=True)
    size = message.part("baseSize", required=True)
    if size is not None:
        size.number("width", WIDTH, WIDTH, required=True)
        size.number("height", 1, required=True)
    for action in message.parts("actions", 1, ACTIONS_MOST):
        _action(action)
    video = message.part("video")
    if video is not None:
        _video(video)


def _action(action: Part) -> None:
    kind = action.one_of("type", ("uri", "message", "clipboard"), required=True)
    action.text("label", 100)
    _area(action.part("area", required=True))
    if kind == "uri":
        action.url("linkUri", 1000, required=True, schemes=SCHEMES)
    elif kind == "message":
        action.text("text", 400, required=True)
    elif kind == "clipboard":
        action.text("clipboardText", 1000, required=True)


def _video(video: Part) -> None:
    video.url("originalContentUrl", required=True)
    video.url("previewImageUrl", required=True)
    _area(video.part("area", required=True))
    link = video.part("externalLink")
    if link is not None:
        link.url("linkUri", 1000, required=True, schemes=SCHEMES)
        link.text("label", 30, required=True)


def _area(area: Part | None) -> None:
    if area is None:
        return
    for name, least in (("x", 0), ("y", 0), ("width", 1), ("height", 1)):
        area.number(name, least, required=True)
