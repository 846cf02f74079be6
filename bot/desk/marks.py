"""Marks by which a page that shows a talk learns what of it has changed: one statement for every poll, nothing opened."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, case, cast, func, select

from bot.desk.desk import Desk
from bot.desk.queue import Entry
from bot.desk.states import Status
from bot.models import Attachment, Consultation, DeskEvent, DeskMessage, DeskNote, Referral

_messages: Any = DeskMessage.__table__
_attachments: Any = Attachment.__table__
_consultations: Any = Consultation.__table__


@dataclass(frozen=True, slots=True)
class Marks:
    """One mark for each part of the page, and the newest message (0: none).

    `top` is how the consultation stands, `messages` what became of those already shown (taken back, drafts, files), `beside` what
    stands beside the talk. New messages change `latest` alone, so that a page that has the others is sent only these.
    """

    top: str = ""
    messages: str = ""
    beside: str = ""
    latest: int = 0

    def __str__(self) -> str:
        return f"{self.top}.{self.messages}.{self.beside}.{self.latest}"


def read(text: str) -> Marks:
    """Return what a page says it shows; marks that are none match nothing."""
    top, _, rest = text.partition(".")
    messages, _, rest = rest.partition(".")
    beside, _, latest = rest.partition(".")
    return Marks(top, messages, beside, int(latest)) if latest.isascii() and latest.isdecimal() else Marks()


def marks(desk: Desk, entry: Entry) -> Marks:
    """Return the marks of a consultation as it is now."""
    statement = _STATEMENTS[desk.connection.dialect.name]
    row = desk.connection.execute(statement, {"number": entry.id}).one()
    shown = (
        entry.state, entry.grade, entry.reason, entry.danger, entry.held, entry.left_at, entry.taken_by, entry.second_by,
        entry.office_id, entry.late, entry.quiet, entry.blocked,
    )  # fmt: skip
    return Marks(
        _short(shown),
        _short((row.changed or 0, row.files or 0, entry.left_at is not None)),
        _short((row.carried, row.noted, row.happened, row.referred, row.earlier)),
        row.latest or 0,
    )


def _short(values: object) -> str:
    return f"{zlib.crc32(repr(values).encode()):x}"


def _of(table: Any, *wanted: Any) -> Any:
    return select(*wanted).where(table.c.consultation_id == bindparam("number")).scalar_subquery()


def _moments(column: Any, dialect: str) -> Any:
    return func.sum(cast(column, BigInteger) if dialect == "sqlite" else func.extract("epoch", column))


def _statement(dialect: str) -> Select[Any]:
    """Return one row of numbers that change with what the page shows.

    Drafts are counted besides their ids being added up: newer ones have higher ids, so that no two sets of them look alike. What
    was taken back, or came of a file, only ever grows.
    """
    draft, unsent = _messages.c.status == Status.DRAFT.value, _messages.c.status == Status.UNSENT.value
    changed = func.sum(case((draft, _messages.c.id), else_=0)) * 1_000_000 + func.sum(
        case((draft, 1), (unsent, 1000), else_=0)
    )
    steps = case({"waiting": 1, "kept": 1000}, value=_attachments.c.status, else_=1_000_000)
    bundles = select(_messages.c.bundle).where(
        _messages.c.consultation_id == bindparam("number"), _messages.c.bundle.is_not(None)
    )
    owner = select(_consultations.c.resident_id).where(_consultations.c.id == bindparam("number")).scalar_subquery()
    others = (_consultations.c.resident_id == owner, _consultations.c.id != bindparam("number"))
    referrals: Any = Referral.__table__
    happened: Any = DeskEvent.__table__
    notes: Any = DeskNote.__table__
    return select(
        _of(_messages, func.max(_messages.c.id)).label("latest"),
        _of(_messages, changed).label("changed"),
        select(func.sum(steps)).where(_attachments.c.bundle.in_(bundles)).scalar_subquery().label("files"),
        select(_consultations.c.carried)
        .where(_consultations.c.id == bindparam("number"))
        .scalar_subquery()
        .label("carried"),
        _of(notes, func.max(notes.c.id)).label("noted"),
        _of(happened, func.max(happened.c.id)).label("happened"),
        _of(
            referrals,
            func.count() + func.count(referrals.c.accepted_at) * 1000 + func.count(referrals.c.safe_at) * 1_000_000,
        ).label("referred"),
        select(_moments(_consultations.c.changed_at, dialect)).where(*others).scalar_subquery().label("earlier"),
    )


_STATEMENTS = {dialect: _statement(dialect) for dialect in ("sqlite", "postgresql")}
