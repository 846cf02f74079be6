"""Late charges (延滞金) on a tax that was not paid in time: a pure calculation from a dated table of rates.

Source: 地方税法 and the towns' tables in DOMAIN.md: to one month after the due date the first rate, from then on the higher one, of
the tax rounded down to ¥1,000; no charge on a tax under ¥2,000, none under ¥1,000; rounded down to ¥100. A year counts 365
days, a leap year too. The charge of each stretch of one rate is cut to whole yen first, as the tax offices' own sheets do.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

LEAST_TAX = 2_000
TAX_UNIT = 1_000
LEAST_CHARGE = 1_000
CHARGE_UNIT = 100
DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Rates:
    """What holds from a day on, in percent a year: in the first month after the due date, and later."""

    since: dt.date
    first: Fraction
    later: Fraction


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which one rate held, the last one included, and the yen they make."""

    since: dt.date
    until: dt.date
    rate: Fraction
    yen: int

    @property
    def days(self) -> int:
        """Return how many days these are."""
        return (self.until - self.since).days + 1


@dataclass(frozen=True, slots=True)
class Charge:
    """A late charge in yen with what it was made of: the tax it was reckoned on, and each stretch of days."""

    yen: int
    basis: int
    stretches: tuple[Stretch, ...] = ()


class NoRates(LookupError):
    """The table of rates does not reach back so far, or is not confirmed up to that day: see flows/tax/late_rates.yaml."""


def charge(tax: int, due_on: dt.date, paid_on: dt.date, table: Sequence[Rates], confirmed_until: dt.date) -> Charge:
    """Return the charge on `tax` yen, due on `due_on` and paid on `paid_on`.

    `table` holds the rates in any order; nothing is reckoned for days after `confirmed_until`. Raises NoRates.
    """
    basis = tax // TAX_UNIT * TAX_UNIT
    if paid_on <= due_on or tax < LEAST_TAX:
        return Charge(0, basis)
    if paid_on > confirmed_until:
        raise NoRates
    stretches = tuple(_stretches(basis, due_on, paid_on, sorted(table, key=lambda rates: rates.since)))
    total = sum(stretch.yen for stretch in stretches)
    return Charge(0 if total < LEAST_CHARGE else total // CHARGE_UNIT * CHARGE_UNIT, basis, stretches)


def first_month_ends(due_on: dt.date) -> dt.date:
    """Return the last day of the month that begins on the day after the due date."""
    begins = due_on + dt.timedelta(days=1)
    year, month = (begins.year + 1, 1) if begins.month == 12 else (begins.year, begins.month + 1)
    last = calendar.monthrange(year, month)[1]
    if begins.day > last:
        return dt.date(year, month, last)
    return dt.date(year, month, begins.day) - dt.timedelta(days=1)


def _stretches(basis: int, due_on: dt.date, paid_on: dt.date, table: Sequence[Rates]) -> Iterator[Stretch]:
    one_day = dt.timedelta(days=1)
    begins, month_ends = due_on + one_day, first_month_ends(due_on)
    while begins <= paid_on:
        rates = next((row for row in reversed(table) if row.since <= begins), None)
        if rates is None:
            raise NoRates
        changes = [row.since - one_day for row in table if row.since > begins]
        in_first = begins <= month_ends
        until = min([paid_on, *changes, *([month_ends] if in_first else [])])
        rate = rates.first if in_first else rates.later
        days = (until - begins).days + 1
        yield Stretch(begins, until, rate, int(Fraction(basis) * rate / 100 * days / DAYS_A_YEAR))
        begins = until + one_day
