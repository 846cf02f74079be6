"""Every request leaves a line of numbers behind, and no row is sent again once LINE may have forgotten its retry key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import delete, select

from bot.delivery import inspection
from bot.delivery.outbox import LEASE, Priority
from bot.models import Attempt, Delivery
from bot.simulator.client import Person, Simulator
from tests.delivery.postoffice import PostOffice

WORDS = "納期限のお知らせ"
HOUR = dt.timedelta(hours=1)


def attempts(office: PostOffice, id_: int) -> Sequence[Any]:
    with office.database.read() as connection:
        found = select(Attempt).where(Attempt.delivery_id == id_).order_by(Attempt.number)
        return connection.execute(found).all()


def test_each_request_is_logged_with_verdict_status_and_lines_request_id(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.fault("500", "push")
    line.fault("drop-before", "push")
    row = office.finished(office.push(hanako, WORDS))
    logged = attempts(office, row.id)
    assert [(one.number, one.verdict, one.http_status) for one in logged] == [
        (1, "no_verdict", 500),
        (2, "no_verdict", None),
        (3, "accepted", 200),
    ]
    assert [one.line_request_id is not None for one in logged] == [True, False, True]
    assert logged[-1].line_request_id == row.line_request_id
    assert row.attempts == len(logged)


def test_what_line_takes_at_once_shows_its_only_request_though_none_is_logged(
    office: PostOffice, hanako: Person
) -> None:
    row = office.finished(office.push(hanako, WORDS))
    assert attempts(office, row.id) == []
    with office.database.read() as connection:
        _, [only] = inspection.one(connection, row.id)
    assert (only.number, only.verdict, only.http_status, only.at) == (1, "accepted", 200, row.finished_at)
    assert only.line_request_id == row.line_request_id is not None


def test_a_reply_that_became_a_push_shows_both(office: PostOffice, line: Simulator, hanako: Person) -> None:
    token = hanako.say("こんにちは")["replyToken"]
    line.advance(61)
    row = office.finished(office.reply(hanako, WORDS, token, age=61))
    assert [one.verdict for one in attempts(office, row.id)] == ["token_dead", "accepted"]


def test_the_log_goes_with_its_delivery(office: PostOffice, hanako: Person) -> None:
    row = office.finished(office.push(hanako, WORDS))
    with office.database.write() as connection:
        connection.execute(delete(Delivery).where(Delivery.id == row.id))
    assert attempts(office, row.id) == []


def test_what_failed_keeps_its_content_for_staff_and_what_was_sent_does_not(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    sent = office.finished(office.push(hanako, WORDS))
    line.fault("400", "push")
    failed = office.finished(office.push(hanako, WORDS))
    assert sent.payload is None
    assert failed.payload is not None


def test_an_uncertain_row_older_than_lines_memory_is_not_sent_again(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    [lost] = office.post(hanako, office.letter(hanako, WORDS))
    office.later(24 * HOUR)
    row = office.recorded(lost.id)
    assert (row.status, row.last_result) == ("unknown", "no verdict within a day")
    assert line.sends() == []


def test_a_row_due_long_after_it_was_written_has_its_whole_day_of_tries(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    letter = office.letter(hanako, WORDS)
    with office.database.write() as connection:
        office.outbox.put(connection, [letter], office.now(), office.now() + 48 * HOUR)
    line.fault("500", "push", times=2)
    office.later(49 * HOUR)
    assert office.finished(office.rows()[0].id).status == "sent"


def test_a_row_line_refused_for_the_quota_has_its_whole_day_when_it_goes_on(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.fault("429-monthly", "push")
    id_ = office.push(hanako, WORDS)
    assert office.recorded(id_).status == "held"
    line.fault("500", "push")
    office.later(48 * HOUR)
    assert office.finished(id_).status == "sent"


def test_a_crash_at_the_first_try_starts_the_day_of_the_retry_key(office: PostOffice, hanako: Person) -> None:
    letter = office.letter(hanako, WORDS)
    with office.database.write() as connection:
        office.outbox.put(connection, [letter], office.now())
    began = office.now()
    [taken] = office.take(owner="it dies")
    assert taken.tried_at is None
    office.now.offset += LEASE + HOUR
    [again] = office.take(owner="its successor")
    assert again.uncertain
    assert again.tried_at is not None
    assert abs(again.tried_at - began) < dt.timedelta(minutes=1)


def test_an_answer_that_does_not_name_the_limit_is_settled_by_asking_for_the_quota(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.fault("429-rate", "push", message="Too Many Requests")
    line.configure(quota_limit=0)
    assert office.recorded(office.push(hanako, WORDS)).status == "held"
    line.configure(quota_limit=1000)
    office.now.offset += dt.timedelta(seconds=30)
    line.fault("429-rate", "push", message="Too Many Requests")
    later = office.finished(office.push(line.resident("太郎"), WORDS))
    assert [one.verdict for one in attempts(office, later.id)] == ["rate_limited", "accepted"]


@pytest.mark.parametrize("priority", [Priority.REMINDER, Priority.BROADCAST])
def test_a_message_too_old_is_laid_aside_for_staff(
    office: PostOffice, line: Simulator, hanako: Person, priority: Priority
) -> None:
    letter = office.letter(hanako, WORDS, priority=priority, stale_at=office.now() + HOUR)
    with office.database.write() as connection:
        office.outbox.put(connection, [letter], office.now())
    office.now.offset += 2 * HOUR
    assert office.take() == []
    row = office.rows()[0]
    assert (row.status, row.payload is not None) == ("stale", True)
    assert line.sends() == []


def test_a_stale_message_holds_up_no_later_one(office: PostOffice, hanako: Person) -> None:
    old, new = office.letter(hanako, "old", stale_at=office.now() + HOUR), office.letter(hanako, "new")
    with office.database.write() as connection:
        office.outbox.put(connection, [old, new], office.now())
    office.now.offset += 2 * HOUR
    assert [b"new" in dispatch.messages for dispatch in office.take()] == [True]


def test_a_refusal_names_the_property_to_mend_and_quotes_nothing(office: PostOffice, hanako: Person) -> None:
    letter = office.letter(hanako, WORDS)
    letter.messages[0]["quoteToken"] = "a token LINE never gave"
    row = office.finished(office.send(hanako, letter))
    assert (row.status, row.attempts) == ("failed", 1)
    assert row.last_result == "refused 400 messages[0].quoteToken"


def test_after_an_outage_of_line_what_waited_leaves_in_order(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.fault("503", "*", times=None)
    ids = [office.push(hanako, str(number)) for number in range(4)]
    for _ in range(5):
        office.later(dt.timedelta(minutes=2))
        assert not any(office.recorded(id_).finished_at for id_ in ids)
    line.clear_faults()
    assert [office.finished(id_).status for id_ in ids] == ["sent"] * 4
    assert [message["text"] for message in hanako.answers()] == ["0", "1", "2", "3"]
