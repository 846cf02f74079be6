"""Clocks are killed and doubled while a campaign is due: it is begun once, and everybody gets it once."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from bot.campaigns import campaign
from bot.campaigns.composition import Composition, Means
from bot.campaigns.content import Content, Words
from bot.config import read_settings
from bot.crypto import Vault
from bot.db import Database
from bot.models import Broadcast, CampaignRun, Channel, Resident, Staff, Tick
from bot.now import Now
from tests.product import Product, wait_until

JOB = "campaigns.start"
RECOVERY = 180.0
WORDS = "避難所を開きました。"


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with Product(database_url, tmp_path) as product:
        yield product


@pytest.fixture
def database(product: Product) -> Iterator[Database]:
    database = Database(product.database_url, pool_size=2)
    yield database
    database.close()


def staff(connection: Any, name: str, now: dt.datetime) -> int:
    row = {
        "name": name, "sign_in": f"{name}@town.example", "handle": name, "must_change": False, "language": "ja",
        "active": True, "created_at": now,
    }  # fmt: skip
    found: int = connection.execute(insert(Staff).values(row).returning(Staff.id)).scalar_one()
    return found


def due(product: Product, database: Database, people: list[str]) -> int:
    """Leave an approved campaign whose time came a minute ago, and a clock's ledger that has not seen it."""
    now, vault = Now()(), Vault(read_settings(product.environment).encryption_keys)
    means = Means(vault, lambda _language: {}, None)
    with database.write() as connection:
        channel = connection.execute(select(Channel.id)).scalar_one()
        common = {"channel_id": channel, "friend": True, "friend_at": 0, "created_at": now}
        connection.execute(insert(Resident), [common | {"line_user_id": one, "reference": one[:12]} for one in people])
        officer, approver = staff(connection, "職員", now), staff(connection, "係長", now)
        said = Content({"ja": Words(text=WORDS)})
        composition = Composition("避難所", said, urgent=True, send_at=now + dt.timedelta(seconds=1))
        id_ = campaign.compose(connection, vault, channel, composition, officer, now)
        campaign.submit(connection, means, id_, officer, now, knowingly=False)
        campaign.approve(connection, vault, id_, campaign.opened(connection, vault, id_).digest, approver, now)
        before = {"job": JOB, "scheduled_for": now - dt.timedelta(minutes=20), "visited_at": now}
        connection.execute(Tick.__table__.delete().where(Tick.job == JOB))  # type: ignore[attr-defined]  # a Table at run time
        connection.execute(insert(Tick), before)
    return id_


def number_of(database: Database, model: Any) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


def arrived(product: Product) -> Counter[str]:
    return Counter(user for send in product.line.sends() for user in send["delivered"])


def test_killed_and_doubled_clocks_begin_a_campaign_once(product: Product, database: Database) -> None:
    product.start()
    people = [product.line.resident(f"住民{number}").id for number in range(5)]
    product.stop()
    due(product, database, people)
    for pause in (0.5, 1.5, 2.5):
        begin(product)
        time.sleep(pause)
        product.kill()
    begin(product)
    product.start_worker()
    wait_until(lambda: len(arrived(product)) == len(people), RECOVERY, "everybody to get it")
    wait_until(lambda: number_of(database, CampaignRun) == 1, RECOVERY, "the ledger to say so")
    assert number_of(database, Broadcast) == 1
    assert arrived(product) == Counter(dict.fromkeys(people, 1))


def begin(product: Product) -> None:
    """Start what ticks: two clocks on PostgreSQL, the one process on SQLite."""
    if product.database_url.startswith("sqlite"):
        product.start()
        return
    for _ in range(2):
        product.spawn(*CLOCK)


CLOCK = (sys.executable, "-m", "bot.cli", "clock")
