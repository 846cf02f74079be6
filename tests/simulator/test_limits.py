"""LINE's limits of messages, row by row: the most that is accepted, and one more that is refused with its path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bot.simulator.client import Simulator
from tests.simulator.conftest import Api
from tests.simulator.made import (
    FAMILY,
    URL,
    Json,
    bare,
    behind_apple,
    between,
    buttons,
    carousel,
    column,
    confirm,
    copying,
    coupon,
    emoji,
    emojis,
    filling,
    film,
    imagemap,
    keyed,
    long,
    media,
    message,
    named,
    only,
    picker,
    pictures,
    place,
    plain,
    postback,
    quick,
    starting,
    sticker,
    template,
    text,
    titled,
    two,
    unlabelled,
    uri,
    url,
    v2,
)

VALIDATE = "/v2/bot/message/validate/push"
M = "messages[0]"
T = f"{M}.template"
Q = f"{M}.quickReply.items"
A = f"{T}.actions[0]"


@dataclass(frozen=True)
class Most:
    """A rule with a number: `make` writes a message with so many, `at` is where LINE says it is one too many."""

    rule: str
    most: int
    make: Callable[[int], Json]
    at: str


@dataclass(frozen=True)
class Row:
    """A rule with a message that keeps it, one that breaks it, and where LINE says so."""

    rule: str
    kept: Json
    broken: Json
    at: str


MOST = [
    Most("a text has UTF-16 units", 5000, lambda n: text(long(n)), f"{M}.text"),
    Most("beyond the BMP a character counts two", 2500, lambda n: text(long(n, "𠮷")), f"{M}.text"),
    Most("a text has LINE emojis", 20, emojis, f"{M}.emojis"),
    Most("textV2 has UTF-16 units", 5000, lambda n: v2(long(n)), f"{M}.text"),
    Most("textV2 has substitutions", 100, lambda n: v2("x", **named(n)), f"{M}.substitution"),
    Most("textV2 has emojis", 20, lambda n: v2("{a}" * n, a=emoji()), f"{M}.substitution"),
    Most("a message has quick replies", 13, lambda n: quick(*[message()] * n), Q),
    Most("a quick reply has a label", 20, lambda n: quick(message(long(n))), f"{Q}[0].action.label"),
    Most("a label counts graphemes", 20, lambda n: quick(message(FAMILY * n)), f"{Q}[0].action.label"),
    Most("a quick reply has an icon", 2000, lambda n: quick(message(), imageUrl=url(n)), f"{Q}[0].imageUrl"),
    Most("buttons have actions", 4, lambda n: buttons(*[message()] * n), f"{T}.actions"),
    Most("buttons have a title", 40, lambda n: buttons(title=long(n)), f"{T}.title"),
    Most("buttons have a text", 160, lambda n: buttons(text=long(n)), f"{T}.text"),
    Most("buttons with a title", 60, lambda n: buttons(title="題", text=long(n)), f"{T}.text"),
    Most("buttons with a picture", 60, lambda n: buttons(thumbnailImageUrl=URL, text=long(n)), f"{T}.text"),
    Most("template texts count graphemes", 160, lambda n: buttons(text=FAMILY * n), f"{T}.text"),
    Most("a template has labels", 20, lambda n: buttons(message(long(n))), f"{A}.label"),
    Most("a confirm has a text", 240, lambda n: confirm(words=long(n)), f"{T}.text"),
    Most("a carousel has columns", 10, lambda n: carousel(*[column()] * n), f"{T}.columns"),
    Most("a column has actions", 3, lambda n: carousel(column(*[message()] * n)), f"{T}.columns[0].actions"),
    Most("a column has a text", 120, lambda n: carousel(column(words=long(n))), f"{T}.columns[0].text"),
    Most("a column with a title", 60, lambda n: carousel(column(words=long(n), title="題")), f"{T}.columns[0].text"),
    Most("a column has a title", 40, lambda n: carousel(column(title=long(n))), f"{T}.columns[0].title"),
    Most("an image carousel has columns", 10, pictures, f"{T}.columns"),
    Most("an image carousel has labels", 12, lambda n: pictures(1, long(n)), f"{T}.columns[0].action.label"),
    Most("a template has an altText", 1500, lambda n: template(confirm()["template"], long(n)), f"{M}.altText"),
    Most("a postback has data", 300, lambda n: buttons(postback(data=long(n))), f"{A}.data"),
    Most("a postback has a displayText", 300, lambda n: buttons(postback(displayText=long(n))), f"{A}.displayText"),
    Most("displayText counts graphemes", 300, lambda n: buttons(postback(displayText=FAMILY * n)), f"{A}.displayText"),
    Most("a postback has a text", 300, lambda n: buttons(postback(text=long(n))), f"{A}.text"),
    Most("a postback has a fillInText", 300, lambda n: buttons(filling(long(n))), f"{A}.fillInText"),
    Most("a message action has a text", 300, lambda n: buttons(message(text=long(n))), f"{A}.text"),
    Most("a URI has characters", 1000, lambda n: uri(url(n)), f"{A}.uri"),
    Most("the clipboard takes a text", 1000, lambda n: buttons(copying(long(n))), f"{A}.clipboardText"),
    Most("an imagemap has actions", 50, imagemap, f"{M}.actions"),
    Most("an imagemap sends a text", 400, lambda n: imagemap(action={"text": long(n)}), f"{M}.actions[0].text"),
    Most("an imagemap has labels", 100, lambda n: imagemap(action={"label": long(n)}), f"{M}.actions[0].label"),
    Most("a video's link has a label", 30, lambda n: film(long(n)), f"{M}.video.externalLink.label"),
    Most("an imagemap has an altText", 1500, lambda n: imagemap(altText=long(n)), f"{M}.altText"),
    Most("an imagemap has a base URL", 2000, lambda n: imagemap(baseUrl=url(n)), f"{M}.baseUrl"),
    Most("an image has a URL", 2000, lambda n: media("image", originalContentUrl=url(n)), f"{M}.originalContentUrl"),
    Most("a video has a trackingId", 100, lambda n: media("video", trackingId="a" * n), f"{M}.trackingId"),
    Most("a place has a title", 100, lambda n: place(title=long(n)), f"{M}.title"),
    Most("a place has an address", 100, lambda n: place(address=long(n)), f"{M}.address"),
    Most("a coupon has a tag", 30, lambda n: coupon("a" * n), f"{M}.deliveryTag"),
    Most("a sender has a name", 20, lambda n: text("a", sender={"name": long(n)}), f"{M}.sender.name"),
    Most("a sender has an icon", 2000, lambda n: text("a", sender={"iconUrl": url(n)}), f"{M}.sender.iconUrl"),
]
ROWS = [
    Row("a text is not empty", text("あ"), text(""), f"{M}.text"),
    Row("a text is a string", text("1"), {"type": "text", "text": 1}, f"{M}.text"),
    Row("a text has its text", text("1"), {"type": "text"}, f"{M}.text"),
    Row("a message has a type LINE knows", text("1"), {"type": "hologram"}, f"{M}.type"),
    Row("an emoji stands at a $", emojis(1), emojis(1, index=1), f"{M}.emojis[0].index"),
    Row("an emoji's index counts UTF-16", behind_apple(2), behind_apple(1), f"{M}.emojis[0].index"),
    Row("braces come in pairs", v2("a {{ b }}"), v2("a { b"), f"{M}.text"),
    Row("a closing brace has its opening one", v2("a }} b"), v2("a } b"), f"{M}.text"),
    Row("a substitution is given", v2("{a}", a=emoji()), v2("{b}", a=emoji()), f"{M}.text"),
    Row("a key has 20 characters", keyed("a" * 20), keyed("a" * 21), f"{M}.substitution.{'a' * 21}"),
    Row("a quick reply needs a label", quick(message()), quick(unlabelled()), f"{Q}[0].action.label"),
    Row("the camera is for quick replies", quick(only("camera")), buttons(only("camera")), f"{A}.type"),
    Row("the camera roll is for quick replies", quick(only("cameraRoll")), buttons(only("cameraRoll")), f"{A}.type"),
    Row("a place is for quick replies", quick(only("location")), buttons(only("location")), f"{A}.type"),
    Row("rich menus alone can switch", quick(message()), quick(only("richmenuswitch")), f"{Q}[0].action.type"),
    Row("buttons have an action", buttons(message()), buttons(actions=[]), f"{T}.actions"),
    Row("a template's label is required", buttons(message()), buttons(unlabelled()), f"{A}.label"),
    Row(
        "a picture is square",
        buttons(imageAspectRatio="square"),
        buttons(imageAspectRatio="o"),
        f"{T}.imageAspectRatio",
    ),
    Row("a confirm has not 1 action", confirm(), confirm(message()), f"{T}.actions"),
    Row("a confirm has not 3 actions", confirm(), confirm(message(), message(), message()), f"{T}.actions"),
    Row("columns have equally many actions", carousel(column(), column()), carousel(column(), two()), f"{T}.columns"),
    Row("columns all have a title", carousel(titled(), titled()), carousel(titled(), column()), f"{T}.columns"),
    Row("a template needs an altText", confirm(), {"type": "template", **bare(confirm())}, f"{M}.altText"),
    Row("a template is of a known kind", confirm(), template({"type": "form"}), f"{T}.type"),
    Row("displayText excludes text", buttons(postback()), buttons(postback(displayText="a", text="b")), f"{A}.text"),
    Row("fillInText needs the keyboard", buttons(filling("a")), buttons(postback(fillInText="a")), f"{A}.fillInText"),
    Row("a URI is http, https, line or tel", uri("tel:119"), uri("ftp://example.com"), f"{A}.uri"),
    Row("a URI is percent-encoded", uri("https://example.com/%E7"), uri("https://example.com/町"), f"{A}.uri"),
    Row("a picker is date, time or datetime", picker("date"), picker("month"), f"{Q}[0].action.mode"),
    Row("1900 begins", picker("date", min="1900-01-01"), picker("date", min="1899-12-31"), f"{Q}[0].action.min"),
    Row("2100 ends", picker("date", max="2100-12-31"), picker("date", max="2101-01-01"), f"{Q}[0].action.max"),
    Row("min is before max", between("01", "02"), between("02", "02"), f"{Q}[0].action.max"),
    Row(
        "a value has its mode's format", starting("2027-05-31T10:00"), starting("2027-05-31"), f"{Q}[0].action.initial"
    ),
    Row("a date exists", starting("2028-02-29t10:00"), starting("2027-02-29T10:00"), f"{Q}[0].action.initial"),
    Row("an imagemap is 1040 wide", imagemap(), imagemap(baseSize={"width": 1039, "height": 1}), f"{M}.baseSize.width"),
    Row("an image is fetched by https", media("image"), plain("image"), f"{M}.originalContentUrl"),
    Row("an image has its preview", media("image"), media("image", previewImageUrl=None), f"{M}.previewImageUrl"),
    Row("an audio has a duration", media("audio", duration=1), media("audio"), f"{M}.duration"),
    Row("a latitude is on earth", place(latitude=90), place(latitude=90.1), f"{M}.latitude"),
    Row("a sticker has its ids", sticker(), sticker(stickerId=None), f"{M}.stickerId"),
    Row(
        "a sender is not LINE",
        text("a", sender={"name": "窓口"}),
        text("a", sender={"name": "LINE"}),
        f"{M}.sender.name",
    ),
]


def refused(api: Api, broken: Json, at: str) -> None:
    """Check LINE's answer to a message that breaks one rule."""
    answer = api("POST", VALIDATE, {"messages": [broken]})
    assert answer.status == 400
    assert answer.properties == [at]
    assert answer.json["message"] == "The request body has 1 error(s)"


@pytest.mark.parametrize("row", MOST, ids=lambda row: f"{row.rule}, at most {row.most}")
def test_as_much_as_allowed_passes_and_one_more_is_refused_with_its_path(api: Api, row: Most) -> None:
    assert api("POST", VALIDATE, {"messages": [row.make(row.most)]}).status == 200
    refused(api, row.make(row.most + 1), row.at)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_a_message_that_keeps_a_rule_passes_and_one_that_breaks_it_is_refused_with_its_path(api: Api, row: Row) -> None:
    assert api("POST", VALIDATE, {"messages": [row.kept]}).status == 200
    refused(api, row.broken, row.at)


@pytest.mark.parametrize("count", [0, 6])
def test_a_send_has_one_to_five_messages(api: Api, count: int) -> None:
    five = api("POST", "/v2/bot/message/validate/reply", {"messages": [text("a")] * 5})
    refused = api("POST", "/v2/bot/message/validate/reply", {"messages": [text("a")] * count})

    assert five.status == 200
    assert refused.status == 400
    assert refused.json["details"] == [{"message": "Size must be between 1 and 5", "property": "messages"}]


def test_every_error_of_a_request_is_told_at_once(api: Api) -> None:
    refused = api("POST", "/v2/bot/message/validate/push", {"messages": [text(""), {"type": "x"}]})

    assert refused.json["message"] == "The request body has 2 error(s)"
    assert refused.json["details"][0] == {"message": "May not be empty", "property": "messages[0].text"}
    assert refused.properties == ["messages[0].text", "messages[1].type"]


def test_one_bad_message_stops_the_whole_send(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")

    assert api.push(hanako.id, text("a"), text("")).status == 400
    assert hanako.messages() == []


def test_a_group_can_be_addressed_with_mentions_but_not_with_tracked_videos(line: Simulator, api: Api) -> None:
    hanako, taro = line.resident("花子"), line.resident("太郎")
    group = line.group("町内会", hanako)
    line.invite_bot(group)
    mention = {"type": "mention", "mentionee": {"type": "user", "userId": hanako.id}}
    outsider = {"type": "mention", "mentionee": {"type": "user", "userId": taro.id}}

    assert api.push(group, v2("{a}さん", a=mention)).status == 200
    assert api.push(hanako.id, v2("{a}さん", a=mention)).properties == ["messages[0].substitution.a.type"]
    assert api.push(group, v2("{a}さん", a=outsider)).properties == ["messages[0].substitution.a.mentionee.userId"]
    assert api.push(group, media("video", trackingId="a")).properties == ["messages[0].trackingId"]
    assert api.push(hanako.id, media("video", trackingId="a")).status == 200


def test_at_most_20_mentions_in_a_message(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    group = line.group("町内会", hanako)
    line.invite_bot(group)
    everyone = {"type": "mention", "mentionee": {"type": "all"}}

    assert api.push(group, v2("{a}" * 20, a=everyone)).status == 200
    assert api.push(group, v2("{a}" * 21, a=everyone)).properties == ["messages[0].substitution"]
