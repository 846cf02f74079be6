"""Where a tax notice stands: what the resident said, and what the tax system's paid list said."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """`said_paid` is the resident's own statement, which stops reminders until a paid list could have shown the payment."""

    OPEN = "open"
    SAID_PAID = "said_paid"
    PAID = "paid"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.SAID_PAID, State.PAID}),
    State.SAID_PAID: frozenset({State.OPEN, State.PAID}),
    State.PAID: frozenset({State.OPEN}),
}
"""A payment that is reversed opens its notice again; a resident may take back a statement."""
