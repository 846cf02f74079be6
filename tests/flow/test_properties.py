"""Whatever a resident sends in whatever order: no exception, always an answer, always a way to the menu."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow import press
from bot.flow.engine import turn
from bot.flow.program import AskOp
from bot.flow.state import TALKS, Talk, load
from bot.flow.talk import (
    ActionResult,
    Buttons,
    Choice,
    Followed,
    Input,
    Json,
    LanguageChosen,
    Overtaken,
    Pressed,
    Said,
    Sent,
    Surroundings,
    Text,
    Turn,
)
from bot.flow.words import word_in
from bot.line.limits import (
    BUTTONS_TEXT_GRAPHEMES,
    LABEL_GRAPHEMES,
    MESSAGES_PER_REQUEST,
    POSTBACK_DATA_UTF16,
    QUICK_REPLIES,
    TEXT_UTF16,
    graphemes,
    utf16,
)
from tests.flow.talking import book, bounded

EVERYTHING = """
flow: everything
title: すべて
start: {keywords: [すべて]}
menu: すべて
expires_after: 2 hours
retain_answers: 3 days
steps:
  - consent: privacy
    version: 1
    text: 同意しますか。
    refused: bye
  - ask: kind
    text: 種類は？
    type: choice
    choices: {a: いち, b: に, c: {ja: さん, en: Three}}
    why: 理由です。
  - say: "{{ labels.kind }}ですね。"
    buttons:
      - {label: 途中でする, do: a.act, with: {kind: kind, many: many}, on: {done: many, other: many}}
      - {label: 途中へ, goto: many}
  - ask: many
    text: どれとどれ？
    type: choices
    choices: {x: エックス, y: ワイ}
    required: false
  - repeat: people
    more: もう一人いますか。
    most: 3
    steps:
      - {ask: who, text: お名前は？, type: kana}
      - {ask: born, text: いつ生まれましたか。, type: date, max: today}
  - ask: amount
    text: いくつ？
    type: number
    min: 1
    max: 9
    constraint: answer != 5
    retries: 3
    on_fail: bye
  - call: part
    with: {given: amount}
  - ask: when
    text: いつ？
    type: datetime
    relevant: kind == "a"
  - ask: place
    text: どこ？
    type: location
    required: false
  - confirm: [kind, many, people, amount, when, place, note]
  - do: a.act
    with: {n: amount}
    on: {done: good, other: kind}
  - id: good
    say: "{{ labels.kind }} {{ 'a' * 999999999 }} {{ amount * 10 }} {{ note }}{{ note }}{{ note }}{{ note }}{{ note }}{{ note }}"
    buttons:
      - {label: もう一度とても長いラベルのボタンがあります, goto: kind}
      - {label: する, do: a.act, with: {n: amount}, on: {done: thanks}}
      - {label: 一度だけ, do: a.act, only_while_running: true}
      - {label: メニュー, start: menu}
  - end
  - id: thanks
    say: どうも。
  - end
  - id: bye
    say: [さようなら, また, どうぞ]
"""
PART = """
flow: part
title: 部分
variables: [given]
steps:
  - ask: note
    text: "{{ given }}のメモは？"
  - if: note == "おわり"
    then: end
  - ask: clock
    text: 何時？
    type: time
    required: false
"""
OTHER = """
flow: other
title: ほか
start: {keywords: [ほか]}
menu: {label: ほか, order: 1}
expires_after: 5 minutes
steps:
  - {ask: thing, text: 何？}
  - {say: "{{ thing }}ですね。"}
"""
GREETING = """
flow: greeting
title: あいさつ
start: {follow: true}
steps:
  - {ask: language, type: language, text: ことば？}
  - start: menu
"""
BOOK = book(EVERYTHING, PART, OTHER, GREETING)
CHANGED = book(
    EVERYTHING.replace("種類は？", "どの種類？").replace("ask: note", "ask: memo"), PART.replace("note", "memo"), OTHER
)
START = dt.datetime(2026, 5, 1, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))

TYPED = st.one_of(
    st.sampled_from(
        [
            "すべて", "ほか", "メニュー", "戻る", "やめる", "スキップ", "なぜ？", "ことば", "続ける", "ヘルプ", "自分のデータ",
            "はい", "いいえ", "同意する", "1", "２", "3", "5", "9", "いち", "さん", "1と2", "決定", "やまだ", "令和2年1月1日",
            "2026-05-31 10:30", "10:30", "おわり", "これでよい", "English", "日本語", "い" * 900, "",
        ]
    ),
    st.text(max_size=40),
)  # fmt: skip
FLOWS = st.sampled_from(["everything", "part", "other", "menu", "gone", ""])
STEPS = st.sampled_from(["good", "kind", "thing", "always", "gone", ""])
VERBS = st.sampled_from(["pick", "date", "word", "button", "start", "x"])
JUNK = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ['[0,"kind",{}]', '[1,"a.act",{"n":[]}]', '[-1,"",{}]', '["0",1,2]', "[1]", "{}", "menu", "back", "a", "NaN"]
    ),
)
MOVES = st.one_of(
    TYPED.map(Said),
    st.integers(0, 30),
    st.tuples(st.integers(0, 200), st.sampled_from([None, "2020-01-01", "2020-01-01T10:00", "10:00", "x"])),
    st.builds(Sent, st.sampled_from(["sticker", "image", "location", "video"]), st.just({"address": "町", "id": "1"})),
    st.builds(Followed, st.booleans()),
    st.just(Overtaken()),
    st.text(max_size=60).map(Pressed),
    st.tuples(FLOWS, st.sampled_from(["", "x"]), STEPS, st.sampled_from(["", "0.1", "x"]), VERBS, JUNK).map(
        lambda parts: Pressed("{}/{}/{}/{}?{}={}".format(*parts))
    ),
    st.sampled_from(["later", "swap"]),
    st.just("right"),
    st.just("right"),
    st.just("right"),
)
RIGHT = {
    "privacy": "同意する", "kind": "1", "many": "1と2", "who": "やまだ", "born": "2020-01-01", "people_more": "いいえ",
    "amount": "7", "note": "メモ", "clock": "10時", "when": "明日 10:00", "place": "スキップ", "": "これでよい",
    "thing": "いす", "language": "1", "service": "1",
}  # fmt: skip


def act(name: str, arguments: Mapping[str, Json]) -> ActionResult:
    orjson.dumps(arguments)
    return ActionResult("other" if arguments.get("n") == 7 else "done", {"n": 1})


def check(answer: Turn) -> None:
    assert 1 <= len(answer.messages) <= MESSAGES_PER_REQUEST
    assert len(answer.quick) <= QUICK_REPLIES
    choices = list(answer.quick)
    for message in answer.messages:
        if isinstance(message, Text):
            assert message.text.strip()
            assert utf16(message.text) <= TEXT_UTF16
        elif isinstance(message, Buttons):
            assert message.text.strip()
            assert graphemes(message.text) <= BUTTONS_TEXT_GRAPHEMES
            assert 1 <= len(message.choices) <= 4
            choices += message.choices
    for choice in choices:
        assert 1 <= graphemes(choice.label) <= LABEL_GRAPHEMES
        assert utf16(choice.data) <= POSTBACK_DATA_UTF16
    if answer.state is not None:
        assert len(answer.state) < 200_000
        assert answer.expires_at is not None
        assert answer.quick or answer.messages


class Walk:
    """A resident wandering about: what they send next may be any button ever seen."""

    def __init__(self) -> None:
        self.book = BOOK
        self.state: bytes | None = None
        self.now = START
        self.language: str | None = None
        self.seen: list[Choice] = []
        self.shown: list[Choice] = []
        self.sent: Input | None = None

    def send(self, what: Input) -> Turn:
        self.sent = what
        answer = turn(self.book, self.state, what, Surroundings(self.now, act, self.language), bounded())
        check(answer)
        assert len(load(answer.state)) <= TALKS
        self.state = answer.state
        self.shown = [
            *answer.quick,
            *(choice for message in answer.messages if isinstance(message, Buttons) for choice in message.choices),
        ]
        self.seen += self.shown
        for effect in answer.effects:
            if isinstance(effect, LanguageChosen):
                self.language = effect.language
        return answer

    def deepen(self, depth: int) -> None:
        """Begin the long flow and answer so many of its questions well."""
        if depth:
            self.send(Said("すべて"))
        for _ in range(depth - 1):
            self.move("right")

    def send_by(self, move: object) -> Input | None:
        """Make a move and return what was sent by it, None where nothing was."""
        self.sent = None
        self.move(move)
        return self.sent

    def move(self, move: object) -> None:
        self.now += dt.timedelta(seconds=7)
        match move:
            case "later":
                self.now += dt.timedelta(hours=1)
            case "right" if talks := load(self.state):
                program = self.book.program(talks[-1].flow, talks[-1].revision)
                asked = None if program is None else program.op(talks[-1].step)
                self.send(Said(RIGHT.get(asked.variable, "1") if isinstance(asked, AskOp) else "1"))
            case "swap":
                self.book = CHANGED if self.book is BOOK else BOOK
            case int() if self.shown:
                self.send(Pressed(self.shown[move % len(self.shown)].data))
            case (int() as index, (str() | None) as picked) if self.seen:
                self.send(Pressed(self.seen[index % len(self.seen)].data, picked))
            case Said() | Sent() | Followed() | Overtaken() | Pressed():
                self.send(move)


@settings(max_examples=150, deadline=None)
@given(moves=st.lists(MOVES, max_size=40), depth=st.integers(0, 18))
def test_any_inputs_in_any_order_are_answered_and_the_menu_is_always_near(*, moves: list[object], depth: int) -> None:
    walk = Walk()
    walk.deepen(depth)
    for move in moves:
        walk.move(move)
    answer = walk.send(Said("メニュー"))
    assert answer.flow == "menu"


ONE_OF_EACH: list[Input] = [
    *map(Said, ["メニュー", "戻る", "やめる", "スキップ", "なぜ？", "ことば", "続ける", "ヘルプ", "すべて", "ほか", "？", "1", ""]),
    *(Sent(kind, {"address": "町", "id": "1"}) for kind in ("sticker", "image", "location", "video", "file")),
    *map(Followed, (True, False)),
    Overtaken(),
    Pressed("x"),
]  # fmt: skip


@pytest.mark.parametrize("depth", range(19))
@pytest.mark.parametrize("swapped", [False, True], ids=["same edition", "new edition"])
def test_at_every_question_every_kind_of_input_is_answered_and_the_menu_is_one_word_away(
    depth: int, *, swapped: bool
) -> None:
    reached = Walk()
    reached.deepen(depth)
    buttons = [Pressed(choice.data, picked) for choice in reached.seen for picked in (None, "2020-01-01")]
    for sent in [*ONE_OF_EACH, *buttons]:
        walk = Walk()
        walk.deepen(depth)
        walk.book = CHANGED if swapped else BOOK
        walk.send(sent)
        assert walk.send(Said("メニュー")).flow == "menu"


def of_everything(state: bytes | None) -> Talk | None:
    return next((talk for talk in load(state) if talk.flow == "everything"), None)


def may_change(before: Talk, after: Talk, sent: Input, *, running: bool) -> set[str]:
    """Return the stored answers that this turn may change: of the question it answered, and what follows from that."""
    if not running:
        return set()
    taken_back = set(before.history[-1][1]) if before.history else set()
    if isinstance(sent, Said):
        if word_in(sent.text) == "back":
            return taken_back
        answered = word_in(sent.text) is None or word_in(sent.text) == "skip"
    else:
        pressed = press.read(sent.data) if isinstance(sent, Pressed) else None
        here = pressed is not None and (pressed.step, pressed.mark) == (before.step, before.mark)
        if here and pressed is not None and pressed.verb == press.WORD and pressed.value == "back":
            return taken_back
        answered = here or isinstance(sent, Sent)
    ops = [pages.programs["everything"].op(before.step) for pages in (BOOK, CHANGED)]
    asked = next((op for op in ops if isinstance(op, AskOp)), None)
    if not answered or asked is None:
        return set()
    follows = {"given": after.answers.get("given") == after.answers.get("amount")}
    follows |= {"when": after.answers.get("kind") != "a"}
    # A group is gathered round by round, and anew where it is chosen at the confirmation or the talk comes to it once more.
    gathers = {"born", "people_more"} | (set() if before.replay else {"many"})
    anew = (asked.type == "confirm" and "people" not in after.answers) or after.answers.get("people") == []
    rounds = (
        {"people", "who", "born", "people_more"}
        if asked.variable in gathers or (asked.type == "confirm" and anew)
        else set()
    )
    return {asked.variable} | rounds | {name for name, true in follows.items() if true}


@settings(max_examples=300, deadline=None)
@given(moves=st.lists(MOVES, max_size=25), depth=st.integers(1, 18))
def test_a_stored_answer_changes_only_by_its_question_asked_again_or_by_going_back(
    *, moves: list[object], depth: int
) -> None:
    """Answers end with their talk, by やめる or its end; while it is under way nothing else touches them."""
    walk = Walk()
    walk.deepen(depth)
    for move in moves:
        before = of_everything(walk.state)
        running = before is not None and load(walk.state)[-1].flow == "everything"
        sent = walk.send_by(move)
        after = of_everything(walk.state)
        if before is None or after is None or sent is None or after.begun != before.begun:
            continue
        changed = {name for name, value in before.answers.items() if after.answers.get(name) != value}
        allowed = may_change(before, after, sent, running=running)
        assert changed <= allowed, (changed - allowed, before.step, sent)


@settings(max_examples=60, deadline=None)
@given(st.lists(TYPED, max_size=15))
def test_a_turn_is_a_function_of_state_and_input(texts: list[str]) -> None:
    walk = Walk()
    walk.send(Said("すべて"))
    for text in texts:
        around = Surroundings(walk.now, act, walk.language)
        assert turn(BOOK, walk.state, Said(text), around) == turn(BOOK, walk.state, Said(text), around)
        walk.send(Said(text))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_no_stored_bytes_break_a_turn(state: bytes) -> None:
    check(turn(BOOK, state, Said("1"), Surroundings(START, act)))
