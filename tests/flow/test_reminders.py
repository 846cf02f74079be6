"""The steps `remind` and `stop_reminder`: what they want done, how they are checked, and how reviewers read them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow import lint
from bot.flow.diagram import mermaid
from bot.flow.engine import turn
from bot.flow.load import load_texts
from bot.flow.outline import outline
from bot.flow.rehearsals import Outcome, rehearse_text
from bot.flow.talk import Pressed, Reminded, Said, Surroundings, TopicStopped, Turn, Unreminded
from bot.flow.timing import TOKYO

NOW = dt.datetime(2026, 4, 1, 9, 0, tzinfo=TOKYO)
TOWN = "languages: [ja]\ntopics: {tax: 税の納期限}\n"
FLOW = """flow: tax.due
title: 納期限
start: {keywords: [納期限]}
steps:
  - ask: due
    type: date
    text: 納期限はいつですか。
  - ask: kind
    type: choice
    text: どの税ですか。
    choices: {car: 自動車税, house: 固定資産税}
  - remind: due_day
    at: due|plus_days(-7)
    time: "9:30"
    holiday: before
    topic: tax
    say: "{{ labels.kind }}は{{ due|jdate }}までです。"
    buttons:
      - {label: 納めました, goto: paid}
  - if: due_day
    then:
      - say: "{{ due_day|jdate }}にお知らせします。"
    else:
      - say: もうすぐです。
  - end
  - id: paid
    stop_reminder: due_day
  - say: ありがとうございます。
"""
SPEAKING = "flow: tax.words\ntitle: お知らせ\nvariables: [kind]\nsteps:\n  - say: '{{ kind }}のお知らせです。'\n"


def around(now: dt.datetime = NOW) -> Surroundings:
    return Surroundings(now, lambda name, _arguments: pytest.fail(name), "ja")


def talked(*words: str) -> Turn:
    book = load_texts({"flows/town.yaml": TOWN, "flows/due.yaml": FLOW}).book
    last = turn(book, None, Said("納期限"), around())
    for word in words:
        last = turn(book, last.state, Said(word), around())
    return last


def problems(old: str, new: str) -> list[str]:
    assert old in FLOW
    texts = {"flows/town.yaml": TOWN, "flows/words.yaml": SPEAKING, "flows/due.yaml": FLOW.replace(old, new, 1)}
    found = lint.check(load_texts(texts), None, NOW.date())
    return [f"{problem.code}: {problem.what.ja}" for problem in found]


def test_it_wants_to_be_said_at_its_time_with_the_answers_its_words_use() -> None:
    [effect] = talked("2026-05-31", "1").effects
    assert effect == Reminded(
        "tax", "due_day", "tax.due", "due_day", "tax", dt.datetime(2026, 5, 22, 9, 30, tzinfo=TOKYO),
        {"first": "2026-05-24", "time": "09:30", "quiet": "after", "holiday": "before"},
        {"due": "2026-05-31", "kind": "car"},
    )  # fmt: skip


def test_what_has_passed_is_not_said_and_what_was_wanted_before_is_forgotten() -> None:
    last = talked("2026-04-03", "1")
    assert last.effects == (Unreminded("tax", "due_day"),)
    assert [message.text for message in last.messages if hasattr(message, "text")] == ["もうすぐです。"]


def test_one_press_stops_a_topic_without_disturbing_the_question_under_way() -> None:
    book = load_texts({"flows/town.yaml": TOWN, "flows/due.yaml": FLOW}).book
    asked = turn(book, None, Said("納期限"), around())
    stopped = turn(book, asked.state, Pressed("tax.due///?hush=tax"), around())
    assert stopped.effects == (TopicStopped("tax"),)
    assert "「税の納期限」のお知らせを止めました" in str(stopped.messages[0])
    assert "納期限はいつですか" in str(stopped.messages[-1])
    assert stopped.step == "due"


def test_one_press_stops_a_reminder_without_a_topic() -> None:
    book = load_texts({"flows/town.yaml": TOWN, "flows/due.yaml": FLOW}).book
    stopped = turn(book, None, Pressed("tax.due///?hush=tax/due_day"), around())
    assert stopped.effects == (Unreminded("tax", "due_day"),)


@given(st.text(max_size=60))
def test_a_forged_stop_does_no_harm(value: str) -> None:
    book = load_texts({"flows/town.yaml": TOWN, "flows/due.yaml": FLOW}).book
    assert turn(book, None, Pressed(f"tax.due///?hush={value}"), around()).messages


def test_the_flow_as_it_is_has_no_problem() -> None:
    assert problems("納めました", "納めました") == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    at: due|plus_days(-7)\n", "", "remind_when: いつ知らせるかがありません。"),
        ("    at: due|plus_days(-7)\n", "    at: due\n    after: 3 days\n", "remind_when: at と after のどちらか一つを書きます。"),
        ("    at: due|plus_days(-7)\n", "    every: day\n", "endless_reminder: いつまでも届き続けます。"),
        ("    topic: tax\n", "    topic: tax\n    until: due\n", "until_alone: until は every（くり返し）と組で使います。"),
        ("    topic: tax\n", "    topic: tax\n    on: mon\n", "on_alone: on（曜日）は every: week と組で使います。"),
        ("due|plus_days(-7)", "2026-03-01", "past_date: 2026-03-01 はもう過ぎているため、届きません。"),
        ("due|plus_days(-7)", "'\"soon\"'", "no_date: 「at」の「soon」は日付として読めません。"),
        ("    at: due|plus_days(-7)\n    time: \"9:30\"\n", "    after: 2 hours\n    time: \"9:30\"\n", "time_unused: "),
        ("\"9:30\"", "\"22:00\"", "night_reminder: 夜9時から朝8時のあいだは送らない"),
        ("\"9:30\"", "25時", "time_of_day: 「time」の「25時」は時刻として読めません。"),
        ("topic: tax", "topic: taxes", "unknown_topic: 「taxes」というお知らせの種類"),
        ("stop_reminder: due_day", "stop_reminder: due_date", "unknown_reminder: 「due_date」"),
        ("    say: \"{{ labels.kind }}は{{ due|jdate }}までです。\"\n", "", "remind_what: 何を伝えるかを"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(old: str, new: str, said: str) -> None:
    assert [problem for problem in problems(old, new) if problem.startswith(said)], problems(old, new)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("    start: tax.words\n", "missing_argument: 「tax.words」には with: に「kind」が必要です。"),
        ("    start: tax.words\n    with: {knd: kind, kind: kind}\n", "unknown_argument: 「tax.words」は「knd」を"),
        ("    start: tax.wrods\n", "unknown_flow: 「tax.wrods」というフローがありません。"),
        ("    start: tax.due\n", "notice_acts: 「tax.due」は、伝えるだけのフローではありません"),
    ],
)  # fmt: skip
def test_a_notice_only_speaks_and_gets_what_it_needs(given: str, said: str) -> None:
    old = FLOW[FLOW.index('    say: "{{ labels.kind') : FLOW.index("  - if: due_day")]
    assert [problem for problem in problems(old, given) if problem.startswith(said)], problems(old, given)


def test_a_secret_answer_never_stands_in_a_reminder() -> None:
    found = problems("    text: 納期限はいつですか。", "    text: 納期限はいつですか。\n    secret: true")
    assert any(problem.startswith("secret_reminder: 「due」は secret") for problem in found)


def test_reviewers_read_when_and_what() -> None:
    book = load_texts({"flows/town.yaml": TOWN, "flows/due.yaml": FLOW}).book
    assert (
        "  3. あとで知らせる（due_day、種類「tax」）：「納期限はいつですか」の7日前、09:30\n"
        "      ・文章：〈「どの税ですか」の答え〉は〈納期限はいつですか〉までです。\n"
        "      ・ボタン 「納めました」 → ［paid］へ\n"
        "      ・役所が休みの日なら前の平日に\n"
    ) in outline(book.programs["tax.due"].flow)
    assert "あとで知らせる：due_day" in mermaid(book.programs["tax.due"])


TALK = """talk: 納期限の前
moves:
  - resident: 納期限
  - resident: 2026-05-31
  - resident: 固定資産税
    bot: 2026年5月22日にお知らせします。
  - wait: 50 days
    bot: []
  - wait: 2 days
    bot: 固定資産税は2026年5月31日までです。
    buttons: [納めました, このお知らせを止める]
  - press: 納めました
    bot: ありがとうございます。
"""


@pytest.mark.parametrize(("old", "new"), [("", ""), ("bot: []", "bot: …"), ("固定資産税は", "自動車税は")])
def test_a_transcript_sees_it_arrive(old: str, new: str) -> None:
    outcome = Outcome(load_texts({"flows/town.yaml": TOWN, "flows/due.yaml": FLOW}))
    rehearse_text(outcome, "flows/due.talk.yaml", TALK.replace(old, new) if old else TALK)
    assert outcome.failed is bool(old)
