"""People who are followed up: begun, asked, answered, ended. Everything here happens inside the caller's transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from bot.alerts import raise_alert, settle
from bot.crypto import Vault
from bot.models import SealedBytes
from bot.now import TOKYO
from handlers.covid import calls
from handlers.covid.models import FollowUp, HealthAnswer
from handlers.covid.rules import HOME, Cadence, Settings
from handlers.covid.schedule import Due, next_question
from handlers.covid.triage import Advice, Change, Condition, advise_at_home, compare, risk

PROFILE, LAST, ANSWERS = "covid_follow_ups.profile", "covid_follow_ups.last_answer", "covid_health_answers.answers"
ACTIVE, ENDED = "active", "ended"
SERVICE = "covid"

_follow_ups: Any = FollowUp.__table__


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody when a follow-up begins; `phone` is only asked of people at home."""

    resident_id: int
    age_band: str
    chronic: bool
    area: str
    postal_code: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What an answer came to."""

    advice: Advice
    change: Change
    called: bool
    """Whether staff were told and will call."""


def of_resident(connection: Connection, resident_id: int, *, locked: bool = False) -> Any:
    """Return the row of a resident's follow-up, None without one."""
    statement = select(FollowUp).where(FollowUp.resident_id == resident_id)
    return connection.execute(statement.with_for_update() if locked else statement).one_or_none()


def by_id(connection: Connection, id_: int) -> Any:
    """Return the row of a follow-up, None when there is none."""
    return connection.execute(select(FollowUp).where(FollowUp.id == id_)).one_or_none()


def begin(
    connection: Connection, vault: Vault, person: Person, name: str, cadence: Cadence, now: dt.datetime
) -> tuple[Due, dt.date]:
    """Begin to ask somebody by a cadence, in place of an earlier follow-up; return the first question and the last day."""
    before = of_resident(connection, person.resident_id, locked=True)
    uid = uuid.uuid4().hex if before is None else before.uid
    due = next_question(cadence, now)
    today = now.astimezone(TOKYO).date()
    ends_on = today + dt.timedelta(days=cadence.days)
    profile = {"chronic": person.chronic, "postal_code": person.postal_code, "phone": person.phone}
    row = {
        "uid": uid,
        "resident_id": person.resident_id,
        "cadence": name,
        "state": ACTIVE,
        "step": due.step.value,
        "due_at": due.at,
        "risk": risk(person.age_band, chronic=person.chronic),
        "age_band": person.age_band,
        "area": person.area,
        "profile": SealedBytes.seal(vault, PROFILE, uid, orjson.dumps(profile)),
        "last_answer": None,
        "answered_at": None,
        "asked_at": None,
        "silent": 0,
        "begun_on": today,
        "ends_on": ends_on,
        "ended_at": None,
        "ended_by": None,
    }
    if before is None:
        connection.execute(insert(FollowUp), row)
    else:
        connection.execute(update(_follow_ups).where(_follow_ups.c.id == before.id).values(row))
    return due, ends_on


def end(connection: Connection, row: Any, by: str, now: dt.datetime) -> None:
    """End a follow-up: by date, resident, staff or withdrawn consent; nobody has to call any more.

    Residents who became worse and then ask for no more questions are still called: that is the moment to be careful.
    """
    over = {"state": ENDED, "ended_at": now, "ended_by": by}
    connection.execute(
        update(_follow_ups).where(_follow_ups.c.id == row.id, _follow_ups.c.state == ACTIVE).values(over)
    )
    calls.close_for(connection, row.id, "ended", now, reason=calls.SILENT if by == "resident" else None)
    if not calls.to_be_called(connection, row.id):
        settle(connection, now, _alert_key(row.id))


def profile_of(vault: Vault, row: Any) -> Mapping[str, Any]:
    """Open what is known of somebody who is followed up."""
    found: Mapping[str, Any] = orjson.loads(vault.open(PROFILE, row.uid, row.profile))
    return found


def last_answer_of(vault: Vault, row: Any) -> Condition | None:
    """Open the last answer of somebody who is followed up."""
    if row.last_answer is None:
        return None
    return Condition.read(orjson.loads(vault.open(LAST, row.uid, row.last_answer)))


def hear(
    connection: Connection,
    vault: Vault,
    row: Any,
    condition: Condition,
    cadence: Cadence,
    settings: Settings,
    now: dt.datetime,
) -> Heard:
    """Take in an answer: compare it with the last, keep it, and put who became worse at home onto the call list at once."""
    advice = advise_at_home(settings, condition)
    change = compare(settings, last_answer_of(vault, row), condition)
    due = next_question(cadence, now)
    connection.execute(
        update(_follow_ups)
        .where(_follow_ups.c.id == row.id)
        .values(
            last_answer=SealedBytes.seal(vault, LAST, row.uid, orjson.dumps(condition.plain())),
            answered_at=now,
            silent=0,
            step=due.step.value,
            due_at=due.at,
        )
    )
    told = Told(row.resident_id, row.cadence, row.area, row.age_band, advice, change, condition.plain())
    keep(connection, vault, told, settings, now)
    called = change is Change.WORSE and cadence.call is not None
    if called:
        calls.put_on_list(connection, [row], calls.WORSE, now)
        raise_alert(
            connection, now, kind="covid.worse", service=SERVICE, key=_alert_key(row.id), about=f"follow-up:{row.id}",
            urgent=True,
        )  # fmt: skip
    else:
        calls.close_for(connection, row.id, "answered", now, reason=calls.SILENT)
    return Heard(advice, change, called)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer to be kept: whose, by what way it came, and what statistics count."""

    resident_id: int
    source: str
    area: str
    age_band: str
    advice: Advice
    change: Change | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


def keep(connection: Connection, vault: Vault, told: Told, settings: Settings, now: dt.datetime) -> None:
    """Store an answer, sealed, for as long as the town keeps them."""
    uid = uuid.uuid4().hex
    row = {
        "uid": uid,
        "resident_id": told.resident_id,
        "source": told.source,
        "day": now.astimezone(TOKYO).date(),
        "area": told.area,
        "age_band": told.age_band,
        "advice": told.advice.value,
        "change": None if told.change is None else told.change.value,
        "answers": SealedBytes.seal(vault, ANSWERS, uid, orjson.dumps(told.answers)),
        "answered_at": now,
        "keep_until": now + settings.answers_kept,
    }
    connection.execute(insert(HealthAnswer), row)


def at_home(row: Any) -> bool:
    """Tell whether somebody is followed up at home."""
    return bool(row is not None and row.state == ACTIVE and row.cadence == HOME)


def _alert_key(follow_up_id: int) -> str:
    return f"covid.worse:{follow_up_id}"
