"""The doctor's proof that LINE delivers again: one webhook is answered 503, its event is applied once, and the proof is seen."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from structlog.testing import capture_logs

from bot.db import Database
from bot.doctor import Health, examine
from bot.line.events import Event
from bot.models import AppliedEvent, Channel, Redelivery
from bot.now import Now
from bot.redelivery import RedeliveryProof
from tests.product import PATIENCE, Product, wait_until

NOW = dt.datetime(2026, 5, 1, 3, tzinfo=dt.UTC)
QUESTION = "どの税のお知らせですか"


def ask(product: Product, seconds: int = 90) -> subprocess.Popen[bytes]:
    """Ask the doctor for the proof; return when every process may know of it."""
    doctor = product.spawn(sys.executable, "-m", "bot.cli", "doctor", "--redelivery", "--wait", str(seconds))
    wait_until(lambda: state(product) is not None, PATIENCE, "the doctor to ask")
    return doctor


def state(product: Product) -> Any:
    return rows(product, select(Redelivery)).one_or_none()


def rows(product: Product, statement: Any) -> Any:
    database = Database(product.database_url, pool_size=1)
    try:
        with database.read() as connection:
            return connection.execute(statement).freeze()()
    finally:
        database.close()


def finding(product: Product) -> Any:
    return next(one for one in examine(product.environment) if one.subject == "redelivery (main)")


def until_refused(product: Product, words: str) -> dict[str, Any]:
    """Let somebody talk until one webhook was answered 503; return its event."""
    while True:
        event = product.line.resident("花子").say(words)
        if product.line.delivered(event) == 503:
            return event


def test_the_proof_is_red_until_one_webhook_has_come_again_and_green_from_then_on(product: Product) -> None:
    assert (finding(product).health, "never seen" in finding(product).says) == (Health.BAD, True)
    product.line.configure(redelivery=True)
    doctor = ask(product)
    event = until_refused(product, "自動車税")
    assert doctor.wait(2 * PATIENCE) == 0
    assert finding(product).health is Health.GOOD
    assert state(product).event_id == event["webhookEventId"]


def test_the_event_of_the_proof_is_applied_and_answered_once_although_it_comes_twice(product: Product) -> None:
    product.line.configure(redelivery=True)
    doctor = ask(product)
    event = until_refused(product, "自動車税")
    assert doctor.wait(2 * PATIENCE) == 0
    assert product.line.settled()
    applied = select(func.count()).where(AppliedEvent.event_id == event["webhookEventId"])
    assert rows(product, applied).scalar_one() == 1
    told = [send for send in product.line.sends() if event["source"]["userId"] in send["to"]]
    assert len([send for send in told if QUESTION in str(send["messages"])]) == 1


def test_without_redelivery_the_proof_stays_red_and_the_message_is_answered_all_the_same(product: Product) -> None:
    doctor = ask(product, 12)
    event = until_refused(product, "自動車税")
    assert doctor.wait(2 * PATIENCE) == 1
    found = finding(product)
    assert (found.health, "has not come again" in found.says) == (Health.BAD, True)
    told = [send for send in product.line.sends() if event["source"]["userId"] in send["to"]]
    assert QUESTION in str(told)


def test_only_one_webhook_is_refused(product: Product) -> None:
    ask(product, 10)
    until_refused(product, "メニュー")
    hanako = product.line.resident("花子")
    assert {product.line.delivered(hanako.say("メニュー")) for _ in range(20)} == {200}


def test_a_redelivery_nobody_asked_for_is_proof_enough(product: Product) -> None:
    event = product.line.resident("花子").say("メニュー")
    assert product.line.delivered(event) == 200
    product.line.redeliver(event)
    wait_until(lambda: finding(product).health is Health.GOOD, PATIENCE, "the proof")


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_channel_the_settings_do_not_name_cannot_be_proven(product: Product) -> None:
    asked = product.spawn(sys.executable, "-m", "bot.cli", "doctor", "--redelivery", "--channel", "nowhere")
    assert asked.wait(PATIENCE) == 2


def test_many_that_come_again_at_once_are_noted_without_a_quarrel(database: Database) -> None:
    with database.write() as connection:
        row = {"name": "main", "created_at": NOW}
        channel_id = connection.execute(insert(Channel).values(row).returning(Channel.id)).scalar_one()
    processes = [RedeliveryProof(database, Now()) for _ in range(2)]
    again = [Event({"webhookEventId": "01", "type": "message", "deliveryContext": {"isRedelivery": True}})]
    with capture_logs() as said, ThreadPoolExecutor(8) as pool:
        refused = list(pool.map(lambda number: processes[number % 2].refuses(channel_id, again), range(40)))
    assert (any(refused), said) == (False, [])
    with database.read() as connection:
        assert connection.execute(select(Redelivery.seen_at)).scalar_one() is not None
