"""A prefecture's past for the console: a million of everything, written by the database itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import select, text, update

from bot.models.base import micros

CHUNK = 250_000
OPENED = 2_000
"""So many of the latest submissions carry answers that open: a search by words opens no more than half of them."""

FLOWS = ("report.damage", "garbage.bulky", "covid.support")
DAY = dt.timedelta(days=1)


class Past:
    """Fills one database; `number` rows of each large table."""

    def __init__(self, database: Any, number: int, now: dt.datetime) -> None:
        self.database = database
        self.number = number
        self.now = now
        self.lite = database.on_sqlite

    def fill(self, vault: Any, channel: int, staff: int) -> None:
        """Enter everything."""
        self._residents(channel)
        self._submissions(vault)
        self._deliveries(channel)
        self._notices()
        self._visits()
        self._follow_ups()
        self._audit(staff)
        with self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE" if self.lite else "VACUUM ANALYZE"))

    def _residents(self, channel: int) -> None:
        languages = "CASE n.n % 10 WHEN 0 THEN 'en' WHEN 1 THEN 'ja-easy' ELSE 'ja' END"
        values = {
            "channel_id": str(channel), "line_user_id": "'U' || n.n", "reference": "'R' || (100000000 + n.n)",
            "language": languages, "friend": self._truth("n.n % 100 > 3"), "friend_at": "0", "created_at": self._ago(900),
        }  # fmt: skip
        self._enter("residents", values)
        talks = {
            "resident_id": "n.n + 1", "last_event_at": "0", "flow": "CASE WHEN n.n % 20 = 0 THEN 'report.damage' END",
            "updated_at": self._ago(300), "step": "'place'", "expires_at": self._ago(-1),
            "revision": "CASE WHEN n.n % 20 = 0 THEN 'past' END",
        }  # fmt: skip
        self._enter("conversations", talks)

    def _submissions(self, vault: Any) -> None:
        flow = "CASE n.n % 3 " + " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(FLOWS)) + " END"
        values = {
            "uid": "'past-' || n.n", "resident_id": "n.n + 1", "flow": flow, "revision": "'past'",
            "answers": self._bytes("''"), "filed_at": self._ago(365), "keep_until": self._ago(-365),
            "status": "CASE WHEN n.n % 50 = 0 THEN 'new' WHEN n.n % 50 = 1 THEN 'working' ELSE 'done' END",
            "source": "'line'", "on_hold": self._truth("n.n % 5000 = 0"), "version": "0",
        }  # fmt: skip
        self._enter("submissions", values)
        self._seal(vault)

    def _seal(self, vault: Any) -> None:
        from bot.models import SealedBytes, Submission
        from bot.submissions.reading import ANSWERS

        answers = orjson.dumps({"place": "まどぐち町役場のまえ", "note": "くらくて見えません"})
        with self.database.write(60) as connection:
            latest = select(Submission.id, Submission.uid).order_by(Submission.id.desc()).limit(OPENED)
            for row in connection.execute(latest).all():
                sealed = SealedBytes.seal(vault, ANSWERS, row.uid, answers)
                connection.execute(update(Submission).where(Submission.id == row.id).values(answers=sealed))

    def _deliveries(self, channel: int) -> None:
        values = {
            "channel_id": str(channel), "resident_id": "n.n + 1", "kind": "'push'", "purpose": "'tax.remind'",
            "priority": "3", "status": "CASE WHEN n.n % 50 = 0 THEN 'failed' WHEN n.n % 400 = 1 THEN 'held' ELSE 'sent' END",
            "retry_key": "'past-' || n.n", "due_at": self._ago(90), "created_at": self._ago(90),
            "finished_at": f"CASE WHEN n.n % 400 = 1 THEN NULL ELSE {self._ago(90)} END", "attempts": "1",
            "uncertain": self._truth("1 = 0"), "doubled": self._truth("1 = 0"),
        }  # fmt: skip
        self._enter("deliveries", values)

    def _notices(self) -> None:
        today = self.now.date()
        days = [today - dt.timedelta(days=330), today + dt.timedelta(days=35)]
        due = f"CASE WHEN n.n % 2 = 0 THEN {self._day(days[0])} ELSE {self._day(days[1])} END"
        values = {
            "uid": "'past-' || n.n", "code_hash": self._bytes("'code' || n.n"), "digest": self._bytes("'past'"),
            "tax_year": "CASE WHEN n.n % 2 = 0 THEN 2025 ELSE 2026 END", "amount": self._bytes("''"), "due_on": due,
            "kind": "CASE WHEN n.n % 3 = 0 THEN 'car' ELSE 'light' END", "form": "'paper'",
            "state": "CASE WHEN n.n % 4 = 0 THEN 'paid' ELSE 'open' END", "imported_at": self._ago(30),
            "updated_at": self._ago(30),
        }  # fmt: skip
        self._enter("tax_notices", values)
        links = {
            "notice_id": "n.n + 1", "resident_id": "n.n + 1", "relation": "'own'", "linked_at": self._ago(30),
        }  # fmt: skip
        self._enter("tax_links", links, self.number // 3)

    def _visits(self) -> None:
        facilities = {
            "uid": "'past-' || n.n", "name": "'見本の店' || n.n", "kind": "'restaurant'", "address": "'まどぐち町'",
            "checklist": "'[]'", "contact": self._bytes("''"), "may_be_named": self._truth("1 = 1"),
            "state": "'listed'", "registered_at": self._ago(300),
        }  # fmt: skip
        places = {
            "facility_id": "n.n + 1", "name": "'入口'", "version": "1", "changed_at": self._ago(300),
            "retired": self._truth("1 = 0"),
        }  # fmt: skip
        number = min(10_000, self.number)
        self._enter("covid_facilities", facilities, number)
        self._enter("covid_places", places, number)
        visits = {"resident_id": "n.n + 1", "place_id": f"1 + n.n % {number}", "entered_at": self._ago(28)}
        self._enter("covid_visits", visits)

    def _follow_ups(self) -> None:
        values = {
            "uid": "'past-' || n.n", "resident_id": "n.n + 1", "cadence": "CASE n.n % 2 WHEN 0 THEN 'home' ELSE 'weekly' END",
            "state": "CASE WHEN n.n % 10 = 0 THEN 'active' ELSE 'ended' END", "step": "'asked'", "due_at": self._ago(-1),
            "risk": "n.n % 4", "age_band": "'60-69'", "area": "'北部'", "profile": self._bytes("''"), "silent": "n.n % 3",
            "begun_on": self._day(self.now.date() - DAY), "ends_on": self._day(self.now.date() + 9 * DAY),
        }  # fmt: skip
        number = self.number // 10
        self._enter("covid_follow_ups", values, number)
        entries = {
            "resident_id": "n.n + 1", "follow_up_id": "n.n + 1", "reason": "'silent'", "risk": "n.n % 4",
            "state": "CASE WHEN n.n % 10 = 0 THEN 'open' ELSE 'done' END", "area": "'北部'", "opened_at": self._ago(10),
            "call_at": self._ago(10), "calls": "0",
        }  # fmt: skip
        self._enter("covid_call_entries", entries, number)

    def _audit(self, staff: int) -> None:
        values = {
            "at": self._ago(365), "staff_id": str(staff), "actor": "'見本'", "subject": "'submission:' || n.n",
            "action": "CASE n.n % 4 WHEN 0 THEN 'submission.status' ELSE 'submissions.list' END", "service": "'report'",
            "detail": "'{}'",
        }  # fmt: skip
        self._enter("audit_entries", values)

    def _enter(self, table: str, values: Mapping[str, str], number: int | None = None) -> None:
        total = self.number if number is None else number
        for first in range(0, total, CHUNK):
            last = min(first + CHUNK, total) - 1
            said = f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())} FROM {self._series(first, last)}"  # noqa: S608 - names of our own
            with self.database.write(120) as connection:
                connection.exec_driver_sql(said.replace("%", "%%") if not self.lite else said)

    def _series(self, first: int, last: int) -> str:
        if not self.lite:
            return f"generate_series({first}, {last}) AS n(n)"
        return f"(WITH RECURSIVE n(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM n WHERE n < {last}) SELECT n FROM n) AS n"  # noqa: S608 - numbers

    def _ago(self, days: int) -> str:
        """Return the moment of row n: the last row is now, the first was `days` ago (or, with less than none, is to come)."""
        begins = self.now - days * DAY
        if self.lite:
            step = f" + {days} * 86400000000 / {self.number} * n.n" if days > 0 else ""
            return f"{micros(begins)}{step}"
        step = f" + INTERVAL '{days} days' / {self.number} * n.n" if days > 0 else ""
        return f"TIMESTAMPTZ '{begins.isoformat()}'{step}"

    def _day(self, day: dt.date) -> str:
        return f"'{day}'" if self.lite else f"DATE '{day}'"

    def _truth(self, condition: str) -> str:
        return f"CASE WHEN {condition} THEN 1 ELSE 0 END" if self.lite else f"({condition})"

    def _bytes(self, words: str) -> str:
        return f"CAST({words} AS BLOB)" if self.lite else f"convert_to({words}, 'UTF8')"
