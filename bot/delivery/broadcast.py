"""Broadcasts as staff handle them: written, approved, paused, resumed, stopped, corrected; and an honest report of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from bot import audience, segment
from bot.delivery.due import open_rows
from bot.delivery.outcome import Status
from bot.delivery.quota import Forecast, Gauge
from bot.delivery.variants import Variants
from bot.line.acceptance import NotAcceptable, check
from bot.models import Batch, Broadcast, Delivery

DEFAULT_LANGUAGE = segment.DEFAULT_LANGUAGE
STALE_AFTER = dt.timedelta(hours=24)

_broadcasts: Any = Broadcast.__table__
_deliveries: Any = Delivery.__table__


class State(StrEnum):
    """Where a broadcast stands. `held` waits for quota, `stale` became too old before it left; both wait for staff."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    PAUSED = "paused"
    HELD = "held"
    STALE = "stale"
    STOPPED = "stopped"
    DONE = "done"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.APPROVED, State.STOPPED}),
    State.APPROVED: frozenset({State.SENDING, State.PAUSED, State.HELD, State.STALE, State.STOPPED}),
    State.SENDING: frozenset({State.PAUSED, State.HELD, State.STALE, State.STOPPED, State.DONE}),
    State.PAUSED: frozenset({State.APPROVED, State.STOPPED}),
    State.HELD: frozenset({State.APPROVED, State.STOPPED}),
    State.STALE: frozenset({State.APPROVED, State.STOPPED}),
    State.STOPPED: frozenset(),
    State.DONE: frozenset(),
}

GOING = (State.APPROVED, State.SENDING)
"""What a sender may work on."""


BROKEN = "it cannot be sent as it is"
"""How the note of a broadcast begins that our own code failed at."""


class NotPossible(Exception):
    """A broadcast cannot be treated so now; the message says how it stands."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be sent: LINE message objects by language (at least `ja`, at most five each) to a segment of one channel.

    With `variants` there are messages for each of them too, under `Variants.key`.
    It leaves at `send_at`, at once without one, outside quiet hours unless `urgent`. `stale_after` that it is not sent any more.
    """

    channel_id: int
    title: str
    messages: Mapping[str, Sequence[Mapping[str, Any]]]
    to: segment.Segment = segment.EVERYBODY
    urgent: bool = False
    send_at: dt.datetime | None = None
    stale_after: dt.timedelta = STALE_AFTER
    variants: Variants | None = None


def write(connection: Connection, draft: Draft, by: str, now: dt.datetime, corrects: int | None = None) -> int:
    """Store a draft and return its id. Raises NotPossible when LINE could not take it."""
    if DEFAULT_LANGUAGE not in draft.messages:
        raise NotPossible(
            f"a broadcast needs its text in {DEFAULT_LANGUAGE}: whoever chose another language may get that one"
        )
    for language, messages in draft.messages.items():
        try:
            check(list(messages))
        except NotAcceptable as error:
            raise NotPossible(f"{language}: LINE would refuse {error.place}") from error
    send_at = draft.send_at or now
    row = {
        "channel_id": draft.channel_id,
        "title": draft.title,
        "messages": {language: list(messages) for language, messages in draft.messages.items()},
        "segment": segment.write(draft.to),
        "variants": None if draft.variants is None else draft.variants.write(),
        "corrects_id": corrects,
        "urgent": draft.urgent,
        "status": State.DRAFT.value,
        "send_at": send_at,
        "stale_at": send_at + draft.stale_after,
        "created_at": now,
        "created_by": by[:80],
    }
    id_: int = connection.execute(insert(Broadcast).values(row).returning(Broadcast.id)).scalar_one()
    return id_


def correct(
    connection: Connection,
    id_: int,
    title: str,
    messages: Mapping[str, Sequence[Mapping[str, Any]]],
    by: str,
    now: dt.datetime,
) -> int:
    """Write a second broadcast to exactly those LINE took the first one for; return its id. It needs approval like any other."""
    first = find(connection, id_)
    if first.frozen_at is None:
        raise NotPossible(f"broadcast {id_} has reached nobody yet: stop it and write another")
    draft = Draft(first.channel_id, title, messages, urgent=first.urgent)
    return write(connection, draft, by, now, corrects=id_)


def approve(connection: Connection, id_: int, by: str, now: dt.datetime) -> None:
    """Let a draft go when its time has come. Raises NotPossible."""
    _move(connection, id_, State.APPROVED, {State.DRAFT}, approved_at=now, approved_by=by[:80])


def pause(connection: Connection, id_: int) -> None:
    """Let nothing more leave until it is resumed; what is on the wire arrives. Raises NotPossible."""
    _move(connection, id_, State.PAUSED, note=None)


def resume(connection: Connection, id_: int, now: dt.datetime, stale_after: dt.timedelta = STALE_AFTER) -> None:
    """Go on with what was paused, held or stale: staff have looked at it, so its time begins anew. Raises NotPossible."""
    going_on = {State.PAUSED, State.HELD, State.STALE}
    _move(connection, id_, State.APPROVED, going_on, note=None, stale_at=now + stale_after)
    held = update(_deliveries).where(_of(id_), _deliveries.c.status == Status.HELD.value)
    connection.execute(held.values(status=Status.WAITING.value, due_at=now))


def stop(connection: Connection, id_: int, now: dt.datetime) -> None:
    """End a broadcast for good: what has not left stays here. Raises NotPossible."""
    _move(connection, id_, State.STOPPED, note=None, finished_at=now)
    close_rest(connection, id_, now)


def close_rest(connection: Connection, id_: int, now: dt.datetime) -> int:
    """Close the batches of a stopped broadcast that nobody has in hand; return how many."""
    free = _deliveries.c.lease_until.is_(None) | (_deliveries.c.lease_until < now)
    rest = update(_deliveries).where(_of(id_), open_rows(), free)
    over = {"status": Status.STOPPED.value, "finished_at": now, "lease_until": None, "lease_by": None}
    return connection.execute(rest.values(over)).rowcount


def move(connection: Connection, id_: int, to: State, **changes: Any) -> bool:
    """Move a broadcast as the transitions allow; tell whether it was so."""
    allowed = [state.value for state, following in TRANSITIONS.items() if to in following]
    moved = update(_broadcasts).where(_broadcasts.c.id == id_, _broadcasts.c.status.in_(allowed))
    return connection.execute(moved.values(status=to.value, **changes)).rowcount == 1


def _move(connection: Connection, id_: int, to: State, only_from: set[State] | None = None, **changes: Any) -> None:
    found = find(connection, id_)
    state = State(found.status)
    if to not in TRANSITIONS[state] or (only_from is not None and state not in only_from):
        raise NotPossible(f"broadcast {id_} is {state}: it cannot become {to}")
    if not move(connection, id_, to, **changes):
        raise NotPossible(f"broadcast {id_} has just changed: look at it again")


def find(connection: Connection, id_: int) -> Any:
    """Return the row of a broadcast. Raises NotPossible when there is none."""
    row = connection.execute(select(_broadcasts).where(_broadcasts.c.id == id_)).one_or_none()
    if row is None:
        raise NotPossible(f"there is no broadcast {id_}")
    return row


def forecast(connection: Connection, id_: int, gauge: Gauge) -> Forecast:
    """Say whether what a broadcast still has to send fits into the month."""
    row = find(connection, id_)
    if row.frozen_at is not None:
        counts = report(connection, id_)
        return gauge.forecast(counts.waiting + counts.held)
    if row.corrects_id is not None:
        return gauge.forecast(report(connection, row.corrects_id).accepted)
    return gauge.forecast(audience.count(connection, row.channel_id, segment.read(row.segment)))


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of a broadcast, in residents. `accepted` is what LINE took: nobody knows who has read it.

    `unknown` were sent without LINE ever saying whether it took them. `left_out` were never among the recipients, by reason.
    """

    planned: int
    accepted: int = 0
    waiting: int = 0
    held: int = 0
    failed: int = 0
    unknown: int = 0
    stopped: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)


def report(connection: Connection, id_: int) -> Report:
    """Count a broadcast's recipients by what became of them."""
    row = find(connection, id_)
    counted = (
        select(_deliveries.c.status, func.sum(Batch.recipients).label("recipients"))
        .join(Batch, Batch.delivery_id == _deliveries.c.id)
        .where(Batch.broadcast_id == id_)
        .group_by(_deliveries.c.status)
    )
    counts = {Status(one.status): int(one.recipients) for one in connection.execute(counted)}
    return Report(
        planned=row.planned or 0,
        accepted=counts.get(Status.SENT, 0),
        waiting=counts.get(Status.WAITING, 0),
        held=counts.get(Status.HELD, 0),
        failed=counts.get(Status.FAILED, 0),
        unknown=counts.get(Status.UNKNOWN, 0),
        stopped=counts.get(Status.STOPPED, 0),
        left_out=row.left_out or {},
    )


def _of(id_: int) -> Any:
    return _deliveries.c.id.in_(select(Batch.delivery_id).where(Batch.broadcast_id == id_))
