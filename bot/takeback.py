"""Messages that residents take back: what was answered with them goes, wherever it was kept.

LINE: "unsend" comes before or after the message itself was processed, and the file of such a message is gone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, select, update

from bot.crypto import CannotOpen, Lookup, Vault
from bot.flow.forgetting import forget_in_answers
from bot.flow.talk import Json
from bot.media.intake import Intake, bundles_in
from bot.models import AnswerSource, FailedEvent, SealedBytes, Submission
from bot.upsert import upsert

_ANSWERS = "submissions.answers"
_RAW = "failed_events.raw"
_sources: Any = AnswerSource.__table__
_submissions: Any = Submission.__table__
_failed: Any = FailedEvent.__table__


@dataclass(frozen=True, slots=True)
class Source:
    """A message and the answer it was taken for."""

    resident_id: int
    message_id: str
    name: str
    value: Json


class TakeBack:
    """Knows where answers came from, and forgets them."""

    def __init__(self, vault: Vault, lookup: Lookup, intake: Intake) -> None:
        self._vault = vault
        self._lookup = lookup
        self._intake = intake

    def note(self, connection: Connection, sources: Iterable[Source], now: dt.datetime) -> None:
        """Remember where answers came from, not what they are."""
        rows = {
            (source.resident_id, source.message_id, source.name): {
                "resident_id": source.resident_id,
                "message_id": source.message_id,
                "name": source.name[:80],
                "digest": self._lookup.digest("answer", *_parts(source)),
                "answered_at": now,
            }
            for source in sources
        }
        if rows:
            keys, changed = ("resident_id", "message_id", "name"), ("digest", "answered_at")
            connection.execute(upsert(connection, _sources, keys, changed), list(rows.values()))

    def forget(self, connection: Connection, resident_id: int, message_id: str) -> Callable[[str, Json], bool]:
        """Delete what came with the message from submissions, files and failed events.

        Returns how to know its answers, for the talk that still runs.
        """
        gone = self._intake.take_back(connection, resident_id, message_id)
        mine = (_sources.c.resident_id == resident_id, _sources.c.message_id == message_id)
        rows = connection.execute(select(_sources).where(*mine)).all()
        connection.execute(delete(_sources).where(*mine))
        digests = {row.name: row.digest for row in rows}

        def taken(name: str, value: Json) -> bool:
            if name not in digests:
                return False
            if bundles := bundles_in(value):
                return bundles <= gone  # others of the same set of pictures may be left
            source = Source(resident_id, message_id, name, value)
            return digests[name] in self._lookup.digests("answer", *_parts(source))

        if rows:
            self._forget_submissions(connection, resident_id, min(row.answered_at for row in rows), taken)
        self._forget_failed(connection, resident_id, message_id)
        return taken

    def _forget_submissions(
        self, connection: Connection, resident_id: int, since: dt.datetime, taken: Callable[[str, Json], bool]
    ) -> None:
        statement = select(_submissions.c.uid, _submissions.c.answers).where(
            _submissions.c.resident_id == resident_id, _submissions.c.filed_at >= since
        )
        for row in connection.execute(statement).all():
            answers = orjson.loads(self._vault.open(_ANSWERS, row.uid, row.answers))
            if (left := forget_in_answers(answers, taken)) != answers:
                sealed = SealedBytes.seal(self._vault, _ANSWERS, row.uid, orjson.dumps(left))
                connection.execute(_RESEAL, {"of": row.uid, "left": sealed})

    def _forget_failed(self, connection: Connection, resident_id: int, message_id: str) -> None:
        statement = select(_failed.c.id, _failed.c.event_id, _failed.c.raw).where(_failed.c.resident_id == resident_id)
        for row in connection.execute(statement).all():
            try:
                raw: Mapping[str, Any] = orjson.loads(self._vault.open(_RAW, row.event_id, row.raw))
            except CannotOpen:
                continue  # nobody else can read it either
            message = raw.get("message")
            if isinstance(message, dict) and message.get("id") == message_id:
                connection.execute(delete(_failed).where(_failed.c.id == row.id))


def _parts(source: Source) -> tuple[str, ...]:
    value = orjson.dumps(source.value, option=orjson.OPT_SORT_KEYS).decode()
    return str(source.resident_id), source.message_id, source.name, value


_RESEAL = (
    update(_submissions)
    .where(_submissions.c.uid == bindparam("of"))
    .values(answers=bindparam("left", type_=_submissions.c.answers.type))
)
