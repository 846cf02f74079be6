"""Somebody reaches a person: what they write comes to the desk, what a counsellor writes comes to them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.desk import closing, queue, taking, talk, writing
from bot.models import Alert
from tests.desk.conftest import DeskTown
from tests.product import PATIENCE, wait_until
from tests.webhook.files import photo
from tests.webhook.signed import Signer
from tests.webhook.signed import text as message


def test_words_go_both_ways_and_nothing_is_said_in_between(town: DeskTown) -> None:
    person, number = town.arrive()
    person.say("もしもし")
    town.wait_said(number, "もしもし")
    person.wait_for("届いています")
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
    person.say("聞いていますか")
    town.wait_said(number, "聞いていますか")
    with town.desk() as desk:
        message = writing.send(desk, number, town.kana, "はい、読んでいます。")
    person.wait_for("はい、読んでいます。")
    before = len(person.answers())
    person.say("よかった")
    town.wait_said(number, "よかった")
    assert len(person.answers()) == before, "a machine does not talk between two people"
    assert [one.direction for one in town.said(number)] == ["in", "in", "out", "in"]
    wait_until(lambda: town.said(number)[2].delivery == "sent", PATIENCE, "the delivery to be known")
    assert town.said(number)[2].id == message


def test_the_answers_of_the_intake_come_with_the_consultation(town: DeskTown) -> None:
    _, number = town.arrive("子ども（18歳未満）", "いいえ", "まどぐち町", "11", "学校のこと")
    with town.desk() as desk:
        told = {answer.name: answer.shown for answer in talk.answers(desk, number)}
    assert told == {
        "who": "子ども（18歳未満）", "danger": "いいえ", "municipality": "まどぐち町", "age": "11", "what": "学校のこと"
    }  # fmt: skip
    assert town.entry(number).grade == "B"


def test_a_fresh_token_makes_the_answer_a_reply_which_costs_nothing(town: DeskTown) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        writing.send(desk, number, town.kana, "こんにちは。")
    person.wait_for("こんにちは。")
    person.say("はい")
    town.wait_said(number, "はい")
    with town.desk() as desk:
        writing.send(desk, number, town.kana, "よろしくお願いします。")
    person.wait_for("よろしくお願いします。")
    kinds = [send["kind"] for send in town.product.line.sends() if person.id in send["to"]][-2:]
    assert kinds == ["push", "reply"]


def test_the_ways_out_stay_below_what_a_counsellor_writes(town: DeskTown) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        writing.send(desk, number, town.kana, "何でも書いてください。")
    answer = person.wait_for("何でも書いてください。")
    assert "tel:189" in str(answer)
    assert "tel:110" in str(answer)


def test_danger_words_raise_the_flag_and_call_somebody_at_once(town: DeskTown) -> None:
    person, number = town.arrive()
    assert not town.entry(number).danger
    person.say("もう死にたい")
    person.wait_for("いま危ないときは")
    message = town.wait_said(number, "もう死にたい")
    assert message.dangers == ("死にたい",)
    entry = town.entry(number)
    assert (entry.danger, entry.grade) == (True, "A")
    with town.runtime.database.read() as connection:
        alert = connection.execute(select(Alert).where(Alert.key == f"desk.danger:{number}")).one()
    assert alert.urgent
    assert alert.settled_at is None


def test_danger_before_the_talk_reaches_the_desk_calls_somebody_too(town: DeskTown) -> None:
    person = town.resident()
    person.say("相談")
    person.wait_for("はじめる前に")
    person.press_button("同意する")
    person.wait_for("どなたですか")
    person.say("たすけて ころされる")
    person.wait_for("いま危ないときは")
    number = town.consultation_of(person)
    assert town.entry(number).danger
    assert [one.text for one in town.said(number)] == ["たすけて ころされる"]


def test_somebody_in_danger_comes_before_all_others(town: DeskTown) -> None:
    _, calm = town.arrive()
    _, urgent = town.arrive("子ども（18歳未満）", "はい", name="太郎")
    with town.desk() as desk:
        order = [one.id for one in queue.queue(desk, [town.office_id])]
    assert order.index(urgent) < order.index(calm)
    assert town.entry(urgent).grade == "AA"


def test_who_closes_a_talk_lets_the_flow_say_goodbye(town: DeskTown) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        closing.close(desk, number, town.kana, "solved")
    person.wait_for("ありがとうございました")
    assert town.entry(number).state == "closed"
    person.say("何かありますか")
    person.wait_for("メッセージの内容がわかりませんでした")


def test_a_talk_in_danger_is_not_closed_by_a_slip(town: DeskTown) -> None:
    _, number = town.arrive("子ども（18歳未満）", "はい")
    with town.desk() as desk, pytest.raises(closing.StillInDanger):
        closing.close(desk, number, town.kana, "solved")
    with town.desk() as desk:
        closing.close(desk, number, town.kana, "solved", safe=True)
    assert town.entry(number).state == "closed"


def test_a_reopened_talk_hears_the_resident_again(town: DeskTown) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        closing.close(desk, number, town.kana, "no_reply")
    person.wait_for("ありがとうございました")
    with town.desk() as desk:
        closing.reopen(desk, number, town.mio)
        writing.send(desk, number, town.mio, "その後、いかがですか。")
    person.wait_for("その後、いかがですか。")
    person.say("だいじょうぶです")
    town.wait_said(number, "だいじょうぶです")


def test_what_is_taken_back_is_gone_from_the_desk(town: DeskTown) -> None:
    person, number = town.arrive()
    sent = person.say("これは消します")
    town.wait_said(number, "これは消します")
    person.unsend(sent["message"]["id"])
    wait_until(lambda: town.said(number)[0].status == "unsent", PATIENCE, "the words to be gone")
    assert town.said(number)[0].text is None


def test_an_answer_taken_back_is_gone_from_what_came_with_the_consultation(town: DeskTown) -> None:
    person = town.resident()
    person.say("相談")
    person.wait_for("はじめる前に")
    person.press_button("同意する")
    answers = ("3", "いいえ", "まどぐち町", "4")
    for answer, question in zip(answers, ("危険がありますか", "どこに住んで", "何歳", "気になりましたか"), strict=True):
        person.wait_for("どなたですか")
        person.say(answer)
        person.wait_for(question)
    sent = person.say("となりの家から泣き声がします")
    person.wait_for("受付番号")
    number = town.consultation_of(person)
    person.unsend(sent["message"]["id"])

    def told() -> set[str]:
        with town.desk() as desk:
            return {answer.name for answer in talk.answers(desk, number)}

    wait_until(lambda: "what" not in told(), PATIENCE, "the answer to be gone")


def test_a_photo_comes_to_the_desk_as_a_file_to_be_opened(town: DeskTown) -> None:
    person, number = town.arrive()
    person.file("image", photo(), "image/jpeg")

    def files() -> list[talk.File]:
        return [file for one in town.said(number) for file in one.files]

    wait_until(lambda: [one.status for one in files()] == ["kept"], PATIENCE, "the photo to be fetched")
    [file] = files()
    _, elsewhere = town.arrive(name="次郎")
    with town.desk() as desk:
        assert talk.file_of(desk, number, file.id) is not None
        assert talk.file_of(desk, elsewhere, file.id) is None, "a file opens only in its own talk"


def test_a_quick_exit_is_seen_at_the_desk_and_nothing_is_sent_by_a_slip(town: DeskTown) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
    person.say("画面を変える")
    person.wait_for("ごみの出し方")
    wait_until(lambda: town.entry(number).left_at is not None, PATIENCE, "the desk to see it")
    with town.desk() as desk, pytest.raises(writing.HasLeft):
        writing.send(desk, number, town.kana, "だいじょうぶですか。")
    person.say("相談")
    person.wait_for("はじめる前に")


def test_danger_words_after_a_quick_exit_still_reach_the_person(town: DeskTown) -> None:
    person, number = town.arrive()
    person.say("ここにいます")
    town.wait_said(number, "ここにいます")
    person.say("画面を変える")
    wait_until(lambda: town.entry(number).left_at is not None, PATIENCE, "the desk to see it")
    person.say("もう死にたい")
    town.wait_said(number, "もう死にたい")
    entry = town.entry(number)
    assert (entry.danger, entry.grade) == (True, "A")
    assert entry.left_at is not None, "they are not back: whoever answers is still warned"


def test_danger_words_open_again_what_was_left_by_the_quick_exit_without_a_word(town: DeskTown) -> None:
    person, number = town.arrive()
    person.say("画面を変える")
    wait_until(lambda: town.entry(number).state == "closed", PATIENCE, "the calm consultation to be closed")
    person.say("もう死にたい")
    person.wait_for("いま危ないときは")
    town.wait_said(number, "もう死にたい")
    entry = town.entry(number)
    assert (entry.state, entry.danger, entry.grade) == ("waiting", True, "A")
    with town.runtime.database.read() as connection:
        called = connection.execute(select(Alert).where(Alert.key == f"desk.danger:{number}")).one()
    assert called.urgent, "whoever is on call is told"


def test_danger_words_of_somebody_who_has_agreed_to_nothing_are_not_kept(town: DeskTown) -> None:
    person, number = town.arrive()
    stranger = town.resident("通りすがり")
    stranger.say("死にたい")
    stranger.wait_for("いま危ないときは")
    assert town.said(number) == []
    with town.desk() as desk:
        waiting = {one.reference for one in queue.queue(desk, [town.office_id])}
    assert town.row_of(stranger).reference not in waiting
    assert town.row_of(person).reference in waiting


def test_how_a_message_travels_is_seen_in_the_talk(town: DeskTown) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        message = writing.send(desk, number, town.kana, "届きますか。")
        assert talk.deliveries(desk, number) == {message: "waiting"}
    person.wait_for("届きますか。")

    def travelled() -> dict[int, str]:
        with town.desk() as desk:
            return talk.deliveries(desk, number)

    wait_until(lambda: travelled() == {message: "sent"}, PATIENCE, "the delivery to be known")


def test_what_came_late_is_still_read_by_the_person(town: DeskTown, channel: Signer) -> None:
    """A text older than the last one is no answer to a question, but a person can read it."""
    person, number = town.arrive()
    late = message(person.id, "はじめに書いたこと")
    person.say("あとで書いたこと")
    town.wait_said(number, "あとで書いたこと")
    late["timestamp"] -= 60_000
    assert channel.deliver(late) == 200
    town.wait_said(number, "はじめに書いたこと")


def test_a_message_that_comes_after_its_own_recall_is_not_kept(town: DeskTown, channel: Signer) -> None:
    person, number = town.arrive()
    late = message(person.id, "これは消しました")
    late["timestamp"] -= 60_000
    late["message"]["id"] = "17123"
    recall = {
        **late,
        "type": "unsend",
        "webhookEventId": late["webhookEventId"][::-1],
        "timestamp": late["timestamp"] + 1,
    }
    recall["unsend"] = {"messageId": late["message"]["id"]}
    del recall["message"]
    assert channel.deliver(recall) == 200
    assert channel.deliver(late) == 200
    assert [(one.text, one.status) for one in town.said(number)] == [(None, "unsent")]


def test_two_consultations_of_one_person_stand_in_each_others_history(town: DeskTown) -> None:
    person, first = town.arrive()
    with town.desk() as desk:
        closing.close(desk, first, town.kana, "solved")
    person.wait_for("ありがとうございました")
    said = len(person.answers())
    for answer in ("相談", "同意する", "親・保護者", "いいえ", "まどぐち町", "5", "また困っています"):
        person.say(answer)
        wait_until(lambda said=said: len(person.answers()) > said, PATIENCE, f"an answer to {answer}")  # type: ignore[misc]  # mypy knows no default of a lambda
        said = len(person.answers())
    second = town.consultation_of(person)
    with town.desk() as desk:
        assert [one.id for one in queue.history(desk, second)] == [first]
