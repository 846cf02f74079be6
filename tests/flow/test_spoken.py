"""Values and lines as people write them elsewhere: the first line writes the same as a flow does."""

from __future__ import annotations

import pytest

from tests.flow.checking import Slip, asked, assert_told, change, step

SPOKEN: dict[str, Slip] = {
    "number with its unit in a condition": (
        asked("number", "  - if: people > 2人\n    then: sorry\n"),
        ":15:9:",
        ("「人」はいりません", "「2」とだけ"),
        ("leave out “人”", "“2”"),
    ),
    "bound of a text": (
        asked("text, min: 8"),
        ":15:",
        ("constraint: answer|length >= …",),
        ("constraint: answer|length >= …",),
    ),
    "day that is none": (
        asked("date, max: 2026-02-30"),
        ":15:",
        ("暦にある日",),
        ("a day of the calendar",),
    ),
    "time by the half of the day": (
        asked("time, min: 午前9時"),
        ":15:",
        ("「min: 09:00」",),
        ("“min: 09:00”",),
    ),
    "span in kanji": (
        change("steps:\n", "expires_after: 三十分\nsteps:\n"),
        ":4:16:",
        ("「30分」と書いて",),
        ("Write “30分”",),
    ),
    "half a day": (
        change("steps:\n", "expires_after: 半日\nsteps:\n"),
        ":4:16:",
        ("「12時間」と書いて",),
        ("Write “12時間”",),
    ),
    "span of a year": (
        change("steps:\n", "retain_answers: 1年\nsteps:\n"),
        ":4:17:",
        ("「365日」と書いて",),
        ("Write “365日”",),
    ),
    "span without its unit": (
        change("steps:\n", "expires_after: '30'\nsteps:\n"),
        ":4:16:",
        ("単位を付けて",),
        ("Add its unit",),
    ),
    "nothing kept": (
        change("steps:\n", "retain_answers: なし\nsteps:\n"),
        ":4:17:",
        ("この行を消して",),
        ("remove the line",),
    ),
    "yes in Japanese": (
        change("steps:\n", "sensitive: はい\nsteps:\n"),
        ":4:12:",
        ("「sensitive: true」",),
        ("“sensitive: true”",),
    ),
    "no in Japanese": (
        change("    type: choice\n", "    type: choice\n    required: いいえ\n"),
        ":8:15:",
        ("「required: false」",),
        ("“required: false”",),
    ),
    "count with its unit": (
        change("    type: choice\n", "    type: choice\n    retries: 三回\n    on_fail: sorry\n"),
        ":8:14:",
        ("「3」と書いて",),
        ("Write “3”",),
    ),
    "text for a step": (
        step("  - if: kind == 'car'\n    then: 満員です。\n"),
        ":17:11:",
        ("「- say: 満員です。」",),
        ("“- say: 満員です。”",),
    ),
    "step on the line of then": (
        step("  - if: kind == 'car'\n    then: say: 満員\n"),
        ":17:11:",
        ("次の行に字下げして「- say: …」",),
        ("on the next line",),
    ),
    "if without its condition": (
        step("  - if:\n    then: sorry\n"),
        ":16:5:",
        ("「if:」のあとに条件がありません",),
        ("No condition follows “if:”",),
    ),
    "time of a reminder": (
        step("  - {remind: x, after: 3 days, time: 朝9時, say: あ}\n  - end\n"),
        ":16:",
        ("「09:00」と",),
        ("09:00",),
    ),
    "how often in Japanese": (
        step("  - {remind: x, every: 毎週, until: today, say: あ}\n  - end\n"),
        ":16:",
        ("「week」ではありませんか",),
        ("Did you mean “week”?",),
    ),
    "dash in a name": (
        change("flow: tax\n", "flow: tax-2026\n"),
        ":1:7:",
        ("「tax_2026」",),
        ("“tax_2026”",),
    ),
    "capital in a flow": (
        change("flow: tax\n", "flow: Tax\n"),
        ":1:7:",
        ("「tax」のように",),
        ("like “tax”",),
    ),
    "equals sign in set": (
        step("  - set: {total = 3}\n  - end\n"),
        ":16:",
        ("「total: 3」",),
        ("“total: 3”",),
    ),
    "full-width remark": (
        step("  ＃ おぼえ\n  - end\n"),
        ":16:3:",
        ("「# 」で始めて",),
        ("Begin a remark with “# ”",),
    ),
    "full-width space after a colon": (
        change("    type: choice\n", "    type:　choice\n"),
        ":7:10:",
        ("全角スペース",),
        ("a full-width space",),
    ),
    "semicolon": (
        change("    type: choice\n", "    type; choice\n"),
        ":7:9:",
        ("「type: 」",),
        ("“type: ”",),
    ),
    "degrees exchanged": (
        step("  - say: {location: {title: あ, address: い, latitude: 139.7, longitude: 35.6}}\n"),
        ":16:",
        ("逆になっていませんか",),
        ("exchanged",),
    ),
    "place by its name": (
        step("  - say: {location: 町役場}\n"),
        ":16:",
        ("latitude: 35.6",),
        ("latitude: 35.6",),
    ),
}


@pytest.mark.parametrize("slip", SPOKEN)
def test_the_first_line_writes_it_as_a_flow_does(slip: str) -> None:
    assert_told(SPOKEN[slip])
