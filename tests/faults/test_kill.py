"""The product is killed without warning at each named point; LINE's stand-in survives and knows what arrived."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.crash import POINTS
from bot.db import Database
from bot.models import Delivery
from tests.product import Product, wait_until

RECOVERY = 45.0
"""Seconds: on PostgreSQL a dead sender's lease must run out first."""


@pytest.fixture
def killed(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with Product(database_url, tmp_path) as product:
        yield product


def deliveries(product: Product) -> list[Any]:
    database = Database(product.database_url, pool_size=1)
    with database.read() as connection:
        rows = connection.execute(select(Delivery).order_by(Delivery.id)).all()
    database.close()
    return list(rows)


def texts_about(product: Product, phrase: str) -> list[dict[str, Any]]:
    return [
        message
        for send in product.line.sends()
        for message in send["messages"]
        if phrase in (message.get("text") or message.get("altText") or "")
    ]


@pytest.mark.parametrize("point", POINTS)
def test_a_reply_interrupted_by_a_crash_arrives_once_or_is_marked(killed: Product, point: str) -> None:
    killed.start({"MADOGUCHI_CRASH_AT": point})
    hanako = killed.line.resident("花子")
    hanako.say("自動車税")
    killed.wait_dead()
    assert len(deliveries(killed)) == 1, "the turn was committed before anything was sent"

    killed.start()
    wait_until(lambda: deliveries(killed)[0].finished_at is not None, RECOVERY, "the interrupted reply to be settled")

    row = deliveries(killed)[0]
    arrived = texts_about(killed, "どの税のお知らせですか")
    assert row.status in {"sent", "presumed"}
    assert len(arrived) == 1 or (row.doubled and len(arrived) == 2)


@pytest.mark.parametrize("point", POINTS)
def test_a_push_interrupted_by_a_crash_arrives_exactly_once(killed: Product, point: str) -> None:
    """A push carries its retry key from birth: LINE itself refuses the second copy."""
    killed.start()
    hanako = killed.line.resident("花子")
    hanako.say("自動車税")
    assert hanako.wait_for("どの税のお知らせですか")
    killed.stop()
    post_push(killed, "防災訓練のご案内")

    killed.start({"MADOGUCHI_CRASH_AT": point})
    killed.wait_dead()
    killed.start()
    wait_until(lambda: deliveries(killed)[-1].finished_at is not None, RECOVERY, "the interrupted push to be settled")

    assert deliveries(killed)[-1].status == "sent"
    assert len(texts_about(killed, "防災訓練のご案内")) == 1


def test_a_turn_is_not_applied_again_when_line_redelivers_after_a_crash(killed: Product) -> None:
    killed.start({"MADOGUCHI_CRASH_AT": "after_commit"})
    killed.line.configure(redelivery=True)
    hanako = killed.line.resident("花子")
    hanako.say("自動車税")
    killed.wait_dead()
    killed.start()
    assert hanako.wait_for("どの税のお知らせですか", patience=RECOVERY)
    hanako.say("1")
    assert hanako.wait_for("何日前")
    assert len(texts_about(killed, "どの税のお知らせですか")) == 1


def post_push(product: Product, text: str) -> None:
    from bot.config import read_settings
    from bot.crypto import Vault
    from bot.delivery.outbox import Letter, Outbox, Priority
    from bot.models import Resident
    from bot.now import Now

    settings = read_settings(product.environment)
    database = Database(settings.database_url, pool_size=1)
    outbox = Outbox(Vault(settings.encryption_keys), "a test")
    with database.write() as connection:
        resident = connection.execute(select(Resident)).one()
        letter = Letter(resident.channel_id, resident.id, "test", [{"type": "text", "text": text}], Priority.TALK)
        assert outbox.put(connection, [letter], Now()()) == 1
    database.close()
