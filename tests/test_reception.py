"""The reception keeps LINE waiting no longer than agreed, whatever holds the transactions up."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from bot.config import read_settings
from bot.groups import Groups
from bot.line.channels import KnownChannel
from bot.line.events import Event
from bot.line.webhook import ANSWER_WITHIN
from bot.models import AppliedEvent, Delivery, Resident
from bot.now import Now
from bot.reception import MOST_UNANSWERED, Reception
from bot.runtime import CONVERSATION_PATIENCE, Runtime
from tests.product import ROOT
from tests.test_config import complete

SECONDS = 60.0
LINE_COUNTS_A_FAILURE_AFTER = 2.0


@pytest.fixture
def runtime(database_url: str) -> Iterator[Runtime]:
    nowhere = "http://127.0.0.1:9"
    settings = complete(DATABASE_URL=database_url, MADOGUCHI_FLOWS=str(ROOT / "flows"), LINE_API_BASE=nowhere)
    runtime = Runtime(read_settings(settings))
    yield runtime
    runtime.stop()


@pytest.fixture
def channel(runtime: Runtime) -> KnownChannel:
    runtime.channels()
    return KnownChannel(1, "main", (b"s",), None)


def said(words: str) -> Event:
    source = {"type": "user", "userId": "U1"}
    message = {"type": "text", "id": "1", "text": words}
    return Event({"type": "message", "message": message, "webhookEventId": "E1", "timestamp": 1, "source": source})


def stored(runtime: Runtime) -> list[int]:
    with runtime.database.read() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (AppliedEvent, Resident, Delivery)
        ]


def test_the_database_gives_up_before_the_webhook_and_the_webhook_before_line() -> None:
    assert CONVERSATION_PATIENCE < ANSWER_WITHIN < LINE_COUNTS_A_FAILURE_AFTER


def test_an_event_whose_turn_did_not_come_in_time_is_given_back_and_never_applied(
    runtime: Runtime, channel: KnownChannel
) -> None:
    inside, go = threading.Event(), threading.Event()

    def hang(_connection: Connection, works: Sequence[Any]) -> Sequence[Any]:
        inside.set()
        assert go.wait(SECONDS)
        return works

    hanging = runtime.commits.submit(hang, None)
    assert inside.wait(SECONDS)
    assert not runtime.reception.receive(channel, [said("自動車税")], time.monotonic() + 0.1)
    go.set()
    hanging.result(SECONDS)
    runtime.commits.close()
    assert stored(runtime) == [0, 0, 0]


def test_an_event_in_time_is_applied_once(runtime: Runtime, channel: KnownChannel) -> None:
    for _ in range(2):
        assert runtime.reception.receive(channel, [said("自動車税")], time.monotonic() + SECONDS)
    assert stored(runtime) == [1, 1, 1]


def test_when_answers_pile_up_line_is_asked_to_come_again_before_anything_is_done(
    runtime: Runtime, channel: KnownChannel
) -> None:
    waiting = [MOST_UNANSWERED]
    reception = Reception(
        runtime.talks, Groups(runtime.jobs), runtime.commits, lambda _reaction: None, Now(), lambda: waiting[0]
    )
    assert not reception.receive(channel, [said("自動車税")], time.monotonic() + SECONDS)
    assert stored(runtime) == [0, 0, 0]
    waiting[0] -= 1
    assert reception.receive(channel, [said("自動車税")], time.monotonic() + SECONDS)
    assert stored(runtime) == [1, 1, 1]
