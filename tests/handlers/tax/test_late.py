"""Late charges: the roundings of the law, whatever the amounts and days."""

from __future__ import annotations

import datetime as dt
import itertools
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handlers.tax.late import NoRates, Rates, charge, first_month_ends

DUE = dt.date(2025, 6, 2)
FOREVER = dt.date(2099, 1, 1)
TABLE = [Rates(dt.date(2022, 1, 1), Fraction("2.4"), Fraction("8.7"))]
TAXES = st.integers(0, 999_999)
DAYS = st.integers(0, 1500)


def after(days: int) -> dt.date:
    return DUE + dt.timedelta(days=days)


def test_an_example_reckoned_by_hand() -> None:
    # 39,500 → 39,000. 3 June to 2 July: 30 days at 2.4 % = 76.9 → 76; 3 July to 2 December: 153 days at 8.7 % = 1,422.2 → 1,422.
    found = charge(39_500, DUE, dt.date(2025, 12, 2), TABLE, FOREVER)
    assert [(each.days, each.yen) for each in found.stretches] == [(30, 76), (153, 1422)]
    assert (found.basis, found.yen) == (39_000, 1_400)


def test_each_day_bears_the_rate_of_its_own_year_however_the_table_is_sorted() -> None:
    # 2 to 31 December: 30 days at 2.4 % = 394.5 → 394; 1 January, still in the first month: 2.8 % = 15.3 → 15;
    # 2 to 31 January: 30 days at 9.1 % = 1,495.9 → 1,495. The rates of the second year are made up.
    table = [Rates(dt.date(2026, 1, 1), Fraction("2.8"), Fraction("9.1")), *TABLE]
    for rows in (table, table[::-1]):
        found = charge(200_000, dt.date(2025, 12, 1), dt.date(2026, 1, 31), rows, FOREVER)
        assert [(each.days, float(each.rate), each.yen) for each in found.stretches] == [
            (30, 2.4, 394), (1, 2.8, 15), (30, 9.1, 1495),
        ]  # fmt: skip
        assert found.yen == 1_900


@pytest.mark.parametrize(
    ("due_on", "ends"),
    [
        (dt.date(2025, 5, 31), dt.date(2025, 6, 30)),
        (dt.date(2025, 6, 2), dt.date(2025, 7, 2)),
        (dt.date(2026, 1, 30), dt.date(2026, 2, 28)),
        (dt.date(2025, 12, 31), dt.date(2026, 1, 31)),
    ],
)
def test_the_first_month_ends_before_the_day_on_which_it_began(due_on: dt.date, ends: dt.date) -> None:
    assert first_month_ends(due_on) == ends


@given(TAXES, DAYS)
def test_a_charge_is_nothing_or_at_least_a_thousand_in_hundreds(tax: int, days: int) -> None:
    yen = charge(tax, DUE, after(days), TABLE, FOREVER).yen
    assert yen == 0 or (yen >= 1_000 and yen % 100 == 0)


@given(st.integers(0, 1_999), DAYS)
def test_a_tax_under_two_thousand_bears_none(tax: int, days: int) -> None:
    assert charge(tax, DUE, after(days), TABLE, FOREVER).yen == 0


@given(TAXES, st.integers(-400, 0))
def test_who_pays_in_time_is_charged_nothing(tax: int, days: int) -> None:
    assert charge(tax, DUE, after(days), TABLE, FOREVER).yen == 0


@given(TAXES, DAYS, DAYS)
def test_later_never_costs_less(tax: int, some: int, more: int) -> None:
    assume(some <= more)
    assert charge(tax, DUE, after(some), TABLE, FOREVER).yen <= charge(tax, DUE, after(more), TABLE, FOREVER).yen


@given(TAXES, st.integers(0, 999), DAYS)
def test_what_is_under_a_thousand_of_the_tax_makes_no_difference(tax: int, rest: int, days: int) -> None:
    assume(tax >= 2_000)
    whole = tax // 1_000 * 1_000
    assert (
        charge(whole + rest, DUE, after(days), TABLE, FOREVER).yen
        == charge(whole, DUE, after(days), TABLE, FOREVER).yen
    )


@given(TAXES, DAYS, st.lists(st.integers(1, 1500), max_size=4, unique=True))
def test_the_days_are_all_counted_once_whatever_changes_in_between(tax: int, days: int, changes: list[int]) -> None:
    assume(tax >= 2_000)
    table = TABLE + [Rates(after(change), Fraction("2.4"), Fraction("8.7")) for change in changes]
    found = charge(tax, DUE, after(days), table, FOREVER)
    assert sum(each.days for each in found.stretches) == days
    for one, following in itertools.pairwise(found.stretches):
        assert following.since == one.until + dt.timedelta(days=1)
    # Cutting each stretch to whole yen can lose less than a yen apiece.
    assert (
        0
        <= sum(s.yen for s in charge(tax, DUE, after(days), TABLE, FOREVER).stretches)
        - sum(s.yen for s in found.stretches)
        <= len(changes)
    )


def test_days_the_town_has_confirmed_no_rate_for_are_not_guessed() -> None:
    with pytest.raises(NoRates):
        charge(34_500, DUE, dt.date(2026, 1, 1), TABLE, dt.date(2025, 12, 31))
    with pytest.raises(NoRates):
        charge(34_500, dt.date(2021, 5, 31), dt.date(2021, 12, 1), TABLE, FOREVER)
