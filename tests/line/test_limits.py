"""Counting as LINE counts, and cutting where no reader sees a broken character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.line.limits import clusters, cut_graphemes, cut_utf16, graphemes, split_text, utf16

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "units", "characters"),
    [
        ("", 0, 0),
        ("abc", 3, 3),
        ("納税", 2, 2),
        ("🍎", 2, 1),
        ("𠮷野家", 4, 3),
        (FAMILY, 11, 1),
        ("か\u3099", 2, 1),
        ("ﾊﾟ", 2, 1),
        ("\r\n", 2, 1),
        ("é", 1, 1),
        ("e\u0301", 2, 1),
        ("🇯🇵", 4, 1),
    ],
)
def test_texts_count_in_utf16_units_and_labels_in_grapheme_clusters(text: str, units: int, characters: int) -> None:
    assert utf16(text) == units
    assert graphemes(text) == characters


def test_a_label_is_cut_between_characters_and_says_so() -> None:
    assert cut_graphemes(FAMILY * 21, 20) == FAMILY * 19 + "…"
    assert cut_graphemes("自動車税", 4) == "自動車税"


def test_a_text_is_never_cut_inside_a_character() -> None:
    assert cut_utf16("あ" + FAMILY, 11) == "あ…"


def test_a_long_text_is_split_at_the_end_of_a_sentence() -> None:
    first = "あ" * 80 + "。"
    assert split_text(first + "い" * 60, 100) == [first, "い" * 60]


def test_a_single_character_longer_than_the_limit_is_split_at_code_points() -> None:
    parts = split_text(FAMILY, 4)
    assert "".join(parts) == FAMILY
    assert max(map(utf16, parts)) <= 4


TEXTS = st.text(st.sampled_from("あ漢か\u3099ﾊﾟabc。\n 🍎👨\u200d👩𠮷\r"), max_size=200)


@given(TEXTS, st.integers(4, 60))
def test_a_split_text_is_whole_and_every_part_fits(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert "".join(parts) == text
    assert all(0 < utf16(part) <= limit for part in parts)


@given(st.text(max_size=50))
def test_clusters_joined_give_the_text_again(text: str) -> None:
    assert "".join(clusters(text)) == text
    assert len(clusters(text)) == graphemes(text)


@given(TEXTS, st.integers(1, 30))
def test_a_cut_text_fits(text: str, limit: int) -> None:
    assert graphemes(cut_graphemes(text, limit)) <= max(limit, 1)
    assert utf16(cut_utf16(text, limit)) <= limit
