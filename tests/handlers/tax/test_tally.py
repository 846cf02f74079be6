"""What the lines of paid lists leave a notice as is the same however they are cut into files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from handlers.tax.settlement import Payment, Tally
from handlers.tax.state import State

FIRST = dt.date(2027, 5, 1)


@dataclass(frozen=True)
class Notice:
    id: int = 7
    state: str = State.OPEN.value
    paid_on: dt.date | None = None


LINES = st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=8).map(
    lambda found: [Payment(0, (), FIRST + dt.timedelta(days=day), reversed=back) for day, back in sorted(found)]
)
STATES = st.sampled_from([Notice(), Notice(state=State.SAID_PAID.value), Notice(state=State.PAID.value, paid_on=FIRST)])


def after(notice: Notice, lines: Sequence[Payment]) -> Notice:
    """Return the notice as one file leaves it."""
    tally = Tally()
    for line in lines:
        tally.enter(notice, line)
    settled, opened = tally.settled(), tally.opened()
    assert not set(settled) & set(opened)
    if notice.id in settled:
        return Notice(state=State.PAID.value, paid_on=settled[notice.id])
    return Notice() if notice.id in opened else notice


@given(STATES, LINES, st.integers(0, 8))
def test_one_file_or_two_leave_the_same(notice: Notice, lines: list[Payment], cut: int) -> None:
    whole, parts = after(notice, lines), after(after(notice, lines[:cut]), lines[cut:])
    assert (whole.state == State.PAID, whole.paid_on) == (parts.state == State.PAID, parts.paid_on)


@given(STATES, LINES)
def test_a_notice_is_paid_when_its_last_line_says_so(notice: Notice, lines: list[Payment]) -> None:
    if not lines:
        assert after(notice, lines) == notice
    elif not lines[-1].reversed:
        assert after(notice, lines).state == State.PAID
    else:
        assert after(notice, lines).state != State.PAID


@given(STATES, LINES)
def test_the_payments_of_a_file_handed_in_again_change_nothing(notice: Notice, lines: list[Payment]) -> None:
    payments = [line for line in lines if not line.reversed]
    once = after(notice, payments)
    assert after(once, payments) == once
