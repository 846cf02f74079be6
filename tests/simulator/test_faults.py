"""Faults on demand: each kind as the bot's HTTP client sees it, for so many calls, at a rate, for one endpoint."""

from __future__ import annotations

import http.client
import json
import random
import select
import socket

import pytest

from bot.simulator.client import ControlError, Simulator
from bot.simulator.faults import ERRORS, KINDS, Faults
from tests.simulator.conftest import TOKEN, Api, text

GONE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, http.client.BadStatusLine)


@pytest.mark.parametrize("kind", sorted(ERRORS))
def test_an_error_is_answered_once_and_nothing_is_sent(line: Simulator, api: Api, kind: str) -> None:
    hanako = line.resident("花子")
    line.fault(kind, "push")
    answer = api.push(hanako.id, text("a"))

    assert (answer.status, answer.json["message"]) == ERRORS[kind]
    assert ("x-line-accepted-request-id" in answer.headers) is (kind == "409")
    assert hanako.answers() == []
    assert api.push(hanako.id, text("b")).status == 200


@pytest.mark.parametrize(("kind", "sent"), [("drop-before", 0), ("drop-after", 1), ("reset", 0), ("reset-after", 1)])
def test_the_connection_breaks_before_or_after_the_send_was_accepted(
    line: Simulator, api: Api, kind: str, sent: int
) -> None:
    hanako = line.resident("花子")
    line.fault(kind, "push")
    with pytest.raises(GONE):
        api.push(hanako.id, text("a"))

    assert len(hanako.answers()) == sent
    assert len(line.sends()) == sent


@pytest.mark.parametrize(("kind", "sent"), [("hang", 0), ("hang-after", 1)])
def test_a_hanging_call_ends_without_answer(line: Simulator, api: Api, kind: str, sent: int) -> None:
    hanako = line.resident("花子")
    line.fault(kind, "push", seconds=0.2)
    with pytest.raises(GONE):
        api.push(hanako.id, text("a"))

    assert len(hanako.answers()) == sent


def request(line: Simulator, to: str) -> socket.socket:
    """Send a push by hand and return the open connection."""
    body = json.dumps({"to": to, "messages": [text("a")]}).encode()
    head = f"POST /v2/bot/message/push HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    connection = socket.create_connection(line.address)
    connection.sendall(head.encode() + body)
    return connection


def test_a_hanging_call_does_not_hold_up_the_others(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    line.fault("hang", "push", seconds=60)
    with request(line, hanako.id) as stuck:
        line.until(lambda: not line.call("GET", "faults")["faults"], "the fault to hit")

        assert api.push(hanako.id, text("b")).status == 200
        assert select.select([stuck], [], [], 0)[0] == []


def test_a_slow_answer_arrives_byte_by_byte(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    line.fault("slow", "push", seconds=2)
    pieces: list[bytes] = []
    with request(line, hanako.id) as slow:
        while not b"".join(pieces).endswith(b"}]}"):
            pieces.append(slow.recv(65_536))

    assert len(pieces) > 5
    assert pieces[0].startswith(b"HTTP/1.1 200 OK")
    assert len(hanako.answers()) == 1


@pytest.mark.parametrize(("kind", "body"), [("empty-200", b""), ("html-200", b"<html>"), ("broken-200", b'{"sent')])
def test_a_200_that_cannot_be_read_was_a_send_all_the_same(line: Simulator, api: Api, kind: str, body: bytes) -> None:
    hanako = line.resident("花子")
    line.fault(kind, "push")
    answer = api.push(hanako.id, text("a"))

    assert answer.status == 200
    assert answer.body.startswith(body)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)
    assert len(hanako.answers()) == 1


def test_a_500_after_the_send_is_told_apart_by_its_retry_key(line: Simulator, api: Api) -> None:
    hanako, key = line.resident("花子"), "123e4567-e89b-12d3-a456-426614174000"
    line.fault("500-after", "push")

    assert api.push(hanako.id, text("a"), key=key).status == 500
    assert api.push(hanako.id, text("a"), key=key).status == 409
    assert len(hanako.answers()) == 1


def test_a_proxys_page_and_a_redirect(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    line.fault("html-502", "push")
    page = api.push(hanako.id, text("a"))
    line.fault("redirect", "push")
    moved = api.push(hanako.id, text("a"))

    assert (page.status, page.headers["content-type"]) == (502, "text/html")
    assert moved.status == 302
    assert moved.headers["location"].endswith("/_sim/elsewhere")
    assert hanako.answers() == []


def test_a_fault_lasts_for_its_number_of_calls_on_its_endpoint(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    line.fault("500", "push", times=2)

    assert api("GET", "/v2/bot/info").status == 200
    assert [api.push(hanako.id, text("a")).status for _ in range(3)] == [500, 500, 200]


def test_a_fault_without_number_lasts_until_it_is_cleared(line: Simulator, api: Api) -> None:
    line.fault("503", times=None)
    assert [api("GET", "/v2/bot/info").status for _ in range(3)] == [503] * 3

    line.clear_faults()
    assert api("GET", "/v2/bot/info").status == 200


def test_a_fault_of_one_channel_leaves_the_others_alone(line: Simulator, api: Api) -> None:
    line.call("POST", "channels", {"name": "other", "secret": "s", "token": "other-token"})
    line.fault("500", "info", channel="other", times=None)

    assert api("GET", "/v2/bot/info").status == 200
    assert Api(line, "other-token")("GET", "/v2/bot/info").status == 500


def test_a_rate_hits_that_share_of_calls() -> None:
    faults = Faults(random.Random(7))
    faults.add("500", "push", times=None, rate=0.25)
    hits = sum(faults.take("push", "main") is not None for _ in range(4000))

    assert 850 < hits < 1150


@pytest.mark.parametrize("given", [{"kind": "earthquake"}, {"kind": "500", "rate": 2}])
def test_a_fault_that_cannot_be_is_refused(line: Simulator, given: dict[str, object]) -> None:
    with pytest.raises(ControlError, match=r"choose|chance"):
        line.call("POST", "faults", given)


def test_the_log_shows_which_fault_hit(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    line.fault("drop-after", "push")
    with pytest.raises(GONE):
        api.push(hanako.id, text("a"))

    exchange = line.traffic("drop-after", kind="api")[-1]
    assert (exchange["fault"], exchange["status"]) == ("drop-after", 0)
    assert line.sends()[-1]["fault"] == "drop-after"


def test_every_kind_is_listed(line: Simulator) -> None:
    assert set(line.call("GET", "faults")["kinds"]) == KINDS
    assert {"push", "reply", "profile", "content"} <= set(line.call("GET", "endpoints")["endpoints"])
