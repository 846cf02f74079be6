"""What staff do with a submission; every change is written into its history in the same transaction.

A change says which version it was decided on: two people cannot overwrite each other unseen.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.crypto import CannotOpen, Vault
from bot.models import Attachment, SealedBytes, Staff, Submission, SubmissionChange
from bot.submissions.states import NEXT, Status

NOTE_CHARACTERS = 4_000
_TEXT = "submission_changes.text"
_submissions: Any = Submission.__table__
_changes: Any = SubmissionChange.__table__


class Changed(Exception):
    """Somebody else has changed this submission meanwhile: look at it again."""


class NotAllowed(Exception):
    """That state does not follow from the present one."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who changes something, and when."""

    staff_id: int | None
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history, opened; `text` is None where there is none or it cannot be opened any more."""

    kind: str
    staff_id: int | None
    before: str | None
    after: str | None
    text: str | None
    at: dt.datetime


class Work:
    """The work on submissions."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def set_status(self, connection: Connection, row: Any, status: Status, version: int, hand: Hand) -> None:
        """Move a submission on. Raises Changed or NotAllowed."""
        if status not in NEXT[Status(row.status)]:
            raise NotAllowed
        self._change(connection, row, version, status=status.value)
        self.note_down(connection, row.id, hand, "status", row.status, status.value)

    def assign(self, connection: Connection, row: Any, staff_id: int | None, version: int, hand: Hand) -> None:
        """Give a submission to somebody, or to nobody. Raises Changed."""
        if staff_id == row.assigned_to:
            return
        self._change(connection, row, version, assigned_to=staff_id)
        self.note_down(connection, row.id, hand, "assignment", _number(row.assigned_to), _number(staff_id))

    def note(self, connection: Connection, row: Any, text: str, hand: Hand) -> None:
        """Add a note; notes never overwrite each other."""
        self.note_down(connection, row.id, hand, "note", text=text[:NOTE_CHARACTERS])

    def hold(self, connection: Connection, row: Any, reason: str, version: int, hand: Hand, *, held: bool) -> None:
        """Keep a submission past its time, or no longer. Raises Changed."""
        if held == row.on_hold:
            return
        self._change(connection, row, version, on_hold=held)
        self.note_down(
            connection, row.id, hand, "hold", str(int(row.on_hold)), str(int(held)), reason[:NOTE_CHARACTERS]
        )

    def history(self, connection: Connection, submission_id: int) -> list[Entry]:
        """Return what was done, newest first."""
        statement = select(_changes).where(_changes.c.submission_id == submission_id).order_by(_changes.c.id.desc())
        return [
            Entry(row.kind, row.staff_id, row.before, row.after, self._opened(row), row.at)
            for row in connection.execute(statement)
        ]

    def note_down(
        self,
        connection: Connection,
        submission_id: int,
        hand: Hand,
        kind: str,
        before: str | None = None,
        after: str | None = None,
        text: str | None = None,
    ) -> None:
        """Write a line of the history."""
        uid = uuid.uuid4().hex
        row = {
            "uid": uid, "submission_id": submission_id, "staff_id": hand.staff_id, "kind": kind, "before": before,
            "after": after, "text": SealedBytes.seal(self._vault, _TEXT, uid, text.encode()) if text else None,
            "at": hand.now,
        }  # fmt: skip
        connection.execute(insert(_changes), row)

    def _change(self, connection: Connection, row: Any, version: int, **changes: Any) -> None:
        mine = (_submissions.c.id == row.id, _submissions.c.version == version)
        statement = update(_submissions).where(*mine).values(version=version + 1, **changes)
        if connection.execute(statement.returning(_submissions.c.id)).first() is None:
            raise Changed

    def _opened(self, row: Any) -> str | None:
        if row.text is None:
            return None
        try:
            return self._vault.open(_TEXT, row.uid, row.text).decode()
        except CannotOpen:
            return None


def _number(staff_id: int | None) -> str | None:
    return None if staff_id is None else str(staff_id)


def one(connection: Connection, number: int) -> Any:
    """Return a submission, None without."""
    return connection.execute(select(_submissions).where(_submissions.c.id == number)).one_or_none()


def files_of(connection: Connection, number: int) -> Sequence[Any]:
    """Return the files that belong to a submission, without their content."""
    statement = select(Attachment.__table__).where(Attachment.submission_id == number).order_by(Attachment.id)
    return connection.execute(statement).all()


def names(connection: Connection, numbers: Sequence[int | None]) -> dict[int, str]:
    """Return the names of staff by number."""
    wanted = {number for number in numbers if number is not None}
    if not wanted:
        return {}
    rows = connection.execute(select(Staff.id, Staff.name).where(Staff.id.in_(wanted)))
    return {row.id: row.name for row in rows}
