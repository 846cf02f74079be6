"""Every message is a row first: taken by one sender at a time, in each resident's order, closed once and for all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import update

from bot.delivery.outbox import LEASE, Outbox, Priority, Result, backlog
from bot.delivery.outcome import OPEN, TRANSITIONS, Status
from bot.models import Delivery
from bot.simulator.client import Person, Simulator
from tests.delivery.postoffice import PostOffice

SECOND = dt.timedelta(seconds=1)


def put(office: PostOffice, person: Person, text: str, due_in: dt.timedelta = dt.timedelta(), **more: Any) -> int:
    letter = office.letter(person, text, **more)
    with office.database.write() as connection:
        return office.outbox.put(connection, [letter], office.now(), office.now() + due_in)


def result(id_: int, status: Status, office: PostOffice, again_in: dt.timedelta | None = None) -> Result:
    again_at = None if again_in is None else office.now() + again_in
    return Result(id_, status, 1, False, True, "push", "no_verdict 500", "request-1", office.now(), again_at)


def record(office: PostOffice, *results: Result) -> None:
    with office.database.write() as connection:
        office.outbox.record(connection, results)


def test_a_row_taken_by_one_sender_is_left_alone_by_the_others(office: PostOffice, hanako: Person) -> None:
    put(office, hanako, "one")
    assert [dispatch.line_user_id for dispatch in office.take(owner="first")] == [hanako.id]
    assert office.take(owner="second") == []


def test_a_row_written_by_a_turn_belongs_to_its_process(office: PostOffice, hanako: Person) -> None:
    office.post(hanako, office.letter(hanako, "one"))
    assert office.take(owner="another") == []


def test_a_row_whose_sender_died_is_taken_over_and_known_to_be_uncertain(office: PostOffice, hanako: Person) -> None:
    [posted] = office.post(hanako, office.letter(hanako, "one", reply_token="r" * 32, token_at=office.now()))
    assert not posted.uncertain
    office.now.offset += LEASE + SECOND
    [taken] = office.take(owner="another")
    assert taken.uncertain
    assert (taken.id, taken.retry_key, taken.messages) == (posted.id, posted.retry_key, posted.messages)
    assert (taken.kind, taken.reply_token, taken.channel) == ("reply", "r" * 32, "main")


def test_a_row_never_tried_is_not_uncertain(office: PostOffice, hanako: Person) -> None:
    put(office, hanako, "one")
    [taken] = office.take()
    assert not taken.uncertain


def test_leases_of_a_dead_process_can_be_ended_where_it_was_the_only_one(office: PostOffice, hanako: Person) -> None:
    office.post(hanako, office.letter(hanako, "one"))
    with office.database.write() as connection:
        office.outbox.release_all(connection)
    [taken] = office.take(owner="the next process")
    assert taken.uncertain


def test_nothing_is_taken_before_it_is_due(office: PostOffice, hanako: Person) -> None:
    put(office, hanako, "later", due_in=10 * SECOND)
    assert office.take() == []
    office.now.offset += 11 * SECOND
    assert len(office.take()) == 1


def test_to_one_resident_nothing_leaves_before_what_was_written_earlier(
    office: PostOffice, hanako: Person, line: Simulator
) -> None:
    taro = line.resident("太郎")
    put(office, hanako, "first", due_in=10 * SECOND)
    put(office, hanako, "second", priority=Priority.REPLY)
    put(office, taro, "other")
    assert [dispatch.line_user_id for dispatch in office.take()] == [taro.id]
    office.now.offset += 11 * SECOND
    assert [b"first" in dispatch.messages for dispatch in office.take()] == [True, False]


def test_while_one_message_is_under_way_the_next_to_the_same_resident_waits(office: PostOffice, hanako: Person) -> None:
    put(office, hanako, "first")
    [first] = office.take()
    put(office, hanako, "second")
    assert office.take() == []
    record(office, result(first.id, Status.SENT, office))
    assert len(office.take()) == 1


def test_what_is_most_urgent_is_taken_first(office: PostOffice, line: Simulator) -> None:
    for priority in (Priority.BROADCAST, Priority.REMINDER, Priority.REPLY, Priority.TALK, Priority.EMERGENCY):
        put(office, line.resident(priority.name), priority.name, priority=priority)
    taken = [office.take(limit=1)[0] for _ in Priority]
    written = [priority.name for priority in Priority]
    assert [dispatch.messages.decode().split('"text":"')[1].split('"')[0] for dispatch in taken] == written


def test_a_key_keeps_a_second_letter_for_the_same_purpose_out(office: PostOffice, hanako: Person) -> None:
    assert put(office, hanako, "reminder", key="tax.reminder/1/2027-05-31") == 1
    assert put(office, hanako, "reminder again", key="tax.reminder/1/2027-05-31") == 0
    assert put(office, hanako, "next year", key="tax.reminder/1/2028-05-31") == 1
    assert put(office, hanako, "without") + put(office, hanako, "without") == 2


def test_a_key_keeps_a_second_letter_out_even_when_the_first_was_sent(office: PostOffice, hanako: Person) -> None:
    put(office, hanako, "reminder", key="once")
    [taken] = office.take()
    record(office, result(taken.id, Status.SENT, office))
    assert put(office, hanako, "reminder", key="once") == 0


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_a_status_changes_only_as_the_rules_allow(
    office: PostOffice, hanako: Person, before: Status, after: Status
) -> None:
    [dispatch] = office.post(hanako, office.letter(hanako, "one"))
    with office.database.write() as connection:
        connection.execute(update(Delivery).values(status=before.value))
    record(office, result(dispatch.id, after, office, None if after not in {Status.WAITING, Status.HELD} else SECOND))
    assert office.row(dispatch.id).status == (after if before in OPEN else before)
    assert before not in OPEN or after in TRANSITIONS[before]


def test_a_final_row_keeps_no_content_and_an_open_one_keeps_it_sealed(office: PostOffice, hanako: Person) -> None:
    [dispatch] = office.post(
        hanako, office.letter(hanako, "private words", reply_token="r" * 32, token_at=office.now())
    )
    stored = office.row(dispatch.id).payload
    assert b"private words" not in stored
    assert b"r" * 32 not in stored
    record(office, result(dispatch.id, Status.SENT, office))
    row = office.row(dispatch.id)
    assert (row.payload, row.lease_until, row.lease_by) == (None, None, None)
    assert row.finished_at is not None


def test_a_postponed_row_remembers_what_happened(office: PostOffice, hanako: Person) -> None:
    [dispatch] = office.post(hanako, office.letter(hanako, "one"))
    record(office, result(dispatch.id, Status.WAITING, office, 30 * SECOND))
    row = office.row(dispatch.id)
    assert (row.attempts, row.uncertain, row.last_result, row.line_request_id) == (
        1,
        True,
        "no_verdict 500",
        "request-1",
    )
    assert office.take() == []
    office.now.offset += 31 * SECOND
    [again] = office.take()
    assert (again.attempts, again.uncertain, again.retry_key) == (1, True, dispatch.retry_key)


def test_a_row_that_no_key_opens_holds_up_no_other(office: PostOffice, hanako: Person, line: Simulator) -> None:
    put(office, hanako, "sealed with a lost key")
    lost = office.rows()[0].id
    with office.database.write() as connection:
        connection.execute(update(Delivery).where(Delivery.id == lost).values(retry_key="moved"))
    put(office, line.resident("太郎"), "readable")
    assert [dispatch.id for dispatch in office.take()] == [office.rows()[1].id]
    assert office.row(lost).status == Status.WAITING


def test_two_senders_at_once_take_no_row_twice(office: PostOffice, line: Simulator) -> None:
    for number in range(20):
        put(office, line.resident(f"住民{number}"), "one")
    if office.database.on_sqlite:
        taken = [*office.take(limit=10, owner="first"), *office.take(limit=20, owner="second")]
    else:
        with office.database.write() as first, office.database.write() as second:
            taken = Outbox(office.vault, "first").take(first, office.now(), 10)
            taken += Outbox(office.vault, "second").take(second, office.now(), 20)
    assert sorted(dispatch.id for dispatch in taken) == [row.id for row in office.rows()]


def test_a_quiet_outbox_is_seen_to_be_quiet_without_a_lock(office: PostOffice, hanako: Person) -> None:
    with office.database.write() as writer:
        writer.execute(update(Delivery).values(attempts=0))
        with office.database.read() as reader:
            assert not office.outbox.any_due(reader, office.now())
    put(office, hanako, "one")
    with office.database.read() as reader:
        assert office.outbox.any_due(reader, office.now())


def test_the_backlog_counts_what_is_not_final(office: PostOffice, hanako: Person) -> None:
    ids = [dispatch.id for _ in range(3) for dispatch in office.post(hanako, office.letter(hanako, "one"))]
    record(office, result(ids[0], Status.SENT, office), result(ids[1], Status.HELD, office, SECOND))
    with office.database.read() as connection:
        assert backlog(connection) == {"waiting": 1, "held": 1}
