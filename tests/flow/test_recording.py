"""A chat from the simulator becomes a transcript that passes, or says where the flows have changed since."""

from __future__ import annotations

from typing import Any

import pytest

from bot.flow.load import load_texts
from bot.flow.recording import NotFound, record
from bot.flow.rehearsals import Outcome, rehearse_text
from tests.flow.test_transcript import FLOW

NOON = 1_800_000_000.0
OTHER = """flow: other
title: ほか
start: {keywords: [ほか]}
steps:
  - say: {ja: ほかです。, en: Something else.}
"""
GREETING = """flow: greeting
title: あいさつ
start: {follow: true}
steps:
  - {ask: language, type: language, text: ことば？}
  - {say: {ja: どうぞ。, en: Welcome.}}
"""
WASTE = """flow: waste
title: ごみ
start: {keywords: [ごみ]}
steps:
  - ask: kind
    text: どのごみですか。
  - {remind: burnable, every: day, until: "2027-01-18", time: "09:00", say: "{{ kind }}の日です。（{{ today }}）"}
  - remind: big
    at: "2027-01-17"
    time: "09:00"
    say: 粗大ごみの日です。
    buttons: [{label: 出しました, goto: done}]
  - say: お知らせします。
  - end
  - id: done
    say: おつかれさまでした。
"""
TEXTS = {
    "flows/town.yaml": "languages: {ja: 日本語, en: English}\n",
    "flows/tax.yaml": FLOW,
    "flows/other.yaml": OTHER,
    "flows/greeting.yaml": GREETING,
    "flows/waste.yaml": WASTE,
}
ASKED = "種類は？\n\n1. 乗用車\n2. 軽自動車"
REGISTERED = {"action": "tax.register", "outcome": "registered", "values": {"due": "2027-06-01"}}
CHAT: list[dict[str, Any]] = [
    {"at": NOON, "resident": "納税", "bot": [ASKED]},
    {"at": NOON + 10, "press": "軽自動車", "data": "…", "bot": ["軽です。", "いつ？"]},
    {
        "at": NOON + 700,
        "press": "カレンダー",
        "data": "…",
        "picked": "2027-05-20",
        "bot": ["2027年6月1日"],
        "notes": [REGISTERED],
    },
]


def passes(text: str) -> bool:
    outcome = Outcome(load_texts(TEXTS))
    rehearse_text(outcome, "flows/recorded.talk.yaml", text)
    return not outcome.failed and len(outcome.talks) == 1


def recorded(chat: list[dict[str, Any]], flow: str | None = None, texts: dict[str, str] | None = None) -> Any:
    return record(load_texts(texts or TEXTS).book, chat, flow)


def test_a_chat_becomes_a_transcript_that_passes() -> None:
    done = recorded(CHAT)
    assert done.differences == ()
    assert "wait: 11 minutes\n    press: カレンダー\n    picked: '2027-05-20'" in done.text
    assert passes(done.text)


def test_only_the_latest_talk_of_a_flow_is_recorded_and_what_follows_it_is_not() -> None:
    before = {"at": NOON - 99, "resident": "納税", "bot": [ASKED]}
    stopped = {"at": NOON - 50, "resident": "やめる"}
    after = {"at": NOON + 900, "resident": "ほか", "bot": ["ほかです。"]}
    done = recorded([before, stopped, *CHAT, after], "tax")
    assert (done.text.count("resident: 納税"), "ほか" in done.text, done.differences) == (1, False, ())
    assert passes(done.text)


def test_a_talk_above_another_one_ends_where_the_chat_takes_the_other_up_again() -> None:
    resumed = ["「ほか」の続きです。", "ほかは？"]
    done = recorded([*CHAT[:2], {**CHAT[2], "bot": [*CHAT[2]["bot"], *resumed]}], "tax")
    assert (done.differences, resumed[0] in done.text, passes(done.text)) == ((), False, True)
    more = recorded([*CHAT[:2], {**CHAT[2], "bot": [*CHAT[2]["bot"], "まだあります。"]}], "tax")
    assert more.differences, "what the flow itself said beyond today's is told"


@pytest.mark.parametrize("flow", [None, "tax"])
def test_a_recorded_talk_is_called_by_what_it_is_about_and_not_by_who_had_it(flow: str | None) -> None:
    assert recorded(CHAT, flow).text.startswith("talk: 納税\n")


def test_a_place_is_recorded_without_the_exact_spot_or_what_else_the_phone_told() -> None:
    home = {"title": "山田家", "address": "中央1", "latitude": 35.531234, "longitude": 139.701234}
    asked = {"at": NOON, "resident": "場所", "bot": ["どこ？"]}
    place = "flow: place\ntitle: 場所\nstart: {keywords: [場所]}\nsteps:\n  - {ask: it, text: どこ？, type: location}\n"
    told = "  - say: '{{ it.address }}ですね。'\n"
    done = recorded(
        [asked, {"at": NOON, "send": "location", "detail": home, "bot": ["中央1ですね。"]}],
        None,
        TEXTS | {"flows/place.yaml": place + told},
    )
    assert done.differences == ()
    assert "      address: 中央1\n      latitude: 35.53\n      longitude: 139.7\n" in done.text
    assert "山田" not in done.text


def test_the_language_chosen_long_before_is_found_again() -> None:
    done = recorded([{"at": NOON, "resident": "ほか", "bot": ["Something else."]}], "other")
    assert (done.differences, "language: en" in done.text, passes(done.text)) == ((), True, True)


def test_a_flow_begun_by_a_button_of_another_one_is_begun_by_name() -> None:
    done = recorded([{"at": NOON, "press": "ほか", "data": "other///?start=", "bot": ["ほかです。"]}])
    assert (done.differences, "start: other" in done.text, passes(done.text)) == ((), True, True)


def test_the_language_chosen_in_the_chat_is_spoken_from_then_on() -> None:
    asked = "ことば？\n\n1. 日本語\n2. English"
    done = recorded(
        [
            {"at": NOON, "follow": "new", "bot": [asked]},
            {"at": NOON, "press": "English", "data": "…", "bot": ["Welcome."]},
        ]
    )
    assert (done.differences, passes(done.text)) == ((), True)


def test_what_the_flows_would_say_differently_today_is_told() -> None:
    changed = TEXTS | {"flows/tax.yaml": FLOW.replace("say: 軽です。", "say: 軽自動車です。")}
    (difference,) = recorded(CHAT, None, changed).differences
    assert difference == "2. チャットでは「軽です。／いつ？」、いまのフローでは「軽自動車です。／いつ？」"


def test_an_action_whose_answer_nobody_noted_is_named() -> None:
    silent = [*CHAT[:2], {**CHAT[2], "notes": []}]
    assert "「tax.register」の答えがチャットに残っていません" in recorded(silent).differences[0]


REMINDED: list[dict[str, Any]] = [
    {"at": NOON, "resident": "ごみ", "bot": ["どのごみですか。"]},
    {"at": NOON + 5, "resident": "缶", "bot": ["お知らせします。"]},
    {"at": NOON + 59_401, "bot": ["缶の日です。（2027-01-16）"]},
    {"at": NOON + 145_801, "bot": ["缶の日です。（2027-01-17）"]},
    {"at": NOON + 145_802, "bot": ["粗大ごみの日です。"]},
    {"at": NOON + 146_400, "press": "出しました", "data": "…", "bot": ["おつかれさまでした。"]},
    {"at": NOON + 232_300, "bot": ["缶の日です。（2027-01-18）"]},
]


@pytest.mark.parametrize("flow", [None, "waste"])
def test_reminders_that_arrive_are_recorded_with_the_time_until_then(flow: str | None) -> None:
    before, after = ({"at": at, "resident": "ほか", "bot": ["ほかです。"]} for at in (NOON - 99, NOON + 240_000))
    done = recorded(REMINDED if flow is None else [before, *REMINDED, after], flow)
    assert done.differences == ()
    arrival = "  - wait: 1 days\n    bot:\n      - 缶の日です。（2027-01-17）\n      - 粗大ごみの日です。\n"
    assert arrival in done.text
    assert "    bot: 缶の日です。（2027-01-18）" in done.text
    assert "ほか" not in done.text
    assert passes(done.text)


def test_a_reminder_that_says_something_else_today_is_told() -> None:
    changed = TEXTS | {"flows/waste.yaml": WASTE.replace("粗大ごみの日", "粗大ごみを出す日")}
    (difference,) = recorded(REMINDED, None, changed).differences
    assert difference.startswith("4. チャットでは「缶の日です。（2027-01-17）／粗大ごみの日です。」")


def test_what_cannot_be_in_a_transcript_is_told() -> None:
    notice = {"at": NOON, "bot": ["【お知らせ】"]}
    pressed = {"at": NOON, "press": "納めました", "data": "x"}
    assert recorded([notice, pressed, *CHAT]).differences == (
        "1. 町から届いた「【お知らせ】」は記録に入りません",
        "2. 「納めました」は、ここまでの会話にないボタンなので記録できません",
    )


@pytest.mark.parametrize(("chat", "flow"), [([], None), ([], "tax"), (CHAT, "other")])
def test_nothing_said_is_nothing_recorded(chat: list[dict[str, Any]], flow: str | None) -> None:
    with pytest.raises(NotFound):
        recorded(chat, flow)
