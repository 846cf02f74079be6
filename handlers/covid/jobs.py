"""What the clock does: asks how people are, asks again, puts the silent onto the call list, releases, counts days, deletes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, exists, select, text, tuple_, update
from sqlalchemy.orm import aliased

from bot.delivery.hours import quiet
from bot.delivery.outbox import Letter, Priority
from bot.models import Consent, Resident
from bot.now import TOKYO
from bot.service import Job, JobContext, Missed
from handlers.covid import calls, followups, statistics
from handlers.covid.facilities import RETIRED
from handlers.covid.models import CallEntry, Exposure, ExposureNotice, Facility, FollowUp, HealthAnswer, Visit
from handlers.covid.rules import HOME, Cadence, cadences, settings
from handlers.covid.schedule import Due, Step, after_step, next_question

QUESTION, RELEASE = "covid.ask", "covid.released"
"""The flows that say the words."""

CONSENT, HOME_CONSENT = "covid_support", "covid_home"
"""The consents of covid.support and covid.home; without theirs nobody is asked any more."""
ROWS_A_COMMIT = 500
FOLLOW_UPS_KEPT = dt.timedelta(days=30)
FACILITIES_KEPT = dt.timedelta(days=365)
NOTICES_KEPT = dt.timedelta(days=90)
EXPOSURES_KEPT = dt.timedelta(days=730)

_follow_ups: Any = FollowUp.__table__


def ask(context: JobContext) -> bool:
    """Take the next step with everybody who is due; tell whether more are left.

    A clock that was away does not make up for rounds that were missed: the next question is enough.
    """
    if quiet(context.now):
        return False
    rows = context.connection.execute(_DUE, {"now": context.now, "rows": ROWS_A_COMMIT}).all()
    schedules = cadences(context.book, context.now)
    letters: list[Letter] = []
    changes: list[dict[str, Any]] = []
    silent = [row for row in rows if row.step == Step.CALL and not _over(context, row, schedules.get(row.cadence))]
    calls.put_on_list(context.connection, silent, calls.SILENT, context.now)
    for row in rows:
        letter, change = _step(context, row, schedules.get(row.cadence))
        letters += [] if letter is None else [letter]
        changes += [] if change is None else [change]
    context.outbox.put(context.connection, letters, context.now)
    if changes:
        context.connection.execute(_GO_ON, changes)
    return len(rows) == ROWS_A_COMMIT


def _step(context: JobContext, row: Any, cadence: Cadence | None) -> tuple[Letter | None, dict[str, Any] | None]:
    """Return what is sent to somebody now and how their follow-up goes on; both are None for one that ends here in silence."""
    if (why := _over(context, row, cadence)) is not None or cadence is None:
        followups.end(context.connection, row, why or "staff", context.now)
        told = {"begun_on": row.begun_on.isoformat()}
        return (_letter(context, row, RELEASE, told) if why == "date" else None), None
    step = Step(row.step)
    if step is Step.CALL:
        return None, _change(row, next_question(cadence, context.now), silent=row.silent + 1)
    asked_at = context.now if step is Step.ASK else row.asked_at or context.now
    due = after_step(cadence, step, asked_at, context.now)
    # A round that leads to no call ends with its last question: without an answer it was silent.
    over = due.step is Step.ASK and cadence.call is None
    change = _change(row, due, asked_at=asked_at, silent=row.silent + 1 if over else row.silent)
    asks = {"again": step is Step.AGAIN, "home": cadence.call is not None}
    # An older question is not answered once the next one is due.
    return _letter(context, row, QUESTION, asks, next_question(cadence, context.now).at), change


def _over(context: JobContext, row: Any, cadence: Cadence | None) -> str | None:
    """Return why a follow-up ends now: the consent was withdrawn, the schedule was taken away, or its last day has passed.

    Nobody who is still to be called is released by the date: they fell silent or became worse.
    """
    if row.withdrawn or cadence is None:
        return "withdrawn" if row.withdrawn else "staff"
    over = row.ends_on < context.now.astimezone(TOKYO).date()
    return "date" if over and not row.to_be_called else None


def _change(row: Any, due: Due, *, asked_at: dt.datetime | None = None, silent: int) -> dict[str, Any]:
    return {
        "row": row.id,
        "new_step": due.step.value,
        "new_due_at": due.at,
        "new_asked_at": asked_at or row.asked_at,
        "new_silent": min(silent, 999),
    }


def _letter(
    context: JobContext, row: Any, flow: str, values: dict[str, Any], stale_at: dt.datetime | None = None
) -> Letter | None:
    if row.friend is False:
        return None
    return Letter(
        channel_id=row.channel_id,
        resident_id=row.resident_id,
        purpose=flow,
        messages=context.compose(flow, row.language, values),
        priority=Priority.REMINDER,
        key=f"{flow}/{row.id}/{row.due_at.isoformat()}",
        stale_at=stale_at,
    )


def count(context: JobContext) -> bool:
    """Keep the numbers of the last days before their answers are deleted."""
    statistics.store_days(context.connection, context.now.astimezone(TOKYO).date())
    return False


def purge(context: JobContext) -> bool:
    """Delete what is past its time, some rows of each kind; tell whether more are left."""
    now, rules = context.now, settings(context.book, context.now)
    used = exists().where(Exposure.facility_id == Facility.id)
    over = and_(Facility.state == RETIRED, Facility.retired_at < now - FACILITIES_KEPT, ~used)
    statements = (
        _some(Visit, Visit.entered_at < now - rules.visits_kept),
        _some(HealthAnswer, HealthAnswer.keep_until < now),
        _some(FollowUp, FollowUp.ended_at < now - FOLLOW_UPS_KEPT),
        _some(Exposure, Exposure.asked_at < now - EXPOSURES_KEPT),
        _some(Facility, over),
        _some(ExposureNotice, ExposureNotice.told_at < now - NOTICES_KEPT),
    )
    deleted = [context.connection.execute(statement).rowcount for statement in statements]
    return max(deleted) >= ROWS_A_COMMIT


def _some(model: Any, condition: Any) -> Any:
    keys = list(model.__table__.primary_key.columns)
    some = select(*keys).where(condition).limit(ROWS_A_COMMIT)
    return delete(model).where(keys[0].in_(some) if len(keys) == 1 else tuple_(*keys).in_(some))


_given = aliased(Consent)
_consent_name = case((FollowUp.cadence == HOME, HOME_CONSENT), else_=CONSENT)
_withdrawn = and_(
    exists().where(
        Consent.resident_id == FollowUp.resident_id, Consent.name == _consent_name, Consent.withdrawn_at.is_not(None)
    ),
    ~exists().where(
        _given.resident_id == FollowUp.resident_id,
        _given.name == _consent_name,
        _given.given.is_(True),
        _given.withdrawn_at.is_(None),
    ),
)
_to_be_called = exists().where(CallEntry.resident_id == FollowUp.resident_id, CallEntry.state == text("'open'"))
"""In the index's own words, as it is found by them."""
_DUE = (
    select(
        FollowUp,
        Resident.channel_id,
        Resident.language,
        Resident.friend,
        _withdrawn.label("withdrawn"),
        _to_be_called.label("to_be_called"),
    )
    .join(Resident, Resident.id == FollowUp.resident_id)
    .where(FollowUp.state == followups.ACTIVE, FollowUp.due_at <= bindparam("now", type_=FollowUp.due_at.type))
    .order_by(FollowUp.due_at, FollowUp.id)
    .limit(bindparam("rows"))
    .with_for_update(of=FollowUp, skip_locked=True)
)
_GO_ON = (
    update(_follow_ups)
    .where(_follow_ups.c.id == bindparam("row"))
    .values(
        step=bindparam("new_step"),
        due_at=bindparam("new_due_at", type_=_follow_ups.c.due_at.type),
        asked_at=bindparam("new_asked_at", type_=_follow_ups.c.asked_at.type),
        silent=bindparam("new_silent"),
    )
)

JOBS = [
    Job("covid.ask", {"hour": "8-20", "minute": "*/10"}, ask, Missed.LATEST),
    Job("covid.count", {"hour": 1, "minute": 5}, count, Missed.LATEST),
    Job("covid.purge", {"hour": 3, "minute": 42}, purge, Missed.LATEST),
]
