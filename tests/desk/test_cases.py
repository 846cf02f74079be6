"""The record of a case: its fact sheet, who may erase it, and when it goes."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, insert, select

from bot.desk import closing, facts, record, referral, retention, taking, writing
from bot.desk.desk import WrongState
from bot.models import Attachment, Consultation, DeskEvent, DeskMessage
from bot.owndata.erase import erase
from tests.desk.conftest import DeskTown
from tests.desk.watched import alert, watch


def test_a_case_that_was_referred_is_under_hold_and_its_48_hours_are_watched(town: DeskTown) -> None:
    _, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        found = referral.refer(desk, number, town.kana, "中央児童相談所")
        referral.accept(desk, found, town.kana)
    assert town.entry(number).held
    with town.desk() as desk:
        [running] = [one for one in referral.due(desk, [town.office_id]) if one.id == found]
    assert running.safe_by - running.accepted_at == dt.timedelta(hours=48)
    watch(town, dt.timedelta(hours=41))
    assert alert(town, f"desk.safety:{found}") is None
    watch(town, dt.timedelta(hours=43))
    assert alert(town, f"desk.safety:{found}").urgent
    with town.desk() as desk:
        referral.safe(desk, found, town.mio)
        with pytest.raises(WrongState):
            referral.safe(desk, found, town.mio)
    assert alert(town, f"desk.safety:{found}").settled_at is not None


def test_nothing_is_deleted_by_one_person_nor_under_hold(town: DeskTown) -> None:
    _, number = town.arrive()
    with town.desk() as desk, pytest.raises(WrongState):
        retention.ask_deletion(desk, number, town.kana)
    with town.desk() as desk:
        closing.close(desk, number, town.kana, "mistake")
        retention.ask_deletion(desk, number, town.kana)
    with town.desk() as desk, pytest.raises(retention.AnotherPerson):
        retention.delete_asked(desk, number, town.kana)
    with town.desk() as desk:
        retention.hold(desk, number, town.kana)
    with town.desk() as desk, pytest.raises(retention.UnderHold):
        retention.delete_asked(desk, number, town.mio)
    with town.desk() as desk:
        retention.release(desk, number, town.kana)
        retention.ask_deletion(desk, number, town.kana)
        retention.delete_asked(desk, number, town.mio)
    with town.runtime.database.read() as connection:
        for model in (DeskMessage, DeskEvent):
            left = select(func.count()).select_from(model).where(model.consultation_id == number)
            assert connection.execute(left).scalar_one() == 0


def test_a_consultation_goes_when_its_term_is_over_with_its_files(town: DeskTown) -> None:
    _, number = town.arrive()
    _, held = town.arrive(name="次郎")
    with town.desk() as desk:
        row = desk.find(number)
        channel = {"channel_id": 1, "resident_id": row.resident_id, "created_at": desk.now}
        file = {"uid": f"u{number}", "bundle": f"b{number}", "message_id": "m", "kind": "image", "status": "kept"}
        desk.connection.execute(insert(Attachment), {**channel, **file})
        message = {"uid": f"x{number}", "consultation_id": number, "direction": "in", "status": "sent", "kind": "image"}
        desk.connection.execute(
            insert(DeskMessage), {**message, "danger": False, "bundle": f"b{number}", "at": desk.now}
        )
        retention.hold(desk, held, town.kana)
        for one in (number, held):
            closing.close(desk, one, town.kana, "solved")
    with town.desk(dt.timedelta(days=365 * 5 + 2)) as desk:
        over = retention.past_their_time(desk.connection, desk.now, 1000)
        assert number in over
        assert held not in over
        retention.remove(desk.connection, [number])
        left = select(func.count()).select_from(Attachment).where(Attachment.bundle == f"b{number}")
        assert desk.connection.execute(left).scalar_one() == 0


def test_who_has_a_childs_telephone_cannot_erase_the_record(town: DeskTown) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        closing.close(desk, number, town.kana, "solved")
        erase(desk.connection, town_id := desk.find(number).resident_id)
        assert desk.find(number).resident_id == town_id
    town.choose(retention="erasable")
    with town.desk() as desk:
        erase(desk.connection, desk.find(number).resident_id)
        still = select(func.count()).select_from(Consultation).where(Consultation.id == number)
        assert desk.connection.execute(still).scalar_one() == 0
    assert town.row_of(person) is not None


def test_the_fact_sheet_begins_with_the_answers_and_is_filled_by_picking(town: DeskTown) -> None:
    person, number = town.arrive("親・保護者", "いいえ", "まどぐち町", "3", "夜どなってしまう")
    person.say("去年の冬からです")
    message = town.wait_said(number, "去年の冬からです")
    with town.desk() as desk:
        first = facts.sheet(desk, number)
        assert (first.version, first.values["matter"].text, first.values["child_age"].text) == (
            0,
            "夜どなってしまう",
            "3",
        )
        assert "emergency" not in first.values, "there is no reason for one"
        assert facts.pick(desk, number, town.kana, "matter_since", message.id) == 1
        assert facts.pick(desk, number, town.kana, "matter_since", message.id) == 1, "not twice"
        assert facts.save(desk, number, town.mio, {"family": "母と二人"}, 1) == 2
    with town.desk() as desk, pytest.raises(facts.Overwritten):
        facts.save(desk, number, town.kana, {"family": "父と二人"}, 1)
    with town.desk() as desk, pytest.raises(facts.NoSuchField):
        facts.save(desk, number, town.kana, {"shoe_size": "22"}, 2)
    with town.desk() as desk:
        found = facts.sheet(desk, number)
    assert (found.values["family"].text, found.values["matter_since"].messages) == ("母と二人", (message.id,))


def test_the_fact_sheet_says_why_somebody_has_to_come_at_once(town: DeskTown) -> None:
    _, number = town.arrive("子ども", "はい")
    with town.desk() as desk:
        begun = facts.sheet(desk, number).values["emergency"].text
    assert begun.startswith("緊急度AA：")
    assert begun != "緊急度AA："


def test_the_record_is_printed_with_or_without_notes(town: DeskTown) -> None:
    person, number = town.arrive()
    person.say("たいへんです")
    town.wait_said(number, "たいへんです")
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        writing.send(desk, number, town.kana, "そうでしたか。")
        writing.note(desk, number, town.kana, "声の調子は落ち着いている")
        whole = record.transcript(desk, number)
        plain = record.transcript(desk, number, notes=False)
    assert "担当：佐藤かな\n" in whole
    assert "相談者：たいへんです" in whole
    assert "佐藤かな：そうでしたか。" in whole
    assert "声の調子は落ち着いている" in whole
    assert "声の調子は落ち着いている" not in plain
