"""The bot and its tokens, people and groups, content, read marks and loading dots."""

from __future__ import annotations

import json
import urllib.parse

import pytest

from bot.simulator.client import Simulator
from tests.simulator.conftest import SECRET, TOKEN, Api, Bot, text

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HOUR = 3600
DAY = 24 * HOUR


def form(**fields: str) -> bytes:
    return urllib.parse.urlencode(fields).encode()


def credentials(**changed: str) -> bytes:
    given = {"grant_type": "client_credentials", "client_id": "1660000000", "client_secret": SECRET}
    return form(**(given | changed))


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN])
def test_a_call_needs_an_access_token(line: Simulator, header: str) -> None:
    status, headers, body = line.http("GET", "/v2/bot/info", headers={"Authorization": header})

    assert status == 401
    assert b"access token" in body
    assert headers["x-line-request-id"]


def test_a_stateless_token_opens_the_channel_for_15_minutes(line: Simulator, api: Api) -> None:
    issued = api("POST", "/oauth2/v3/token", credentials(), FORM)
    fresh = Api(line, issued.json["access_token"])

    assert issued.json["expires_in"] == 900
    assert issued.json["token_type"] == "Bearer"
    line.advance(899)
    assert fresh("GET", "/v2/bot/info").status == 200
    line.advance(2)
    assert fresh("GET", "/v2/bot/info").status == 401


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"client_secret": "x"}, "invalid client_secret"), ({"client_id": "1"}, "invalid client_id")],
    ids=["secret", "id"],
)
def test_no_token_for_wrong_credentials(api: Api, wrong: dict[str, str], why: str) -> None:
    stateless = api("POST", "/oauth2/v3/token", credentials(**wrong), FORM)
    short = api("POST", "/v2/oauth/accessToken", credentials(**wrong), FORM)

    assert (stateless.status, short.status) == (400, 400)
    assert stateless.json == {"error": "invalid_request", "error_description": "Invalid 'client_credentials'."}
    assert short.json == {"error": "invalid_client", "error_description": why}


def test_the_31st_short_lived_token_revokes_the_first(line: Simulator, api: Api) -> None:
    tokens = [api("POST", "/v2/oauth/accessToken", credentials(), FORM).json["access_token"] for _ in range(31)]

    statuses = [Api(line, token)("GET", "/v2/bot/info").status for token in tokens]
    assert statuses == [401] + [200] * 30
    line.advance(30 * DAY + 1)
    assert Api(line, tokens[30])("GET", "/v2/bot/info").status == 401


def test_a_token_can_be_verified_and_revoked(line: Simulator, api: Api) -> None:
    token = api("POST", "/v2/oauth/accessToken", credentials(), FORM).json["access_token"]
    verified = api("POST", "/v2/oauth/verify", form(access_token=token), FORM)
    assert verified.json["client_id"] == "1660000000"
    assert 0 < verified.json["expires_in"] <= 30 * DAY

    assert api("POST", "/v2/oauth/revoke", form(access_token=token), FORM).status == 200
    assert api("POST", "/v2/oauth/verify", form(access_token=token), FORM).status == 400
    assert Api(line, token)("GET", "/v2/bot/info").status == 401


def test_a_revoked_long_lived_token_is_refused(line: Simulator, api: Api) -> None:
    line.configure(revoke=TOKEN)

    assert api("GET", "/v2/bot/info").status == 401


def test_the_bot_tells_about_itself(api: Api) -> None:
    info = api("GET", "/v2/bot/info").json

    assert info["userId"] == "U8e742f61d673b39c7fff3cecb7536ef0"
    assert (info["chatMode"], info["markAsReadMode"]) == ("bot", "auto")


def test_a_friends_profile_has_what_they_set(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子", language="en")
    line.call("POST", f"residents/{hanako.id}", {"status_message": "元気です"})

    assert api("GET", f"/v2/bot/profile/{hanako.id}").json == {
        "userId": hanako.id,
        "displayName": "花子",
        "language": "en",
        "statusMessage": "元気です",
    }


def test_a_profile_is_not_found_for_unknown_blocked_unconsenting_and_silent_strangers(
    line: Simulator, api: Api
) -> None:
    blocked, unconsenting = line.resident("花子"), line.resident("太郎")
    stranger = line.resident("次郎", friend=False)
    blocked.block()
    line.call("POST", f"residents/{unconsenting.id}", {"consented": False})

    for user in ("U" + "0" * 32, blocked.id, unconsenting.id, stranger.id):
        answer = api("GET", f"/v2/bot/profile/{user}")
        assert (answer.status, answer.json) == (404, {"message": "Not found"})
    stranger.say("教えてください")
    assert api("GET", f"/v2/bot/profile/{stranger.id}").status == 200


def test_followers_are_listed_for_verified_accounts_in_pages(line: Simulator, api: Api) -> None:
    people = [line.resident(f"住民{number}").id for number in range(3)]
    assert api("GET", "/v2/bot/followers/ids").json == {
        "message": "Access to this API is not available for your account"
    }

    line.configure(premium=True)
    first = api("GET", "/v2/bot/followers/ids?limit=2").json
    second = api("GET", f"/v2/bot/followers/ids?limit=2&start={first['next']}").json
    assert first["userIds"] + second["userIds"] == people
    assert "next" not in second
    assert api("GET", "/v2/bot/followers/ids?limit=1001").status == 400
    line.advance(DAY + 60)
    assert api("GET", f"/v2/bot/followers/ids?start={first['next']}").status == 400


@pytest.mark.parametrize("kind", ["group", "room"])
def test_a_group_tells_about_its_members_while_the_bot_is_in_it(line: Simulator, api: Api, kind: str) -> None:
    hanako, taro = line.resident("花子"), line.resident("太郎", friend=False)
    group = line.group("町内会", hanako, taro, room=kind == "room")
    base = f"/v2/bot/{kind}/{group}"
    assert api("GET", f"{base}/members/count").status == 404

    line.invite_bot(group)
    assert api("GET", f"{base}/members/count").json == {"count": 2}
    assert api("GET", f"{base}/member/{taro.id}").json == {"userId": taro.id, "displayName": "太郎"}
    assert api("GET", f"{base}/member/U{'0' * 32}").status == 404
    assert api("GET", f"{base}/members/ids").status == 403
    line.configure(premium=True)
    assert api("GET", f"{base}/members/ids").json == {"memberIds": [hanako.id, taro.id]}
    assert api("POST", f"{base}/leave").json == {}
    assert api("GET", f"{base}/members/count").status == 404


def test_a_group_has_a_summary(line: Simulator, api: Api) -> None:
    group = line.group("町内会", line.resident("花子"))
    line.invite_bot(group)

    assert api("GET", f"/v2/bot/group/{group}/summary").json == {"groupId": group, "groupName": "町内会"}


def test_content_is_202_while_prepared_then_200(line: Simulator, api: Api) -> None:
    event = line.resident("花子").file("video", b"film", "video/mp4", preparing=30)
    path = f"/v2/bot/message/{event['message']['id']}/content"

    assert (api("GET", path).status, api("GET", path).body) == (202, b"")
    assert api("GET", f"{path}/transcoding").json == {"status": "processing"}
    line.advance(31)
    ready = api("GET", path)
    assert (ready.status, ready.body, ready.headers["content-type"]) == (200, b"film", "video/mp4")
    assert api("GET", f"{path}/transcoding").json == {"status": "succeeded"}


def test_content_whose_preparation_failed_says_so(line: Simulator, api: Api) -> None:
    event = line.resident("花子").file("video", b"film", "video/mp4", failed=True)
    path = f"/v2/bot/message/{event['message']['id']}/content"

    assert api("GET", f"{path}/transcoding").json == {"status": "failed"}
    assert api("GET", path).status == 404


def test_content_is_410_after_unsend_and_404_when_unknown(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    message = hanako.file("image", b"picture", "image/png")["message"]["id"]
    hanako.unsend(message)

    gone, unknown = api("GET", f"/v2/bot/message/{message}/content"), api("GET", "/v2/bot/message/1/content")
    assert (gone.status, gone.json) == (410, {"message": "The content is gone"})
    assert (unknown.status, unknown.json) == (404, {"message": "not found"})
    assert hanako.messages()[0]["unsent"]


def test_an_image_has_a_preview_and_a_file_has_none(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    image = hanako.file("image", b"picture", "image/png")["message"]["id"]
    paper = hanako.file("file", b"paper", "application/pdf", name="申請書.pdf")["message"]["id"]

    assert api("GET", f"/v2/bot/message/{image}/content/preview").status == 200
    refused = api("GET", f"/v2/bot/message/{paper}/content/preview")
    assert (refused.status, refused.json) == (400, {"message": "The content can not be previewed"})
    assert api("GET", f"/v2/bot/message/{image}/content/transcoding").status == 400
    assert api("GET", f"/v2/bot/message/{paper}/content").body == b"paper"


def test_content_of_an_external_provider_is_not_lines_to_give(line: Simulator, api: Api) -> None:
    provider = {"type": "external", "originalContentUrl": "https://example.com/a.png"}
    event = line.resident("花子").send({"type": "image", "contentProvider": provider})

    assert api("GET", f"/v2/bot/message/{event['message']['id']}/content").status == 404


@pytest.mark.parametrize("seconds", [5, 60])
def test_loading_dots_show_until_the_next_message(line: Simulator, api: Api, seconds: int) -> None:
    hanako = line.resident("花子")
    started = api("POST", "/v2/bot/chat/loading/start", {"chatId": hanako.id, "loadingSeconds": seconds})
    until = line.call("GET", f"chats/main/{hanako.id}")["loading_until"]

    assert (started.status, started.json) == (202, {})
    assert until - line.now() == pytest.approx(seconds, abs=3)
    api.push(hanako.id, text("a"))
    assert line.call("GET", f"chats/main/{hanako.id}")["loading_until"] == 0


@pytest.mark.parametrize(("seconds", "problems"), [(4, 2), (7, 1), (65, 1), ("5", 2)])
def test_loading_lasts_5_to_60_seconds_in_fives(line: Simulator, api: Api, seconds: object, problems: int) -> None:
    answer = api("POST", "/v2/bot/chat/loading/start", {"chatId": line.resident("花子").id, "loadingSeconds": seconds})

    assert answer.status == 400
    assert answer.properties == ["loadingSeconds"] * problems


def test_loading_is_for_users_only(api: Api) -> None:
    answer = api("POST", "/v2/bot/chat/loading/start", {"chatId": "C" + "0" * 32})

    assert answer.status == 400
    assert answer.json["details"][0]["message"].startswith("Only user id is acceptable")


def test_mark_as_read_marks_the_message_and_those_before_it(line: Simulator, api: Api) -> None:
    line.configure(chat_mode="chat")
    hanako = line.resident("花子")
    hanako.say("一")
    token = hanako.say("二")["message"]["markAsReadToken"]
    hanako.say("三")

    assert api("POST", "/v2/bot/chat/markAsRead", {"markAsReadToken": token}).json == {}
    assert [one["read"] for one in hanako.messages()] == [True, True, False]
    wrong = api("POST", "/v2/bot/chat/markAsRead", {"markAsReadToken": "x"})
    assert (wrong.status, wrong.json["message"][:23]) == (400, "Invalid markAsReadToken")
    api("POST", "/v2/bot/message/markAsRead", {"chat": {"userId": hanako.id}})
    assert all(one["read"] for one in hanako.messages())


def test_without_chat_mode_messages_are_read_at_once(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    hanako.say("一")

    assert [one["read"] for one in hanako.messages()] == [True]
    assert api("GET", "/v2/bot/info").json["markAsReadMode"] == "auto"


def test_a_link_token_is_for_a_known_user(line: Simulator, api: Api) -> None:
    assert api("POST", f"/v2/bot/user/{line.resident('花子').id}/linkToken").json["linkToken"]
    assert api("POST", f"/v2/bot/user/U{'0' * 32}/linkToken").status == 400


def test_the_webhook_url_is_read_set_and_limited_to_500_characters(api: Api, bot: Bot) -> None:
    path = "/v2/bot/channel/webhook/endpoint"
    assert api("GET", path).json == {"endpoint": bot.url, "active": True}

    assert api("PUT", path, {"endpoint": "https://example.com/" + "a" * 480}).json == {}
    for wrong in ("https://example.com/" + "a" * 481, "http://example.com/"):
        refused = api("PUT", path, {"endpoint": wrong})
        assert (refused.status, refused.json) == (400, {"message": "Invalid webhook endpoint URL"})
    assert api("GET", path).json["endpoint"].endswith("a" * 480)


def test_the_webhook_test_sends_no_events_and_tells_how_it_went(line: Simulator, api: Api, bot: Bot) -> None:
    good = api("POST", "/v2/bot/channel/webhook/test", {})
    assert (good.json["success"], good.json["statusCode"], good.json["reason"]) == (True, 200, "OK")
    assert bot.wait()[0].events == []

    bot.status = 503
    bad = api("POST", "/v2/bot/channel/webhook/test", {}).json
    assert (bad["success"], bad["statusCode"], bad["reason"], bad["detail"]) == (False, 503, "ERROR_STATUS_CODE", "503")
    away = api("POST", "/v2/bot/channel/webhook/test", {"endpoint": "http://127.0.0.1:1/"}).json
    assert (away["success"], away["reason"]) == (False, "COULD_NOT_CONNECT")


def test_followers_are_counted_the_day_after(line: Simulator, api: Api) -> None:
    from bot.simulator.statistics import day

    line.resident("花子")
    line.resident("太郎").block()
    date = day(line.now())
    assert api("GET", f"/v2/bot/insight/followers?date={date}").json == {"status": "unready"}

    line.advance(DAY)
    found = api("GET", f"/v2/bot/insight/followers?date={date}").json
    assert found == {"status": "ready", "followers": 2, "targetedReaches": 1, "blocks": 1}


def test_coupons_are_made_listed_and_closed(api: Api) -> None:
    made = api("POST", "/v2/bot/coupon", {"title": "商品券"}).json["couponId"]

    assert api("GET", "/v2/bot/coupon").json["items"] == [{"couponId": made, "title": "商品券"}]
    assert api("PUT", f"/v2/bot/coupon/{made}/close").status == 200
    assert api("GET", f"/v2/bot/coupon/{made}").json["status"] == "CLOSED"
    assert api("PUT", f"/v2/bot/coupon/{made}/close").status == 410
    assert api("GET", "/v2/bot/coupon/x").json["details"] == [{"message": "coupon not found", "property": ""}]
    assert api("POST", "/v2/bot/coupon", {"title": "あ" * 61}).properties == ["title"]


def test_the_bot_is_called_as_the_command_was_told() -> None:
    with Simulator.start(secret=SECRET, options=("--name", "まどぐち町")) as line:
        _, _, body = line.http("GET", "/v2/bot/info", headers={"Authorization": "Bearer any"})
    assert json.loads(body)["displayName"] == "まどぐち町"
