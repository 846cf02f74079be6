"""LINE's own SDK against the stand-in: it parses every answer, every webhook, and raises what it raises at LINE."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from bot.simulator.client import Simulator
from bot.simulator.statistics import day
from tests.simulator.conftest import SECRET, TOKEN, Api, Bot
from tests.simulator.test_accounts import FORM
from tests.simulator.test_richmenus import menu, picture

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from linebot.v3 import messaging, oauth, webhook


@pytest.fixture
def client(line: Simulator) -> Iterator[Any]:
    """The SDK's client, pointed at the stand-in as its documentation says."""
    with messaging.ApiClient(messaging.Configuration(host=line.url, access_token=TOKEN)) as found:
        yield found


@pytest.fixture
def bot_api(client: Any) -> Any:
    """The SDK's Messaging API."""
    return messaging.MessagingApi(client)


def say(words: str = "はい") -> Any:
    return messaging.TextMessage(text=words)


def test_reply_push_multicast_and_broadcast(line: Simulator, bot_api: Any) -> None:
    hanako = line.resident("花子")
    token = hanako.say("a")["replyToken"]
    replied = bot_api.reply_message(messaging.ReplyMessageRequest(reply_token=token, messages=[say("一")]))
    pushed = bot_api.push_message(messaging.PushMessageRequest(to=hanako.id, messages=[say("二")]))
    bot_api.multicast(messaging.MulticastRequest(to=[hanako.id], messages=[say("三")]))
    bot_api.broadcast(messaging.BroadcastRequest(messages=[say("四")]))

    assert replied.sent_messages[0].quote_token
    assert pushed.sent_messages[0].id.isdecimal()
    assert [one["text"] for one in hanako.answers()] == ["一", "二", "三", "四"]


def test_a_retried_push_is_a_409_with_what_was_sent(line: Simulator, bot_api: Any) -> None:
    hanako, key = line.resident("花子"), "123e4567-e89b-12d3-a456-426614174000"
    request = messaging.PushMessageRequest(to=hanako.id, messages=[say()])
    first = bot_api.push_message_with_http_info(request, x_line_retry_key=key)
    with pytest.raises(messaging.ApiException) as refused:
        bot_api.push_message(request, x_line_retry_key=key)

    assert refused.value.status == 409
    assert refused.value.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert first.data.sent_messages[0].id in refused.value.body


def test_profiles_groups_and_quota(line: Simulator, bot_api: Any) -> None:
    hanako = line.resident("花子")
    group = line.group("町内会", hanako)
    line.invite_bot(group)
    line.configure(premium=True, quota_limit=500)

    assert bot_api.get_profile(hanako.id).display_name == "花子"
    assert bot_api.get_bot_info().chat_mode == "bot"
    assert bot_api.get_followers().user_ids == [hanako.id]
    assert bot_api.get_group_summary(group).group_name == "町内会"
    assert bot_api.get_group_member_count(group).count == 1
    assert bot_api.get_group_members_ids(group).member_ids == [hanako.id]
    assert bot_api.get_group_member_profile(group, hanako.id).user_id == hanako.id
    assert bot_api.get_message_quota().value == 500
    assert bot_api.get_message_quota_consumption().total_usage == 0
    assert bot_api.get_number_of_sent_push_messages(day(line.now())).status == "unready"


def test_content_and_its_preparation(line: Simulator, client: Any) -> None:
    blob = messaging.MessagingApiBlob(client)
    hanako = line.resident("花子")
    ready = hanako.file("image", b"picture", "image/png")["message"]["id"]
    coming = hanako.file("video", b"film", "video/mp4", preparing=60)["message"]["id"]

    assert bytes(blob.get_message_content(ready)) == b"picture"
    assert blob.get_message_content_with_http_info(coming).status_code == 202
    assert blob.get_message_content_transcoding_by_message_id(coming).status == "processing"


def test_rich_menus(line: Simulator, bot_api: Any, client: Any) -> None:
    hanako = line.resident("花子")
    made = bot_api.create_rich_menu(messaging.RichMenuRequest.from_dict(menu())).rich_menu_id
    blob = messaging.MessagingApiBlob(client)
    blob.set_rich_menu_image(made, body=bytearray(picture()), _headers={"Content-Type": "image/png"})
    bot_api.set_default_rich_menu(made)
    bot_api.link_rich_menu_id_to_user(hanako.id, made)
    bot_api.create_rich_menu_alias(messaging.CreateRichMenuAliasRequest(rich_menu_alias_id="a", rich_menu_id=made))

    assert bot_api.get_rich_menu(made).chat_bar_text == "メニュー"
    assert [one.rich_menu_id for one in bot_api.get_rich_menu_list().richmenus] == [made]
    assert bot_api.get_rich_menu_id_of_user(hanako.id).rich_menu_id == made
    assert bot_api.get_default_rich_menu_id().rich_menu_id == made
    assert bot_api.get_rich_menu_alias_list().aliases[0].rich_menu_id == made
    assert bytes(blob.get_rich_menu_image(made)) == picture()


def test_small_things(line: Simulator, bot_api: Any, bot: Bot) -> None:
    hanako = line.resident("花子")
    token = hanako.say("a")["message"]["markAsReadToken"]
    bot_api.show_loading_animation(messaging.ShowLoadingAnimationRequest(chat_id=hanako.id, loading_seconds=5))
    bot_api.mark_messages_as_read_by_token(messaging.MarkMessagesAsReadByTokenRequest(mark_as_read_token=token))

    assert bot_api.issue_link_token(hanako.id).link_token
    assert bot_api.get_webhook_endpoint().endpoint == bot.url
    assert bot_api.test_webhook_endpoint(messaging.TestWebhookEndpointRequest()).success


def test_a_refusal_is_parsed_with_its_details(line: Simulator, bot_api: Any) -> None:
    hanako = line.resident("花子")
    with pytest.raises(messaging.ApiException) as refused:
        bot_api.push_message(messaging.PushMessageRequest(to=hanako.id, messages=[say("")]))
    details = messaging.ErrorResponse.from_json(refused.value.body).details

    assert refused.value.status == 400
    assert [(one.message, one.var_property) for one in details] == [("May not be empty", "messages[0].text")]


def test_tokens(line: Simulator, api: Api) -> None:
    with oauth.ApiClient(oauth.Configuration(host=line.url)) as plain:
        tokens = oauth.ChannelAccessToken(plain)
        issued = tokens.issue_stateless_channel_token_by_client_secret("1660000000", SECRET)
        assert (issued.token_type, issued.expires_in) == ("Bearer", 900)
        short = tokens.issue_channel_token("client_credentials", "1660000000", SECRET)
        assert tokens.verify_channel_token(access_token=short.access_token).client_id == "1660000000"
    assert api("POST", "/v2/oauth/revoke", f"access_token={short.access_token}".encode(), FORM).status == 200


def test_the_parser_knows_every_webhook(line: Simulator, bot: Bot) -> None:
    from tests.simulator.test_webhooks import KINDS, acts

    hanako = line.resident("花子")
    all_acts = acts(hanako, line.group("町内会", hanako))
    for kind in sorted(KINDS, key="unfollow".__eq__):
        all_acts[kind][0]()
    parser = webhook.WebhookParser(SECRET)
    events = [
        event
        for got in bot.wait(len(KINDS))
        for event in parser.parse(got.body.decode(), got.headers["x-line-signature"])
    ]

    assert len(events) == len(KINDS)
    assert "UnknownEvent" not in {type(event).__name__ for event in events}
