"""Whatever comes in is answered with a clear status, never with a 500, and keeps nobody else waiting."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from bot.line.webhook import MAX_BODY_BYTES
from tests.webhook.conftest import Office
from tests.webhook.signed import PATH, SECONDS, event, signature, text

SOMEBODY = "U" + "7" * 32


@pytest.fixture
def nothing_stored(office: Office) -> Iterator[None]:
    before = office.counts()
    yield
    assert office.counts() == before


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b'{"events":',
        b"[]",
        b'"events"',
        b"null",
        b"12",
        b"{}{}",
        b"\xef\xbb\xbf{}",
        b'{"events": {"0": {}}}',
        b'{"events": "all"}',
        b'{"events": [{"type": "message", "webhookEventId": "\xff\xfe"}]}',
        b"[" * 5_000 + b"]" * 5_000,
        b'{"events":[' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"]}",
        b'{"events":[{"type":"message","source":{"userId":"U1"},"a":' + b"[" * 600 + b"]" * 600 + b"}]}",
        b'{"events":[{"timestamp":1e999}]}',
    ],
    ids=[
        *("empty", "no json", "cut off", "list", "string", "null", "number", "two", "byte order mark", "events object"),
        *("events string", "invalid UTF-8", "deep lists", "deep objects", "rather deep", "infinite"),
    ],
)
def test_a_signed_body_that_is_no_webhook_is_a_bad_request(office: Office, body: bytes) -> None:
    assert office.main.post(body) == 400


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "events",
    [
        [],
        [None, "message", 3, [], True],
        [{}],
        [{"type": None}],
        [{"type": "message"}],
        [event(None, message={"type": "text", "text": "自動車税"})],
        [text("", "自動車税")],
        [text(SOMEBODY, "自動車税") | {"source": None}],
        [text(SOMEBODY, "自動車税") | {"source": "user"}],
        [text(SOMEBODY, "自動車税") | {"source": {"type": "user", "userId": {"id": SOMEBODY}}}],
        [text("U" + "7" * 500, "自動車税")],
        [text("U\u00007", "自動車税")],
        [text(SOMEBODY, "自動車税", source={"type": "group", "groupId": "C1", "userId": SOMEBODY})],
        [text(SOMEBODY, "自動車税", source={"type": "room", "roomId": "R1", "userId": SOMEBODY})],
        [text(SOMEBODY, "自動車税", mode="standby")],
        [event(SOMEBODY, "accountLink", link={"result": "failed", "nonce": "x"}) | {"source": None}],
    ],
    ids=[
        *("none", "no objects", "empty object", "null type", "no source", "null user", "empty user", "null source"),
        *("source string", "user object", "endless user", "user with NUL", "group", "room", "standby", "failed link"),
    ],
)
def test_events_that_concern_no_resident_are_acknowledged_and_leave_no_trace(office: Office, events: list[Any]) -> None:
    assert office.main.deliver(*events) == 200


@pytest.mark.parametrize(
    "strange",
    [
        {"timestamp": "1764000000000"},
        {"timestamp": None},
        {"timestamp": -5},
        {"timestamp": 10**14 * 9},
        {"timestamp": 1.5e12},
        {"webhookEventId": None},
        {"webhookEventId": 5},
        {"webhookEventId": "x" * 5_000},
        {"webhookEventId": "01\u0000\U0001f697"},
        {"replyToken": {"token": 1}},
        {"replyToken": 'a"\\,"messages":[]'},
        {"message": None},
        {"message": {"type": "text", "text": None}},
        {"message": {"type": "text", "text": "\u0000\u202e"}},
        {"message": {"type": "text", "text": "税" * 100_000}},
        {"message": {"type": ["text"]}},
        {"message": {"type": "hologram", "id": "1"}},
        {"type": "postback", "postback": None},
        {"type": "postback", "postback": {"data": {"a": 1}, "params": ["2026-05-31"]}},
        {"type": "postback", "postback": {"data": "x" * 5_000, "params": {"date": 20260531}}},
        {"type": "follow", "follow": "again"},
        {"type": "unheardOf", "unheardOf": {"a": [1]}},
        {"deliveryContext": "again"},
        {"mode": "dreaming"},
    ],
    ids=repr,
)
def test_a_strange_event_is_taken_in_and_the_resident_can_go_on(office: Office, strange: dict[str, Any]) -> None:
    person = office.resident()
    one = text(person.id, "自動車税") | strange
    assert office.main.deliver(one) == 200
    assert office.failed_of(person) == []
    assert office.line.delivered(person.say("メニュー")) == 200
    assert person.wait_for("ご用件をお選びください")


def test_half_a_character_does_not_keep_the_other_events_out(office: Office) -> None:
    halved, whole = office.resident("花子"), office.resident("太郎")
    body = office.main.pack(text(halved.id, "HALF"), text(whole.id, "自動車税"))
    assert office.main.post(body.replace(b"HALF", rb"\ud83d")) == 200
    assert halved.wait_for()
    assert whole.wait_for("どの税のお知らせですか")


@pytest.mark.usefixtures("nothing_stored")
def test_the_verify_button_is_answered_and_nothing_runs(office: Office) -> None:
    assert office.main.deliver() == 200


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("token", ["0" * 32, "f" * 32])
def test_the_old_verify_call_is_acknowledged_without_an_answer(office: Office, token: str) -> None:
    user = {"type": "user", "userId": "Udeadbeefdeadbeefdeadbeefdeadbeef"}
    old = {
        "events": [
            {
                "replyToken": token,
                "type": "message",
                "timestamp": 1513669370317,
                "source": user,
                "message": {"id": "100001", "type": "text", "text": "Hello, world"},
            }
        ]
    }
    assert office.main.post(json.dumps(old).encode()) == 200


@pytest.mark.usefixtures("nothing_stored")
def test_a_body_of_five_megabytes_is_refused_before_it_is_read(office: Office) -> None:
    assert office.main.post(b" " * 5_000_000) == 413


@pytest.mark.usefixtures("nothing_stored")
def test_an_endless_body_without_a_length_is_refused(office: Office) -> None:
    chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", office.product.port), timeout=SECONDS) as connection:
        connection.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(MAX_BODY_BYTES // 0x4000 + 2):
            connection.sendall(chunk)
        assert _status(connection) == 413


@pytest.mark.usefixtures("nothing_stored")
def test_a_webhook_of_the_largest_size_is_still_read(office: Office) -> None:
    body = office.main.pack()
    assert office.main.post(body + b" " * (MAX_BODY_BYTES - len(body))) == 200
    assert office.main.post(body + b" " * (MAX_BODY_BYTES - len(body) + 1)) == 413


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(office: Office, method: str) -> None:
    assert office.product.request(method, PATH)[0] == 405


@pytest.mark.parametrize("path", ["/", "/line", "/line/webhook/", "/line/webhook/../x", "/%00", "/simulator/"])
def test_other_paths_are_not_found(office: Office, path: str) -> None:
    assert office.product.request("POST", path, b"{}")[0] == 404


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=x",
        "",
    ],
)
def test_the_signature_counts_and_not_the_content_type(office: Office, content_type: str) -> None:
    person = office.resident()
    assert office.main.post(office.main.pack(text(person.id, "自動車税")), content_type) == 200
    assert person.wait_for("どの税のお知らせですか")


@pytest.mark.usefixtures("nothing_stored")
def test_a_body_that_breaks_off_is_refused(office: Office) -> None:
    body = office.main.pack(text(SOMEBODY, "自動車税"))
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    head += f"X-Line-Signature: {signature(office.main.secret, body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", office.product.port), timeout=SECONDS) as connection:
        connection.sendall(head.encode() + body[:-10])
        connection.shutdown(socket.SHUT_WR)
        assert _status(connection) == 401


def test_slow_clients_keep_nobody_waiting(office: Office) -> None:
    slow = [socket.create_connection(("127.0.0.1", office.product.port), timeout=SECONDS) for _ in range(50)]
    try:
        for connection in slow:
            connection.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{{".encode())
        person = office.resident()
        event_of_others = person.say("自動車税")
        assert office.line.delivered(event_of_others) == 200
        assert person.wait_for("どの税のお知らせですか")
    finally:
        for connection in slow:
            connection.close()


def _status(connection: socket.socket) -> int:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status
