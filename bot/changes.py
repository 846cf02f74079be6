"""What one batch of events writes, gathered so that each table is written once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from bot import roll
from bot.delivery.outbox import Letter, Recipient
from bot.models import Attachment, Conversation, Resident, Submission
from bot.takeback import Source, TakeBack
from bot.upsert import upsert


@dataclass(slots=True)
class Changes:
    """Rows by table; `filed` pairs a bundle of files with the submission it went into, `origins` a letter with its event."""

    talks: dict[int, dict[str, Any]] = field(default_factory=dict)
    residents: dict[int, dict[str, Any]] = field(default_factory=dict)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    filed: list[tuple[str, str]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    letters: list[tuple[Letter, Recipient]] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)

    def forget(self, resident_id: int) -> None:
        """Drop what earlier events of the batch would have stored about a resident who is erased now."""
        gone = {row["uid"] for row in self.submissions if row["resident_id"] == resident_id}
        self.submissions = [row for row in self.submissions if row["uid"] not in gone]
        self.filed = [(bundle, uid) for bundle, uid in self.filed if uid not in gone]
        self.sources = [source for source in self.sources if source.resident_id != resident_id]
        self.residents.pop(resident_id, None)

    def note_resident(self, who: roll.Present) -> None:
        """Store what changed about a resident."""
        self.residents[who.id] = {
            "row": who.id,
            "new_language": who.language,
            "new_friend": who.friend,
            "new_friend_at": who.friend_at,
        }

    def store(self, connection: Connection, takeback: TakeBack, now: dt.datetime) -> None:
        """Write what was gathered so far; what is to be sent stays."""
        if self.residents:
            connection.execute(_UPDATE_RESIDENT, list(self.residents.values()))
        if self.talks:
            connection.execute(upsert_talk(connection, _TALK), list(self.talks.values()))
        if self.submissions:
            connection.execute(insert(Submission), self.submissions)
        for bundle, uid in self.filed:
            connection.execute(_FILE_ATTACHMENTS, {"of": bundle, "filed": uid})
        takeback.note(connection, self.sources, now)
        for gathered in (self.residents, self.talks, self.submissions, self.filed, self.sources):
            gathered.clear()


_TALK = ("state", "flow", "revision", "step", "last_event_at", "expires_at", "updated_at")


def upsert_talk(connection: Connection, changed: tuple[str, ...]) -> Any:
    """Return the statement that writes talks, changing those columns of one that is there already."""
    return upsert(connection, Conversation.__table__, ("resident_id",), changed)


_UPDATE_RESIDENT = (
    update(Resident.__table__)  # type: ignore[arg-type]  # declared as FromClause, a Table at run time
    .where(Resident.__table__.c.id == bindparam("row"))
    .values(language=bindparam("new_language"), friend=bindparam("new_friend"), friend_at=bindparam("new_friend_at"))
)
_attachments: Any = Attachment.__table__
_FILE_ATTACHMENTS = (
    update(_attachments)
    .where(_attachments.c.bundle == bindparam("of"))
    .values(submission_id=select(Submission.id).where(Submission.uid == bindparam("filed")).scalar_subquery())
)
