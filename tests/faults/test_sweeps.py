"""Each sweep alone recovers what a dead process left: whatever else is broken, one of them suffices for its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from bot.alerts import raise_alert, roster
from bot.alerts.roster import Contact
from bot.config import read_settings
from bot.db import Database
from bot.delivery import broadcast
from bot.delivery.broadcast import Draft, State
from bot.delivery.outbox import Letter, Priority
from bot.groups import LEAVE
from bot.jobs import TaskContext
from bot.models import Channel, Delivery, Lease, QueuedJob, Resident, Tick
from bot.now import Now
from bot.runtime import Runtime
from bot.simulator.client import Person
from tests.alerts.receivers import MailServer
from tests.product import PATIENCE, Product, wait_until

WORDS = "点検のお知らせ"
NOW = Now()


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """An installation of which no process runs."""
    with Product(database_url, tmp_path) as product:
        yield product


@pytest.fixture
def mail() -> Iterator[MailServer]:
    mail = MailServer()
    yield mail
    mail.close()


@pytest.fixture
def runtime(town: Product, mail: MailServer) -> Iterator[Runtime]:
    """The parts of a process, none of which has been started."""
    environment = town.environment | {"SMTP_URL": mail.url, "ALERT_FROM": "madoguchi@town.example"}
    runtime = Runtime(read_settings(environment))
    runtime.channels()
    yield runtime
    runtime.stop()


@pytest.fixture
def hanako(town: Product, runtime: Runtime) -> Person:
    person = town.line.resident("花子")
    with runtime.database.write() as connection:
        channel = connection.execute(select(Channel.id)).scalar_one()
        who = {"line_user_id": person.id, "reference": "R1", "friend": True, "friend_at": 0}
        connection.execute(insert(Resident), who | {"channel_id": channel, "created_at": NOW()})
    return person


def told(person: Person) -> int:
    return sum(WORDS in str(message) for message in person.answers())


def test_the_outbox_sweep_alone_sends_what_a_dead_sender_had_in_hand(runtime: Runtime, hanako: Person) -> None:
    with runtime.database.write() as connection:
        who = connection.execute(select(Resident)).one()
        letter = Letter(who.channel_id, who.id, "test", [{"type": "text", "text": WORDS}], Priority.TALK)
        runtime.outbox.put(connection, [letter], NOW())
        dead = {"lease_until": NOW() - dt.timedelta(seconds=1), "lease_by": "dead", "tried_at": NOW()}
        connection.execute(update(Delivery).values(dead))
    runtime.sweep()
    wait_until(lambda: told(hanako) == 1, PATIENCE, "the message")


def test_the_broadcaster_alone_goes_on_with_a_broadcast_a_dead_process_began(runtime: Runtime, hanako: Person) -> None:
    with runtime.database.write() as connection:
        who = connection.execute(select(Resident)).one()
        draft = Draft(who.channel_id, "点検", {"ja": [{"type": "text", "text": WORDS}]}, urgent=True)
        id_ = broadcast.write(connection, draft, "a test", NOW())
        broadcast.approve(connection, id_, "a test", NOW())
        gone = {"name": "multicast", "owner": "dead", "until": NOW() - dt.timedelta(seconds=1)}
        connection.execute(insert(Lease), gone)
    runtime.broadcaster.work()
    assert told(hanako) == 1
    with runtime.database.read() as connection:
        assert broadcast.find(connection, id_).status == State.DONE


def test_the_clock_alone_visits_what_was_missed(runtime: Runtime) -> None:
    yesterday = NOW() - dt.timedelta(days=1)
    with runtime.database.write() as connection:
        connection.execute(insert(Tick), {"job": "platform.purge", "scheduled_for": yesterday, "visited_at": yesterday})
    runtime.clock.visit_due()
    with runtime.database.read() as connection:
        visited = connection.execute(select(Tick).where(Tick.job == "platform.purge")).all()
    assert len(visited) == 2


def test_the_queue_alone_does_the_job_its_process_had_begun(runtime: Runtime) -> None:
    arguments = {"channel": "main", "room": False, "id": "C" + "0" * 32, "token": None, "received_at": NOW.timestamp()}
    with runtime.database.write() as connection:
        assert runtime.jobs.defer(connection, LEAVE, arguments)
        if runtime.database.on_sqlite:
            connection.execute(update(QueuedJob).values(status="running", attempts=1, lease_until=NOW()))
    context = TaskContext(runtime.database, runtime.now, runtime.vault, runtime.outbox, runtime.client)
    runtime.jobs.start(context)
    wait_until(lambda: not waiting(runtime.database), PATIENCE, "the job to be done")


def waiting(database: Database) -> bool:
    from bot.jobs.inspection import listed

    with database.read() as connection:
        return bool(listed(connection, ["waiting", "running"], 10))


def test_the_notifier_alone_calls_whom_a_dead_worker_had_not_reached(runtime: Runtime, mail: MailServer) -> None:
    with runtime.database.write() as connection:
        roster.add(connection, runtime.vault, Contact("佐藤", "sato@town.example"), NOW())
        raise_alert(connection, NOW(), kind="test", service="platform", key="test")
    runtime.notifier()
    assert mail.recipients == ["sato@town.example"]
