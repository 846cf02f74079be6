"""A broadcast reaches everybody it is for once, in their language, when it may, and stops at once when it must."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.delivery import broadcast
from bot.delivery.broadcast import TRANSITIONS, Draft, NotPossible, Report, State
from bot.delivery.members import pack, unpack
from bot.models import Broadcast, Resident
from bot.segment import Speaks
from tests.delivery.postoffice import PostOffice
from tests.delivery.town import DAY, MESSAGES, PATIENCE, TEXTS, Town
from tests.product import wait_until


@given(st.lists(st.integers(1, 2**40), unique=True, max_size=600).map(sorted))
def test_members_are_packed_without_loss(members: list[int]) -> None:
    assert unpack(pack(members)) == members


def test_everybody_gets_it_once_in_their_language_or_in_japanese(town: Town) -> None:
    id_ = town.write()
    town.broadcaster().work()
    assert town.row(id_).status == State.DONE
    expected = {(user, TEXTS.get(language or "ja", TEXTS["ja"])): 1 for user, language in town.languages.items()}
    assert town.arrived() == expected
    assert town.report(id_) == Report(planned=40, accepted=40)


def test_batches_are_sorted_of_one_language_and_no_larger_than_line_takes(town: Town) -> None:
    town.write()
    town.broadcaster().work()
    batches = town.batches()
    assert all(unpack(batch.members) == sorted(unpack(batch.members)) for batch in batches)
    assert all(batch.recipients == len(unpack(batch.members)) <= 4 for batch in batches)
    assert all(
        (batch.first_id, batch.last_id) == (unpack(batch.members)[0], unpack(batch.members)[-1]) for batch in batches
    )
    assert {batch.language for batch in batches} == set(TEXTS)
    assert len({batch.retry_key for batch in batches}) == len(batches)


def test_who_has_blocked_the_account_is_left_out_and_said_to_be(town: Town, office: PostOffice) -> None:
    with office.database.write() as connection:
        some = select(Resident.id).limit(5)
        connection.execute(update(Resident).where(Resident.id.in_(some)).values(friend=False))
    id_ = town.write()
    town.broadcaster().work()
    assert town.report(id_) == Report(planned=35, accepted=35, left_out={"blocked": 5})
    assert sum(town.arrived().values()) == 35


def test_only_the_segment_gets_it(town: Town) -> None:
    id_ = town.write(to=Speaks(("en",)))
    town.broadcaster().work()
    assert town.report(id_).accepted == 10
    assert {town.languages[user] for user, _ in town.arrived()} == {"en"}


def test_a_draft_nobody_approved_stays_where_it_is(town: Town, office: PostOffice) -> None:
    with office.database.write() as connection:
        id_ = broadcast.write(connection, Draft(office.channel_id, "断水", MESSAGES), "山田", office.now())
    town.broadcaster().work()
    assert (town.row(id_).status, town.arrived()) == (State.DRAFT, Counter())


@pytest.mark.parametrize(
    ("messages", "why"),
    [({"en": MESSAGES["en"]}, "in ja"), ({"ja": []}, "ja: LINE would refuse"), ({"ja": [{"type": "text", "text": ""}]}, "text")],
)  # fmt: skip
def test_what_line_would_refuse_is_no_broadcast(town: Town, office: PostOffice, messages: Any, why: str) -> None:
    with office.database.write() as connection, pytest.raises(NotPossible, match=why):
        broadcast.write(connection, Draft(office.channel_id, "断水", messages), "山田", office.now())


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_a_broadcast_changes_only_as_the_rules_allow(
    town: Town, office: PostOffice, before: State, after: State
) -> None:
    id_ = town.write()
    with office.database.write() as connection:
        connection.execute(update(Broadcast).values(status=before.value))
        assert broadcast.move(connection, id_, after) is (after in TRANSITIONS[before])


def test_what_cannot_be_done_is_refused_with_a_sentence(town: Town, office: PostOffice) -> None:
    id_ = town.write()
    town.broadcaster().work()
    with office.database.write() as connection:
        with pytest.raises(NotPossible, match=f"broadcast {id_} is done"):
            broadcast.pause(connection, id_)
        with pytest.raises(NotPossible, match=f"broadcast {id_} is done"):
            broadcast.stop(connection, id_, office.now())
        with pytest.raises(NotPossible, match="no broadcast 999"):
            broadcast.pause(connection, 999)


def interrupted(town: Town, act: Callable[[int], None], after: int = 2) -> int:
    """Start a broadcast at a LINE that is slow, and act when some requests have gone."""
    town.line.fault("slow", "multicast", times=None, seconds=0.5)
    id_ = town.write()
    broadcaster = town.broadcaster()
    worker = threading.Thread(target=broadcaster.work)
    worker.start()
    wait_until(lambda: len(town.line.sends()) >= after, PATIENCE, "some batches to leave")
    act(id_)
    worker.join(PATIENCE)
    town.line.clear_faults()
    return id_


def test_a_pause_stops_it_at_once_and_resuming_repeats_nothing(many: Town, office: PostOffice) -> None:
    id_ = interrupted(many, lambda id_: many.act(broadcast.pause, id_))
    paused = many.report(id_)
    assert many.row(id_).status == State.PAUSED
    assert 0 < paused.accepted < 80
    assert paused.waiting == 80 - paused.accepted
    many.broadcaster().work()
    assert many.report(id_) == paused, "a paused broadcast stands still"
    many.act(broadcast.resume, id_, office.now())
    many.broadcaster().work()
    assert many.row(id_).status == State.DONE
    assert set(many.arrived().values()) == {1}
    assert len(many.arrived()) == 80


def test_a_stop_is_for_good_and_what_did_not_leave_is_counted(many: Town, office: PostOffice) -> None:
    id_ = interrupted(many, lambda id_: many.act(broadcast.stop, id_, office.now()))
    many.broadcaster()._close_stopped()
    report = many.report(id_)
    assert many.row(id_).status == State.STOPPED
    assert report.stopped > 0
    assert report.accepted + report.stopped == 80
    assert len(many.arrived()) == report.accepted
    with pytest.raises(NotPossible):
        many.act(broadcast.resume, id_, office.now())


def test_an_urgent_one_goes_before_the_one_under_way(many: Town) -> None:
    urgent = {"ja": [{"type": "text", "text": "避難してください"}]}
    interrupted(many, lambda _: void(many.write(messages=urgent, urgent=True)))
    texts = [send["messages"][0]["text"] for send in many.line.sends()]
    last_urgent = max(number for number, text in enumerate(texts) if text == "避難してください")
    assert Counter(texts)["避難してください"] == 80
    assert any(text != "避難してください" for text in texts[last_urgent + 1 :])


def void(_value: object) -> None:
    """Drop a value."""


def test_too_old_is_shown_to_staff_and_not_sent_until_they_say_so(town: Town, office: PostOffice) -> None:
    id_ = town.write(stale_after=dt.timedelta(hours=2))
    office.now.offset += dt.timedelta(hours=3)
    town.broadcaster().work()
    assert (town.row(id_).status, town.arrived()) == (State.STALE, Counter())
    assert "resume it" in town.row(id_).note
    town.act(broadcast.resume, id_, office.now())
    town.broadcaster().work()
    assert town.row(id_).status == State.DONE


@pytest.mark.parametrize("urgent", [False, True])
def test_at_night_only_what_is_urgent_leaves(town: Town, office: PostOffice, urgent: bool) -> None:
    office.now.offset += dt.timedelta(hours=10)  # 22:00
    id_ = town.write(urgent=urgent)
    town.broadcaster().work()
    assert bool(town.arrived()) is urgent
    office.now.offset += dt.timedelta(hours=11)  # 9:00
    town.broadcaster().work()
    assert town.row(id_).status == State.DONE


def test_before_its_time_nothing_leaves(town: Town, office: PostOffice) -> None:
    id_ = town.write(send_at=office.now() + dt.timedelta(hours=1))
    town.broadcaster().work()
    assert town.arrived() == Counter()
    office.now.offset += dt.timedelta(hours=1, seconds=1)
    town.broadcaster().work()
    assert town.row(id_).status == State.DONE


def test_a_resident_gets_so_many_broadcasts_a_week_and_urgent_ones_besides(town: Town, office: PostOffice) -> None:
    for _ in range(2):
        town.write()
        town.broadcaster(cap=2).work()
    third = town.write()
    town.broadcaster(cap=2).work()
    assert town.report(third) == Report(planned=0, left_out={"capped": 40})
    assert town.row(third).status == State.DONE
    urgent = town.write(urgent=True)
    town.broadcaster(cap=2).work()
    assert town.report(urgent).accepted == 40
    office.now.offset += 8 * DAY
    later = town.write()
    town.broadcaster(cap=2).work()
    assert town.report(later).accepted == 40


def test_a_broadcast_too_large_for_the_month_is_held_before_it_begins(town: Town, office: PostOffice) -> None:
    town.line.configure(quota_limit=200, quota_used=160)
    office.quota.refresh()
    id_ = town.write()
    town.broadcaster().work()
    row = town.row(id_)
    assert (row.status, town.arrived()) == (State.HELD, Counter())
    assert row.note == "this needs 40 of the 40 left this month (10 of them are kept for replies and talks)"
    town.line.configure(quota_limit=1000)
    office.now.offset += dt.timedelta(minutes=2)
    office.quota.refresh()
    town.act(broadcast.resume, id_, office.now())
    town.broadcaster().work()
    assert town.row(id_).status == State.DONE


def test_when_line_says_that_the_month_is_over_the_rest_is_held_and_goes_on_later(
    town: Town, office: PostOffice
) -> None:
    town.line.configure(quota_limit=22)
    id_ = town.write()
    town.broadcaster().work()
    row, report = town.row(id_), town.report(id_)
    assert (row.status, row.note) == (State.HELD, "LINE took no more: the monthly limit, or the access token")
    assert 16 <= report.accepted <= 22
    town.line.configure(quota_limit=None)
    town.act(broadcast.resume, id_, office.now())
    town.broadcaster().work()
    assert town.report(id_).accepted == 40
    assert set(town.arrived().values()) == {1}


def test_a_correction_goes_to_exactly_those_who_were_reached(many: Town, office: PostOffice) -> None:
    first = interrupted(many, lambda id_: many.act(broadcast.stop, id_, office.now()))
    reached = {user for user, _ in many.arrived()}
    with office.database.write() as connection:
        second = broadcast.correct(
            connection, first, "訂正", {"ja": [{"type": "text", "text": "訂正"}]}, "山田", office.now()
        )
        assert broadcast.forecast(connection, second, office.quota.gauge(office.channel_id)).needed == len(reached)
        broadcast.approve(connection, second, "鈴木", office.now())
    many.broadcaster().work()
    assert {user for user, text in many.arrived() if text == "訂正"} == reached


def test_who_was_erased_meanwhile_gets_nothing_and_stops_nobody(town: Town, office: PostOffice) -> None:
    id_ = town.write()
    broadcaster = town.broadcaster()
    broadcaster._hold()
    broadcaster._advance(broadcaster._ready()[0])
    with office.database.write() as connection:
        connection.execute(Resident.__table__.delete().where(Resident.id.in_(unpack(town.batches()[0].members))))  # type: ignore[attr-defined]  # a Table
    broadcaster.work()
    assert (town.row(id_).status, sum(town.arrived().values())) == (State.DONE, 36)


def test_the_log_and_the_rows_hold_no_user_id(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.write()
    town.broadcaster().work()
    shown = capsys.readouterr().out + json.dumps([str(row) for row in town.batches()])
    assert not any(user in shown for user in town.languages)
