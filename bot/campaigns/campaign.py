"""Campaigns: broadcasts as staff handle them, from the first draft to the last time they are sent.

Nothing leaves without the word of a second person about exactly what is then sent.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot import approvals
from bot.campaigns import repeat as repeats
from bot.campaigns.composition import Composition, Means, columns, digest, likeness, read, variants
from bot.campaigns.content import Content
from bot.campaigns.states import (
    TRANSITIONS,
    AlikeSent,
    InThePast,
    NoCampaign,
    NotNow,
    Outdated,
    OwnWork,
    State,
    StillGoing,
    TooManyKinds,
    UnknownTold,
    Unsound,
)
from bot.crypto import Vault
from bot.delivery import broadcast
from bot.delivery.variants import TooMany
from bot.models import Broadcast, Campaign, CampaignRun, Staff
from bot.now import TOKYO

ALIKE_WITHIN = dt.timedelta(days=7)
"""Within so many days the same words to the same people look like a mistake."""

_campaigns: Any = Campaign.__table__
_runs: Any = CampaignRun.__table__


KIND = approvals.register(
    approvals.Kind(
        "campaign",
        {"ja": "一斉配信", "en": "Broadcast"},
        lambda subject: f"/console/broadcasts/{subject}",
        permission="broadcast.approve",
    )
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A campaign with its sealed content opened; `row` is as it is stored, with `author` (a name)."""

    row: Any
    composition: Composition

    @property
    def state(self) -> State:
        """Return where it stands."""
        return State(self.row.state)

    @property
    def digest(self) -> bytes:
        """Return what stands for everything a second person approves, worked out from the content itself."""
        return digest(self.composition, self.row.channel_id, self.row.corrects_id)


def compose(
    connection: Connection,
    vault: Vault,
    channel_id: int,
    composition: Composition,
    by: int,
    now: dt.datetime,
    *,
    department_id: int | None = None,
    corrects_id: int | None = None,
) -> int:
    """Store a draft and return its id; `corrects_id` makes it a message to those who got that broadcast."""
    uid = uuid.uuid4().hex
    row = {
        "uid": uid,
        "channel_id": channel_id,
        "department_id": department_id,
        "state": State.DRAFT.value,
        "corrects_id": corrects_id,
        "knowingly": False,
        "edition": 1,
        "author_id": by,
        "edited_by": by,
        "created_at": now,
        "edited_at": now,
        **columns(vault, uid, composition, channel_id, corrects_id),
    }
    id_: int = connection.execute(insert(_campaigns).values(row).returning(_campaigns.c.id)).scalar_one()
    return id_


def change(
    connection: Connection, vault: Vault, id_: int, edition: int, composition: Composition, by: int, now: dt.datetime
) -> None:
    """Replace what a draft says. Raises Outdated when `edition` is no longer the latest, NotNow when it is no draft."""
    row = _row(connection, id_)
    if row.state != State.DRAFT:
        raise NotNow
    changed = columns(vault, row.uid, composition, row.channel_id, row.corrects_id) | {
        "knowingly": False,
        "edition": edition + 1,
        "edited_by": by,
        "edited_at": now,
    }
    same = update(_campaigns).where(
        _campaigns.c.id == id_, _campaigns.c.edition == edition, _campaigns.c.state == State.DRAFT.value
    )
    if connection.execute(same.values(changed)).rowcount != 1:
        raise Outdated


def opened(connection: Connection, vault: Vault, id_: int, *, lock: bool = False) -> Opened:
    """Return a campaign with its content. Raises NoCampaign, CannotOpen."""
    row = _row(connection, id_, lock=lock)
    return Opened(row, read(vault, row))


def correct(connection: Connection, vault: Vault, broadcast_id: int, by: int, now: dt.datetime, title: str) -> int:
    """Begin a correction of a broadcast: a draft to exactly those LINE took it for. Raises StillGoing, NoCampaign."""
    first = _over(connection, broadcast_id)
    composition = Composition(title[:120], Content(), urgent=first.urgent)
    return compose(connection, vault, first.channel_id, composition, by, now, corrects_id=broadcast_id)


def discard(connection: Connection, id_: int) -> None:
    """End a draft that is not to be sent at all. Raises NotNow."""
    _move(connection, id_, State.STOPPED, from_={State.DRAFT, State.STALE})


def submit(connection: Connection, means: Means, id_: int, by: int, now: dt.datetime, *, knowingly: bool) -> None:
    """Ask a second person about a draft. Raises Unsound, AlikeSent unless `knowingly`, InThePast, StillGoing, NotNow."""
    campaign = opened(connection, means.vault, id_, lock=True)
    if campaign.state is not State.DRAFT:
        raise NotNow
    if campaign.row.corrects_id is not None:
        _over(connection, campaign.row.corrects_id)
    if (send_at := campaign.composition.send_at) is not None and send_at < now and campaign.composition.repeat is None:
        raise InThePast
    if means.faults(campaign.composition, (send_at or now).astimezone(TOKYO).date()):
        raise Unsound
    try:
        unknown = set(variants(connection, campaign.composition.content).unknown)
    except TooMany as error:
        raise TooManyKinds from error
    if unknown:
        raise UnknownTold
    if not knowingly and alike(connection, campaign, now):
        raise AlikeSent
    _move(connection, id_, State.ASKED, from_={State.DRAFT}, knowingly=knowingly, note=None)
    approvals.ask(connection, KIND, str(id_), campaign.digest, by, now, title=campaign.row.title)


def take_back(connection: Connection, vault: Vault, id_: int, by: int, now: dt.datetime) -> None:
    """Make a draft again of what was submitted: by whoever asked. Raises NotNow, CannotApprove."""
    _decide(connection, vault, id_, approvals.Decision.WITHDRAWN, None, by, now, "")
    _move(connection, id_, State.DRAFT, from_={State.ASKED})


def refuse(connection: Connection, vault: Vault, id_: int, by: int, now: dt.datetime, reason: str) -> None:
    """Send a campaign back to its author with a reason. Raises NotNow, CannotApprove."""
    _decide(connection, vault, id_, approvals.Decision.REFUSED, None, by, now, reason)
    _move(connection, id_, State.DRAFT, from_={State.ASKED})


def approve(connection: Connection, vault: Vault, id_: int, shown: bytes, by: int, now: dt.datetime) -> None:
    """Allow exactly what `shown` stands for; it is due from now on. Raises NotNow, CannotApprove."""
    campaign = opened(connection, vault, id_, lock=True)
    if by in (campaign.row.author_id, campaign.row.edited_by):
        raise OwnWork
    if shown != campaign.digest:
        raise approvals.Changed
    _decide(connection, vault, id_, approvals.Decision.GRANTED, campaign.digest, by, now, "")
    _move(connection, id_, State.SCHEDULED, from_={State.ASKED}, next_at=_first_time(campaign.composition, now))


def _first_time(composition: Composition, now: dt.datetime) -> dt.datetime:
    """Return when an approved campaign is due: never in the past unless it is late, which the clock then finds."""
    if composition.send_at is None:
        return now
    if composition.repeat is None or composition.send_at >= now:
        return composition.send_at
    later = repeats.following(composition.repeat, composition.excluded, composition.send_at, now)
    return composition.send_at if later is None else later


def suspend(connection: Connection, id_: int) -> None:
    """Begin nothing more until it is resumed. Raises NotNow."""
    _move(connection, id_, State.SUSPENDED, from_={State.SCHEDULED})


def resume(connection: Connection, id_: int) -> None:
    """Let the clock take it up again. Raises NotNow."""
    _move(connection, id_, State.SCHEDULED, from_={State.SUSPENDED})


def stop(connection: Connection, id_: int) -> None:
    """Begin it never again; what is on its way is stopped by itself. Raises NotNow."""
    _move(connection, id_, State.STOPPED, from_={State.SCHEDULED, State.SUSPENDED, State.STALE}, next_at=None)


def redraft(connection: Connection, id_: int) -> None:
    """Make a draft again of what came too late, to be looked at, changed and approved anew. Raises NotNow."""
    _move(connection, id_, State.DRAFT, from_={State.STALE}, note=None)


def alike(connection: Connection, campaign: Opened, now: dt.datetime) -> Sequence[Any]:
    """Return other campaigns that say the same to the same people and were sent lately, or wait to be."""
    ran = select(_runs.c.campaign_id).where(_runs.c.at > now - ALIKE_WITHIN, _runs.c.broadcast_id.is_not(None))
    to_come = [State.ASKED.value, State.SCHEDULED.value, State.SUSPENDED.value]
    same = select(_campaigns).where(
        _campaigns.c.likeness == likeness(campaign.composition, campaign.row.channel_id, campaign.row.corrects_id),
        _campaigns.c.id != campaign.row.id,
        _campaigns.c.state.in_(to_come) | _campaigns.c.id.in_(ran),
    )
    return connection.execute(same.order_by(_campaigns.c.id.desc()).limit(5)).all()


def runs(connection: Connection, id_: int, limit: int = 50) -> Sequence[Any]:
    """Return when a campaign was due, the latest first, with the broadcast's `status`, `note` and numbers where it began."""
    found = (
        select(_runs, Broadcast.status, Broadcast.note, Broadcast.planned, Broadcast.finished_at)
        .outerjoin(Broadcast, Broadcast.id == _runs.c.broadcast_id)
        .where(_runs.c.campaign_id == id_)
        .order_by(_runs.c.scheduled_for.desc())
        .limit(limit)
    )
    return connection.execute(found).all()


def move(connection: Connection, id_: int, to: State, **changes: Any) -> bool:
    """Move a campaign as the transitions allow; tell whether it was so."""
    allowed = [state.value for state, following in TRANSITIONS.items() if to in following]
    moved = update(_campaigns).where(_campaigns.c.id == id_, _campaigns.c.state.in_(allowed))
    return connection.execute(moved.values(state=to.value, **changes)).rowcount == 1


def put_off(connection: Connection, id_: int, until: dt.datetime) -> None:
    """Let the clock take a campaign up again at its next time."""
    going = update(_campaigns).where(_campaigns.c.id == id_, _campaigns.c.state == State.SCHEDULED.value)
    connection.execute(going.values(next_at=until))


def _move(connection: Connection, id_: int, to: State, *, from_: set[State], **changes: Any) -> None:
    moved = update(_campaigns).where(_campaigns.c.id == id_, _campaigns.c.state.in_([one.value for one in from_]))
    if connection.execute(moved.values(state=to.value, **changes)).rowcount != 1:
        _row(connection, id_)
        raise NotNow


def _decide(
    connection: Connection,
    vault: Vault,
    id_: int,
    decision: approvals.Decision,
    digest: bytes | None,
    by: int,
    now: dt.datetime,
    reason: str,
) -> None:
    asked = approvals.find_waiting(connection, KIND, str(id_))
    if asked is None:
        raise NotNow
    approvals.decide(connection, vault, asked.id, decision, digest or asked.digest, by, now, reason)


def _over(connection: Connection, broadcast_id: int) -> Any:
    """Return a broadcast that has reached whom it will ever reach."""
    try:
        first = broadcast.find(connection, broadcast_id)
    except broadcast.NotPossible as error:
        raise NoCampaign from error
    if first.frozen_at is None:
        raise NotNow
    over = broadcast.State(first.status) in (broadcast.State.DONE, broadcast.State.STOPPED)
    if not over or broadcast.report(connection, broadcast_id).waiting:
        raise StillGoing
    return first


def _row(connection: Connection, id_: int, *, lock: bool = False) -> Any:
    found = select(_campaigns, Staff.name.label("author")).join(Staff, Staff.id == _campaigns.c.author_id)
    found = found.where(_campaigns.c.id == id_)
    row = connection.execute(found.with_for_update(of=Campaign) if lock else found).one_or_none()
    if row is None:
        raise NoCampaign
    return row
