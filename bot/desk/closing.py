"""The end of a consultation, and its reopening: the resident's talk goes on, what may be counted is counted, a term is set."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import exists, select

from bot.alerts import settle
from bot.consulting import REASONS, Closed
from bot.delivery.outbox import Letter, Priority
from bot.desk.desk import Desk, Refusal, WrongState
from bot.desk.states import Kind, Mode, State
from bot.desk.taking import room
from bot.flow.talk import Turn
from bot.line.messages import line_messages
from bot.models import Referral, Resident

ALERTS = ("desk.danger", "desk.waiting", "desk.silent")
_referrals: Any = Referral.__table__


class BadReason(Refusal):
    """終わる理由を選んでください。 / Choose why it is closed."""


class StillInDanger(Refusal):
    """緊急の印のある相談です。安全を確かめてから終えてください。 / Marked as urgent: make sure of their safety first."""


def close(desk: Desk, consultation_id: int, staff_id: int, reason: str, *, safe: bool = False) -> None:
    """Close a consultation for a reason of `REASONS`; one in danger only when `safe` says that somebody made sure.

    Raises BadReason, StillInDanger, WrongState.
    """
    if reason not in REASONS:
        raise BadReason
    row = desk.hold(consultation_id)
    if row.danger and not safe:
        raise StillInDanger
    shut(desk, row, reason, staff_id)
    said = desk.release(desk.connection, desk.now, row.resident_id, row.flow, row.begun, row.mode)
    if said is not None and row.left_at is None:
        say(desk, row, said)


def shut(desk: Desk, row: Any, reason: str, staff_id: int | None) -> None:
    """Close a held consultation without a word. Raises WrongState."""
    if row.state == State.CLOSED:
        raise WrongState
    office = desk.office(row.office_id)
    desk.change(
        row,
        state=State.CLOSED.value,
        closed_at=desk.now,
        closed_by=staff_id,
        close_reason=reason,
        keep_until=desk.now + dt.timedelta(days=office.keep_days),
        reply_token=None,
        token_at=None,
    )
    desk.note(row.id, Kind.CLOSED, staff_id, reason)
    for kind in ALERTS:
        settle(desk.connection, desk.now, f"{kind}:{row.id}")
    count(desk, desk.find(row.id))


def reopen(desk: Desk, consultation_id: int, staff_id: int) -> None:
    """Open a closed consultation again; what the resident writes comes to it as before. Raises WrongState, TooMany."""
    row = desk.hold(consultation_id)
    if row.state != State.CLOSED:
        raise WrongState
    room(desk, row, staff_id)
    there = desk.rejoin(desk.connection, desk.now, row.resident_id, row.flow, row.begun, row.mode)
    if there is None:
        raise WrongState
    count(desk, row, -1)
    desk.change(
        row,
        state=State.ACTIVE.value,
        taken_by=staff_id,
        taken_at=desk.now,
        closed_at=None,
        closed_by=None,
        close_reason=None,
        keep_until=None,
        left_at=None,
        level=0,
    )
    desk.note(row.id, Kind.REOPENED, staff_id)


def say(desk: Desk, row: Any, said: Turn) -> None:
    """Let the flow's own words follow a consultation, where the resident talks."""
    if row.mode != Mode.CHAT or not said.messages:
        return
    channel = desk.connection.execute(select(Resident.channel_id).where(Resident.id == row.resident_id)).scalar_one()
    letter = Letter(channel, row.resident_id, "desk", line_messages(said.messages, said.quick), Priority.TALK)
    desk.outbox.put(desk.connection, [letter], desk.now)


def count(desk: Desk, row: Any, times: int = 1) -> None:
    """Let the service count a closed consultation, or (-1) take it out of its numbers; one that is open is counted nowhere."""
    if row.state != State.CLOSED:
        return
    referred = desk.connection.execute(select(exists().where(_referrals.c.consultation_id == row.id))).scalar_one()
    closed = Closed(
        desk.office(row.office_id).key, row.close_reason, row.grade, row.danger, row.outside,
        row.answered_at is not None, bool(referred), desk.carried(row), row.opened_at, row.closed_at, times,
    )  # fmt: skip
    desk.consulting(row.flow).count(desk.connection, closed)
