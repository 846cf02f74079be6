"""Offices as the desk knows them: what YAML says of each, what the office chose for itself, and how it stands now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from bot.desk.desk import Desk, Refusal
from bot.desk.states import Mode, State
from bot.flow import offices as said
from bot.flow.book import Book
from bot.flow.talk import Counter
from bot.models import Consultation, Office
from bot.now import TOKYO
from bot.upsert import insert_into

KEEP_DAYS = 365 * 5
PERSONAL_LIMIT = 2
RETENTIONS = ("record", "erasable")
_offices: Any = Office.__table__
_consultations: Any = Consultation.__table__


class BadSetting(Refusal):
    """この設定はできません。 / This setting cannot be."""


class NeedsAddress(Refusal):
    """安全な相談ページには PUBLIC_URL の設定が必要です。 / The secure page needs the setting PUBLIC_URL."""


@dataclass(frozen=True, slots=True)
class OfficeView:
    """An office for its staff: `row` is what it chose, `rules` what YAML says (None when it is no longer there)."""

    row: Any
    rules: said.Office | None
    now: dt.datetime

    @property
    def admits(self) -> bool:
        """Tell whether it takes people now."""
        return self.row.mode is not None and admits(self.rules, self.row, self.now)

    @property
    def opens(self) -> dt.datetime | None:
        """Return when it opens next."""
        return self._stands().opens

    @property
    def closes(self) -> dt.datetime | None:
        """Return when it closes."""
        return self._stands().closes

    def _stands(self) -> said.Opening:
        return (
            said.Opening(admits=False) if self.rules is None else said.opening(self.rules, self.now.astimezone(TOKYO))
        )

    def name(self, language: str) -> str:
        """Return what the office is called."""
        texts = {} if self.rules is None else self.rules.name
        return str(texts.get(language) or texts.get("") or texts.get("ja") or self.row.key)


def enter(connection: Connection, book: Book, now: dt.datetime) -> None:
    """Give every office of the flows its row, with nothing chosen yet."""
    known = set(connection.execute(select(_offices.c.key)).scalars())
    rows = [
        {
            "key": key, "mode": None, "retention": "record", "keep_days": KEEP_DAYS, "personal_limit": PERSONAL_LIMIT,
            "four_eyes": False, "updated_at": now,
        }
        for key in book.offices
        if key not in known
    ]  # fmt: skip
    if rows:
        connection.execute(insert_into(connection, _offices).on_conflict_do_nothing(), rows)


def by_key(connection: Connection, key: str) -> Any:
    """Return an office's row by its name in the flows, None before it was entered."""
    return connection.execute(select(_offices).where(_offices.c.key == key)).one_or_none()


def offices(desk: Desk, departments: Collection[int] | None = None) -> list[OfficeView]:
    """Return the offices of these departments (None: all), and those no department has yet."""
    if departments is None:
        rows = desk.connection.execute(_ALL)
    else:
        rows = desk.connection.execute(_OF_DEPARTMENTS, {"departments": list(departments)})
    return [view(desk, row) for row in rows]


def view(desk: Desk, row: Any) -> OfficeView:
    """Return an office as it stands now."""
    return OfficeView(row, desk.book.offices.get(row.key), desk.now)


_ALL = select(_offices).order_by(_offices.c.key)
_OF_DEPARTMENTS = _ALL.where(
    _offices.c.department_id.in_(bindparam("departments", expanding=True)) | _offices.c.department_id.is_(None)
)


def choose(desk: Desk, office_id: int, **settings: Any) -> None:
    """Change what an office chose: mode, department_id, retention, keep_days, personal_limit, four_eyes, closed_until.

    Raises BadSetting, NeedsAddress.
    """
    if settings.keys() - {
        "mode", "department_id", "retention", "keep_days", "personal_limit", "four_eyes", "closed_until"
    }:  # fmt: skip
        raise BadSetting
    if settings.get("mode") not in {None, *Mode} or settings.get("retention", "record") not in RETENTIONS:
        raise BadSetting
    if not 1 <= settings.get("keep_days", 1) <= 36_500 or not 1 <= settings.get("personal_limit", 1) <= 50:
        raise BadSetting
    if settings.get("mode") == Mode.PAGE and desk.public_url is None:
        raise NeedsAddress
    statement = update(_offices).where(_offices.c.id == office_id)
    desk.connection.execute(statement.values({**settings, "updated_at": desk.now}))


def counter(connection: Connection, key: str, resident_id: int, now: dt.datetime, *, paged: bool) -> Counter:
    """Return how the desk of an office stands for a resident; `paged` tells whether there is an address for the secure page."""
    row = by_key(connection, key)
    if row is None or row.mode is None or (row.mode == Mode.PAGE and not paged):
        return Counter()
    waiting = select(func.count()).where(
        _consultations.c.office_id == row.id,
        _consultations.c.state == State.WAITING.value,
        _consultations.c.resident_id != resident_id,
    )
    mine = select(_consultations.c.number, _consultations.c.answered_at).where(
        _consultations.c.resident_id == resident_id,
        _consultations.c.office_id == row.id,
        _consultations.c.state != State.CLOSED.value,
    )
    own = connection.execute(mine.order_by(_consultations.c.id.desc()).limit(1)).first()
    return Counter(
        takes=True,
        closed=_shut(row, now),
        ahead=connection.execute(waiting).scalar_one(),
        number=next_number(connection, row.id, now) if own is None else own.number,
        answered=own is not None and own.answered_at is not None,
    )


def admits(rules: said.Office | None, row: Any, now: dt.datetime) -> bool:
    """Tell whether an office is open now."""
    return rules is not None and not _shut(row, now) and said.opening(rules, now.astimezone(TOKYO)).admits


def staffed(rules: said.Office | None, row: Any, now: dt.datetime) -> bool:
    """Tell whether people are at an office now: also between its last admission and its closing."""
    return rules is not None and not _shut(row, now) and said.staffed(rules, now.astimezone(TOKYO))


def _shut(row: Any, now: dt.datetime) -> bool:
    return row.closed_until is not None and row.closed_until > now


def next_number(connection: Connection, office_id: int, now: dt.datetime) -> int:
    """Return the number of the day's next consultation."""
    midnight = now.astimezone(TOKYO).replace(hour=0, minute=0, second=0, microsecond=0)
    given = select(func.max(_consultations.c.number)).where(
        _consultations.c.office_id == office_id, _consultations.c.opened_at >= midnight
    )
    return (connection.execute(given).scalar_one() or 0) + 1


def keys_of(rows: Sequence[OfficeView]) -> list[int]:
    """Return the ids of offices."""
    return [one.row.id for one in rows]
