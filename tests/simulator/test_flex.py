"""Flex Messages: everything LINE's reference allows passes, everything else is refused with its path."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import Api
from tests.simulator.made import URL, Json, long, message, only, url

VALIDATE = "/v2/bot/message/validate/push"
PLACED: Json = {"margin": "md", "position": "relative", "offsetTop": "3px", "offsetStart": "-2%"}
WORDS: Json = {"type": "text", "text": "納期限"}


def box(*contents: Json, layout: str = "vertical", **more: Any) -> Json:
    return {"type": "box", "layout": layout, "contents": list(contents)} | more


def bubble(*contents: Json, **more: Any) -> Json:
    return {"type": "bubble", "body": box(*contents)} | more


def carousel(*bubbles: Json) -> Json:
    return {"type": "carousel", "contents": list(bubbles)}


def button(action: Json | None = None, **more: Any) -> Json:
    return {"type": "button", "action": action or message()} | more


def image(**more: Any) -> Json:
    return {"type": "image", "url": URL} | more


def film(size: str | None = None) -> Json:
    video = {"type": "video", "url": URL, "previewUrl": URL, "altContent": image(), "aspectRatio": "16:9"}
    return {"type": "bubble", "hero": video} | ({"size": size} if size else {})


def weighing(size: int) -> Json:
    """Return a bubble whose JSON is so many bytes."""
    empty = len(b'{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[{"type":"text","text":""}]}}')
    return bubble({"type": "text", "text": "a" * (size - empty)})


def gradient(**more: Any) -> Json:
    return {"type": "linearGradient", "angle": "90deg", "startColor": "#ffffff", "endColor": "#000000"} | more


EVERYTHING = bubble(
    box(
        {"type": "icon", "url": URL, "size": "xl", "aspectRatio": "2:1", "scaling": True, **PLACED},
        {"type": "text", "text": "基準線", "flex": 0},
        layout="baseline",
        spacing="sm",
    ),
    {
        "type": "text",
        "contents": [
            {"type": "span", "text": "太字", "weight": "bold", "color": "#FF0000", "size": "12px"},
            {"type": "span", "text": "下線", "decoration": "underline", "style": "italic"},
        ],
        "wrap": True,
        "lineSpacing": "6px",
        "maxLines": 3,
        "adjustMode": "shrink-to-fit",
        "align": "center",
        "gravity": "bottom",
        "size": "3xl",
        "action": {"type": "uri", "uri": "https://example.com"},
        **PLACED,
    },
    {"type": "separator", "margin": "xxl", "color": "#00000080"},
    {"type": "filler", "flex": 2},
    button(style="primary", color="#06C755", height="sm", gravity="center", adjustMode="shrink-to-fit", **PLACED),
    image(size="full", aspectMode="cover", aspectRatio="20:13", animated=True, backgroundColor="#EEEEEE", **PLACED),
    box(
        box(
            width="30%", height="30px", maxWidth="100px", maxHeight="50%", cornerRadius="100px", borderWidth="semi-bold"
        ),
        layout="horizontal",
        background=gradient(centerColor="#00ff00", centerPosition="10%"),
        backgroundColor="#00000000",
        borderColor="#112233",
        paddingAll="10%",
        paddingStart="xl",
        justifyContent="space-between",
        alignItems="flex-end",
        action=message(),
    ),
    size="giga",
    direction="rtl",
    header=box(),
    hero=image(),
    footer=box(layout="horizontal"),
    styles={"body": {"backgroundColor": "#ffffff", "separator": True, "separatorColor": "#000000"}},
    action={"type": "clipboard", "clipboardText": "写す"},
)


def check(api: Api, contents: Json) -> Any:
    """Ask LINE about a Flex Message."""
    return api("POST", VALIDATE, {"messages": [{"type": "flex", "altText": "案内", "contents": contents}]})


def test_every_component_and_property_of_the_reference_is_accepted(api: Api) -> None:
    answer = check(api, EVERYTHING)

    assert (answer.status, answer.body) == (200, b"{}")


KEPT = {
    "a bubble of 30 KB": weighing(30 * 1024),
    "twelve bubbles": carousel(*[bubble(WORDS)] * 12),
    "bubbles of one size, named or not": carousel(bubble(WORDS), bubble(WORDS, size="mega")),
    "ten animated images": bubble(*[image(animated=True)] * 10),
    "a button's label of 40": bubble(button(message(long(40)))),
    "an image whose height is three times its width": bubble(image(aspectRatio="1:3")),
    "an empty box": bubble(box()),
    "a video in a mega bubble": film(),
    "an image URL of 2000": bubble(image(url=url(2000))),
    "a box tapped without label": bubble(box(action={"type": "uri", "uri": "https://example.com"})),
    "a gradient just below a full turn": bubble(box(background=gradient(angle="359.5deg"))),
}


@pytest.mark.parametrize("contents", KEPT.values(), ids=KEPT.keys())
def test_flex_at_its_limits_passes(api: Api, contents: Json) -> None:
    assert check(api, contents).status == 200


FIRST = "/body/contents/0"
BROKEN: dict[str, tuple[Json, str]] = {
    "a bubble of 30 KB and one byte": (weighing(30 * 1024 + 1), "/"),
    "a carousel over 50 KB": (carousel(weighing(26 * 1024), weighing(26 * 1024)), "/"),
    "thirteen bubbles": (carousel(*[bubble(WORDS)] * 13), "/contents"),
    "an empty carousel": (carousel(), "/contents"),
    "bubbles of two sizes": (carousel(bubble(WORDS), bubble(WORDS, size="kilo")), "/contents"),
    "a carousel in a carousel": (carousel(carousel(bubble(WORDS))), "/contents/0/type"),
    "eleven animated images": (bubble(*[image(animated=True)] * 11), "/contents"),
    "a container LINE does not know": ({"type": "poster"}, "/type"),
    "a bubble without blocks": ({"type": "bubble"}, "/body"),
    "a size LINE does not know": (bubble(WORDS, size="huge"), "/size"),
    "a direction LINE does not know": (bubble(WORDS, direction="up"), "/direction"),
    "a body that is no box": (bubble(body=WORDS), "/body/type"),
    "a hero that is a text": (bubble(hero=WORDS), "/hero/type"),
    "a video in a carousel": (carousel(film()), "/contents/0/hero"),
    "a video in a micro bubble": (film("micro"), "/hero"),
    "a video in a body": (bubble(film()["hero"]), f"{FIRST}/type"),
    "a video without its alternative": (
        bubble(hero={"type": "video", "url": URL, "previewUrl": URL}),
        "/hero/altContent",
    ),
    "an unknown property of a bubble": (bubble(WORDS, colour="red"), "/colour"),
    "an unknown property of a text": (bubble(WORDS | {"font": "x"}), f"{FIRST}/font"),
    "an unknown component": (bubble({"type": "spacer"}), f"{FIRST}/type"),
    "a component without type": (bubble({"text": "a"}), f"{FIRST}/type"),
    "an empty text": (bubble({"type": "text", "text": ""}), f"{FIRST}/text"),
    "a text without text": (bubble({"type": "text"}), f"{FIRST}/text"),
    "the second text empty": (bubble(WORDS, {"type": "text", "text": ""}), "/body/contents/1/text"),
    "an empty span": (bubble({"type": "text", "contents": [{"type": "span", "text": ""}]}), f"{FIRST}/contents/0/text"),
    "a text of texts": (bubble({"type": "text", "contents": [WORDS]}), f"{FIRST}/contents/0/type"),
    "a text without spans": (bubble({"type": "text", "contents": []}), f"{FIRST}/contents"),
    "a font size LINE does not know": (bubble(WORDS | {"size": "6xl"}), f"{FIRST}/size"),
    "a colour by name": (bubble(WORDS | {"color": "red"}), f"{FIRST}/color"),
    "a colour of three digits": (bubble(WORDS | {"color": "#fff"}), f"{FIRST}/color"),
    "a weight LINE does not know": (bubble(WORDS | {"weight": "heavy"}), f"{FIRST}/weight"),
    "wrap as a string": (bubble(WORDS | {"wrap": "true"}), f"{FIRST}/wrap"),
    "half a line": (bubble(WORDS | {"maxLines": 1.5}), f"{FIRST}/maxLines"),
    "line spacing in words": (bubble(WORDS | {"lineSpacing": "md"}), f"{FIRST}/lineSpacing"),
    "negative flex": (bubble(WORDS | {"flex": -1}), f"{FIRST}/flex"),
    "a margin without unit": (bubble(WORDS | {"margin": "10"}), f"{FIRST}/margin"),
    "a position LINE does not know": (bubble(WORDS | {"position": "fixed"}), f"{FIRST}/position"),
    "an offset without unit": (bubble(WORDS | {"offsetTop": "1em"}), f"{FIRST}/offsetTop"),
    "an icon outside a baseline box": (bubble({"type": "icon", "url": URL}), f"{FIRST}/type"),
    "an image in a baseline box": (bubble(box(image(), layout="baseline")), f"{FIRST}/contents/0/type"),
    "a box without layout": (bubble({"type": "box", "contents": []}), f"{FIRST}/layout"),
    "a box without contents": (bubble({"type": "box", "layout": "vertical"}), f"{FIRST}/contents"),
    "a box justified oddly": (bubble(box(justifyContent="left")), f"{FIRST}/justifyContent"),
    "a padding without unit": (bubble(box(paddingAll="12")), f"{FIRST}/paddingAll"),
    "a width in words": (bubble(box(width="wide")), f"{FIRST}/width"),
    "a gradient without angle": (bubble(box(background=gradient(angle=None))), f"{FIRST}/background/angle"),
    "a gradient of a full turn": (bubble(box(background=gradient(angle="360deg"))), f"{FIRST}/background/angle"),
    "a gradient stop past its end": (
        bubble(box(background=gradient(centerPosition="101%"))),
        f"{FIRST}/background/centerPosition",
    ),
    "a button without action": (bubble({"type": "button"}), f"{FIRST}/action"),
    "a button's label of 41": (bubble(button(message(long(41)))), f"{FIRST}/action/label"),
    "a button without label": (bubble(button({"type": "message", "text": "a"})), f"{FIRST}/action/label"),
    "a button's style LINE does not know": (bubble(button(style="danger")), f"{FIRST}/style"),
    "a camera button": (bubble(button(only("camera"))), f"{FIRST}/action/type"),
    "a button's data of 301": (
        bubble(button({"type": "postback", "label": "a", "data": long(301)})),
        f"{FIRST}/action/data",
    ),
    "an image by http": (bubble(image(url="http://example.com/a.png")), f"{FIRST}/url"),
    "an image URL of 2001": (bubble(image(url=url(2001))), f"{FIRST}/url"),
    "an image without URL": (bubble({"type": "image"}), f"{FIRST}/url"),
    "an image too tall": (bubble(image(aspectRatio="1:3.1")), f"{FIRST}/aspectRatio"),
    "an image of no ratio": (bubble(image(aspectRatio="wide")), f"{FIRST}/aspectRatio"),
    "an image stretched": (bubble(image(aspectMode="stretch")), f"{FIRST}/aspectMode"),
    "a block style unknown": (bubble(WORDS, styles={"body": {"color": "#ffffff"}}), "/styles/body/color"),
}


@pytest.mark.parametrize(("contents", "at"), BROKEN.values(), ids=BROKEN.keys())
def test_bad_flex_is_refused_with_the_path_of_the_property(api: Api, contents: Json, at: str) -> None:
    answer = check(api, contents)

    assert answer.status == 400
    assert answer.json["message"] == "A message (messages[0]) in the request body is invalid"
    assert answer.properties == [at]


def test_the_message_with_bad_flex_is_named(api: Api) -> None:
    good = {"type": "flex", "altText": "案内", "contents": bubble(WORDS)}
    bad = {"type": "flex", "altText": "案内", "contents": bubble({"type": "text", "text": ""})}
    answer = api("POST", VALIDATE, {"messages": [good, bad]})

    assert answer.json["message"] == "A message (messages[1]) in the request body is invalid"
    assert answer.json["details"] == [{"message": "must be non-empty text", "property": "/body/contents/0/text"}]


def test_flex_needs_an_alt_text_of_at_most_1500(api: Api) -> None:
    def asked(alt: str | None) -> Any:
        return api("POST", VALIDATE, {"messages": [{"type": "flex", "altText": alt, "contents": bubble(WORDS)}]})

    assert asked(long(1500)).status == 200
    assert asked(long(1501)).properties == ["messages[0].altText"]
    assert asked(None).properties == ["messages[0].altText"]


def test_boxes_nested_beyond_reason_are_refused_and_not_a_server_error(api: Api) -> None:
    deep = WORDS
    for _ in range(150):
        deep = box(deep)

    assert check(api, bubble(deep)).status == 400
