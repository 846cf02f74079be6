"""The month's quota: how much of it is left, whether a send fits in, and what must wait so that talks can go on.

Source: Messaging API reference, "Get the target limit for sending messages this month" and "… number of messages sent this month".
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import orjson
import structlog
from sqlalchemy import Connection, bindparam, select, update

from bot.db import Database
from bot.line.client import LineClient
from bot.models import Channel
from bot.models import Quota as QuotaRow
from bot.now import Now
from bot.upsert import insert_into

log = structlog.get_logger(__name__)

ASK_AGAIN = dt.timedelta(seconds=60)
ASK_AGAIN_WHEN_SILENT = dt.timedelta(seconds=15)
ASK_AGAIN_WHEN_REFUSED = dt.timedelta(seconds=5)
DEFAULT_RESERVE = 5


@dataclass(frozen=True, slots=True)
class Gauge:
    """One channel's month: `allowed` messages (None: no limit), `used` of them, `reserve` kept for replies and talks."""

    allowed: int | None
    used: int
    reserve: int

    @property
    def left(self) -> int | None:
        """Return how many messages LINE still takes, None for any number."""
        return None if self.allowed is None else max(0, self.allowed - self.used)

    @property
    def full(self) -> bool:
        """Tell whether only the reserve is left."""
        return self.left is not None and self.left <= self.reserve

    def forecast(self, recipients: int) -> Forecast:
        """Say whether a send to so many fits in."""
        return Forecast(recipients, self.left, self.reserve)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a send needs of what is left; `left` None means that there is no limit."""

    needed: int
    left: int | None
    reserve: int

    @property
    def fits(self) -> bool:
        """Tell whether the send fits in without touching the reserve."""
        return self.left is None or self.needed <= self.left - self.reserve

    def __str__(self) -> str:
        """Return the forecast as a sentence for staff."""
        if self.left is None:
            return f"this needs {self.needed:,}; the account has no monthly limit"
        said = f"this needs {self.needed:,} of the {self.left:,} left this month"
        return said + (f" ({self.reserve:,} of them are kept for replies and talks)" if self.reserve else "")


class Quota:
    """The gauges of all channels in one process. `reserve` is the share of each month, in percent, kept for replies and talks."""

    def __init__(self, client: LineClient, database: Database, now: Now, reserve: int = DEFAULT_RESERVE) -> None:
        self._client = client
        self._database = database
        self._now = now
        self._reserve = reserve
        self._lock = threading.Lock()
        self._sent: dict[int, int] = {}
        self._gauges: dict[int, Gauge] = {}
        self._refused: dict[str, tuple[dt.datetime, bool]] = {}
        self._silent: dict[int, dt.datetime] = {}

    def note(self, channel_id: int, recipients: int) -> None:
        """Count what LINE has just accepted and charges for; the next `refresh` tells the other processes."""
        with self._lock:
            self._sent[channel_id] = self._sent.get(channel_id, 0) + recipients

    def full(self) -> Collection[int]:
        """Return the ids of the channels on which only the reserve is left."""
        return [channel_id for channel_id, gauge in self._current().items() if gauge.full]

    def gauge(self, channel_id: int) -> Gauge:
        """Return a channel's gauge; before LINE was asked it shows no limit."""
        return self._current().get(channel_id, Gauge(None, 0, 0))

    def reached(self, channel: str) -> bool:
        """Ask LINE whether the quota of `channel` is used up: for a 429 that does not say which limit it is about."""
        asked_at, answer = self._refused.get(channel, (None, False))
        if asked_at is None or self._now() - asked_at > ASK_AGAIN_WHEN_REFUSED:
            said = self._ask(channel)
            answer = said is not None and said[0] is not None and said[1] >= said[0]
            self._refused[channel] = (self._now(), answer)
        return answer

    def refresh(self) -> None:
        """Store what was sent since the last time, ask LINE where its word is old, and see what the other processes sent."""
        self._store_sent()
        with self._database.read() as connection:
            channels = {row.id: row.name for row in connection.execute(select(Channel.id, Channel.name))}
            known = _rows(connection)
        due = self._now() - ASK_AGAIN
        for channel_id, name in channels.items():
            if not self._client.knows(name) or self._was_silent(channel_id):
                continue
            if channel_id not in known or known[channel_id].asked_at < due:
                self._ask_and_store(channel_id, name)
        with self._database.read() as connection:
            self._gauges = gauges(connection, self._reserve)

    def _was_silent(self, channel_id: int) -> bool:
        asked_at = self._silent.get(channel_id)
        return asked_at is not None and self._now() - asked_at < ASK_AGAIN_WHEN_SILENT

    def _current(self) -> Mapping[int, Gauge]:
        # What this process has not told yet counts too.
        with self._lock:
            return {
                channel_id: Gauge(gauge.allowed, gauge.used + self._sent.get(channel_id, 0), gauge.reserve)
                for channel_id, gauge in self._gauges.items()
            }

    def _store_sent(self) -> None:
        with self._lock:
            sent, self._sent = self._sent, {}
        if sent:
            with self._database.write() as connection:
                rows = [{"channel": channel_id, "more": number} for channel_id, number in sorted(sent.items())]
                connection.execute(_ADD, rows)

    def _ask_and_store(self, channel_id: int, channel: str) -> None:
        said = self._ask(channel)
        if said is None:
            log.warning("quota.unknown", channel=channel)
            self._silent[channel_id] = self._now()
            return
        self._silent.pop(channel_id, None)
        with self._database.write() as connection:
            row = {
                "channel_id": channel_id,
                "allowed": said[0],
                "used": said[1],
                "sent_since": 0,
                "asked_at": self._now(),
            }
            statement = insert_into(connection, QuotaRow).values(row)
            connection.execute(statement.on_conflict_do_update(index_elements=["channel_id"], set_=row))

    def _ask(self, channel: str) -> tuple[int | None, int] | None:
        """Return the limit and what is used, None when LINE does not tell."""
        answers = [self._client.get(channel, path) for path in _PATHS]
        if any(answer.status != 200 for answer in answers):
            return None
        try:
            quota, consumption = (orjson.loads(answer.body) for answer in answers)
            allowed = int(quota["value"]) if quota["type"] == "limited" else None
            return allowed, int(consumption["totalUsage"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return None


_PATHS = ("/v2/bot/message/quota", "/v2/bot/message/quota/consumption")
_ADD = (
    update(QuotaRow.__table__)  # type: ignore[arg-type]  # declared as FromClause, a Table at run time
    .where(QuotaRow.channel_id == bindparam("channel"))
    .values(sent_since=QuotaRow.__table__.c.sent_since + bindparam("more"))
)


def gauges(connection: Connection, reserve: int) -> dict[int, Gauge]:
    """Return the gauge of each channel that LINE was asked about, by the channel's id."""
    return {
        channel_id: Gauge(row.allowed, row.used + row.sent_since, (row.allowed or 0) * reserve // 100)
        for channel_id, row in _rows(connection).items()
    }


def _rows(connection: Connection) -> dict[int, QuotaRow]:
    table = QuotaRow.__table__
    return {row.channel_id: row for row in connection.execute(select(table))}  # type: ignore[misc]  # a row has the same names
