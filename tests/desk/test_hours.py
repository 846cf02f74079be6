"""Offices open when their YAML says so: split shifts, holidays, the year's end, special days, last admission."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow.load import load_texts
from bot.flow.offices import Danger, Office, open_since, opening, sounds, staffed

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = Office.model_validate(
    {
        "name": "相談",
        "queue": "q",
        "hours": [
            {"days": "weekdays", "from": "09:00", "to": "12:00"},
            {"days": "weekdays", "from": "13:00", "to": "20:00"},
            {"days": ["sat"], "from": "10:00", "to": "24:00"},
        ],
        "special": {"2026-08-14": "closed", "2026-08-16": {"from": "10:00", "to": "11:00"}},
        "last_admission": "30 minutes",
    }
)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("moment", "admits"),
    [
        ("2026-04-01 08:59", False),
        ("2026-04-01 09:00", True),
        ("2026-04-01 11:29", True),
        ("2026-04-01 11:30", False),  # last admission of the morning
        ("2026-04-01 12:30", False),  # lunch
        ("2026-04-01 13:00", True),
        ("2026-04-01 19:30", False),
        ("2026-04-04 23:29", True),  # Saturday to midnight
        ("2026-04-05 10:00", False),  # Sunday
        ("2026-04-29 10:00", False),  # a holiday on a Wednesday
        ("2026-12-29 10:00", False),  # the year's end
        ("2027-01-04 10:00", True),
        ("2026-08-14 10:00", False),  # a special day off
        ("2026-08-16 10:00", True),  # a special Sunday
    ],
)
def test_an_office_admits_when_its_hours_say_so(moment: str, admits: bool) -> None:
    assert opening(OFFICE, at(moment)).admits is admits


ALWAYS = Office.model_validate(
    {
        "name": "夜間",
        "queue": "q",
        "hours": [{"days": "everyday", "from": "00:00", "to": "24:00"}],
        "holidays": "open",
        "year_end": "open",
        "special": {"2026-08-14": "closed"},
    }
)


@pytest.mark.parametrize(
    ("office", "moment", "back_to", "since"),
    [
        (OFFICE, "2026-04-01 13:20", "2026-03-31 10:00", "2026-04-01 13:00"),  # the break at noon does not count
        (OFFICE, "2026-04-01 11:00", "2026-03-31 10:00", "2026-04-01 09:00"),
        (OFFICE, "2026-04-01 12:30", "2026-03-31 10:00", "2026-04-01 12:30"),  # nobody is there
        (ALWAYS, "2026-04-03 00:02", "2026-03-30 10:00", "2026-03-30 10:00"),  # no further back than asked for
        (ALWAYS, "2026-08-15 00:02", "2026-08-13 10:00", "2026-08-15 00:00"),  # yesterday they had a day off
        (ALWAYS, "2027-01-01 00:00", "2026-12-30 10:00", "2026-12-30 10:00"),
    ],
)
def test_people_have_been_there_since_the_last_break(office: Office, moment: str, back_to: str, since: str) -> None:
    assert open_since(office, at(moment), at(back_to)) == at(since)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-04-01 07:00", "2026-04-01 09:00"),
        ("2026-04-01 11:45", "2026-04-01 13:00"),
        ("2026-04-01 21:00", "2026-04-02 09:00"),
        ("2026-04-03 21:00", "2026-04-04 10:00"),
        ("2026-05-02 23:45", "2026-05-07 09:00"),  # over the holidays of May
        ("2026-12-28 21:00", "2027-01-04 09:00"),
    ],
)
def test_who_comes_too_early_is_told_when_it_opens(moment: str, opens: str) -> None:
    assert opening(OFFICE, at(moment)).opens == at(opens)


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        ("2026-04-01 11:45", True),  # nobody is admitted any more, but those who wait are answered
        ("2026-04-01 12:00", False),
        ("2026-04-01 19:59", True),
        ("2026-04-01 20:00", False),
        ("2026-04-04 23:59", True),
        ("2026-04-05 00:00", False),
        ("2026-08-14 10:00", False),
    ],
)
def test_staff_are_there_until_the_office_closes(moment: str, there: bool) -> None:
    assert staffed(OFFICE, at(moment)) is there


@given(st.integers(0, 2 * 366 * 24 * 60))
def test_what_is_told_is_true(minutes: int) -> None:
    """Whoever comes at the time they were told is admitted, and nobody is admitted before."""
    now = at("2026-01-01 00:00") + dt.timedelta(minutes=minutes)
    stand = opening(OFFICE, now)
    if stand.admits:
        assert stand.closes is not None
        assert stand.closes > now
    else:
        assert stand.opens is not None
        assert opening(OFFICE, stand.opens).admits
        between = now + (stand.opens - now) / 2
        assert not opening(OFFICE, between).admits


DANGER = Danger.model_validate({"danger": "x", "words": ["しにたい", "殺す", "help me"], "text": "t"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("もうシニタイ。", ("しにたい",)),
        ("し に　た・い", ("しにたい",)),
        ("殺すぞ、HELP ME", ("殺す", "help me")),
        ("楽しい", ()),
        ("", ()),
    ],
)
def test_danger_words_are_heard_however_they_are_written(text: str, found: tuple[str, ...]) -> None:
    assert DANGER.found_in(text) == found


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_danger_word_is_found_wherever_it_stands(before: str, after: str) -> None:
    assert "しにたい" in DANGER.found_in(f"{before}しにたい{after}") or not sounds("しにたい")


TOWN = "languages: {ja: 日本語}\n"
FLOW = """
flow: a.b
title: 相談
start: {keywords: [相談]}
steps:
  - {ask: area, text: どこ？}
  - handoff: health
    office: area
    carry: [area]
    waiting: お待ちください。
    outside: 時間外です。
  - say: 終わりです。
"""
GOOD = """
offices:
  health:
    name: 窓口
    queue: health
    serves: [here]
    hours: [{days: weekdays, from: "09:00", to: "17:00"}]
"""


def problems(flow: str = FLOW, offices: str = GOOD, danger: str = "") -> list[str]:
    texts = {"flows/town.yaml": TOWN, "flows/a.yaml": flow, "flows/offices.yaml": offices}
    if danger:
        texts["flows/danger.yaml"] = danger
    from bot.flow.lint import check

    return [f"{problem.code}: {problem.what.ja}" for problem in check(load_texts(texts))]


def test_a_sound_office_and_handoff_have_no_problems() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("flow", "offices", "said"),
    [
        (FLOW.replace("handoff: health", "handoff: helth"), GOOD, "「health」ではありませんか"),
        (FLOW.replace("carry: [area]", "carry: [aria]"), GOOD, "「aria」という名前の答えは"),
        (FLOW.replace("    office: area\n", ""), GOOD, "どの窓口につなぐか決まりません"),
        (FLOW.replace("お待ちください。", '"{{ ahed }}人"'), GOOD, "「ahead」ではありませんか"),
        (FLOW, GOOD.replace('"17:00"', '"08:00"'), "時間になりません"),
        (FLOW, GOOD.replace('"17:00"', '"25:00"'), "25:00"),
        (FLOW, GOOD.replace("weekdays", "weekday"), "weekday"),
        (FLOW, GOOD + "    last_admission: 9 hours\n", "受付の締め切り"),
        (FLOW, GOOD + "    answer_within: 1 hours\n", "の順に長くしてください"),
        (FLOW, GOOD.replace('    hours: [{days: weekdays, from: "09:00", to: "17:00"}]\n', ""), "この窓口は開きません"),
        (FLOW, GOOD.replace("serves", "servs"), "「serves」ではありませんか"),
        (FLOW, GOOD.replace("name: 窓口", "name: {en: Desk}"), "ja の文章がありません"),
    ],
)
def test_mistakes_in_offices_are_explained(flow: str, offices: str, said: str) -> None:
    found = problems(flow, offices)
    assert any(said in one for one in found), found


def test_a_danger_word_of_one_letter_is_refused() -> None:
    found = problems(danger="danger: a\nwords: [死]\ntext: でんわ\n")
    assert any("2文字以上" in one for one in found)
