"""Sends: reply tokens with their clocks, retry keys, who is reached, quota, and LINE's answers to each."""

from __future__ import annotations

import uuid

import pytest

from bot.simulator.client import Simulator
from bot.simulator.statistics import day
from tests.simulator.conftest import Api, Bot, text

BROADCAST = "/v2/bot/message/broadcast"
MULTICAST = "/v2/bot/message/multicast"
NARROWCAST = "/v2/bot/message/narrowcast"
DAY = 24 * 3600


def test_a_reply_token_works_once(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    token = hanako.say("こんにちは")["replyToken"]

    first, second = api.reply(token, text("ようこそ")), api.reply(token, text("もう一度"))

    assert first.status == 200
    assert [set(one) for one in first.json["sentMessages"]] == [{"id", "quoteToken"}]
    assert (second.status, second.json) == (400, {"message": "Invalid reply token"})
    assert [one["text"] for one in hanako.answers()] == ["ようこそ"]


def test_a_refused_reply_leaves_its_token_usable(line: Simulator, api: Api) -> None:
    token = line.resident("花子").say("a")["replyToken"]

    assert api.reply(token, text("")).status == 400
    assert api.reply(token, text("はい")).status == 200


def test_a_reply_token_ends_after_a_minute(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    soon, late = hanako.say("a")["replyToken"], hanako.say("b")["replyToken"]
    line.advance(58)
    assert api.reply(soon, text("はい")).status == 200

    line.advance(5)
    assert api.reply(late, text("はい")).json == {"message": "Invalid reply token"}


def test_a_redelivery_gives_the_token_a_minute_again_within_20_minutes(line: Simulator, api: Api) -> None:
    event = line.resident("花子").say("a")
    line.advance(19 * 60)
    line.redeliver(event)
    assert api.reply(event["replyToken"], text("はい")).status == 200

    old = line.resident("太郎").say("a")
    line.advance(20 * 60 + 1)
    line.redeliver(old)
    assert api.reply(old["replyToken"], text("はい")).status == 400


def test_a_reply_token_belongs_to_its_bot(line: Simulator, api: Api) -> None:
    line.call("POST", "channels", {"name": "other", "secret": "s", "token": "other-token"})
    token = line.resident("花子").say("a")["replyToken"]

    assert Api(line, "other-token").reply(token, text("はい")).json == {"message": "Invalid reply token"}


def test_a_reply_takes_no_retry_key(line: Simulator, api: Api) -> None:
    token = line.resident("花子").say("a")["replyToken"]

    assert api.reply(token, text("はい"), X_Line_Retry_Key=str(uuid.uuid4())).status == 400
    assert api.reply(token, text("はい")).status == 200


@pytest.mark.parametrize("path", ["/v2/bot/profile/U0", "/v2/bot/message/quota", "/v2/bot/info"])
def test_endpoints_without_retry_refuse_the_key(api: Api, path: str) -> None:
    assert api("GET", path, headers={"X-Line-Retry-Key": str(uuid.uuid4())}).status == 400


def test_a_retry_key_is_accepted_once_a_day_and_a_push_is_answered_with_what_was_sent(
    line: Simulator, api: Api
) -> None:
    hanako, key = line.resident("花子"), str(uuid.uuid4())
    first = api.push(hanako.id, text("税"), key=key)
    again = api.push(hanako.id, text("税"), key=key)

    assert again.status == 409
    assert again.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert again.json["message"] == "The retry key is already accepted"
    assert again.json["sentMessages"] == first.json["sentMessages"]
    assert len(hanako.answers()) == 1

    line.advance(DAY + 1)
    assert api.push(hanako.id, text("税"), key=key).status == 200
    assert len(hanako.answers()) == 2


def test_a_multicast_retried_is_answered_409_without_messages(line: Simulator, api: Api) -> None:
    hanako, headers = line.resident("花子"), {"X-Line-Retry-Key": str(uuid.uuid4())}
    body = {"to": [hanako.id], "messages": [text("a")]}

    assert api("POST", MULTICAST, body, headers).json == {}
    again = api("POST", MULTICAST, body, headers)
    assert (again.status, again.json) == (409, {"message": "The retry key is already accepted"})


def test_a_refused_push_does_not_use_up_its_key(line: Simulator, api: Api) -> None:
    hanako, key = line.resident("花子"), str(uuid.uuid4())

    assert api.push(hanako.id, text(""), key=key).status == 400
    assert api.push(hanako.id, text("a"), key=key).status == 200


def test_a_retry_key_is_a_uuid(line: Simulator, api: Api) -> None:
    assert api.push(line.resident("花子").id, text("a"), key="tax-2027").status == 400


def test_a_push_to_someone_who_blocked_the_bot_is_accepted_and_neither_delivered_nor_counted(
    line: Simulator, api: Api
) -> None:
    hanako = line.resident("花子")
    hanako.block()

    assert api.push(hanako.id, text("a")).status == 200
    assert hanako.answers() == []
    assert line.sends()[-1]["delivered"] == []
    assert api("GET", "/v2/bot/message/quota/consumption").json == {"totalUsage": 0}


def test_a_push_to_someone_unknown_fails(api: Api) -> None:
    answer = api.push("U" + "0" * 32, text("a"))

    assert (answer.status, answer.json) == (400, {"message": "Failed to send messages"})


def test_a_push_without_addressee_is_refused(api: Api) -> None:
    answer = api("POST", "/v2/bot/message/push", {"messages": [text()]})

    assert answer.status == 400
    assert "'to'" in answer.json["message"]


def test_a_stranger_is_reached_for_seven_days_after_writing(line: Simulator, api: Api) -> None:
    taro = line.resident("太郎", friend=False)
    assert api.push(taro.id, text("a")).status == 200
    assert taro.answers() == []

    taro.say("質問です")
    api.push(taro.id, text("b"))
    line.advance(7 * DAY + 1)
    api.push(taro.id, text("c"))
    assert [one["text"] for one in taro.answers()] == ["b"]


def test_a_push_to_a_group_needs_the_bot_in_it_and_counts_every_member(line: Simulator, api: Api) -> None:
    group = line.group("町内会", line.resident("花子"), line.resident("太郎"))
    assert api.push(group, text("a")).json == {"message": "Failed to send messages"}

    line.invite_bot(group)
    assert api.push(group, text("a")).status == 200
    assert api("GET", "/v2/bot/message/quota/consumption").json == {"totalUsage": 2}
    assert [one["message"]["text"] for one in line.messages(group)] == ["a"]


def test_a_multicast_takes_500_users_no_groups_and_passes_over_unknown_ones(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    nobody = [f"U{number:032x}" for number in range(501)]

    assert api("POST", MULTICAST, {"to": [hanako.id, *nobody[:499]], "messages": [text("a")]}).status == 200
    assert api("POST", MULTICAST, {"to": nobody, "messages": [text("a")]}).properties == ["to"]
    assert api("POST", MULTICAST, {"to": [], "messages": [text("a")]}).properties == ["to"]
    group = api("POST", MULTICAST, {"to": [hanako.id, "C" + "0" * 32], "messages": [text("a")]})
    assert (group.status, group.json["message"][:24]) == (400, "The property, to[1], in ")
    assert len(hanako.answers()) == 1
    assert api("GET", "/v2/bot/message/quota/consumption").json == {"totalUsage": 1}


def test_a_broadcast_reaches_every_friend(line: Simulator, api: Api) -> None:
    hanako, taro, stranger = line.resident("花子"), line.resident("太郎"), line.resident("次郎", friend=False)
    taro.block()
    answer = api("POST", BROADCAST, {"messages": [text("避難所を開設しました")]})

    assert (answer.status, answer.json) == (200, {})
    assert [len(one.answers()) for one in (hanako, taro, stranger)] == [1, 0, 0]


def test_the_monthly_limit_stops_a_send_whole_and_a_new_month_begins(line: Simulator, api: Api) -> None:
    hanako, taro = line.resident("花子"), line.resident("太郎")
    line.configure(quota_limit=1)
    both = {"to": [hanako.id, taro.id], "messages": [text("a")]}

    refused = api("POST", MULTICAST, both)
    assert (refused.status, refused.json) == (429, {"message": "You have reached your monthly limit."})
    assert api.push(hanako.id, text("a")).status == 200
    assert api.push(hanako.id, text("b")).status == 429
    assert api("GET", "/v2/bot/message/quota").json == {"type": "limited", "value": 1}

    line.advance(32 * DAY)
    assert api.push(hanako.id, text("c")).status == 200
    assert api("GET", "/v2/bot/message/quota/consumption").json == {"totalUsage": 1}


def test_replies_are_free(line: Simulator, api: Api) -> None:
    line.configure(quota_limit=0)
    event = line.resident("花子").say("a")

    assert api.reply(event["replyToken"], text("はい")).status == 200
    assert api("GET", "/v2/bot/message/quota/consumption").json == {"totalUsage": 0}


def test_an_account_without_limit_says_so(api: Api) -> None:
    assert api("GET", "/v2/bot/message/quota").json == {"type": "none"}


def test_a_narrowcast_is_accepted_worked_on_and_holds_its_reach_back_meanwhile(line: Simulator, api: Api) -> None:
    people = [line.resident(f"住民{number}") for number in range(100)]
    ids = [{"id": one.id} for one in people[:50]]
    made = api("POST", "/v2/bot/audienceGroup/upload", {"description": "対象", "audiences": ids})
    line.advance(5)
    line.configure(quota_limit=120)
    wanted = {"type": "audience", "audienceGroupId": made.json["audienceGroupId"]}
    sent = api("POST", NARROWCAST, {"messages": [text("a")], "recipient": wanted})
    path = f"/v2/bot/message/progress/narrowcast?requestId={sent.headers['x-line-request-id']}"

    assert (sent.status, sent.json) == (202, {})
    assert api("GET", path).json["phase"] == "waiting"
    held = api("POST", MULTICAST, {"to": [one.id for one in people[:30]], "messages": [text("b")]})
    assert held.json == {"message": "You have reached your monthly limit."}

    line.advance(11)
    done = api("GET", path).json
    assert (done["phase"], done["successCount"], done["targetCount"]) == ("succeeded", 50, 50)
    assert api.push(people[0].id, text("c")).status == 200
    assert [len(one.answers()) for one in (people[0], people[60])] == [2, 0]
    line.advance(14 * DAY)
    assert api("GET", path).status == 404


def test_a_narrowcast_to_too_few_fails_later_and_not_at_once(line: Simulator, api: Api) -> None:
    line.resident("花子")
    sent = api("POST", NARROWCAST, {"messages": [text("a")]})
    line.advance(11)
    done = api("GET", f"/v2/bot/message/progress/narrowcast?requestId={sent.headers['x-line-request-id']}").json

    assert sent.status == 202
    assert (done["phase"], done["errorCode"]) == ("failed", 2)


def test_a_narrowcast_is_refused_for_an_unknown_audience_or_too_small_an_account(line: Simulator, api: Api) -> None:
    audience = {"messages": [text("a")], "recipient": {"type": "audience", "audienceGroupId": 1}}
    assert api("POST", NARROWCAST, audience).json == {"message": "Your account does not have enough friends"}

    for number in range(100):
        line.resident(f"住民{number}")
    unknown = api("POST", NARROWCAST, audience)
    assert (unknown.status, unknown.json) == (400, {"message": "Invalid audience group id: 1"})
    redelivery = {"messages": [text("a")], "recipient": {"type": "redelivery", "requestId": "x"}}
    assert api("POST", NARROWCAST, redelivery).json == {"message": "Invalid request id: x"}
    partial = {"messages": [text("a")], "limit": {"forbidPartialDelivery": True}}
    assert api("POST", NARROWCAST, partial).status == 400


def test_a_quote_token_works_in_its_own_chat_again_and_again(line: Simulator, api: Api) -> None:
    hanako, taro = line.resident("花子"), line.resident("太郎")
    token = hanako.say("質問です")["message"]["quoteToken"]
    quoting = text("お答えします") | {"quoteToken": token}

    assert api.push(hanako.id, quoting).status == 200
    line.advance(40 * DAY)
    assert api.push(hanako.id, quoting).status == 200
    assert api.push(taro.id, quoting).properties == ["messages[0].quoteToken"]


def test_a_send_has_at_most_one_unit_and_the_names_of_a_month_are_counted(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")

    assert api.push(hanako.id, text("a"), customAggregationUnits=["tax_2027"]).status == 200
    assert api.push(hanako.id, text("a"), customAggregationUnits=["a", "b"]).properties == ["customAggregationUnits"]
    assert api.push(hanako.id, text("a"), customAggregationUnits=["税"]).properties == ["customAggregationUnits"]
    assert api.push(hanako.id, text("a"), customAggregationUnits=["a" * 31]).properties == ["customAggregationUnits"]
    assert api("GET", "/v2/bot/message/aggregation/info").json == {"numOfCustomAggregationUnits": 1}
    assert api("GET", "/v2/bot/message/aggregation/list").json == {"customAggregationUnits": ["tax_2027"]}


@pytest.mark.parametrize("kind", ["reply", "push", "multicast", "broadcast"])
def test_the_number_sent_on_a_day_is_ready_the_day_after(line: Simulator, api: Api, bot: Bot, kind: str) -> None:
    hanako = line.resident("花子")
    today = api("GET", f"/v2/bot/message/delivery/{kind}?date={day(line.now())}")
    one = {"messages": [text("a")]}
    api.reply(hanako.say("a")["replyToken"], text("a"))
    api.push(hanako.id, text("a"))
    api("POST", MULTICAST, one | {"to": [hanako.id]})
    api("POST", BROADCAST, one)
    date = day(line.now())
    line.advance(DAY)

    assert today.json == {"status": "unready"}
    assert api("GET", f"/v2/bot/message/delivery/{kind}?date={date}").json == {"status": "ready", "success": 1}
    old = api("GET", f"/v2/bot/message/delivery/{kind}?date=20180101")
    assert old.json == {"status": "out_of_service"}
    assert api("GET", f"/v2/bot/message/delivery/{kind}?date=today").status == 400


def test_a_request_above_2_mb_is_too_large(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    answer = api.push(hanako.id, text("a"), padding="x" * (2 * 1024 * 1024))

    assert answer.status == 413
    assert api.push(hanako.id, text("a")).status == 200


def test_json_that_cannot_be_read_is_refused_with_its_place(api: Api) -> None:
    answer = api("POST", "/v2/bot/message/push", b'{"to": ')

    assert answer.status == 400
    assert answer.json["message"].startswith("The request body could not be parsed as JSON (line: 1, column: ")


def test_another_content_type_is_not_supported(api: Api) -> None:
    answer = api("POST", "/v2/bot/message/push", b"to=U1", {"Content-Type": "text/plain"})

    assert answer.status == 415
    assert answer.json == {"message": "The content type, text/plain, is not supported"}


def test_every_answer_has_a_request_id(api: Api) -> None:
    answers = [api("GET", "/v2/bot/info"), api("GET", "/v2/bot/nowhere"), api("PUT", "/v2/bot/info")]

    assert [one.status for one in answers] == [200, 404, 405]
    assert len({one.headers["x-line-request-id"] for one in answers}) == 3
