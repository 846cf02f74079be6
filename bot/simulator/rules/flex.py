"""Rules for Flex Messages: containers, blocks and every component with every property of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from bot.simulator.errors import Problem
from bot.simulator.rules.actions import FLEX, FLEX_BUTTON, FLEX_VIDEO, check_action
from bot.simulator.rules.parts import FlexPart

BUBBLES_MOST = 12
BUBBLE_BYTES = 30 * 1024
CAROUSEL_BYTES = 50 * 1024
ANIMATED_MOST = 10
CHILDREN_MOST = 10_000
NESTING_MOST = 100
BUBBLE_SIZES = ("nano", "micro", "deca", "hecto", "kilo", "mega", "giga")
VIDEO_SIZES = ("kilo", "mega", "giga")
BLOCKS = ("header", "hero", "body", "footer")

COLOR = re.compile(r"#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")
PIXELS = r"\d+(?:\.\d+)?px"
PERCENT = r"\d+(?:\.\d+)?%"
SPACE = re.compile(rf"none|xs|sm|md|lg|xl|xxl|{PIXELS}")
OFFSET = re.compile(rf"none|xs|sm|md|lg|xl|xxl|-?{PIXELS}|-?{PERCENT}")
LENGTH = re.compile(rf"{PIXELS}|{PERCENT}")
BORDER = re.compile(rf"none|light|normal|medium|semi-bold|bold|{PIXELS}")
FONT = re.compile(rf"xxs|xs|sm|md|lg|xl|xxl|3xl|4xl|5xl|{PIXELS}")
IMAGE_SIZE = re.compile(rf"xxs|xs|sm|md|lg|xl|xxl|3xl|4xl|5xl|full|{PIXELS}|{PERCENT}")
LINE_SPACING = re.compile(PIXELS)
RATIO = re.compile(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)")
ANGLE = re.compile(r"(\d+(?:\.\d+)?)deg")
STOP = re.compile(r"(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%")

Rule = Callable[[FlexPart, str], object]


def matching(pattern: re.Pattern[str]) -> Rule:
    """Return the rule that a property matches a pattern."""
    return lambda part, name: part.pattern(name, pattern)


def among(*values: str) -> Rule:
    """Return the rule that a property is one of some words."""
    return lambda part, name: part.one_of(name, values)


def boolean(part: FlexPart, name: str) -> object:
    """Check a property that is true or false."""
    return part.boolean(name)


def amount(part: FlexPart, name: str) -> object:
    """Check a property that is a whole number from 0."""
    return part.number(name, 0)


def ratio(part: FlexPart, name: str) -> None:
    """Check `width:height`, each 1 to 100000, the height at most three times the width."""
    text = part.pattern(name, RATIO)
    if text is None:
        return
    width, height = (float(side) for side in text.split(":"))
    if not (1 <= width <= 100_000 and 1 <= height <= 100_000 and height <= 3 * width):
        part.refuse(name, "invalid property")


def tap(part: FlexPart, name: str) -> None:
    """Check an action that needs no label."""
    check_action(part.part(name), FLEX)


def handled(part: FlexPart, name: str) -> None:
    """Accept here what the component's own check looks at."""


PLACED: Mapping[str, Rule] = {
    "margin": matching(SPACE),
    "position": among("relative", "absolute"),
    **{f"offset{side}": matching(OFFSET) for side in ("Top", "Bottom", "Start", "End")},
}
WRITTEN: Mapping[str, Rule] = {
    "size": matching(FONT),
    "weight": among("regular", "bold"),
    "color": matching(COLOR),
    "style": among("normal", "italic"),
    "decoration": among("none", "underline", "line-through"),
}
PROPERTIES: Mapping[str, Mapping[str, Rule]] = {
    "box": {
        **PLACED,
        "layout": handled,
        "contents": handled,
        "background": handled,
        "backgroundColor": matching(COLOR),
        "borderColor": matching(COLOR),
        "borderWidth": matching(BORDER),
        "cornerRadius": matching(SPACE),
        "width": matching(LENGTH),
        "maxWidth": matching(LENGTH),
        "height": matching(LENGTH),
        "maxHeight": matching(LENGTH),
        "flex": amount,
        "spacing": matching(SPACE),
        **{f"padding{side}": matching(OFFSET) for side in ("All", "Top", "Bottom", "Start", "End")},
        "action": tap,
        "justifyContent": among("flex-start", "center", "flex-end", "space-between", "space-around", "space-evenly"),
        "alignItems": among("flex-start", "center", "flex-end"),
    },
    "button": {
        **PLACED,
        "action": handled,
        "flex": amount,
        "height": among("sm", "md"),
        "style": among("primary", "secondary", "link"),
        "color": matching(COLOR),
        "gravity": among("top", "bottom", "center"),
        "adjustMode": among("shrink-to-fit"),
        "scaling": boolean,
    },
    "image": {
        **PLACED,
        "url": handled,
        "flex": amount,
        "align": among("start", "end", "center"),
        "gravity": among("top", "bottom", "center"),
        "size": matching(IMAGE_SIZE),
        "aspectRatio": ratio,
        "aspectMode": among("cover", "fit"),
        "backgroundColor": matching(COLOR),
        "action": tap,
        "animated": boolean,
    },
    "video": {"url": handled, "previewUrl": handled, "altContent": handled, "aspectRatio": ratio, "action": handled},
    "icon": {**PLACED, "url": handled, "size": matching(FONT), "scaling": boolean, "aspectRatio": ratio},
    "text": {
        **PLACED,
        **WRITTEN,
        "text": handled,
        "contents": handled,
        "adjustMode": among("shrink-to-fit"),
        "flex": amount,
        "scaling": boolean,
        "align": among("start", "end", "center"),
        "gravity": among("top", "bottom", "center"),
        "wrap": boolean,
        "lineSpacing": matching(LINE_SPACING),
        "maxLines": amount,
        "action": tap,
    },
    "span": {**WRITTEN, "text": handled},
    "separator": {"margin": matching(SPACE), "color": matching(COLOR)},
    "filler": {"flex": amount},
}
IN_BOX = ("box", "button", "image", "text", "separator", "filler")
IN_BASELINE = ("icon", "text", "filler")


def check_flex(contents: FlexPart) -> None:
    """Note what is wrong with the `contents` of a Flex Message; paths begin at the container."""
    kind = contents.one_of("type", ("bubble", "carousel"), required=True)
    if kind == "bubble":
        _bubble(contents, in_carousel=False)
    elif kind == "carousel":
        _carousel(contents)
    if kind is not None and count_animated(contents.value) > ANIMATED_MOST:
        contents.refuse("contents", f"at most {ANIMATED_MOST} animated images in a message")


def _carousel(carousel: FlexPart) -> None:
    carousel.only(("type", "contents"))
    bubbles = carousel.parts("contents", 1, BUBBLES_MOST)
    for bubble in bubbles:
        if bubble.one_of("type", ("bubble",), required=True):
            _bubble(bubble, in_carousel=True)
    if len({bubble.get("size") or "mega" for bubble in bubbles}) > 1:
        carousel.refuse("contents", "all bubbles in a carousel must have the same size")
    _weigh(carousel, CAROUSEL_BYTES)


def _bubble(bubble: FlexPart, *, in_carousel: bool) -> None:
    bubble.only(("type", "size", "direction", *BLOCKS, "styles", "action"))
    size = bubble.one_of("size", BUBBLE_SIZES)
    bubble.one_of("direction", ("ltr", "rtl"))
    if all(bubble.get(block) is None for block in BLOCKS):
        bubble.refuse("body", "at least one block must be specified")
    for block in ("header", "body", "footer"):
        _component(bubble.part(block), ("box",))
    hero = bubble.part("hero")
    _component(hero, ("box", "image", "video"))
    if hero is not None and hero.get("type") == "video":
        if in_carousel:
            bubble.refuse("hero", "a video can't be used in a carousel")
        elif (size or "mega") not in VIDEO_SIZES:
            bubble.refuse("hero", "a video needs a bubble of size kilo, mega or giga")
    _styles(bubble.part("styles"))
    tap(bubble, "action")
    _weigh(bubble, BUBBLE_BYTES)


def _styles(styles: FlexPart | None) -> None:
    if styles is None:
        return
    styles.only(BLOCKS)
    for block in BLOCKS:
        style = styles.part(block)
        if style is not None:
            style.only(("backgroundColor", "separator", "separatorColor"))
            style.pattern("backgroundColor", COLOR)
            style.boolean("separator")
            style.pattern("separatorColor", COLOR)


def _weigh(container: FlexPart, most: int) -> None:
    if len(orjson.dumps(container.value)) > most:
        container.found.append(Problem(f"the JSON data must be {most // 1024} KB or less", container.path or "/"))


def _component(component: FlexPart | None, allowed: tuple[str, ...], depth: int = 0) -> None:
    if component is None:
        return
    kind = component.get("type")
    if kind not in allowed:
        component.refuse("type", "must be specified" if kind is None else "invalid property")
        return
    rules = PROPERTIES[kind]
    component.only(("type", *rules))
    for name, rule in rules.items():
        if name in component.value:
            rule(component, name)
    if kind in OWN:
        OWN[kind](component, depth)


def _box(box: FlexPart, depth: int) -> None:
    layout = box.one_of("layout", ("horizontal", "vertical", "baseline"), required=True)
    if depth >= NESTING_MOST:
        box.refuse("contents", "boxes are nested too deeply")
        return
    allowed = IN_BASELINE if layout == "baseline" else IN_BOX
    for child in box.parts("contents", 0, CHILDREN_MOST):
        _component(child, allowed, depth + 1)
    background = box.part("background")
    if background is not None:
        _gradient(background)


def _gradient(background: FlexPart) -> None:
    background.only(("type", "angle", "startColor", "endColor", "centerColor", "centerPosition"))
    background.one_of("type", ("linearGradient",), required=True)
    angle = background.pattern("angle", ANGLE, required=True)
    if angle is not None and float(angle.removesuffix("deg")) >= 360:
        background.refuse("angle", "invalid property")
    background.pattern("startColor", COLOR, required=True)
    background.pattern("endColor", COLOR, required=True)
    background.pattern("centerColor", COLOR)
    background.pattern("centerPosition", STOP)


def _button(button: FlexPart, _depth: int) -> None:
    check_action(button.part("action", required=True), FLEX_BUTTON)


def _picture(picture: FlexPart, _depth: int) -> None:
    picture.url("url", required=True)


def _video(video: FlexPart, depth: int) -> None:
    video.url("url", required=True)
    video.url("previewUrl", required=True)
    _component(video.part("altContent", required=True), ("box", "image"), depth)
    check_action(video.part("action"), FLEX_VIDEO)


def _text(text: FlexPart, _depth: int) -> None:
    spans = text.get("contents")
    if spans is None:
        _words(text)
        return
    for span in text.parts("contents", 1, CHILDREN_MOST):
        _component(span, ("span",))


def _words(part: FlexPart, _depth: int = 0) -> None:
    words = part.get("text")
    if words is None:
        part.missing("text")
    elif not isinstance(words, str) or not words:
        part.refuse("text", "must be non-empty text")


OWN: Mapping[str, Callable[[FlexPart, int], None]] = {
    "box": _box,
    "button": _button,
    "image": _picture,
    "icon": _picture,
    "video": _video,
    "text": _text,
    "span": _words,
}


def count_animated(value: Any) -> int:
    """Return how many images of a Flex Message are animated."""
    if isinstance(value, dict):
        own = value.get("type") == "image" and value.get("animated") is True
        return int(own) + sum(count_animated(one) for one in value.values() if isinstance(one, dict | list))
    return sum(count_animated(one) for one in value) if isinstance(value, list) else 0
