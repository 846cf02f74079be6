"""Takes files that residents send into the transaction of their turn: a row and a job now, the bytes later."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from bot.crypto import Vault
from bot.jobs import Jobs
from bot.line.events import Event
from bot.media.fetch import FETCH, key
from bot.media.filename import safe_name
from bot.models import Attachment, ImageSet, SealedBytes

SET_OPEN = dt.timedelta(minutes=10)
"""How long after its first picture others of a set are still put with it; a picture later than that comes for itself."""

_attachments: Any = Attachment.__table__
_sets: Any = ImageSet.__table__


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a file, and to which channel."""

    resident_id: int
    channel_id: int


class Intake:
    """The way in for files."""

    def __init__(self, jobs: Jobs, vault: Vault) -> None:
        self._jobs = jobs
        self._vault = vault

    def joins(self, connection: Connection, sender: Sender, event: Event, now: dt.datetime) -> bool:
        """Put a picture of a set with those that came before; tell whether there were any, in which case the turn is over."""
        if event.image_set_id is None:
            return False
        statement = select(_sets.c.bundle).where(
            _sets.c.resident_id == sender.resident_id,
            _sets.c.set_id == event.image_set_id,
            _sets.c.first_at > now - SET_OPEN,
        )
        row = connection.execute(statement).one_or_none()
        if row is None:
            return False
        if row.bundle is not None and event.has_content:
            self.accept(connection, sender, event, row.bundle, now)
        return True

    def note_set(
        self, connection: Connection, sender: Sender, event: Event, bundle: str | None, now: dt.datetime
    ) -> None:
        """Remember a set by its first picture: what became of it will become of the others."""
        if event.image_set_id is None:
            return
        mine = (_sets.c.resident_id == sender.resident_id, _sets.c.set_id == event.image_set_id)
        connection.execute(delete(_sets).where(*mine))
        row = {"resident_id": sender.resident_id, "set_id": event.image_set_id, "bundle": bundle, "first_at": now}
        connection.execute(insert(_sets), row)

    def accept(self, connection: Connection, sender: Sender, event: Event, bundle: str, now: dt.datetime) -> None:
        """Write the row of a file and have it fetched."""
        uid = uuid.uuid4().hex
        kind = str(event.message["type"])
        filed = select(_attachments.c.submission_id).where(_attachments.c.bundle == bundle).limit(1)
        row = {
            "uid": uid,
            "bundle": bundle,
            "channel_id": sender.channel_id,
            "resident_id": sender.resident_id,
            "submission_id": connection.execute(filed).scalar_one_or_none(),
            "message_id": event.message_id,
            "kind": kind,
            "name": self._name(uid, event),
            "status": "waiting",
            "total": event.image_set_total,
            "created_at": now,
        }
        connection.execute(insert(_attachments), row)
        self._jobs.defer(connection, FETCH, {"attachment": uid}, key=key(uid))

    def _name(self, uid: str, event: Event) -> SealedBytes | None:
        given = event.message.get("fileName")
        if not isinstance(given, str):
            return None
        return SealedBytes.seal(self._vault, "attachments.name", uid, safe_name(given).encode())

    def take_back(self, connection: Connection, resident_id: int, message_id: str) -> set[str]:
        """Delete the files of a message that was taken back; return the bundles of which nothing is left."""
        mine = (_attachments.c.resident_id == resident_id, _attachments.c.message_id == message_id)
        rows = connection.execute(select(_attachments.c.uid, _attachments.c.bundle).where(*mine)).all()
        connection.execute(delete(_attachments).where(*mine))
        for row in rows:
            self._jobs.drop(connection, key(row.uid))
        bundles = {row.bundle for row in rows}
        left = select(_attachments.c.bundle).where(_attachments.c.bundle.in_(bundles))
        return bundles - set(connection.execute(left).scalars()) if bundles else set()


def new_bundle() -> str:
    """Return a fresh name by which an answer will hold one or several files."""
    return uuid.uuid4().hex


def bundles_in(answers: Any) -> set[str]:
    """Return the names of all bundles that answers hold, however deep."""
    if isinstance(answers, dict):
        own = {answers["attachment"]} if isinstance(answers.get("attachment"), str) else set()
        return own.union(*map(bundles_in, answers.values()))
    return set().union(*map(bundles_in, answers)) if isinstance(answers, list) else set()
