"""No question of the hot path or of the console's lists walks through a table that grows with the years, on either engine."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from bot.console.access import Role
from bot.delivery import due
from bot.delivery.outbox import Dispatch, Result
from bot.delivery.outcome import Status
from bot.housekeeping import purge
from bot.incoming import Incoming
from bot.line.events import Event
from bot.service import JobContext
from tests.bench.console import PAGES
from tests.bench.past import Past
from tests.conftest import databases
from tests.console.client import Hall

ROWS = 3_000
FRIEND = f"U{ROWS - 100}"
"""One of the past, whose submissions open."""
WORDS = (
    "メニュー",
    "自動車税",
    "1",
    "3",
    "10",
    "はい",
    "やめる",
    "災害通報",
    "道路",
    "通知の設定",
    "自分のデータ",
    "自動車税",
)
NUMBERS = itertools.count(1)

_QUESTION = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)")

Asked = dict[str, Any]
"""The statements that were executed, each with the parameters it had once."""


@dataclass(frozen=True)
class Town:
    """A town hall, and what is asked beside its work: whole tables are counted there, a page does it only while that is quick."""

    hall: Hall
    beside: frozenset[str]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town with a past: some thousands of everything that a town has much of."""
    with databases(request, tmp_path_factory.mktemp("past")) as make:
        hall = Hall(make(request.param))
        staff = hall.add_staff(Role.MANAGER)
        channel = hall.runtime.channels().only().id
        Past(hall.database, ROWS, hall.now()).fill(hall.vault, channel, staff)
        with listening(hall) as beside:
            for counting in hall.runtime.beside:
                counting.do()
        yield Town(hall, frozenset(beside))
        hall.close()


@contextmanager
def listening(hall: Hall) -> Iterator[Asked]:
    """Gather what the database is asked."""
    asked: Asked = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        asked.setdefault(statement, parameters[0] if many else parameters)

    event.listen(hall.database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(hall.database.engine, "before_cursor_execute", note)


def grown(hall: Hall, connection: Connection) -> set[str]:
    """Return the tables that hold much."""
    names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    if hall.database.on_sqlite:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    tables = connection.execute(text(names)).scalars().all()
    return {
        table
        for table in tables
        if connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one() >= ROWS // 2  # noqa: S608 - a table's name
    }


def walks(town: Town, asked: Asked) -> list[str]:
    """Return the statements that walk through a whole table that has grown, and which."""
    found, hall = [], town.hall
    with hall.database.read() as connection:
        large, partial = grown(hall, connection), partial_indexes(hall, connection)
        assert {"residents", "deliveries", "submissions", "conversations"} <= large
        look = _lite if hall.database.on_sqlite else _postgres
        for statement, parameters in asked.items():
            if statement not in town.beside and _QUESTION.match(statement) and any(name in statement for name in large):
                tables = look(connection, statement, parameters, partial) & large
                found += [f"{table}: {' '.join(statement.split())}" for table in sorted(tables)]
    return found


def partial_indexes(hall: Hall, connection: Connection) -> set[str]:
    """Return the indexes that hold a few rows of their table only."""
    if hall.database.on_sqlite:
        names = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
    else:
        names = "SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL"
    return set(connection.execute(text(names)).scalars())


def _lite(connection: Connection, statement: str, parameters: Any, partial: set[str]) -> set[str]:
    plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    # In the order asked for, and only as far as the limit reaches, a walk is a short one.
    if "ORDER BY" in statement and "LIMIT" in statement and not any("TEMP B-TREE FOR ORDER" in line for line in plan):
        return set()
    scans = [re.match(r"SCAN (\w+?)(?:_\d+)?(?: USING (?:COVERING )?INDEX (\w+))?$", line) for line in plan]
    return {_named(scan.group(1), statement) for scan in scans if scan and scan.group(2) not in partial}


def _named(alias: str, statement: str) -> str:
    found = re.search(rf"(\w+) AS {alias}\b", statement)
    return found.group(1) if found else alias


def _postgres(connection: Connection, statement: str, parameters: Any, partial: set[str]) -> set[str]:
    with connection.begin_nested() as trial:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        shown = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
        trial.rollback()
    plan = shown if isinstance(shown, list) else json.loads(shown)
    return set(_whole(plan[0]["Plan"], partial, limited=False))


def _whole(node: Mapping[str, Any], partial: set[str], *, limited: bool) -> Iterator[str]:
    kind = node["Node Type"]
    limited = limited or kind == "Limit" or node.get("Index Name") in partial
    if kind == "Seq Scan" or (kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in node and not limited):
        yield node["Relation Name"]
    for below in node.get("Plans", []):
        yield from _whole(below, partial, limited=limited)


class Resident:
    """Somebody who talks in front of the transaction."""

    def __init__(self, hall: Hall, user_id: str) -> None:
        self.hall = hall
        self.user_id = user_id
        self.sent: list[Dispatch] = []

    def say(self, words: str) -> None:
        """Send a text."""
        self.take({"type": "message", "message": {"type": "text", "id": str(next(NUMBERS)), "text": words}})

    def take(self, given: Mapping[str, Any]) -> None:
        """Have one event applied."""
        number = next(NUMBERS)
        raw = {**given, "webhookEventId": f"E{number}", "timestamp": 1_000_000 + number}
        raw["source"] = {"type": "user", "userId": self.user_id}
        runtime = self.hall.runtime
        incoming = Incoming(1, "main", self.user_id, Event(raw), runtime.now())
        with runtime.database.write() as connection:
            [reaction] = runtime.talks.apply(connection, [incoming])
            assert isinstance(reaction, tuple)
            self.sent += reaction


def test_a_talk_from_the_first_word_to_the_last_asks_for_rows_by_index(town: Town) -> None:
    hall, runtime = town.hall, town.hall.runtime
    with listening(hall) as asked:
        for resident in (Resident(hall, "Unew"), Resident(hall, FRIEND)):
            resident.take({"type": "follow", "follow": {"isUnblocked": False}})
            for words in (
                "メニュー",
                "自動車税",
                "1",
                "3",
                "10",
                "はい",
                "やめる",
                "災害通報",
                "道路",
                "通知の設定",
                "自分のデータ",
            ):
                resident.say(words)
            resident.take({"type": "unsend", "unsend": {"messageId": "3"}})
            resident.take({"type": "unfollow"})
        results = [
            Result(
                dispatch.id, Status.SENT, 1, doubled=False, uncertain=False, kind=dispatch.kind, last_result="ok",
                line_request_id=None, at=runtime.now(),
            )
            for dispatch in resident.sent[:3]
        ]  # fmt: skip
        with runtime.database.write() as connection:
            runtime.outbox.record(connection, results)
            due.find_due(connection, runtime.now(), 100, ())
            runtime.outbox.any_due(connection, runtime.now())
    assert len(asked) > 20
    assert walks(town, asked) == []


@pytest.mark.parametrize("role", list(PAGES))
def test_a_list_of_the_console_is_found_by_index(town: Town, role: str) -> None:
    clerk = town.hall.sign_in(Role(role))
    with listening(town.hall) as asked:
        for path in PAGES[role]:
            assert clerk.client.get(f"/console{path}").status_code in (200, 302), path
    assert walks(town, asked) == []


def test_what_is_past_its_time_is_found_by_index(town: Town) -> None:
    runtime = town.hall.runtime
    now, book = runtime.now(), runtime.editions.book()
    with listening(town.hall) as asked, runtime.database.write() as connection:
        purge(JobContext(connection, now, now, runtime.outbox, book.town.town, no_message, book))
    assert walks(town, asked) == []


def no_message(*_given: Any) -> Any:
    """What deletes writes no message."""
    raise AssertionError("nobody is told that something is past its time")
