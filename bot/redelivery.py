"""The proof that LINE delivers again what was answered 503: without it a fault of a minute loses what residents said in it.

The doctor asks for the proof, a web process answers one webhook 503 although it is stored, and whichever process meets the event
again notes that. So the event itself is neither lost nor applied twice, whatever LINE does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.db import Database
from bot.line.events import Event
from bot.models import Redelivery
from bot.now import Now
from bot.upsert import insert_into

log = structlog.get_logger(__name__)

VALID = dt.timedelta(minutes=10)
"""For so long the next webhook is answered 503 once."""

_rows: Any = Redelivery.__table__


def ask(connection: Connection, channel_id: int, now: dt.datetime) -> None:
    """Have the next event of a channel answered 503, and forget an earlier proof."""
    row = {"channel_id": channel_id, "asked_until": now + VALID, "event_id": None, "refused_at": None, "seen_at": None}
    anew = {name: value for name, value in row.items() if name != "channel_id"}
    connection.execute(
        insert_into(connection, _rows).on_conflict_do_update(index_elements=["channel_id"], set_=anew), row
    )


def state(connection: Connection, channel_id: int) -> Any:
    """Return what is known of a channel's redelivery; None when nobody ever asked and none was met."""
    return connection.execute(select(_rows).where(_rows.c.channel_id == channel_id)).one_or_none()


class RedeliveryProof:
    """One process's part in the proof. `refresh` looks, now and then, which channels are asked for or proven."""

    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now
        self._asked: set[int] = set()
        self._proven: set[int] = set()

    def refresh(self) -> None:
        """See what the database says."""
        now = self._now()
        with self._database.read() as connection:
            rows = connection.execute(select(_rows)).all()
        self._asked = {row.channel_id for row in rows if row.event_id is None and (row.asked_until or now) > now}
        self._proven = {row.channel_id for row in rows if row.seen_at is not None}

    def refuses(self, channel_id: int, events: Sequence[Event]) -> bool:
        """Tell whether a webhook, which is stored, is the one to answer 503; note at once what came again."""
        again = [event for event in events if event.redelivered]
        if not events or (channel_id not in self._asked and (not again or channel_id in self._proven)):
            return False
        try:
            with self._database.write(patience=0.2) as connection:
                if again:
                    self._note(connection, channel_id)
                    return False
                return self._choose(connection, channel_id, events[0])
        except SQLAlchemyError as error:
            log.warning("webhook.database", error=type(error).__name__)
            return False

    def _note(self, connection: Connection, channel_id: int) -> None:
        # Known at once, so that of a hundred webhooks that come again together one writes; if it fails, the next refresh says so.
        self._proven.add(channel_id)
        seen = {"seen_at": self._now()}
        statement = insert_into(connection, _rows).on_conflict_do_update(index_elements=["channel_id"], set_=seen)
        connection.execute(statement, {"channel_id": channel_id, **seen})

    def _choose(self, connection: Connection, channel_id: int, event: Event) -> bool:
        self._asked.discard(channel_id)
        values = {"event_id": event.id[:64], "refused_at": self._now()}
        return (
            connection.execute(_CHOOSE.values(values), {"channel": channel_id, "now": self._now()}).first() is not None
        )


_CHOOSE = (
    update(_rows)
    .where(
        _rows.c.channel_id == bindparam("channel"),
        _rows.c.event_id.is_(None),
        _rows.c.asked_until > bindparam("now", type_=_rows.c.asked_until.type),
    )
    .returning(_rows.c.channel_id)
)
