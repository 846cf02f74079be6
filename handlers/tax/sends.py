"""What goes out to those who linked a notice: planned by due date and stage, looked at again for each resident before it leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Connection, and_, bindparam, func, literal_column, or_, select, update

from bot import approvals
from bot.audience import who_stopped
from bot.delivery.outbox import Letter, Priority
from bot.delivery.outcome import Status
from bot.flow.book import Book
from bot.models import Delivery, Resident
from bot.notice import notice
from bot.now import TOKYO
from bot.service import Compose, JobContext
from bot.upsert import insert_into
from handlers.tax.ahead import TOPIC
from handlers.tax.dates import is_business_day
from handlers.tax.kinds import tax_name
from handlers.tax.models import TaxLink, TaxNotice, TaxPaidList, TaxSend
from handlers.tax.schedule import Phase, Stage, plan, read_schedule
from handlers.tax.state import State as Notice
from handlers.tax.wording import TEMPLATES, faults

log = structlog.get_logger(__name__)

ROWS_A_COMMIT = 200
DAYTIME = (dt.time(8), dt.time(21))
LOOK_BACK, LOOK_AHEAD = dt.timedelta(days=400), dt.timedelta(days=120)
"""Due dates for which sends are planned, counted from today."""

AFTER_DUE_STAYS = dt.timedelta(days=3)
"""A message about a missed due date that could not leave for so long is not sent without staff."""

APPROVAL = approvals.register(
    approvals.Kind(
        "tax.after_due",
        {"ja": "納期限後のお知らせ", "en": "Messages after the due date"},
        lambda subject: f"/console/tax/sends/{subject}",
        permission="tax.approve",
    )
)

_sends: Any = TaxSend.__table__
_notices: Any = TaxNotice.__table__
_links: Any = TaxLink.__table__
_lists: Any = TaxPaidList.__table__
_deliveries: Any = Delivery.__table__


class State(StrEnum):
    """A send is `planned` until its last resident was written to, or until its time is over without that."""

    PLANNED = "planned"
    DONE = "done"
    MISSED = "missed"
    STOPPED = "stopped"


class Obstacle(StrEnum):
    """Why a send that is due does not leave."""

    APPROVAL = "approval"
    PAID_LIST = "paid_list"
    WORDING = "wording"


def plan_sends(connection: Connection, town: Mapping[str, Any], now: dt.datetime) -> int:
    """Enter what is to be sent for every due date there is, and close what is past its time; return how many were new.

    A send that nobody was written to yet follows the schedule when staff change it.
    """
    today = now.astimezone(TOKYO).date()
    schedule = read_schedule(town)
    near = and_(_notices.c.due_on >= today - LOOK_BACK, _notices.c.due_on <= today + LOOK_AHEAD)
    dates = connection.execute(select(_notices.c.kind, _notices.c.due_on).where(near).distinct()).all()
    known = {(row.kind, row.due_on, row.stage): row for row in connection.execute(select(_sends))}
    rows, wanted = [], set()
    for kind, due_on in dates:
        for planned in plan(schedule, due_on):
            found = known.get(place := (kind, due_on, str(planned.stage)))
            wanted.add(place)
            row = {"send_on": planned.send_on, "last_on": planned.last_on, "paid_until": planned.paid_until}
            if found is None and planned.last_on >= today:
                named = {"kind": kind, "due_on": due_on, "stage": str(planned.stage)}
                rows.append({**named, **row, "state": State.PLANNED.value, "planned_at": now})
            elif found is not None and _untouched(found) and any(getattr(found, name) != row[name] for name in row):
                connection.execute(update(_sends).where(_sends.c.id == found.id).values(row))
    dropped = [row.id for place, row in known.items() if place not in wanted and _untouched(row)]
    _close(connection, _sends.c.id.in_(dropped), State.STOPPED, now)
    _close(connection, _sends.c.last_on < today, State.MISSED, now)
    if not rows:
        return 0
    made = insert_into(connection, _sends).on_conflict_do_nothing().returning(_sends.c.id)
    return len(connection.execute(made, rows).all())


def plan_job(context: JobContext) -> bool:
    """Plan what the imported notices ask for."""
    plan_sends(context.connection, context.town, context.now)
    return False


def send_due(context: JobContext) -> bool:
    """Write to the next residents of one send that may leave; tell whether more is left.

    What is late waits for a business day, too: who is written to may want to call the office.
    """
    local = context.now.astimezone(TOKYO)
    if not DAYTIME[0] <= local.time() < DAYTIME[1] or not is_business_day(local.date()):
        return False
    for send in context.connection.execute(_DUE, {"today": local.date()}).all():
        obstacle = find_obstacle(context.connection, send, context.book, context.town)
        if obstacle is None:
            _send_some(context, send, local.date())
            return True
        log.info("tax.send_waits", send=send.id, reason=obstacle.value)
    return False


def find_obstacle(connection: Connection, send: Any, book: Book | None, town: Mapping[str, Any]) -> Obstacle | None:
    """Return what keeps a send back: unfit words, words that nobody approved, or paid lists that do not reach far enough."""
    if book is None:
        return Obstacle.WORDING
    texts = texts_of(book, send)
    phase = Stage.named(send.stage).phase
    if any(faults(messages, phase, language, town) for language, messages in texts.items()):
        return Obstacle.WORDING
    if phase is Phase.BEFORE:
        return None
    if approvals.granted(connection, APPROVAL, str(send.id), digest(send, texts)) is None:
        return Obstacle.APPROVAL
    reached = paid_until(connection, send.kind)
    return Obstacle.PAID_LIST if reached is None or reached < send.paid_until else None


def paid_until(connection: Connection, kind: str) -> dt.date | None:
    """Return the watermark: the last day of which all payments of `kind` are known, None before the first paid list."""
    of_kind = or_(_lists.c.kind == kind, _lists.c.kind.is_(None))
    found: dt.date | None = connection.execute(select(func.max(_lists.c.paid_until)).where(of_kind)).scalar_one()
    return found


def texts_of(book: Book, send: Any, on: dt.date | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return what a send says on its day, or on a later one, by language, to somebody with one notice."""
    stage, day = Stage.named(send.stage), on or send.send_on
    now = dt.datetime.combine(day, dt.time(10), TOKYO)
    return {
        language: notice(book, TEMPLATES[stage.phase], language, _values(book.town.town, send, language, day, 1), now)
        for language in book.town.languages
    }


def digest(send: Any, texts: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    """Return what an approval stands for: the occasion and its words in every language."""
    return approvals.digest_of(send.id, send.kind, send.due_on.isoformat(), send.stage, send.send_on.isoformat(), texts)


def count_recipients(connection: Connection, send: Any) -> int:
    """Return how many residents would be written to if it left now."""
    found: int = connection.execute(
        select(func.count(func.distinct(_links.c.resident_id))).select_from(_CONCERNED).where(*_about(send))
    ).scalar_one()
    return found


def results(connection: Connection, send: Any) -> dict[str, int]:
    """Return how many of a send's messages stand where, for as long as deliveries are kept."""
    mine = _deliveries.c.key.between(f"tax.send/{send.id}/", f"tax.send/{send.id}/~")
    rows = connection.execute(select(_deliveries.c.status, func.count()).where(mine).group_by(_deliveries.c.status))
    return {row[0]: row[1] for row in rows}


def withdraw(connection: Connection, notice_ids: Collection[int], now: dt.datetime, *, unlinked: bool = False) -> int:
    """Stop messages that wait to leave about notices which are settled, unless the resident has another one they are about."""
    if not notice_ids:
        return 0
    settled = select(_links.c.resident_id, _notices.c.kind, _notices.c.due_on).join(
        _notices, _notices.c.id == _links.c.notice_id
    )
    concerned = set(connection.execute(settled.where(_notices.c.id.in_(list(notice_ids)))).all())
    keys: list[str] = []
    for resident_id, kind, due_on in concerned:
        still = settled.where(
            _links.c.resident_id == resident_id, _notices.c.kind == kind, _notices.c.due_on == due_on,
            _notices.c.state == Notice.OPEN.value,
        )  # fmt: skip
        if unlinked:
            still = still.where(_notices.c.id.not_in(list(notice_ids)))
        if connection.execute(still).first() is None:
            about = select(_sends.c.id).where(_sends.c.kind == kind, _sends.c.due_on == due_on)
            keys += [f"tax.send/{id_}/{resident_id}" for id_ in connection.execute(about).scalars()]
    stopped = 0
    for start in range(0, len(keys), ROWS_A_COMMIT):
        waiting = and_(
            _deliveries.c.key.in_(keys[start : start + ROWS_A_COMMIT]),
            _deliveries.c.status.in_([Status.WAITING.value, Status.HELD.value, Status.STALE.value]),
            _deliveries.c.lease_until.is_(None),
        )
        over = {"status": Status.STOPPED.value, "payload": None, "finished_at": now}
        stopped += connection.execute(update(_deliveries).where(waiting).values(over)).rowcount
    return stopped


def _send_some(context: JobContext, send: Any, today: dt.date) -> None:
    concerned = _page(context.connection, send)
    phase = Stage.named(send.stage).phase
    letters = [
        Letter(
            channel_id=row.channel_id,
            resident_id=row.resident_id,
            purpose=f"tax.{phase.value}_due",
            messages=_compose(context.compose, context.town, send, phase, row, today),
            priority=Priority.REMINDER,
            key=f"tax.send/{send.id}/{row.resident_id}",
            stale_at=_stale_at(phase, send.last_on, context.now),
        )
        for row in concerned
    ]
    new = context.outbox.put(context.connection, letters, context.now)
    changes: dict[str, Any] = {"recipients": _sends.c.recipients + new}
    if concerned:
        changes["reached"] = concerned[-1].resident_id
    if len(concerned) < ROWS_A_COMMIT:
        changes |= {"state": State.DONE.value, "finished_at": context.now}
    context.connection.execute(update(_sends).where(_sends.c.id == send.id).values(changes))


def _compose(
    compose: Compose, town: Mapping[str, Any], send: Any, phase: Phase, row: Any, today: dt.date
) -> Sequence[dict[str, Any]]:
    return compose(TEMPLATES[phase], row.language, _values(town, send, row.language, today, row.notices))


def _values(town: Mapping[str, Any], send: Any, language: str | None, today: dt.date, count: int) -> dict[str, Any]:
    """Return all that a message may be made of: no amount and no plate gets near it."""
    return {
        "tax": tax_name(town, send.kind, language),
        "due_on": send.due_on.isoformat(),
        "days_left": max(0, (send.due_on - today).days),
        "count": count,
    }


def _stale_at(phase: Phase, last_on: dt.date, now: dt.datetime) -> dt.datetime:
    """A reminder that is late must not arrive beside the next one, nor past the due date: it would be a dunning in other words."""
    if phase is Phase.AFTER:
        return now + AFTER_DUE_STAYS
    return dt.datetime.combine(last_on + dt.timedelta(days=1), dt.time(), TOKYO)


def _page(connection: Connection, send: Any) -> Sequence[Any]:
    asked = (
        select(_links.c.resident_id, Resident.channel_id, Resident.language, func.count().label("notices"))
        .select_from(_CONCERNED)
        .where(*_about(send), _links.c.resident_id > send.reached)
        .group_by(_links.c.resident_id, Resident.channel_id, Resident.language)
        .order_by(_links.c.resident_id)
        .limit(ROWS_A_COMMIT)
    )
    return connection.execute(asked).all()


def _about(send: Any) -> tuple[Any, ...]:
    return (
        _notices.c.kind == send.kind,
        _notices.c.due_on == send.due_on,
        _notices.c.state == Notice.OPEN.value,
        Resident.friend.is_not(False),
        _links.c.resident_id.not_in(who_stopped(TOPIC)),
    )


def _untouched(row: Any) -> bool:
    return bool(row.state == State.PLANNED.value and row.reached == 0)


def _close(connection: Connection, condition: Any, state: State, now: dt.datetime) -> None:
    over = update(_sends).where(_sends.c.state == State.PLANNED.value, condition)
    connection.execute(over.values(state=state.value, finished_at=now))


_CONCERNED = _links.join(_notices, _notices.c.id == _links.c.notice_id).join(
    Resident.__table__, Resident.__table__.c.id == _links.c.resident_id
)
_DUE = (
    select(_sends)
    .where(
        _sends.c.state == literal_column("'planned'"),
        _sends.c.send_on <= bindparam("today"),
        _sends.c.last_on >= bindparam("today"),
    )
    .order_by(_sends.c.send_on, _sends.c.id)
    .with_for_update(skip_locked=True)
)
