"""Cells as town halls write them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.imports import BadCell, cells


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (cells.integer(), "34,500円", 34500),
        (cells.integer(), "３４，５００", 34500),
        (cells.integer(), "¥1,000", 1000),
        (cells.integer(), "△120", -120),
        (cells.integer(), "3万円", 30000),
        (cells.decimal(), "37.5", Decimal("37.5")),
        (cells.digits(exactly=4), "００１２", "0012"),
        (cells.digits(), "１２３−４５６７", "1234567"),
        (cells.date, "R8.5.31", dt.date(2026, 5, 31)),
        (cells.date, "令和８年５月３１日", dt.date(2026, 5, 31)),
        (cells.date, "昭和元年12月25日", dt.date(1926, 12, 25)),
        (cells.date, "2026/05/31 0:00", dt.date(2026, 5, 31)),
        (cells.date, "20260531", dt.date(2026, 5, 31)),
        (cells.flag, "○", True),
        (cells.flag, "無", False),
        (cells.flag, "-", False),
        (cells.kana, "みほん　たろう", "ミホン タロウ"),
        (cells.postal_code, "〒０００-０００１", "000-0001"),
        (cells.text(), "一行目\r\n二行目", "一行目\n二行目"),
        (cells.one_of({"kei": ("軽自動車税", "軽")}), "軽自動車税 ", "kei"),
    ],
)
def test_a_cell_means_what_its_writer_meant(parse: cells.Parse, cell: str, value: Any) -> None:
    assert parse(cell) == value


def test_a_time_of_day_is_the_town_halls() -> None:
    assert cells.moment("令和8年5月31日 9:30").isoformat() == "2026-05-31T09:30:00+09:00"


@pytest.mark.parametrize(
    ("parse", "cell", "code"),
    [
        (cells.integer(), "1,00", "not_number"),
        (cells.integer(), "1.5", "not_whole"),
        (cells.integer(0), "-1", "too_small"),
        (cells.integer(high=10), "11", "too_large"),
        (cells.digits(exactly=8), "1234567", "digits_exactly"),
        (cells.digits(), "12a", "not_digits"),
        (cells.date, "今日", "not_date"),
        (cells.date, "2026/2/30", "not_date"),
        (cells.moment, "2026/2/3", "not_moment"),
        (cells.moment, "2026/2/3 25:00", "not_moment"),
        (cells.flag, "たぶん", "not_flag"),
        (cells.one_of({"a": ("あ",)}), "い", "not_one_of"),
        (cells.text(3), "四文字だ", "too_long"),
        (cells.text(), "a\x07b", "control_character"),
        (cells.email, "見本", "not_email"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_reason(parse: cells.Parse, cell: str, code: str) -> None:
    with pytest.raises(BadCell) as refused:
        parse(cell)
    assert refused.value.code == code


PARSERS = (
    cells.integer(), cells.decimal(), cells.digits(), cells.date, cells.moment, cells.flag, cells.kana, cells.phone,
    cells.postal_code, cells.email, cells.text(10), cells.one_of({"a": ("あ",)}),
)  # fmt: skip


@given(st.text(min_size=8, max_size=60), st.sampled_from(PARSERS))
def test_no_cell_makes_a_parser_stumble_and_none_is_quoted_in_the_reason(cell: str, parse: cells.Parse) -> None:
    told: dict[str, Any] = {}
    try:
        parse(cell)
    except BadCell as bad:
        told = bad.details
    assert all(cell not in str(value) for value in told.values())


@given(st.integers(-(10**12), 10**12))
def test_a_number_written_with_commas_is_read_back(value: int) -> None:
    assert cells.integer()(f"{value:,}円") == value


@given(st.dates(dt.date(1989, 1, 8), dt.date(2099, 12, 31)))
def test_a_date_by_era_is_read_back(day: dt.date) -> None:
    from bot.flow.filters import era_year

    assert cells.date(f"{era_year(day)}{day.month}月{day.day}日") == day
