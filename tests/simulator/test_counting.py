"""How LINE counts: the examples of its documentation, and what must hold for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.rules.counting import graphemes, utf16


@pytest.mark.parametrize(
    ("words", "units", "clusters"),
    [
        ("abc", 3, 3),
        ("町役場", 3, 3),
        ("🍎", 2, 1),
        ("𠮷", 2, 1),
        ("👨‍👩‍👧‍👦", 11, 1),
        ("か\u3099", 2, 1),
        ("葛󠄀", 3, 1),
        ("🇯🇵", 4, 1),
        ("\r\n", 2, 1),
        ("", 0, 0),
        ("\ud83c", 1, 1),
    ],
)
def test_examples(words: str, units: int, clusters: int) -> None:
    assert (utf16(words), graphemes(words)) == (units, clusters)


@given(st.text())
def test_a_reader_never_counts_more_than_the_machine(words: str) -> None:
    assert graphemes(words) <= len(words) <= utf16(words) <= 2 * len(words)


@given(st.text(), st.text())
def test_units_add_up(first: str, second: str) -> None:
    assert utf16(first + second) == utf16(first) + utf16(second)
