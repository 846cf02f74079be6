"""The step `handoff`: from it on the resident's words go to a person, and every way out stays in reach."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow.engine import beside_person, rejoined, released, turn
from bot.flow.program import HandoffOp
from bot.flow.state import load
from bot.flow.talk import (
    Counter,
    HandedOver,
    InDanger,
    LeftDesk,
    Overtaken,
    Pressed,
    Said,
    Sent,
    Surroundings,
    ToldDesk,
)
from tests.flow.talking import Resident, book

FLOW = """
flow: care.talk
title: 相談
start: {keywords: [相談]}
menu: 相談
expires_after: 30 minutes
always:
  - {label: 189に電話, open: "tel:189"}
  - {label: 画面を変える, goto: leave}
steps:
  - consent: privacy
    version: 1
    text: いいですか。
  - ask: area
    text: どこですか。
    type: choice
    required: false
    choices: {here: ここ, there: あそこ}
  - ask: what
    text: 何がありましたか。
    required: false
  - handoff: care
    office: area
    carry: [area, what, unknown_yet]
    waiting: "{{ office }}につなぎます。{{ ahead }}人、{{ number }}番。"
    outside: "時間外です。{% if opens %}{{ opens|jdate }} {{ opens|clock }}{% endif %}"
    full: "混んでいます（{{ ahead }}人）。"
    nowhere: nowhere
    on_close: bye
  - id: bye
    say: また来てください。
  - end
  - id: nowhere
    say: 窓口がありません。
  - end
  - id: leave
    say: ごみの案内です。
  - start: menu
""".replace(", unknown_yet", "")
OTHER = """
flow: waste
title: ごみ
start: {keywords: [ごみ]}
menu: ごみ
steps:
  - {ask: item, text: 何ですか。}
  - {say: "{{ item }}ですね。"}
"""
OFFICES = """
offices:
  town:
    name: 町の窓口
    queue: care
    serves: [here, ""]
    hours: [{days: weekdays, from: "09:00", to: "17:00"}]
    most_waiting: 5
"""
DANGER = """
danger: care
words: [しにたい, ころされる]
text: すぐに電話してください。
"""
BOOK = book(FLOW, OTHER, OFFICES, DANGER)


class Caller(Resident):
    """A resident in front of a desk that stands as `counter` says."""

    def __init__(self, **counter: object) -> None:
        super().__init__(BOOK)
        self.counter = Counter(**{"takes": True, "ahead": 2, "number": 7, **counter})  # type: ignore[arg-type]  # plain keywords

    def around(self) -> Surroundings:
        return Surroundings(self.now, self._act, self.language, desk=lambda _office: self.counter)

    def arrive(self, what: str = "困っています", area: str = "ここ") -> str:
        self.say("相談")
        self.press("同意する")
        self.say(area)
        return self.say(what)

    def told(self) -> list[str]:
        return [effect.text for effect in self.effects if isinstance(effect, ToldDesk)]

    def of(self, kind: type) -> list[object]:
        return [effect for effect in self.effects if isinstance(effect, kind)]


def test_the_handoff_says_who_waits_and_carries_the_answers() -> None:
    r = Caller()
    assert r.arrive() == "町の窓口につなぎます。2人、7番。"
    [handed] = r.of(HandedOver)
    assert isinstance(handed, HandedOver)
    assert (handed.office, handed.area, handed.carried) == ("town", "here", {"area": "here", "what": "困っています"})
    assert not handed.outside
    assert r.labels == ["189に電話", "画面を変える", "話を終える", "メニュー"]


def test_outside_hours_a_message_is_taken_and_the_next_opening_told() -> None:
    r = Caller()
    r.now = dt.datetime(2026, 5, 2, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert r.arrive() == "時間外です。2026年5月7日 09:00"
    [handed] = r.of(HandedOver)
    assert isinstance(handed, HandedOver)
    assert handed.outside
    assert "お預かりしました" in r.say("よろしく")
    assert r.told() == ["よろしく"]


def test_an_office_closed_by_its_staff_is_outside_hours_too() -> None:
    assert Caller(closed=True).arrive().startswith("時間外です。")


def test_when_too_many_wait_it_is_said() -> None:
    assert Caller(ahead=5).arrive() == "混んでいます（5人）。"


def test_without_an_office_the_talk_goes_its_own_way() -> None:
    for r, area in ((Caller(takes=False), "ここ"), (Caller(), "あそこ")):
        assert r.arrive(area=area) == "窓口がありません。"
        assert r.state is None
        assert not r.of(HandedOver)


def test_only_the_first_words_are_acknowledged_and_none_once_a_person_has_answered() -> None:
    r = Caller()
    r.arrive()
    assert "届いています" in r.say("一")
    assert r.say("二") == ""
    answered = Caller(answered=True)
    answered.arrive()
    assert answered.say("一") == ""
    assert r.told() == ["一", "二"]


def test_words_of_ours_may_be_meant_for_the_person() -> None:
    r = Caller(answered=True)
    r.arrive()
    for word in ("なぜ", "戻る", "スキップ", "help", "ことば", "続き", "相談", "ごみ", "1"):
        assert r.say(word) == ""
    assert r.told() == ["なぜ", "戻る", "スキップ", "help", "ことば", "続き", "相談", "ごみ", "1"]


def test_only_the_button_ends_the_talk() -> None:
    r = Caller()
    r.arrive()
    assert "話を終える" in r.say("やめる")
    assert r.told() == ["やめる"]
    assert r.press("話を終える") == "また来てください。"
    assert r.state is None
    assert len(r.of(LeftDesk)) == 1


def test_the_menu_is_in_reach_and_words_typed_there_go_to_the_person() -> None:
    r = Caller(answered=True)
    r.arrive()
    assert "1. 相談" in r.say("メニュー")
    assert r.say("聞いてください") == ""
    assert r.told() == ["聞いてください"]
    assert "1. 相談" in r.say("メニュー")
    assert r.say("ごみ") == "何ですか。"
    assert "いすですね。" in r.say("いす")
    assert r.say("もしもし") == "", "the other talk is over, so the person listens again"
    assert not r.of(LeftDesk)


def test_choosing_the_same_service_again_leads_back_to_the_person() -> None:
    r = Caller(answered=True)
    r.arrive()
    r.say("メニュー")
    assert "相談の窓口につながっています" in r.press("相談")
    assert r.say("いますか") == ""
    assert not r.of(LeftDesk)


def test_a_quick_exit_leaves_the_desk_without_a_trace_on_the_screen() -> None:
    r = Caller()
    r.arrive()
    assert r.say("画面を変える").startswith("ごみの案内です。")
    assert [type(effect) for effect in r.effects[-1:]] == [LeftDesk]


def test_a_consultation_does_not_lapse_with_the_flow() -> None:
    r = Caller(answered=True)
    r.arrive()
    r.wait(days=3)
    assert r.say("お返事を待っていました") == ""
    r.wait(days=31)
    r.say("まだいますか")
    assert len(r.of(LeftDesk)) == 1


def test_a_pause_of_the_service_does_not_cut_off_who_is_talking() -> None:
    r = Caller(answered=True)
    r.arrive()
    r.book = BOOK.with_pauses({"care": {"ja": "休止中です。"}})
    assert r.say("もしもし") == ""
    newcomer = Caller()
    newcomer.book = r.book
    assert newcomer.say("相談").startswith("休止中です。")


def test_a_photo_and_a_late_text_reach_the_person() -> None:
    r = Caller(answered=True)
    r.arrive()
    assert r.send(Sent("image", {"attachment": "b1"})) == ""
    assert r.send(Overtaken(Said("おそくなりました"))) == ""
    found = [(one.kind, one.text, one.detail) for one in r.effects if isinstance(one, ToldDesk)]
    assert found == [("image", "", {"attachment": "b1"}), ("text", "おそくなりました", {})]


def test_danger_shows_the_numbers_once_in_a_while_and_is_told_each_time() -> None:
    r = Caller(answered=True)
    r.arrive()
    assert "すぐに電話してください。" in r.say("シニタイ")
    assert {"110（警察）に電話", "119（救急）に電話", "189（児童相談所）に電話"} <= set(r.labels)
    assert r.say("しにたいです") == ""
    r.wait(minutes=11)
    assert "すぐに電話してください。" in r.say("しにたい")
    assert all(one.dangers for one in r.effects if isinstance(one, ToldDesk))


def test_danger_before_the_desk_is_told_only_with_consent() -> None:
    r = Caller()
    r.say("相談")
    assert "すぐに電話してください。" in r.say("ころされる")
    assert not r.of(InDanger)
    r.press("同意する")
    assert "すぐに電話してください。" in r.say("ころされる")
    [danger] = r.of(InDanger)
    assert isinstance(danger, InDanger)
    assert (danger.office, danger.dangers) == ("town", ("ころされる",))


def test_danger_outside_every_talk_shows_the_numbers() -> None:
    r = Caller()
    assert "すぐに電話してください。" in r.say("しにたい")
    assert not r.of(InDanger)


def test_the_desk_lets_the_talk_go_on() -> None:
    r = Caller()
    r.arrive()
    [handed] = r.of(HandedOver)
    assert isinstance(handed, HandedOver)
    below = beside_person(BOOK, r.state, "care.talk", r.around())
    assert [choice.label for choice in below] == ["189に電話", "画面を変える", "話を終える", "メニュー"]
    done = released(BOOK, r.state, "care.talk", handed.begun, r.around())
    assert done is not None
    assert r.take(done) == "また来てください。"
    assert released(BOOK, r.state, "care.talk", handed.begun, r.around()) is None
    assert beside_person(BOOK, r.state, "care.talk", r.around()) == ()


def test_a_closed_talk_comes_back_to_the_desk() -> None:
    r = Caller(answered=True)
    done = rejoined(BOOK, r.state, "care.talk", 5, r.around())
    assert done is not None
    r.take(done)
    assert r.say("もしもし") == ""
    assert [(one.begun, one.text) for one in r.effects if isinstance(one, ToldDesk)] == [(5, "もしもし")]


def at_desk(r: Caller) -> set[int]:
    return {talk.begun for talk in load(r.state) if isinstance(BOOK.programs[talk.flow].op(talk.step), HandoffOp)}


MOVES = st.one_of(
    st.sampled_from(
        [
            "相談",
            "ここ",
            "メニュー",
            "やめる",
            "戻る",
            "しにたい",
            "ごみ",
            "いす",
            "画面を変える",
            "1",
            "2",
            "はい",
            "ことば",
        ]
    ).map(Said),
    st.text(max_size=20).map(Said),
    st.integers(0, 20),
    st.builds(Sent, st.sampled_from(["image", "sticker"]), st.just({})),
    st.builds(Overtaken, st.just(Said("x"))),
    st.text(max_size=20).map(Pressed),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(MOVES, max_size=25))
def test_every_word_is_answered_by_the_bot_or_reaches_a_person(moves: list[object]) -> None:
    r = Caller()
    r.arrive()
    for move in moves:
        before = at_desk(r)
        r.effects.clear()
        what = Pressed(r.choices[move % len(r.choices)].data) if isinstance(move, int) and r.choices else move
        if isinstance(what, int):
            continue
        r.now += dt.timedelta(seconds=5)
        r.take(turn(r.book, r.state, what, r.around()))  # type: ignore[arg-type]  # every move is an input by now
        assert r.last is not None
        assert r.last.messages or r.of(ToldDesk), (what, before)
        assert not before - at_desk(r) or r.of(LeftDesk), what
