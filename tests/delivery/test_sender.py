"""Whatever LINE or the network does, a resident gets each message once, or the row says why not."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.config import ChannelSettings
from bot.db import Database
from bot.simulator.client import Person, Simulator
from tests.delivery.postoffice import SECRET, TOKEN, PostOffice
from tests.product import free_port

WORDS = "納期限のお知らせ"


def texts(person: Person) -> list[str]:
    return [message["text"] for message in person.answers()]


def requests(line: Simulator, endpoint: str) -> list[dict[str, Any]]:
    return [exchange for exchange in line.traffic(kind="api") if exchange["url"].endswith(f"/message/{endpoint}")]


def retry_key(exchange: dict[str, Any]) -> str | None:
    headers = {name.lower(): value for name, value in exchange["request"]["headers"]}
    return headers.get("x-line-retry-key")


def token_of(person: Person) -> str:
    """Let somebody write; return the reply token of that."""
    token: str = person.say("こんにちは")["replyToken"]
    return token


def test_a_push_is_sent_once_under_its_retry_key(office: PostOffice, line: Simulator, hanako: Person) -> None:
    row = office.finished(office.push(hanako, WORDS))
    assert (row.status, row.attempts, row.doubled) == ("sent", 1, False)
    assert texts(hanako) == [WORDS]
    [exchange] = requests(line, "push")
    assert retry_key(exchange) == row.retry_key
    assert row.line_request_id


@pytest.mark.parametrize(
    "fault",
    [
        "500",
        "502",
        "503",
        "504",
        "html-502",
        "redirect",
        "drop-before",
        "reset",
        "500-after",
        "drop-after",
        "reset-after",
    ],
)
def test_a_push_without_a_verdict_is_repeated_with_the_same_key_and_body(
    office: PostOffice, line: Simulator, hanako: Person, fault: str
) -> None:
    line.fault(fault, "push")
    row = office.finished(office.push(hanako, WORDS))
    assert (row.status, row.doubled) == ("sent", False)
    assert row.attempts >= 2
    assert texts(hanako) == [WORDS]
    exchanges = requests(line, "push")
    assert len({retry_key(exchange) for exchange in exchanges}) == 1
    assert len({exchange["request"]["body"] for exchange in exchanges}) == 1


@pytest.mark.parametrize("fault", ["empty-200", "broken-200", "html-200"])
def test_a_200_is_acceptance_whatever_comes_with_it(
    office: PostOffice, line: Simulator, hanako: Person, fault: str
) -> None:
    line.fault(fault, "push")
    row = office.finished(office.push(hanako, WORDS))
    assert (row.status, row.attempts) == ("sent", 1)
    assert texts(hanako) == [WORDS]


@pytest.mark.parametrize("fault", ["400", "403", "404", "410", "413", "415"])
@pytest.mark.parametrize("kind", ["push", "reply"])
def test_what_line_refuses_is_failed_and_not_repeated(
    office: PostOffice, line: Simulator, hanako: Person, fault: str, kind: str
) -> None:
    token = token_of(hanako)
    line.fault(fault, kind)
    row = office.finished(office.push(hanako, WORDS) if kind == "push" else office.reply(hanako, WORDS, token))
    assert (row.status, row.attempts, row.last_result) == ("failed", 1, f"refused {fault}")
    assert texts(hanako) == []


@pytest.mark.parametrize("fault", ["429-rate", "429-concurrency", "429-user"])
def test_a_rate_limit_means_later_and_nothing_is_lost(
    office: PostOffice, line: Simulator, hanako: Person, fault: str
) -> None:
    line.fault(fault, "push", times=3)
    row = office.finished(office.push(hanako, WORDS))
    assert (row.status, row.attempts) == ("sent", 4)
    assert texts(hanako) == [WORDS]


def test_at_the_monthly_limit_a_push_is_held_until_there_is_quota_again(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.configure(quota_limit=0)
    id_ = office.push(hanako, WORDS)
    assert office.recorded(id_).status == "held"
    assert texts(hanako) == []
    line.configure(quota_limit=None)
    assert office.finished(id_).status == "sent"
    assert texts(hanako) == [WORDS]


def test_a_push_nobody_ever_judged_ends_as_unknown_before_its_key_is_forgotten(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.fault("500", "push", times=None)
    id_ = office.push(hanako, WORDS)
    office.recorded(id_)
    office.later(dt.timedelta(hours=23, minutes=45))
    row = office.finished(id_)
    assert row.status == "unknown"
    line.clear_faults()
    office.later(dt.timedelta(hours=2))
    assert texts(hanako) == []


def test_while_line_is_out_of_reach_a_push_waits_without_a_doubt(database: Database, hanako: Person) -> None:
    away = PostOffice(database, Simulator(f"http://127.0.0.1:{free_port()}"))
    row = away.recorded(away.push(hanako, WORDS))
    away.close()
    assert (row.status, row.uncertain) == ("waiting", False)
    assert row.last_result.startswith("not_reached connect:")


def test_a_reply_uses_its_token_and_no_retry_key(office: PostOffice, line: Simulator, hanako: Person) -> None:
    token = token_of(hanako)
    row = office.finished(office.reply(hanako, WORDS, token))
    assert (row.status, row.kind) == ("sent", "reply")
    [exchange] = requests(line, "reply")
    assert retry_key(exchange) is None
    assert json.loads(exchange["request"]["body"])["replyToken"] == token
    assert texts(hanako) == [WORDS]


@pytest.mark.parametrize("fault", ["500", "html-502", "drop-before", "reset", "429-rate"])
def test_a_reply_line_did_not_take_is_tried_once_more_with_its_token(
    office: PostOffice, line: Simulator, hanako: Person, fault: str
) -> None:
    line.fault(fault, "reply")
    row = office.finished(office.reply(hanako, WORDS, token_of(hanako)))
    assert (row.status, row.kind, row.attempts, row.doubled) == ("sent", "reply", 2, False)
    assert texts(hanako) == [WORDS]


@pytest.mark.parametrize("fault", ["500-after", "drop-after", "reset-after"])
def test_a_reply_line_took_without_telling_us_is_presumed_sent_and_not_repeated(
    office: PostOffice, line: Simulator, hanako: Person, fault: str
) -> None:
    line.fault(fault, "reply")
    row = office.finished(office.reply(hanako, WORDS, token_of(hanako)))
    assert (row.status, row.doubled) == ("presumed", False)
    assert texts(hanako) == [WORDS]
    assert requests(line, "push") == []


def test_after_two_replies_without_a_verdict_a_push_is_made_and_marked(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.fault("drop-before", "reply", times=2)
    row = office.finished(office.reply(hanako, WORDS, token_of(hanako)))
    assert (row.status, row.kind, row.doubled) == ("sent", "push", True)
    assert texts(hanako) == [WORDS]


def test_a_clean_expired_means_a_push_and_no_mark(office: PostOffice, line: Simulator, hanako: Person) -> None:
    token = token_of(hanako)
    line.advance(61)
    row = office.finished(office.reply(hanako, WORDS, token, age=61))
    assert (row.status, row.kind, row.doubled) == ("sent", "push", False)
    assert texts(hanako) == [WORDS]


def test_a_reply_that_is_ready_after_65_seconds_is_tried_at_once_and_costs_nothing_where_line_still_takes_it(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    """LINE promises a token no more than a minute, and often keeps it longer; a push would cost quota."""
    row = office.finished(office.reply(hanako, WORDS, token_of(hanako), age=65))
    assert (row.status, row.kind, row.attempts) == ("sent", "reply", 1)
    assert requests(line, "push") == []


def test_an_old_token_refused_after_a_try_without_verdict_means_a_marked_push(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    token = token_of(hanako)
    line.fault("drop-after", "reply")
    row = office.finished(office.reply(hanako, WORDS, token, age=52))
    assert (row.status, row.kind, row.doubled) == ("sent", "push", True)
    assert texts(hanako) == [WORDS, WORDS], "it came twice, and the row says that it may have"


def test_a_reply_recovered_from_a_dead_sender_is_presumed_sent_when_its_token_is_used(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    token = token_of(hanako)
    letter = office.letter(hanako, WORDS, reply_token=token, token_at=office.now())
    [lost] = office.post(hanako, letter)
    office.client.reply("main", json.dumps({"replyToken": token, "messages": letter.messages}).encode())
    office.later(dt.timedelta(seconds=25))
    assert office.finished(lost.id).status == "presumed"
    assert texts(hanako) == [WORDS]


def test_a_push_recovered_from_a_dead_sender_arrives_once(office: PostOffice, hanako: Person) -> None:
    letter = office.letter(hanako, WORDS)
    [lost] = office.post(hanako, letter)
    body = json.dumps({"to": hanako.id, "messages": letter.messages}).encode()
    office.client.push("main", body, lost.retry_key)
    office.later(dt.timedelta(seconds=25))
    assert office.finished(lost.id).status == "sent"
    assert texts(hanako) == [WORDS]


def test_a_sender_whose_lease_ran_out_sends_nothing(office: PostOffice, hanako: Person) -> None:
    [late] = office.post(hanako, office.letter(hanako, WORDS))
    office.now.offset += dt.timedelta(minutes=1)
    office.sender.hand_over([late])
    office.sender.close()
    assert texts(hanako) == []


def test_messages_to_one_resident_leave_in_sequence_even_when_the_first_must_wait(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.fault("500", "push", times=2)
    dispatches = office.post(hanako, *(office.letter(hanako, str(number)) for number in range(5)))
    office.sender.hand_over(dispatches)
    for dispatch in dispatches:
        row = office.finished(dispatch.id)
        assert (row.status, row.doubled) == ("sent", False)
    assert texts(hanako) == ["0", "1", "2", "3", "4"]


def test_a_message_held_back_for_the_quota_does_not_hold_up_replies(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.configure(quota_limit=0)
    held = office.letter(hanako, "reminder")
    answer = office.letter(hanako, "answer", reply_token=token_of(hanako), token_at=office.now())
    dispatches = office.post(hanako, held, answer)
    office.sender.hand_over(dispatches)
    assert office.recorded(dispatches[1].id).status == "sent"
    assert texts(hanako) == ["answer"]


def test_a_slow_message_to_one_resident_holds_up_no_other(office: PostOffice, line: Simulator, hanako: Person) -> None:
    line.fault("hang", "push", seconds=7)
    slow = office.push(hanako, WORDS)
    line.until(lambda: line.call("GET", "faults")["faults"] == [], "the fault to strike")
    quick = office.push(line.resident("太郎"), WORDS)
    assert office.finished(quick).status == "sent"
    assert office.row(slow).finished_at is None


def test_a_push_to_somebody_who_blocked_us_is_sent_as_far_as_line_tells(office: PostOffice, hanako: Person) -> None:
    hanako.block()
    assert office.finished(office.push(hanako, WORDS)).status == "sent"
    assert texts(hanako) == []


def test_a_refused_access_token_holds_the_message_instead_of_losing_it(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.fault("401", "push")
    id_ = office.push(hanako, WORDS)
    row = office.recorded(id_)
    assert (row.status, row.last_result) == ("held", "unauthorised 401")
    assert office.finished(id_).status == "sent"


@pytest.fixture
def stateless(database: Database, line: Simulator) -> Iterator[PostOffice]:
    """A sender that fetches 15-minute tokens."""
    office = PostOffice(database, line, ChannelSettings("main", (SECRET,), None, "1234567890"))
    yield office
    office.close()


def test_without_a_long_lived_token_one_is_fetched_and_kept(stateless: PostOffice, line: Simulator) -> None:
    people = [line.resident(f"住民{number}") for number in range(10)]
    ids = [stateless.push(person, WORDS) for person in people]
    assert {stateless.finished(id_).status for id_ in ids} == {"sent"}
    assert len(line.traffic(text="oauth2/v3/token", kind="api")) == 1


def test_a_401_is_answered_by_one_fresh_token_and_one_more_try(
    stateless: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.fault("401", "push")
    row = stateless.finished(stateless.push(hanako, WORDS))
    assert (row.status, row.attempts) == ("sent", 1)
    assert len(line.traffic(text="oauth2/v3/token", kind="api")) == 2
    assert texts(hanako) == [WORDS]


def test_no_token_to_be_had_means_later(stateless: PostOffice, line: Simulator, hanako: Person) -> None:
    line.fault("500", "*")
    row = stateless.finished(stateless.push(hanako, WORDS))
    assert (row.status, row.doubled) == ("sent", False)
    assert texts(hanako) == [WORDS]


def test_a_secret_line_does_not_take_holds_the_message_for_staff_instead_of_trying_for_a_day(
    database: Database, line: Simulator, hanako: Person
) -> None:
    office = PostOffice(database, line, ChannelSettings("main", ("n" * 32,), None, "1234567890"))
    row = office.recorded(office.push(hanako, WORDS))
    office.close()
    assert (row.status, row.last_result) == ("held", "unauthorised 401")
    assert texts(hanako) == []


def test_the_tokens_are_in_no_row(office: PostOffice, hanako: Person) -> None:
    token = token_of(hanako)
    office.finished(office.reply(hanako, WORDS, token))
    stored = str(office.rows())
    assert TOKEN not in stored
    assert token not in stored
