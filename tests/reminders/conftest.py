"""One installation on a fresh database at nine in the morning of 1 April 2027, a Thursday, with time that tests move."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from bot.clock import Clock
from bot.config import read_settings
from bot.models import Delivery
from bot.now import TOKYO, Now
from bot.reminders import service
from bot.runtime import Runtime
from tests.product import ROOT
from tests.test_config import complete

MORNING = dt.datetime(2027, 4, 1, 9, 0, tzinfo=TOKYO)

SHIPPED = ("town.yaml", "notices.yaml", "notices_area.yaml", "my_data.yaml", "garbage")

CLINIC = """
flow: clinic.visit
title: {ja: 健診の予約, ja-easy: けんしんの よやく, en: Check-up}
start: {keywords: [健診]}
steps:
  - ask: name
    text: {ja: お子さんのお名前は。, ja-easy: こどもの なまえは。, en: Your child's name?}
  - remind: visit
    at: "'2027-04-08'"
    say:
      ja: "{{ name }}さんの健診は明日です（{{ today|jdate }}）。"
      ja-easy: "{{ name }}さんの けんしんは あしたです。"
      en: "{{ name }}'s check-up is tomorrow."
    buttons:
      - {label: {ja: 済みました, ja-easy: すみました, en: Done}, goto: done}
  - say: {ja: 承りました。, ja-easy: わかりました。, en: Noted.}
  - end
  - id: done
    stop_reminder: visit
  - say: {ja: ありがとうございます。, ja-easy: ありがとう ございます。, en: Thank you.}
"""


MEDICINE = """
flow: clinic.medicine
title: おくすり
start: {keywords: [おくすり]}
steps:
  - remind: medicine
    every: day
    time: "19:30"
    until: today|plus_days(2)
    say: おくすりの時間です。
  - say: 承りました。
"""

Arrived = Callable[[dt.timedelta], list[list[dict[str, Any]]]]


def at_nine() -> Now:
    return Now(MORNING - dt.datetime.now(dt.UTC))


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """The shipped flows that set reminders and show them, and two more, in a folder of the test's own."""
    folder = tmp_path / "flows"
    folder.mkdir()
    for name in SHIPPED:
        source = ROOT / "flows" / name
        shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy(source, folder)
    (folder / "clinic.yaml").write_text(CLINIC, encoding="utf-8")
    (folder / "medicine.yaml").write_text(MEDICINE, encoding="utf-8")
    return folder


@pytest.fixture
def runtime(database_url: str, flows: Path) -> Iterator[Runtime]:
    environment = complete(
        DATABASE_URL=database_url, MADOGUCHI_FLOWS=str(flows), MADOGUCHI_SERVICES="tests.reminders.services"
    )
    runtime = Runtime(read_settings(environment), at_nine())
    runtime.channels()
    # Other jobs have nothing to do here, and ticking for weeks of a test takes its time.
    runtime.clock = Clock(runtime.database, runtime.outbox, service.jobs, runtime.editions.book, runtime.now)
    runtime.clock.travel(runtime.now(), lambda: None)
    yield runtime
    runtime.stop()


@pytest.fixture
def arrived(runtime: Runtime) -> Arrived:
    """Let time pass and return what was written to the outbox of the town's own accord meanwhile, oldest first."""
    seen: set[int] = set()

    def wait(span: dt.timedelta) -> list[list[dict[str, Any]]]:
        runtime.clock.travel(runtime.now() + span, lambda: None)
        with runtime.database.read() as connection:
            statement = select(Delivery.__table__).where(Delivery.purpose.like("reminder.%")).order_by(Delivery.id)
            rows = [row for row in connection.execute(statement) if row.id not in seen]
        seen.update(row.id for row in rows)
        opened = (runtime.vault.open("deliveries.payload", row.retry_key, row.payload) for row in rows)
        return [orjson.loads(content)["messages"] for content in opened]

    return wait
