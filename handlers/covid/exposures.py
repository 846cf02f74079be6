"""Exposures: asked for by one officer with the number of visits that match, allowed by a second, told once to each resident.

Kanagawa's own system sent none in ten months because nobody had time for the step before: two clicks are all there is here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, String, cast, func, insert, literal, or_, select, update

from bot import approvals
from bot.alerts import raise_alert, settle
from bot.crypto import Vault
from bot.delivery.outbox import Letter, Priority
from bot.flow.book import Book
from bot.jobs import Arguments, Jobs, Task, TaskContext
from bot.models import Delivery, Resident
from bot.notice import notice
from bot.upsert import insert_into
from handlers.covid import facilities, visits
from handlers.covid.models import Exposure, ExposureNotice, Visit
from handlers.covid.overlap import Window
from handlers.covid.rules import Kind

NOTICE, CORRECTION = "covid.exposure", "covid.correction"
"""The flows that say the words."""

WAITING, REFUSED, APPROVED, TOLD, WITHDRAWN = "waiting", "refused", "approved", "told", "withdrawn"
ROWS_A_COMMIT = 500
LONGEST = dt.timedelta(days=3)

KIND = approvals.register(
    approvals.Kind(
        "covid.exposure",
        {"ja": "接触のお知らせ", "en": "Exposure notice"},
        lambda subject: f"/console/covid/exposures/{subject}",
        permission="covid.approve",
    )
)

_exposures: Any = Exposure.__table__
_notices: Any = ExposureNotice.__table__


class NotPossible(Exception):
    """An exposure cannot be treated so now; the message is the code of a sentence."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer asks for: who was there from–to; with `named` the notice names the facility, if it agreed to that."""

    facility_id: int
    place_id: int | None
    from_at: dt.datetime
    to_at: dt.datetime
    padding: dt.timedelta
    named: bool

    @property
    def window(self) -> Window:
        """Return the time that counts, padding included."""
        return Window(self.from_at, self.to_at).padded(self.padding)


def fault(draft: Draft, facility: Any, now: dt.datetime) -> str | None:
    """Return the code of what is wrong with a draft, None when it can be asked for."""
    if draft.to_at <= draft.from_at:
        return "order"
    if draft.to_at - draft.from_at > LONGEST:
        return "too_long"
    if draft.to_at > now:  # who comes later would not be told
        return "future"
    if draft.named and not facility.may_be_named:
        return "not_named"
    return None


def condition_of(draft: Draft, usual: dt.timedelta) -> Any:
    """Return the condition on the visits that match, where people stay for `usual`."""
    return visits.at_place(draft.facility_id, draft.place_id, draft.window, usual)


def compose(book: Book, flow: str, values: Mapping[str, Any], now: dt.datetime) -> dict[str, list[dict[str, Any]]]:
    """Return what residents will read, as LINE message objects by language: what the second person sees is what is sent."""
    return {language: notice(book, flow, language, values, now) for language in book.town.languages}


def values_of(facility: Any, place_name: str, draft: Draft) -> dict[str, Any]:
    """Return what the notice may say: facility and time only when the facility is to be named."""
    named = draft.named and facility.may_be_named
    return {
        "named": named,
        "facility": f"{facility.name} {place_name}".strip() if named else "",
        "from_at": draft.from_at.isoformat(timespec="minutes") if named else "",
        "to_at": draft.to_at.isoformat(timespec="minutes") if named else "",
    }


def ask(
    connection: Connection,
    draft: Draft,
    facility: Any,
    messages: Mapping[str, Sequence[dict[str, Any]]],
    kinds: Mapping[str, Kind],
    by: int,
    now: dt.datetime,
) -> int:
    """Write down an exposure, ask a second person about it and tell them; return its id. Raises NotPossible."""
    if (wrong := fault(draft, facility, now)) is not None:
        raise NotPossible(wrong)
    usual = visits.usual_stay(kinds, facility.kind)
    matched = visits.match(connection, condition_of(draft, usual))
    row = {
        "facility_id": draft.facility_id,
        "place_id": draft.place_id,
        "from_at": draft.from_at,
        "to_at": draft.to_at,
        "padding": int(draft.padding.total_seconds() // 60),
        "stay": int(usual.total_seconds() // 60),
        "named": draft.named,
        "messages": {language: list(each) for language, each in messages.items()},
        "state": WAITING,
        "matched": matched.visits,
        "told": 0,
        "unreachable": 0,
        "asked_by": by,
        "asked_at": now,
    }
    id_: int = connection.execute(insert(_exposures).values(row).returning(_exposures.c.id)).scalar_one()
    approvals.ask(
        connection, KIND, str(id_), digest(find(connection, id_), facility), by, now,
        title=f"接触のお知らせ {id_}", service="covid",
    )  # fmt: skip
    raise_alert(
        connection, now, kind="covid.exposure", service="covid", key=_alert_key(id_), about=f"exposure:{id_}",
        urgent=True,
    )  # fmt: skip
    return id_


def find(connection: Connection, id_: int) -> Any:
    """Return an exposure, None when there is none."""
    return connection.execute(select(Exposure).where(Exposure.id == id_)).one_or_none()


def digest(row: Any, facility: Any) -> bytes:
    """Return what stands for everything the second person is shown."""
    return approvals.digest_of(
        row.id, facility.name, row.facility_id, row.place_id, row.from_at, row.to_at, row.padding, row.stay,
        row.named, row.messages,
    )  # fmt: skip


def alike(connection: Connection, draft: Draft, besides: int | None = None) -> list[int]:
    """Return the exposures of the same place that share a moment with `draft` and were not refused or withdrawn.

    Whoever was there would be told twice when two officers hear of the same case.
    """
    statement = select(Exposure.id).where(
        Exposure.facility_id == draft.facility_id,
        Exposure.state.in_([WAITING, APPROVED, TOLD]),
        Exposure.from_at <= draft.to_at,
        Exposure.to_at >= draft.from_at,
        Exposure.id != (besides or 0),
    )
    if draft.place_id is not None:
        statement = statement.where(or_(Exposure.place_id.is_(None), Exposure.place_id == draft.place_id))
    return list(connection.execute(statement.order_by(Exposure.id)).scalars())


def draft_of(row: Any) -> Draft:
    """Return what was asked for."""
    return Draft(row.facility_id, row.place_id, row.from_at, row.to_at, dt.timedelta(minutes=row.padding), row.named)


def grant(connection: Connection, vault: Vault, jobs: Jobs, row: Any, shown: bytes, by: int, now: dt.datetime) -> None:
    """Allow an exposure as it was `shown` and begin to tell residents with the commit. Raises approvals.CannotApprove."""
    _decide(connection, vault, row, approvals.Decision.GRANTED, shown, by, now)
    over = {"state": APPROVED, "approved_by": by, "approved_at": now}
    connection.execute(update(_exposures).where(_exposures.c.id == row.id, _exposures.c.state == WAITING).values(over))
    jobs.defer(connection, TELL.name, {"exposure": row.id}, key=f"covid.tell/{row.id}", priority=1)


def refuse(
    connection: Connection, vault: Vault, row: Any, shown: bytes, by: int, now: dt.datetime, reason: str = ""
) -> None:
    """Refuse an exposure; whoever asked takes it back instead. Raises approvals.CannotApprove."""
    own = row.asked_by == by
    decision = approvals.Decision.WITHDRAWN if own else approvals.Decision.REFUSED
    _decide(connection, vault, row, decision, shown, by, now, reason)
    over = {"state": REFUSED, "withdrawn_by": by, "withdrawn_at": now}
    connection.execute(update(_exposures).where(_exposures.c.id == row.id, _exposures.c.state == WAITING).values(over))


def _decide(
    connection: Connection,
    vault: Vault,
    row: Any,
    decision: approvals.Decision,
    shown: bytes,
    by: int,
    now: dt.datetime,
    reason: str = "",
) -> None:
    facility = facilities.find(connection, row.facility_id)
    if shown != digest(row, facility):
        raise approvals.Changed
    question = approvals.find_waiting(connection, KIND, str(row.id))
    if question is None:
        raise approvals.AlreadyDecided
    approvals.decide(connection, vault, question.id, decision, shown, by, now, reason)
    settle(connection, now, _alert_key(row.id))


def withdraw(
    connection: Connection,
    jobs: Jobs,
    row: Any,
    messages: Mapping[str, Sequence[dict[str, Any]]],
    by: int,
    now: dt.datetime,
) -> None:
    """Take back an exposure that was allowed: nobody else is told, and who was told gets a correction. Raises NotPossible."""
    going = _exposures.c.state.in_([APPROVED, TOLD])
    over = {"state": WITHDRAWN, "withdrawn_by": by, "withdrawn_at": now, "correction": dict(messages)}
    if connection.execute(update(_exposures).where(_exposures.c.id == row.id, going).values(over)).rowcount != 1:
        raise NotPossible("state")
    jobs.defer(connection, CORRECT.name, {"exposure": row.id}, key=f"covid.correct/{row.id}", priority=1)


def tell(context: TaskContext, arguments: Arguments) -> None:
    """Write to everybody whose visit matches, some at a time, once per resident; who has blocked the account is only counted."""
    while _tell_some(context, int(arguments["exposure"])):
        pass


def _tell_some(context: TaskContext, id_: int) -> bool:
    with context.database.write() as connection:
        now = context.now()
        row = connection.execute(select(Exposure).where(Exposure.id == id_).with_for_update()).one_or_none()
        if row is None or row.state != APPROVED:
            return False
        found = _untold(connection, row, condition_of(draft_of(row), dt.timedelta(minutes=row.stay)))
        if not found:
            over = update(_exposures).where(_exposures.c.id == id_).values(state=TOLD, told_at=now)
            connection.execute(over)
            return False
        note = [{"exposure_id": id_, "resident_id": each.id, "told_at": now} for each in found]
        connection.execute(insert_into(connection, _notices).on_conflict_do_nothing(), note)
        reached = [each for each in found if each.friend is not False]
        letters = [_letter(each, row.messages, NOTICE, id_) for each in reached]
        context.outbox.put(connection, letters, now)
        counted = {"told": _exposures.c.told + len(reached)}
        counted["unreachable"] = _exposures.c.unreachable + len(found) - len(reached)
        connection.execute(update(_exposures).where(_exposures.c.id == id_).values(counted))
        return True


def _untold(connection: Connection, row: Any, condition: Any) -> list[Any]:
    told = select(ExposureNotice.resident_id).where(ExposureNotice.exposure_id == row.id)
    matching = (
        select(Visit.resident_id).where(condition, Visit.resident_id.not_in(told)).distinct().limit(ROWS_A_COMMIT)
    )
    statement = select(Resident.id, Resident.channel_id, Resident.language, Resident.friend)
    return list(connection.execute(statement.where(Resident.id.in_(matching)).order_by(Resident.id)))


def correct(context: TaskContext, arguments: Arguments) -> None:
    """Write to everybody who was told that it was a mistake, some at a time."""
    while _correct_some(context, int(arguments["exposure"])):
        pass


def _correct_some(context: TaskContext, id_: int) -> bool:
    with context.database.write() as connection:
        now = context.now()
        row = connection.execute(select(Exposure).where(Exposure.id == id_).with_for_update()).one_or_none()
        if row is None or row.state != WITHDRAWN or row.correction is None:
            return False
        statement = (
            select(Resident.id, Resident.channel_id, Resident.language, Resident.friend)
            .join(ExposureNotice, ExposureNotice.resident_id == Resident.id)
            .where(ExposureNotice.exposure_id == id_, ExposureNotice.corrected_at.is_(None))
            .order_by(Resident.id)
            .limit(ROWS_A_COMMIT)
        )
        found = list(connection.execute(statement))
        if not found:
            return False
        letters = [_letter(each, row.correction, CORRECTION, id_) for each in found if each.friend is not False]
        context.outbox.put(connection, letters, now)
        ids = [each.id for each in found]
        done = update(_notices).where(_notices.c.exposure_id == id_, _notices.c.resident_id.in_(ids))
        connection.execute(done.values(corrected_at=now))
        return True


def _letter(resident: Any, messages: Mapping[str, Any], purpose: str, id_: int) -> Letter:
    return Letter(
        channel_id=resident.channel_id,
        resident_id=resident.id,
        purpose=purpose,
        messages=messages.get(resident.language or "ja") or messages["ja"],
        priority=Priority.EMERGENCY,
        key=f"{purpose}/{id_}/{resident.id}",
    )


def deliveries(connection: Connection, id_: int, purpose: str = NOTICE) -> dict[str, int]:
    """Return how the notices of an exposure fared, by the status of their delivery."""
    key = literal(f"{purpose}/{id_}/") + cast(ExposureNotice.resident_id, String)
    statement = (
        select(Delivery.status, func.count())
        .select_from(ExposureNotice)
        .join(Delivery, Delivery.key == key)
        .where(ExposureNotice.exposure_id == id_)
        .group_by(Delivery.status)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def _alert_key(id_: int) -> str:
    return f"covid.exposure:{id_}"


TELL = Task("covid.tell", tell)
CORRECT = Task("covid.correct", correct)
TASKS = [TELL, CORRECT]
