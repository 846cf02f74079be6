"""The rules of the desk: who takes what and how many, who sends whose words, what the clock calls for, how long things are kept."""

from __future__ import annotations

import pytest

from bot.desk import canned, closing, digest, offices, queue, taking, talk, writing
from bot.desk.desk import WrongState
from tests.desk.conftest import DeskTown


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
