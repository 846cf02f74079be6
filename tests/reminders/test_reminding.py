"""What a flow sets with `remind` arrives when it is due, once, and not when its resident stopped it or is gone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from bot import editions
from bot.clock import Clock
from bot.crypto import Vault
from bot.flow.timing import TOKYO
from bot.models import Alert, Delivery, Reminder, Resident, SealedBytes
from bot.reminders import service
from bot.runtime import Runtime
from tests.reminders.conftest import Arrived
from tests.test_conversation import Talker

DAY = dt.timedelta(days=1)


def pending(runtime: Runtime) -> list[Any]:
    with runtime.database.read() as connection:
        return list(connection.execute(select(Reminder.__table__).order_by(Reminder.id)))


def sealed(runtime: Runtime, uid: str) -> dict[str, Any]:
    return {"uid": uid, "values": SealedBytes.seal(runtime.vault, "reminders.values", uid, b'{"name":"A"}')}


def booked(runtime: Runtime, name: str = "見本 花子") -> Talker:
    hanako = Talker(runtime)
    hanako.say("健診")
    assert "承りました" in hanako.say(name)
    return hanako


def test_it_arrives_on_its_day_at_ten_in_the_words_of_that_day_and_once(runtime: Runtime, arrived: Arrived) -> None:
    booked(runtime)
    assert arrived(6 * DAY) == []
    [[message]] = arrived(2 * DAY)
    assert message["template"]["text"] == "見本 花子さんの健診は明日です（2027年4月8日）。"
    assert arrived(30 * DAY) == []
    assert pending(runtime) == []


def test_the_answers_in_it_are_not_readable_in_the_database(runtime: Runtime) -> None:
    booked(runtime)
    [row] = pending(runtime)
    assert "見本".encode() not in bytes(row.values)
    assert runtime.vault.open("reminders.values", row.uid, row.values) == '{"name":"見本 花子"}'.encode()


def test_setting_it_again_replaces_it(runtime: Runtime, arrived: Arrived) -> None:
    hanako = booked(runtime)
    hanako.say("健診")
    hanako.say("見本 太郎")
    [[message]] = arrived(10 * DAY)
    assert "太郎" in message["template"]["text"]


def test_a_button_under_it_can_say_that_it_is_done(runtime: Runtime, arrived: Arrived) -> None:
    hanako = booked(runtime)
    [hanako.heard] = arrived(8 * DAY)
    assert "ありがとうございます" in hanako.press("済みました")


def test_one_press_stops_what_repeats(runtime: Runtime, arrived: Arrived) -> None:
    hanako = Talker(runtime)
    for words in ("ごみの日", "月曜日", "その日の朝8時"):
        hanako.say(words)
    [hanako.heard] = arrived(5 * DAY)
    assert "このお知らせを止める" in str(hanako.heard)
    assert "「ごみの日」のお知らせを止めました" in hanako.press("このお知らせを止める")
    assert arrived(28 * DAY) == []


def test_it_goes_on_every_week_until_its_last_day(runtime: Runtime, arrived: Arrived) -> None:
    hanako = Talker(runtime)
    for words in ("ごみの日", "月曜日", "その日の朝8時"):
        hanako.say(words)
    assert len(arrived(28 * DAY)) == 4
    [row] = pending(runtime)
    assert row.rule["until"] == "2028-03-31"


def test_it_ends_after_its_last_day(runtime: Runtime, arrived: Arrived) -> None:
    Talker(runtime).say("おくすり")
    assert len(arrived(30 * DAY)) == 3
    assert pending(runtime) == []


def test_who_blocked_the_account_is_left_out(runtime: Runtime, arrived: Arrived) -> None:
    booked(runtime)
    with runtime.database.write() as connection:
        connection.execute(update(Resident).values(friend=False))
    assert arrived(10 * DAY) == []
    assert pending(runtime) == []


def test_erasing_ones_data_ends_it(runtime: Runtime, arrived: Arrived) -> None:
    hanako = booked(runtime)
    for words in ("自分のデータ", "すべて消す", "はい"):
        hanako.say(words)
    assert pending(runtime) == []
    assert arrived(10 * DAY) == []


def test_two_clocks_write_it_once(runtime: Runtime) -> None:
    booked(runtime)
    other = Clock(runtime.database, runtime.outbox, service.jobs, runtime.editions.book, runtime.now)
    runtime.now.offset += 7 * DAY + dt.timedelta(hours=2)
    runtime.clock.visit_due()
    other.visit_due()
    with runtime.database.read() as connection:
        assert len(connection.execute(select(Delivery).where(Delivery.purpose == "reminder.clinic")).all()) == 1


def test_one_found_days_late_is_laid_before_staff(runtime: Runtime) -> None:
    booked(runtime)
    runtime.now.offset += 12 * DAY
    runtime.clock.visit_due()
    with runtime.database.write() as connection:
        runtime.outbox.take(connection, runtime.now(), 100)
    with runtime.database.read() as connection:
        statuses = connection.execute(select(Delivery.status).where(Delivery.purpose == "reminder.clinic")).scalars()
        assert list(statuses) == ["stale"]


def test_what_repeats_and_is_late_waits_for_its_next_day(runtime: Runtime) -> None:
    hanako = Talker(runtime)
    for words in ("ごみの日", "月曜日", "その日の朝8時"):
        hanako.say(words)
    runtime.now.offset += 7 * DAY  # Thursday: the Monday between went by while no clock ran
    runtime.clock.visit_due()
    with runtime.database.read() as connection:
        assert connection.execute(select(Delivery).where(Delivery.purpose == "reminder.garbage")).all() == []
    [row] = pending(runtime)
    assert row.due_at.astimezone(TOKYO).date() == dt.date(2027, 4, 12)


def test_a_paused_service_sends_nothing_until_it_goes_on(runtime: Runtime, arrived: Arrived) -> None:
    booked(runtime)
    with runtime.database.write() as connection:
        editions.pause(connection, "clinic", {"ja": "休止中です。"}, "test", runtime.now)
    runtime.editions.refresh()
    assert arrived(dt.timedelta(days=7, hours=3)) == []
    with runtime.database.write() as connection:
        editions.resume(connection, "clinic")
    runtime.editions.refresh()
    assert len(arrived(dt.timedelta(hours=1))) == 1


def test_a_step_that_is_gone_says_nothing_and_leaves_nothing(runtime: Runtime, flows: Path, arrived: Arrived) -> None:
    booked(runtime)
    (flows / "clinic.yaml").unlink()
    runtime.editions.publish(editions.read_folder(flows), "test")
    runtime.editions.refresh()
    assert arrived(10 * DAY) == []
    assert pending(runtime) == []


def test_one_that_no_key_opens_waits_for_its_key_and_staff_are_called(runtime: Runtime, arrived: Arrived) -> None:
    booked(runtime)
    [row] = pending(runtime)
    foreign = SealedBytes.seal(Vault([bytes(32)]), "reminders.values", row.uid, b"{}")
    change(runtime, values=foreign)
    assert arrived(7 * DAY + dt.timedelta(hours=2)) == []
    assert [one.id for one in pending(runtime)] == [row.id]
    assert called(runtime) == [("platform.reminders_sealed", False)]
    change(runtime, values=SealedBytes.marked_for("reminders.values", bytes(row.values)))
    [[message]] = arrived(dt.timedelta(hours=1))
    assert "明日です" in message["template"]["text"]
    assert called(runtime) == [("platform.reminders_sealed", True)]


def test_one_whose_key_never_came_back_is_not_kept_for_ever(runtime: Runtime, arrived: Arrived) -> None:
    booked(runtime)
    change(runtime, values=SealedBytes.seal(Vault([bytes(32)]), "reminders.values", pending(runtime)[0].uid, b"{}"))
    assert arrived(23 * DAY) == []
    assert pending(runtime) == []


def change(runtime: Runtime, **values: Any) -> None:
    with runtime.database.write() as connection:
        connection.execute(update(Reminder).values(**values))


def called(runtime: Runtime) -> list[tuple[str, bool]]:
    with runtime.database.read() as connection:
        return [(row.kind, row.settled_at is not None) for row in connection.execute(select(Alert.__table__))]


def test_more_than_a_transaction_holds_are_sent_in_several(runtime: Runtime) -> None:
    booked(runtime)
    [first] = pending(runtime)
    with runtime.database.write() as connection:
        rows = [
            {
                "channel_id": 1,
                "line_user_id": f"V{n}",
                "reference": f"R{n}",
                "friend_at": 0,
                "created_at": runtime.now(),
            }
            for n in range(1100)
        ]
        ids = connection.execute(Resident.__table__.insert().returning(Resident.id), rows).scalars().all()  # type: ignore[attr-defined]  # a Table at run time
        same = {name: value for name, value in first._mapping.items() if name != "id"}
        copies = [same | sealed(runtime, f"{number:032x}") | {"resident_id": id_} for number, id_ in enumerate(ids)]
        connection.execute(Reminder.__table__.insert(), copies)  # type: ignore[attr-defined]  # likewise
    runtime.now.offset += 7 * DAY + dt.timedelta(hours=2)
    runtime.clock.visit_due()
    with runtime.database.read() as connection:
        assert len(connection.execute(select(Delivery.id).where(Delivery.purpose == "reminder.clinic")).all()) == 1101
