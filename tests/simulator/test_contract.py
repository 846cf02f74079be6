"""The stand-in beside LINE's own OpenAPI files: the same paths, the same shapes asked and answered."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bot.simulator.api.all import ROUTES
from bot.simulator.client import Simulator
from bot.simulator.statistics import day
from tests.simulator.conftest import TOKEN, Api, Bot, text
from tests.simulator.contract import REF, document, operation_of, operations, problems
from tests.simulator.test_accounts import FORM, credentials, form
from tests.simulator.test_flex import EVERYTHING
from tests.simulator.test_limits import MOST, ROWS
from tests.simulator.test_richmenus import menu, picture

NOT_SERVED = {
    "/bot/pnp/push": "notification messages are for companies with a contract of their own",
    "/v2/bot/message/delivery/pnp": "likewise",
    "/oauth2/v2.1/token": "tokens by JWT assertion: bots under test use stateless or long-lived ones",
    "/oauth2/v2.1/tokens/kid": "likewise",
}
MESSAGE = {"$ref": f"{REF}Message"}


def test_every_operation_of_lines_files_is_served_or_left_out_on_purpose() -> None:
    missing = {
        path for _, method, path, _ in operations() if ROUTES.find(method, re.sub(r"\{\w+\}", "x", path))[0] is None
    }

    assert missing == set(NOT_SERVED)


@pytest.mark.parametrize("row", [*MOST, *ROWS], ids=lambda row: row.rule)
def test_what_the_stand_in_accepts_has_the_shape_of_lines_message(row: Any) -> None:
    kept = row.make(row.most) if hasattr(row, "make") else row.kept

    assert problems("messaging-api", MESSAGE, kept) == []


def test_the_flex_message_with_everything_has_lines_shape() -> None:
    message = {"type": "flex", "altText": "a", "contents": EVERYTHING}

    assert problems("messaging-api", MESSAGE, message) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "text"},
        {"type": "hologram", "text": "a"},
        {"type": "flex", "altText": "a", "contents": {"type": "poster"}},
        {"type": "flex", "contents": {"type": "bubble"}},
        {"type": "template", "altText": "a", "template": {"type": "confirm", "text": "a"}},
    ],
    ids=["no text", "unknown type", "unknown container", "no altText", "no actions"],
)
def test_the_comparison_itself_finds_wrong_shapes(wrong: dict[str, Any]) -> None:
    assert problems("messaging-api", MESSAGE, wrong) != []


def calls(api: Api, line: Simulator, bot: Bot) -> list[tuple[str, str, Any, dict[str, str] | None]]:
    """Make a small town and return calls of everything that answers with a body worth comparing."""
    hanako = line.resident("花子")
    line.call("POST", f"residents/{hanako.id}", {"status_message": "a", "picture_url": "https://example.com/a.png"})
    group, room = line.group("町内会", hanako), line.group("部屋", hanako, room=True)
    line.invite_bot(group)
    line.invite_bot(room)
    line.configure(premium=True, quota_limit=1000)
    event = hanako.say("a")
    film = hanako.file("video", b"x", "video/mp4")["message"]["id"]
    sent = api.push(hanako.id, text("a"), customAggregationUnits=["tax"]).headers["x-line-request-id"]
    narrow = api("POST", "/v2/bot/message/narrowcast", {"messages": [text("a")]}).headers["x-line-request-id"]
    made = api("POST", "/v2/bot/richmenu", menu()).json["richMenuId"]
    api("POST", f"/v2/bot/richmenu/{made}/content", picture(), {"Content-Type": "image/png"})
    api("POST", f"/v2/bot/user/all/richmenu/{made}")
    api("POST", f"/v2/bot/user/{hanako.id}/richmenu/{made}")
    api("POST", "/v2/bot/richmenu/alias", {"richMenuAliasId": "a", "richMenuId": made})
    operations = {"operations": [{"type": "unlinkAll"}]}
    batch = api("POST", "/v2/bot/richmenu/batch", operations).headers["x-line-request-id"]
    api("POST", f"/v2/bot/user/{hanako.id}/richmenu/{made}")
    audience = api("POST", "/v2/bot/audienceGroup/upload", {"description": "a", "audiences": [{"id": hanako.id}]})
    number = audience.json["audienceGroupId"]
    date = day(line.now())
    token = api("POST", "/v2/oauth/accessToken", credentials(), FORM).json["access_token"]
    line.advance(24 * 3600)
    event = hanako.say("b")
    gets = [
        "/v2/bot/info",
        f"/v2/bot/profile/{hanako.id}",
        "/v2/bot/followers/ids",
        f"/v2/bot/group/{group}/summary",
        f"/v2/bot/group/{group}/members/count",
        f"/v2/bot/group/{group}/members/ids",
        f"/v2/bot/group/{group}/member/{hanako.id}",
        f"/v2/bot/room/{room}/members/count",
        f"/v2/bot/room/{room}/members/ids",
        f"/v2/bot/room/{room}/member/{hanako.id}",
        "/v2/bot/message/quota",
        "/v2/bot/message/quota/consumption",
        *(f"/v2/bot/message/delivery/{kind}?date={date}" for kind in ("reply", "push", "multicast", "broadcast")),
        f"/v2/bot/message/progress/narrowcast?requestId={narrow}",
        "/v2/bot/message/aggregation/info",
        "/v2/bot/message/aggregation/list",
        f"/v2/bot/message/{film}/content/transcoding",
        "/v2/bot/channel/webhook/endpoint",
        "/v2/bot/richmenu/list",
        f"/v2/bot/richmenu/{made}",
        "/v2/bot/user/all/richmenu",
        f"/v2/bot/user/{hanako.id}/richmenu",
        "/v2/bot/richmenu/alias/a",
        "/v2/bot/richmenu/alias/list",
        f"/v2/bot/richmenu/progress/batch?requestId={batch}",
        f"/v2/bot/audienceGroup/{number}",
        "/v2/bot/audienceGroup/list?page=1",
        "/v2/bot/audienceGroup/shared/list?page=1",
        f"/v2/bot/insight/followers?date={date}",
        f"/v2/bot/insight/message/delivery?date={date}",
        "/v2/bot/insight/demographic",
        f"/v2/bot/insight/message/event?requestId={sent}",
        f"/v2/bot/insight/message/event/aggregation?customAggregationUnit=tax&from={date}&to={date}",
        f"/v2/bot/insight/richmenu/{made}/summary?from={date}&to={date}",
        f"/v2/bot/insight/richmenu/{made}/daily?from={date}&to={date}",
        f"/oauth2/v2.1/verify?access_token={token}",
    ]
    users = {"userIds": [hanako.id]}
    posts: list[tuple[str, str, Any, dict[str, str] | None]] = [
        ("POST", "/v2/bot/message/reply", {"replyToken": event["replyToken"], "messages": [text("a")]}, None),
        ("POST", "/v2/bot/message/push", {"to": hanako.id, "messages": [text("a")]}, None),
        ("POST", "/v2/bot/message/multicast", {"to": [hanako.id], "messages": [text("a")]}, None),
        ("POST", "/v2/bot/message/broadcast", {"messages": [text("a")]}, None),
        ("POST", "/v2/bot/message/validate/push", {"messages": [text("a")]}, None),
        ("POST", "/v2/bot/chat/loading/start", {"chatId": hanako.id, "loadingSeconds": 5}, None),
        ("POST", "/v2/bot/chat/markAsRead", {"markAsReadToken": event["message"]["markAsReadToken"]}, None),
        ("POST", f"/v2/bot/user/{hanako.id}/linkToken", None, None),
        ("PUT", "/v2/bot/channel/webhook/endpoint", {"endpoint": bot.url}, None),
        ("POST", "/v2/bot/channel/webhook/test", {}, None),
        ("POST", "/v2/bot/richmenu", menu(), None),
        ("POST", "/v2/bot/richmenu/validate", menu(), None),
        ("POST", "/v2/bot/richmenu/bulk/link", {"richMenuId": made, **users}, None),
        ("POST", "/v2/bot/richmenu/bulk/unlink", users, None),
        ("POST", "/v2/bot/audienceGroup/upload", {"description": "b"}, None),
        ("POST", "/v2/bot/audienceGroup/click", {"description": "c", "requestId": sent}, None),
        ("POST", "/v2/bot/audienceGroup/imp", {"description": "d", "requestId": sent}, None),
        ("POST", "/oauth2/v3/token", credentials(), FORM),
        ("POST", "/v2/oauth/accessToken", credentials(), FORM),
        ("POST", "/v2/oauth/verify", form(access_token=token), FORM),
    ]
    return [*(("GET", path, None, None) for path in gets), *posts]


def test_every_answer_has_the_shape_and_status_of_lines_files(line: Simulator, api: Api, bot: Bot) -> None:
    document("messaging-api")
    wrong, compared = [], 0
    for method, path, body, headers in calls(api, line, bot):
        name, operation = operation_of(method, path)
        answer = api(method, path, body, headers)
        declared = operation["responses"].get(str(answer.status))
        if declared is None or not str(answer.status).startswith("2"):
            wrong.append(f"{method} {path}: {answer.status} {answer.body[:200]!r}")
            continue
        for kind, content in declared.get("content", {}).items():
            if kind == "application/json" and content.get("schema"):
                compared += 1
                wrong += [
                    f"{method} {path}: {one}" for one in problems(name, content["schema"], json.loads(answer.body))
                ]

    assert wrong == []
    assert compared > 40
    assert TOKEN not in json.dumps(line.traffic())


def test_every_webhook_has_the_shape_of_lines_file(line: Simulator, bot: Bot) -> None:
    from tests.simulator.test_webhooks import KINDS, acts

    document("webhook")
    hanako = line.resident("花子")
    group = line.group("町内会", hanako)
    all_acts = acts(hanako, group)
    for kind in sorted(KINDS, key="unfollow".__eq__):
        all_acts[kind][0]()
    hanako.follow()
    said = hanako.say(
        "@窓口", mentionees=[{"index": 0, "length": 3, "type": "user", "userId": hanako.id, "isSelf": False}]
    )
    hanako.unsend(said["message"]["id"])
    line.redeliver(said)
    wrong = [
        f"{event['type']}: {one}"
        for webhook in bot.wait(len(KINDS) + 4)
        for event in webhook.events
        for one in problems("webhook", {"$ref": f"{REF}Event"}, event)
    ]

    assert wrong == []
