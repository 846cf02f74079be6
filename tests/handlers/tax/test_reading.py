"""What tax systems write is read as it was meant, and nothing else is guessed at."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.imports import sentences
from handlers.tax import reading
from handlers.tax.files import NOTICES
from handlers.tax.kinds import tax_words
from handlers.tax.reading import Unreadable

DAY = dt.date(2026, 5, 31)
DAYS = st.dates(dt.date(1926, 12, 25), dt.date(2099, 12, 31))
WIDE = str.maketrans("0123456789./-,", "０１２３４５６７８９．／－，")
WORDS = tax_words({"vehicle_tax": {"car": {"month": 5, "day": 31}, "light": {"month": 5, "day": 31}}})


@pytest.mark.parametrize(
    "text",
    [
        "R8.5.31", "令和8年5月31日", "令和８年５月３１日", "Ｒ８．５．３１", "令 8. 5.31", "令8.05.31", "r08/05/31", "R8-5-31",
        "2026/5/31", "2026-05-31", "２０２６年５月３１日", "20260531", "5080531", "令和8年5月31日（日）", " 2026/05/31 ",
        "R080531", "令080531", "Ｒ０８０５３１", "R.8.5.31", "R8・5・31", "㋿8年5月31日", "2026/05/31 0:00", "2026-05-31T00:00:00",
        "2026-05-31 00:00:00.000", "２０２６／０５／３１　００：００：００",
    ],
)  # fmt: skip
def test_one_day_is_written_in_many_ways(text: str) -> None:
    assert reading.day(text) == DAY


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和元年5月1日", dt.date(2019, 5, 1)),
        ("H31.4.30", dt.date(2019, 4, 30)),
        ("平成31年5月31日", dt.date(2019, 5, 31)),  # printed before the era changed
        ("昭和64年1月7日", dt.date(1989, 1, 7)),
        ("3640107", dt.date(1989, 1, 7)),
        ("4010108", dt.date(1989, 1, 8)),
    ],
)
def test_eras_end_where_they_did(text: str, day: dt.date) -> None:
    assert reading.day(text) == day


@pytest.mark.parametrize(
    "text", ["", "5月31日", "2026/2/30", "R0.5.31", "令和8年", "X8.5.31", "今日", "0080531", "99999999", "R8.5.31?"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        reading.day(text)


@given(DAYS)
def test_every_day_comes_back_however_it_is_written(day: dt.date) -> None:
    era, first = next((e, f) for e, f in (("R", 2019), ("H", 1989), ("S", 1926)) if day >= _BEGINS[e])
    year = day.year - first + 1
    for text in (
        f"{day:%Y%m%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{era}{year}.{day.month}.{day.day}",
        f"{era}{year:02}.{day.month:02}.{day.day:02}".translate(WIDE),
        f"{ {'R': 5, 'H': 4, 'S': 3}[era] }{year:02}{day:%m%d}",
    ):
        assert reading.day(text) == day


_BEGINS = {"R": dt.date(2019, 5, 1), "H": dt.date(1989, 1, 8), "S": dt.date(1926, 12, 25)}


@given(st.text(max_size=20))
def test_no_text_breaks_a_reader(text: str) -> None:
    for read in (reading.day, reading.tax_year, reading.amount, reading.code, reading.plate, reading.form):
        with suppress(Unreadable):
            read(text)


def test_a_refusal_names_its_reason_and_never_what_the_cell_held() -> None:
    for read in (reading.day, reading.tax_year, reading.amount, reading.code, reading.plate, reading.form):
        with pytest.raises(Unreadable) as refused:
            read("秘密の値")
        told = sentences.fault(NOTICES, refused.value.code, refused.value.details, "ja")
        assert told != refused.value.code, "it has a sentence"
        assert "秘密の値" not in told


@given(st.integers(0, reading.MOST_YEN))
def test_an_amount_comes_back_with_thousands_in_full_width_and_with_yen(yen: int) -> None:
    for text in (
        f"{yen}",
        f"{yen:,}",
        f"{yen:,}円",
        f"￥{yen:,}",
        f"\\{yen:,}-",
        f"{yen:,}".translate(WIDE),
        f"＊{yen:,}",
        f"金{yen}円也",
        f"{yen}.00",
    ):
        assert reading.amount(text) == yen


@pytest.mark.parametrize("text", ["", "-1", "三万", "1.5", "34 500 yen", "999999999", "¥", "1.000", "△1,000"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        reading.amount(text)


@pytest.mark.parametrize(
    ("text", "year"),
    [("令和8年度", 2026), ("R8", 2026), ("８", 2026), ("2026", 2026), ("令和元年度", 2019), ("平成30年度", 2018)],
)
def test_tax_years(text: str, year: int) -> None:
    assert reading.tax_year(text) == year


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("川崎 500 あ 12-34", "1234"), ("川崎５００あ・・１２", "0012"), ("・・・1", "0001"), ("12-34", "1234"), ("34", "0034"),
        ("まどぐち町 あ 12345", "2345"), ("品川 33A さ 1", "0001"),
    ],
)  # fmt: skip
def test_a_plate_gives_its_last_four_digits(text: str, digits: str) -> None:
    assert reading.plate(text) == digits


@pytest.mark.parametrize("text", ["", "あ", "川崎 500 あ", "12345", "・・・・"])
def test_what_is_no_plate_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        reading.plate(text)


@pytest.mark.parametrize("text", ["1234-5678", "１２３４５６７８", " 1234 5678 ", "1234ー5678"])
def test_a_code_is_the_same_however_it_is_grouped(text: str) -> None:
    assert reading.code(text) == "12345678"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("13800", "13800"),
        ("1234 5678 9012 3456 7890", "12345678901234567890"),
        ("１２３４５６", "123456"),
        ("000001", "000001"),
    ],
)
def test_a_part_of_an_el_number_keeps_its_zeros(text: str, digits: str) -> None:
    assert reading.el_part(text) == digits


@pytest.mark.parametrize(
    ("text", "code"),
    [("x", "not_digits"), ("1" * 300, "digits_between"), ("1.23457E+19", "exponent"), ("１．２Ｅ＋１９", "exponent")],
)
def test_a_refused_part_says_why(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        reading.el_part(text)
    assert refused.value.code == code


def test_how_many_digits_an_el_number_has_is_the_towns_to_say() -> None:
    assert reading.el_digits({}) == {}
    found = reading.el_digits({"tax_el_digits": {"agency": 5, "payment": [1, 20]}})
    assert found == {"agency": (5, 5), "payment": (1, 20)}


@pytest.mark.parametrize(
    "wrong",
    [{"agency": 0}, {"agency": "5"}, {"agency": [5]}, {"agency": [9, 5]}, {"agency": 31}, {"number": 5}, [5], 5],
)
def test_digits_that_make_no_sense_are_told_with_their_place(wrong: Any) -> None:
    with pytest.raises(ValueError, match="tax_el_digits"):
        reading.el_digits({"tax_el_digits": wrong})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("自動車税種別割", "car"),
        ("自動車税（種別割）", "car"),
        ("自動車税(種別割)", "car"),
        ("軽自動車税種別割", "light"),
        ("軽自動車税", "light"),
        ("CAR", "car"),
    ],
)
def test_a_tax_is_known_by_each_of_its_names(text: str, kind: str) -> None:
    assert reading.kind(text, WORDS) == kind
