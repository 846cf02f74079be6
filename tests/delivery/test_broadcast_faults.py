"""Whatever LINE, a dying process or a second one does: a broadcast reaches everybody once at most."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from bot.delivery import freeze
from bot.delivery.broadcast import Report, State
from bot.delivery.broadcaster import BATCH_LEASE, LEASE_SECONDS, Broadcaster
from bot.delivery.courier import put_back
from bot.delivery.members import unpack
from bot.models import Broadcast, Delivery, Resident
from bot.segment import Speaks
from tests.delivery.postoffice import PostOffice
from tests.delivery.town import DAY, PATIENCE, Town
from tests.product import wait_until


@pytest.mark.parametrize(
    "fault", ["500", "drop-before", "drop-after", "500-after", "429-rate", "html-502", "broken-200"]
)
def test_whatever_line_does_nobody_gets_it_twice(town: Town, fault: str) -> None:
    town.line.fault(fault, "multicast", times=3)
    id_ = town.write()
    broadcaster = town.broadcaster()
    for _ in range(5):
        broadcaster.work()
        town.office.now.offset += dt.timedelta(minutes=1)
    assert town.row(id_).status == State.DONE
    assert town.report(id_).accepted == 40
    assert set(town.arrived().values()) == {1}


def test_every_try_of_a_batch_is_the_same_request(town: Town, office: PostOffice) -> None:
    town.line.fault("500-after", "multicast", times=10)
    id_ = town.write()
    broadcaster = town.broadcaster()
    broadcaster.work()
    with office.database.write() as connection:
        connection.execute(update(Resident).values(language="en", friend=False))
    office.now.offset += dt.timedelta(minutes=1)
    broadcaster.work()
    assert town.row(id_).status == State.DONE
    bodies: dict[str, set[str]] = {}
    for exchange in town.line.traffic(kind="api"):
        if exchange["url"].endswith("/multicast"):
            headers = {name.lower(): value for name, value in exchange["request"]["headers"]}
            bodies.setdefault(headers["x-line-retry-key"], set()).add(exchange["request"]["body"])
    assert len(bodies) == len(town.batches())
    assert all(len(same) == 1 for same in bodies.values())


def test_what_a_dead_process_had_in_hand_is_taken_over_in_doubt_and_arrives_once(
    town: Town, office: PostOffice
) -> None:
    id_ = town.write()
    dying = town.broadcaster("it dies")
    assert dying._hold()
    for _ in range(2):  # frozen, begun
        dying._advance(dying._ready()[0])
    claimed = dying._claim(dying._ready()[0])
    office.courier.deliver(claimed[0])
    assert not town.broadcaster("the next")._hold(), "its lease still runs"
    office.now.offset += max(BATCH_LEASE, dt.timedelta(seconds=LEASE_SECONDS)) + dt.timedelta(seconds=1)
    town.broadcaster("the next").work()
    assert town.row(id_).status == State.DONE
    assert set(town.arrived().values()) == {1}
    assert len(town.arrived()) == 40


def test_a_freeze_that_broke_off_begins_again(town: Town, office: PostOffice) -> None:
    id_ = town.write()
    freezer = freeze.Freezer(office.database, office.now)
    broken: Iterator[bool] = iter([False])
    freezer.freeze(town.row(id_), lambda: next(broken))
    town.broadcaster().work()
    assert town.report(id_) == Report(planned=40, accepted=40)
    assert set(town.arrived().values()) == {1}


def test_a_batch_in_doubt_for_a_day_is_not_sent_again(town: Town, office: PostOffice) -> None:
    id_ = town.write(stale_after=10 * DAY)
    dying = town.broadcaster("it dies")
    dying._hold()
    for _ in range(2):
        dying._advance(dying._ready()[0])
    claimed = dying._claim(dying._ready()[0])
    office.now.offset += 2 * DAY
    town.broadcaster("the next").work()
    report = town.report(id_)
    assert report.unknown == sum(dispatch.recipients for dispatch in claimed)
    assert (report.accepted + report.unknown, town.row(id_).status) == (40, State.DONE)


def test_two_processes_at_once_send_it_once(town: Town) -> None:
    id_ = town.write()
    both = [threading.Thread(target=town.broadcaster(f"process {number}").work) for number in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(PATIENCE)
    assert town.row(id_).status == State.DONE
    assert set(town.arrived().values()) == {1}


def test_a_batch_line_does_not_take_holds_up_no_other_broadcast(town: Town, office: PostOffice) -> None:
    first, broadcaster = town.write(), town.broadcaster()
    begin(broadcaster)
    with office.database.write() as connection:
        waits = update(Delivery).where(Delivery.id == town.batches()[0].delivery_id)
        connection.execute(waits.values(due_at=office.now() + dt.timedelta(hours=1)))
    second = town.write()
    working = threading.Thread(target=broadcaster.work)
    working.start()
    wait_until(lambda: town.row(second).status == State.DONE, PATIENCE, "the second to be done")
    broadcaster.stop()
    working.join(PATIENCE)
    assert (town.row(first).status, town.report(first).accepted) == (State.SENDING, 36)
    office.now.offset += dt.timedelta(hours=2)
    town.broadcaster().work()
    assert town.report(first).accepted == 40
    assert set(town.arrived().values()) == {2}


def test_one_that_our_own_code_cannot_send_is_laid_aside_and_holds_up_no_other(town: Town, office: PostOffice) -> None:
    broken = town.write()
    with office.database.write() as connection:
        connection.execute(update(Broadcast).values(segment={"nonsense": 1}))
    sound = town.write()
    town.broadcaster().work()
    assert (town.row(broken).status, town.row(sound).status) == (State.HELD, State.DONE)
    assert town.row(broken).note.startswith("it cannot be sent as it is")
    assert set(town.arrived().values()) == {1}


def test_what_one_broadcast_still_needs_is_not_promised_to_the_next(town: Town, office: PostOffice) -> None:
    town.line.configure(quota_limit=100, quota_used=40)
    office.quota.refresh()
    first, second, broadcaster = town.write(), town.write(), town.broadcaster()
    begin(broadcaster)
    for _ in range(2):  # frozen, looked at
        broadcaster._advance(broadcaster._ready()[1])
    assert (town.row(first).status, town.row(second).status) == (State.SENDING, State.HELD)
    assert town.row(second).note == "this needs 40 of the 20 left this month (5 of them are kept for replies and talks)"


def test_who_withdrew_while_it_waited_gets_nothing_and_is_counted(town: Town, office: PostOffice) -> None:
    id_, broadcaster = town.write(to=Speaks(("en", "ja"))), town.broadcaster()
    begin(broadcaster)
    planned = town.report(id_).planned
    first, second = (unpack(batch.members) for batch in town.batches()[:2])
    with office.database.write() as connection:
        connection.execute(update(Resident).where(Resident.id.in_(first)).values(friend=False))
        connection.execute(update(Resident).where(Resident.id == second[0]).values(language="pt"))
    office.now.offset += dt.timedelta(hours=1)
    broadcaster.work()
    gone = len(first) + 1
    assert town.row(id_).status == State.DONE
    assert town.report(id_) == Report(planned - gone, accepted=planned - gone, left_out={"withdrawn": gone})
    assert sum(town.arrived().values()) == planned - gone


def test_a_batch_that_was_tried_goes_on_unchanged_whoever_withdraws(town: Town, office: PostOffice) -> None:
    id_, broadcaster = town.write(), town.broadcaster()
    begin(broadcaster)
    [claimed, *others] = broadcaster._claim(broadcaster._ready()[0])
    for untouched in others:
        office.record(put_back(untouched, office.now(), office.now(), "not begun")).wait()
    town.line.fault("500-after", "multicast", times=None)
    result = office.courier.deliver(claimed)
    assert result is not None
    assert result.uncertain
    office.record(result).wait()
    town.line.clear_faults()
    with office.database.write() as connection:
        connection.execute(update(Resident).values(friend=False))
    office.now.offset += dt.timedelta(hours=1)
    broadcaster.work()
    assert town.report(id_) == Report(4, accepted=4, left_out={"withdrawn": 36})
    bodies = {
        exchange["request"]["body"]
        for exchange in town.line.traffic(kind="api")
        if exchange["url"].endswith("/multicast")
    }
    assert len(bodies) == 1


def begin(broadcaster: Broadcaster) -> None:
    """Freeze the first broadcast and let it begin, without sending anything."""
    assert broadcaster._hold()
    for _ in range(2):
        broadcaster._advance(broadcaster._ready()[0])
