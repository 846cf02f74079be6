"""The rules of the desk: who takes what and how many, who sends whose words, what the clock calls for, how long things are kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from bot.alerts.raising import acknowledge
from bot.desk import (
    canned,
    closing,
    digest,
    facts,
    offices,
    queue,
    record,
    referral,
    retention,
    taking,
    talk,
    watching,
    writing,
)
from bot.desk.desk import WrongState
from bot.models import Alert, Attachment, Consultation, DeskEvent, DeskMessage
from bot.owndata.erase import erase
from bot.simulator.client import Person
from tests.desk.conftest import DeskTown
from tests.product import PATIENCE, wait_until

MINUTE = dt.timedelta(minutes=1)


def alert(town: DeskTown, key: str) -> Any:
    with town.runtime.database.read() as connection:
        return connection.execute(select(Alert).where(Alert.key == key)).one_or_none()


def watch(town: DeskTown, later: dt.timedelta) -> None:
    with town.desk(later) as desk:
        watching.watch(desk)


def test_nobody_takes_what_another_has(town: DeskTown) -> None:
    _, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
    with town.desk() as desk, pytest.raises(WrongState):
        taking.take(desk, number, town.mio)


def test_nobody_has_more_talks_than_the_office_allows(town: DeskTown) -> None:
    _, first = town.arrive()
    _, second = town.arrive(name="次郎")
    with town.desk() as desk:
        mine = sum(one.taken_by == town.mio and one.state == "active" for one in queue.queue(desk, [town.office_id]))
    town.choose(personal_limit=mine + 1)
    with town.desk() as desk:
        taking.take(desk, first, town.mio)
    with town.desk() as desk, pytest.raises(taking.TooMany):
        taking.take(desk, second, town.mio)
    with town.desk() as desk:
        taking.pause(desk, first, town.mio)
        taking.take(desk, second, town.mio)
    with town.desk() as desk, pytest.raises(taking.TooMany):
        taking.resume(desk, first, town.mio)


def test_a_talk_is_handed_over_and_a_second_person_sits_beside(town: DeskTown) -> None:
    _, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        taking.join(desk, number, town.mio)
        writing.send(desk, number, town.mio, "二人で読んでいます。")
        taking.hand_over(desk, number, town.kana, town.mio)
    assert (town.entry(number).taken_by, town.entry(number).second_by) == (town.mio, None)
    with town.desk() as desk, pytest.raises(taking.NotYours):
        writing.send(desk, number, town.kana, "もう担当ではありません。")
    with town.desk() as desk:
        kinds = [one.kind for one in talk.happened(desk, number)]
    assert kinds == ["opened", "taken", "second", "handed"]


def test_who_gives_a_talk_back_puts_it_into_the_queue_again(town: DeskTown) -> None:
    _, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        taking.leave(desk, number, town.kana)
    assert (town.entry(number).state, town.entry(number).taken_by) == ("waiting", None)


def test_where_four_eyes_are_wanted_nobody_sends_their_own_words(town: DeskTown) -> None:
    person, number = town.arrive()
    town.choose(four_eyes=True)
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
    with town.desk() as desk, pytest.raises(writing.NeedsSecond):
        writing.send(desk, number, town.kana, "一人で送ります。")
    with town.desk() as desk:
        message = writing.draft(desk, number, town.kana, "ここで休んでもいいですよ。")
    with town.desk() as desk, pytest.raises(writing.NeedsSecond):
        writing.send_draft(desk, message, town.kana)
    with town.desk() as desk:
        writing.send_draft(desk, message, town.mio)
    person.wait_for("ここで休んでもいいですよ。")
    [sent] = town.said(number)
    assert (sent.author, sent.sender, sent.status) == ("佐藤かな", "鈴木みお", "sent")
    with town.desk() as desk, pytest.raises(WrongState):
        writing.send_draft(desk, message, town.mio)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("電話は 044-000-0000 です", ("phone",)),
        ("番号は １２３４ ５６７８ ９０１２", ("my_number",)),
        ("taro@town.example へ", ("email",)),
        ("中央1丁目にいます", ("address",)),
        ("189か110へ。24時間、2026年4月1日まで", ()),
    ],
)
def test_personal_data_is_asked_about_before_it_is_sent(text: str, kinds: tuple[str, ...]) -> None:
    assert writing.personal_in(text) == kinds


def test_personal_data_is_sent_only_when_confirmed(town: DeskTown) -> None:
    _, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
    with town.desk() as desk, pytest.raises(writing.Personal) as refused:
        writing.send(desk, number, town.kana, "044-000-0000へお電話ください。")
    assert refused.value.kinds == ("phone",)
    with town.desk() as desk:
        writing.send(desk, number, town.kana, "044-000-0000へお電話ください。", confirmed=True)


def test_when_nobody_answers_help_is_called_step_by_step_and_at_last_pardon_asked(town: DeskTown) -> None:
    _, number = town.arrive()
    watch(town, 4 * MINUTE)
    assert alert(town, f"desk.waiting:{number}") is None
    watch(town, 6 * MINUTE)
    first = alert(town, f"desk.waiting:{number}")
    assert not first.urgent
    watch(town, 11 * MINUTE)
    assert alert(town, f"desk.waiting:{number}").urgent
    watch(town, 16 * MINUTE)
    watch(town, 17 * MINUTE)
    [apology] = town.said(number)
    assert apology.text is not None
    assert "お待たせして申し訳ありません" in apology.text
    # It is due by the clock of `watch`, which is ahead: the product's own may find that out and send it at once.
    assert apology.direction == "system"
    assert apology.delivery in {"waiting", "sent"}
    with town.desk() as desk:
        kinds = [one.kind for one in talk.happened(desk, number)]
        taking.take(desk, number, town.kana)
    assert kinds == ["opened", "unanswered", "supervisor", "apologised"]
    assert alert(town, f"desk.waiting:{number}").settled_at is not None


def test_a_counsellor_who_has_fallen_silent_is_noticed(town: DeskTown) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        writing.send(desk, number, town.kana, "はい。")
    person.say("それで、どうすればいいですか")
    town.wait_said(number, "それで、どうすればいいですか")
    watch(town, 11 * MINUTE)
    assert alert(town, f"desk.silent:{number}") is not None
    with town.desk() as desk:
        writing.send(desk, number, town.kana, "一緒に考えましょう。")
    assert alert(town, f"desk.silent:{number}").settled_at is not None


def test_a_talk_to_which_nothing_comes_is_ended_but_never_one_in_danger(town: DeskTown) -> None:
    calm_person, calm = town.arrive()
    _, urgent = town.arrive("子ども（18歳未満）", "はい", name="太郎")
    with town.desk() as desk:
        for number in (calm, urgent):
            taking.take(desk, number, town.kana)
            writing.send(desk, number, town.kana, "いますか。")
    watch(town, dt.timedelta(hours=3))
    assert (town.entry(calm).state, town.entry(calm).close_reason) == ("closed", "no_reply")
    said = len(calm_person.answers())
    calm_person.say("まだいます")
    calm_person.wait_for("メッセージの内容がわかりませんでした")
    assert len(calm_person.answers()) > said, "the bot listens again"
    assert town.entry(urgent).state == "active"
    assert alert(town, f"desk.silent:{urgent}").urgent


def come_after_hours(town: DeskTown) -> tuple[Person, int]:
    """Let somebody leave a calm message outside hours; return them with the number of their consultation."""
    town.choose(closed_until=town.runtime.now() + dt.timedelta(days=1))
    person = town.resident()
    for answer in ("相談", "同意する", "親・保護者", "いいえ", "まどぐち町", "5", "夜のことです"):
        said = len(person.answers())
        person.say(answer)
        wait_until(lambda said=said: len(person.answers()) > said, PATIENCE, f"an answer to {answer}")  # type: ignore[misc]  # mypy knows no default of a lambda
    person.wait_for("いまは受付時間外です")
    number = town.consultation_of(person)
    assert town.entry(number).outside
    return person, number


def test_outside_hours_nobody_is_called_for_a_calm_consultation(town: DeskTown) -> None:
    _, number = come_after_hours(town)
    watch(town, dt.timedelta(hours=2))
    assert alert(town, f"desk.waiting:{number}") is None


def test_outside_hours_danger_calls_somebody_until_it_is_taken_on(town: DeskTown) -> None:
    person, number = come_after_hours(town)
    assert alert(town, f"desk.danger:{number}") is None
    person.say("もう死にたい")
    shown = str(person.wait_for("いま危ないときは"))
    assert "110" in shown
    assert "189" in shown
    called = alert(town, f"desk.danger:{number}")
    assert called.urgent
    assert called.next_at is not None, "until somebody takes it on, they are called again"
    with town.runtime.database.write() as connection:
        assert acknowledge(connection, town.runtime.now(), called.id)
    assert alert(town, f"desk.danger:{number}").next_at is None


def test_an_office_without_a_way_of_talking_takes_nobody(town: DeskTown) -> None:
    with town.desk() as desk:
        offices.choose(desk, town.office_id, mode=None)
    person = town.resident()
    person.say("相談")
    person.wait_for("はじめる前に")
    person.press_button("同意する")
    person.say("3")
    person.wait_for("危険がありますか")
    person.say("はい")
    person.wait_for("いまこの窓口では、トークでの相談を受けられません")


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


def test_what_was_typed_is_kept_until_it_is_sent(town: DeskTown) -> None:
    _, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        writing.keep_scratch(desk, number, town.kana, "書きか")
        writing.keep_scratch(desk, number, town.kana, "書きかけ")
    with town.desk() as desk:
        assert writing.scratch(desk, number, town.kana) == "書きかけ"
        assert writing.scratch(desk, number, town.mio) == ""
        writing.send(desk, number, town.kana, "書きました。")
        assert writing.scratch(desk, number, town.kana) == ""


def test_canned_replies_are_those_of_the_office_and_of_all(town: DeskTown) -> None:
    with town.desk() as desk:
        mine = canned.add(desk, town.office_id, "はじめに", "連絡してくださってありがとうございます。")
        for_all = canned.add(desk, None, "おわりに", "またいつでもどうぞ。")
        assert [one.id for one in canned.replies(desk, town.office_id)] == [mine, for_all]
        canned.remove(desk, mine)
        canned.remove(desk, for_all)
        assert canned.replies(desk, town.office_id) == []


def test_the_digest_tells_the_next_shift_what_happened_without_a_quote(town: DeskTown) -> None:
    with town.desk() as desk:
        since = desk.now
    person, number = town.arrive()
    person.say("ひみつのこと")
    town.wait_said(number, "ひみつのこと")
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        found = digest.digest(desk, [town.office_id], since)
    assert found.happened["opened"] >= 1
    assert found.happened["taken"] >= 1
    assert found.said["in"] >= 1
    assert number in [one.id for one in found.open]
    assert "ひみつ" not in str(found)


def test_the_mark_of_the_queue_changes_with_everything_that_happens(town: DeskTown) -> None:
    person, number = town.arrive()
    marks = []
    for step in ("read", "say", "take", "close"):
        if step == "say":
            person.say("もしもし")
            town.wait_said(number, "もしもし")
        with town.desk() as desk:
            if step == "take":
                taking.take(desk, number, town.kana)
            if step == "close":
                closing.close(desk, number, town.kana, "solved")
            marks.append(queue.newest(desk, [town.office_id]))
    assert len(set(marks)) == len(marks)
