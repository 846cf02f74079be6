"""Starting: makes broadcasts of the campaigns whose time has come, each time once, whoever and however many look.

A tick looks ahead, so that a broadcast stands before it is due and leaves to the second.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select

from bot import approvals
from bot.campaigns import campaign, pictures
from bot.campaigns import content as contents
from bot.campaigns import repeat as repeats
from bot.campaigns.campaign import KIND, Opened
from bot.campaigns.composition import Called, Means, variants
from bot.campaigns.content import Content
from bot.campaigns.states import State
from bot.crypto import CannotOpen
from bot.delivery import broadcast
from bot.delivery.variants import TooMany, Variants
from bot.flow.book import Book
from bot.flow.segments import described
from bot.models import Campaign, CampaignRun
from bot.now import TOKYO
from bot.segment import topic_of
from bot.service import Job, JobContext, Missed
from bot.upsert import insert_into

EVERY_MINUTES = 5
AHEAD = dt.timedelta(minutes=EVERY_MINUTES + 1)
A_TICK = 20
"""Campaigns begun in one transaction."""

_campaigns: Any = Campaign.__table__
_runs: Any = CampaignRun.__table__


def begin_due(connection: Connection, means: Means, now: dt.datetime, ahead: dt.timedelta = AHEAD) -> int:
    """Begin what is due by `now` + `ahead`; return how many campaigns were looked at."""
    due = (
        select(_campaigns.c.id)
        .where(
            _campaigns.c.next_at.is_not(None),
            _campaigns.c.next_at <= now + ahead,
            _campaigns.c.state == State.SCHEDULED.value,
        )
        .order_by(_campaigns.c.next_at)
        .limit(A_TICK)
        .with_for_update(skip_locked=True)
    )
    ids = connection.execute(due).scalars().all()
    for id_ in ids:
        begin(connection, means, id_, now)
    return len(ids)


def begin(connection: Connection, means: Means, id_: int, now: dt.datetime) -> int | None:
    """Make the broadcast of a campaign's next time; return its id, None when none was made: the campaign then says why."""
    try:
        found = campaign.opened(connection, means.vault, id_, lock=True)
    except CannotOpen:
        campaign.move(connection, id_, State.STALE, note="sealed", next_at=None)
        return None
    due_at = found.row.next_at
    if found.state is not State.SCHEDULED or due_at is None:
        return None
    allowed = approvals.granted(connection, KIND, str(id_), found.digest)
    if allowed is None or allowed.decided_by in (found.row.author_id, found.row.edited_by):
        campaign.move(connection, id_, State.DRAFT, note="unapproved", next_at=None)
        return None
    if not _enter(connection, id_, due_at, now):
        _go_on(connection, found, due_at)
        return None
    if now > due_at + dt.timedelta(hours=found.composition.stale_hours):
        _note(connection, id_, due_at, "stale", None)
        _go_on(connection, found, due_at, late=True, now=now)
        return None
    try:
        with connection.begin_nested():
            made = _write(connection, means, found, due_at, allowed, now)
    except (broadcast.NotPossible, TooMany):
        _note(connection, id_, due_at, "refused", None)
        campaign.move(connection, id_, State.STALE, note="refused", next_at=None)
        return None
    _note(connection, id_, due_at, "started", made)
    _go_on(connection, found, due_at)
    return made


def _write(
    connection: Connection, means: Means, found: Opened, due_at: dt.datetime, allowed: Any, now: dt.datetime
) -> int:
    day = due_at.astimezone(TOKYO).date()
    composition = found.composition
    kinds = variants(connection, composition.content).kinds
    draft = broadcast.Draft(
        found.row.channel_id,
        composition.title,
        written(means, composition.content, day, kinds, topic_of(composition.to)),
        composition.to,
        composition.urgent,
        max(due_at, now) if composition.send_at is None else due_at,
        dt.timedelta(hours=composition.stale_hours),
        kinds,
    )
    made = broadcast.write(connection, draft, found.row.author, now, corrects=found.row.corrects_id)
    shown = [token for token in (composition.content.image, composition.content.card_image) if token]
    pictures.note_use(connection, shown, now)
    broadcast.approve(connection, made, allowed.decider, allowed.decided_at)
    return made


def written(
    means: Means, content: Content, day: dt.date, kinds: Variants | None = None, topic: str | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Return the LINE messages of a content as they are on `day`, with pictures where LINE finds them; a button stops `topic`.

    They stand under their language, and for each kind of residents under `Variants.key`.
    """
    address = pictures.address_under(means.public_url)
    found = contents.messages(content, means.town, day, address, topic=topic)
    for number, values in () if kinds is None else kinds.all():

        def me(language: str, values: dict[str, str] = values) -> dict[str, str]:
            return {name: means.called(name, value, language) for name, value in values.items()}

        said = contents.messages(content, means.town, day, address, me, topic)
        found |= {Variants.key(language, number): messages for language, messages in said.items()}
    return found


def _go_on(
    connection: Connection, found: Opened, due_at: dt.datetime, *, late: bool = False, now: dt.datetime | None = None
) -> None:
    """Set the next time, or the end."""
    composition = found.composition
    first = composition.send_at or due_at
    after = max(due_at, now) if now is not None else due_at
    following = repeats.following(composition.repeat, composition.excluded, first, after)
    if following is not None:
        campaign.put_off(connection, found.row.id, following)
    else:
        campaign.move(connection, found.row.id, State.STALE if late else State.STARTED, next_at=None)


def _enter(connection: Connection, id_: int, due_at: dt.datetime, now: dt.datetime) -> bool:
    """Enter a time in the ledger; tell whether it was not there yet."""
    statement = insert_into(connection, _runs).on_conflict_do_nothing().returning(_runs.c.campaign_id)
    row = {"campaign_id": id_, "scheduled_for": due_at, "outcome": "begun", "at": now}
    return connection.execute(statement, row).first() is not None


def _note(connection: Connection, id_: int, due_at: dt.datetime, outcome: str, broadcast_id: int | None) -> None:
    this = _runs.update().where(_runs.c.campaign_id == id_, _runs.c.scheduled_for == due_at)
    connection.execute(this.values(outcome=outcome, broadcast_id=broadcast_id))


def told_to_one(connection: Connection, means: Means, content: Content) -> Callable[[str], dict[str, str]]:
    """Return what is told of one kind of residents, by language: for previews and test sends."""
    try:
        kinds = variants(connection, content).kinds
    except TooMany:
        kinds = None
    values = {} if kinds is None else next((values for _number, values in kinds.all()), {})
    return lambda language: {name: means.called(name, value, language) for name, value in values.items()}


def calling(book: Book) -> Called:
    """Return the function that says what a value of an attribute is called in the flow that asks for it."""
    return lambda name, value, language: described(book, name, value, language)[1]


def start_due(context: JobContext) -> bool:
    """Begin what is due by the clock; tell whether more may be left."""
    book = context.book
    if book is None:
        return False
    means = Means(context.outbox.vault, book.town_in, context.public_url, calling(book))
    return begin_due(context.connection, means, context.now) >= A_TICK


JOBS = (Job("campaigns.start", {"minute": f"*/{EVERY_MINUTES}"}, start_due, Missed.LATEST),)
