"""What is well-formed and was hardly meant: bounds that let nothing through, comparisons that never hold, texts cut short."""

from __future__ import annotations

import pytest

from tests.flow.checking import SOUND, change, first_line, problems

NUMBER = "  - {ask: people, text: {ja: 何人ですか。, ja-easy: なん人ですか。, en: How many?}, type: number, BOUNDS}\n"
HARDLY_MEANT = {
    "bounds the wrong way round": (
        change("  - do: tax.register\n", NUMBER.replace("BOUNDS", "min: 9, max: 4") + "  - do: tax.register\n"),
        ("flows/tax.yaml:11:", "「min」の「9」が「max」の「4」より大きい"),
    ),
    "days the wrong way round": (
        change(
            "  - do: tax.register\n",
            NUMBER.replace("number", "date").replace("BOUNDS", "min: 2026-12-01, max: 2026-04-01")
            + "  - do: tax.register\n",
        ),
        ("flows/tax.yaml:11:", "「2026-12-01」", "どの答えも受け付けられません"),
    ),
    "number compared with a quoted one": (
        change(
            "  - do: tax.register\n",
            NUMBER.replace("BOUNDS", "min: 1") + "  - if: people > '2'\n    then: sorry\n  - do: tax.register\n",
        ),
        ("flows/tax.yaml:12:9:", "「people」は数の答え", "「2」から引用符を取って"),
    ),
}


@pytest.mark.parametrize("written", HARDLY_MEANT)
def test_it_is_told_with_its_reason(written: str) -> None:
    text, expected = HARDLY_MEANT[written]
    line = first_line(text)
    assert all(part in line for part in expected), line


@pytest.mark.parametrize("bounds", ["min: 4, max: 4", "min: 1, max: 2", "min: 9", "min: 2 + 2, max: 9"])
def test_bounds_that_let_something_through_are_left_alone(bounds: str) -> None:
    assert not problems(change("  - do: tax.register\n", NUMBER.replace("BOUNDS", bounds) + "  - do: tax.register\n"))


def test_a_text_cut_by_a_hash_is_told_of_and_a_remark_is_not() -> None:
    cut = problems(
        change(
            "ja: 満員です。, ja-easy: もう 入れません。, en: It is full.}",
            "ja: あ, ja-easy: あ, en: a}\n  - say: 広い部屋 #1 です",
        )
    )
    assert ("text_cut", 19, "warning") in {(each.code, each.place.line, each.severity) for each in cut}
    remark = problems(SOUND.replace("flow: tax\n", "flow: tax  #memo\n").replace("  - end\n", "  - end  # おわり\n"))
    assert not remark
