"""A town grows to PostgreSQL (or back): everything is there afterwards, to the byte, and the product goes on as before."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, insert, select, text

from bot import heartbeat
from bot.cli import main
from bot.copying import CannotCopy, Copied, copy
from bot.crypto import Vault
from bot.db import Database
from bot.jobs import jobs_for
from bot.models import Base, Broadcast, Channel, Department, QueuedJob, Resident
from bot.now import Now
from tests.conftest import MakeDatabase
from tests.product import Product
from tests.test_rotation import write_one

NOW = Now()
VAULT = Vault([os.urandom(32)])
OTHER = {"sqlite": "postgres", "postgres": "sqlite"}


@pytest.fixture
def target(engine: str, make_database: MakeDatabase) -> Iterator[Database]:
    """An empty database of the other engine."""
    target = Database(make_database(OTHER[engine]))
    yield target
    target.close()


@pytest.fixture
def town(database: Database) -> Database:
    """A database with rows of many kinds: sealed values, JSON, dates, texts beyond ASCII, references to an earlier row."""
    with database.write() as connection:
        channel = connection.execute(
            insert(Channel).values(name="main", created_at=NOW()).returning(Channel.id)
        ).scalar_one()
        for _ in range(30):
            write_one(connection, VAULT, channel)
        common = {
            "channel_id": channel,
            "title": "断水🚰",
            "urgent": True,
            "status": "done",
            "created_by": "見本 太郎",
            "messages": {"ja": [{"type": "text", "text": "断水"}]},
            **dict.fromkeys(("send_at", "stale_at", "created_at"), NOW()),
        }
        add = insert(Broadcast).returning(Broadcast.id)
        first = connection.execute(add, [common | {"segment": None, "corrects_id": None}]).scalar_one()
        connection.execute(add, [common | {"segment": {"lang": "ja"}, "corrects_id": first}])
        connection.execute(insert(Department), [{"name": f"課{number}"} for number in range(5)])
        connection.execute(delete(Department).where(Department.name == "課4"))
    return database


def go(source: Database, target: Database) -> dict[str, int]:
    told: list[Copied] = []
    assert copy(source, target, NOW, told.append) == sum(one.rows for one in told)
    return {one.table: one.rows for one in told}


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.read() as connection:
        return {
            table.name: sorted(connection.execute(select(table)).all(), key=repr)
            for table in Base.metadata.sorted_tables
        }


def test_everything_is_there_afterwards(town: Database, target: Database) -> None:
    counts = go(town, target)
    assert counts["residents"] == 30
    assert everything(target) == everything(town)


def test_json_stays_as_it_was_written_also_where_it_is_null(town: Database, target: Database) -> None:
    go(town, target)
    written = "SELECT CAST(segment AS text) FROM broadcasts ORDER BY id"
    with town.read() as there, target.read() as here:
        assert there.execute(text(written)).all() == here.execute(text(written)).all()


def test_no_number_is_given_out_twice_not_even_a_deleted_ones(town: Database, target: Database) -> None:
    go(town, target)
    with target.write() as connection:
        made = insert(Department).returning(Department.id)
        assert connection.execute(made, {"name": "新しい課"}).scalar_one() == 6
        channel = connection.execute(select(Channel.id)).scalar_one()
        write_one(connection, VAULT, channel)
        assert connection.execute(select(func.max(Resident.id))).scalar_one() == 31


def test_there_and_back_again_nothing_has_changed(
    town: Database, target: Database, engine: str, make_database: MakeDatabase
) -> None:
    third = Database(make_database(engine))
    go(town, target)
    go(target, third)
    assert everything(third) == everything(town)
    third.close()


def test_jobs_wait_in_the_other_queue(town: Database, target: Database) -> None:
    later = NOW() + dt.timedelta(days=3)
    queue = jobs_for(town, VAULT, [], NOW)
    with town.write() as connection:
        queue.defer(connection, "test.one", {"n": 1}, key="k", priority=5)
        queue.defer(connection, "test.two", {"n": 2}, due_at=later)
        queue.defer(connection, "test.three", {"n": 3}, lock="l")
    assert go(town, target)["jobs waiting"] == 3
    there = jobs_for(target, VAULT, [], NOW)
    with target.write() as connection:
        assert not there.defer(connection, "test.one", {"n": 9}, key="k"), "its key is still taken"
        assert there.drop(connection, "k")


def test_a_target_that_is_not_empty_is_refused(town: Database, target: Database) -> None:
    go(town, target)
    with pytest.raises(CannotCopy, match="not empty"):
        go(town, target)


def test_a_source_at_work_is_refused(town: Database, target: Database) -> None:
    with town.write() as connection:
        heartbeat.beat(connection, "web", "one", NOW())
    with pytest.raises(CannotCopy, match="stop web, worker and clock"):
        go(town, target)
    with town.write() as connection:
        heartbeat.leave(connection, "one", NOW())
    go(town, target)


def test_what_is_interrupted_leaves_the_target_empty_and_is_begun_again(town: Database, target: Database) -> None:
    class Interrupted(Exception):
        """Somebody pressed Ctrl-C."""

    def interrupt(one: Copied) -> None:
        if one.table == "broadcasts":
            raise Interrupted

    with pytest.raises(Interrupted):
        copy(town, target, NOW, interrupt)
    assert all(rows == [] for rows in everything(target).values())
    go(town, target)
    assert everything(target) == everything(town)


def test_a_row_that_arrives_changed_stops_the_copy(town: Database, target: Database) -> None:
    with target.write() as connection:
        if target.on_sqlite:
            connection.execute(
                text(
                    "CREATE TRIGGER meddle AFTER INSERT ON residents BEGIN"
                    " UPDATE residents SET reference = 'X' || id WHERE id = NEW.id; END"
                )
            )
        else:
            connection.execute(
                text(
                    "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS"
                    " $$ BEGIN NEW.reference := 'X' || NEW.id; RETURN NEW; END $$"
                )
            )
            connection.execute(
                text("CREATE TRIGGER meddle BEFORE INSERT ON residents FOR EACH ROW EXECUTE FUNCTION meddle()")
            )
    with pytest.raises(CannotCopy, match="residents: 30 rows left"):
        go(town, target)
    assert everything(target)["channels"] == []


def test_a_source_of_another_revision_is_refused(tmp_path: Path, target: Database) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(CannotCopy, match="upgrade it first"):
        go(empty, target)
    empty.close()


def test_failed_jobs_stay_failed(town: Database, target: Database) -> None:
    from bot.models import SealedBytes

    row = {"uid": "u" * 32, "task": "test", "arguments": SealedBytes.seal(VAULT, "jobs.arguments", "u" * 32, b"{}"),
           "priority": 0, "status": "failed", "due_at": NOW(), "attempts": 8, "created_at": NOW()}  # fmt: skip
    with town.write() as connection:
        connection.execute(insert(QueuedJob), row)
    counts = go(town, target)
    assert (counts["jobs"], counts["jobs waiting"]) == (1, 0)


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_talk_begun_on_sqlite_goes_on_on_postgresql(
    product: Product, make_database: MakeDatabase, database_url: str
) -> None:
    hanako = product.line.resident("花子")
    hanako.say("自動車税")
    assert hanako.wait_for("どの税のお知らせですか")
    product.stop()
    url = make_database("postgres")
    done = CliRunner().invoke(main, ["db", "copy", database_url, url])
    assert (done.exit_code, "rows copied" in done.output) == (0, True), done.output
    product.database_url = url
    product.start()
    product.line.settled()
    hanako.say("1")
    assert hanako.wait_for("何日前")


def test_the_same_database_twice_is_refused(database_url: str) -> None:
    done = CliRunner().invoke(main, ["db", "copy", database_url, database_url])
    assert (done.exit_code, "the same database" in done.output) == (2, True)
