"""Two web processes and a worker on one database: what is paused, resumed or published by command holds in all of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.simulator.client import Person
from tests.product import START_SECONDS, Product, free_port, listens, wait_until

pytestmark = pytest.mark.parametrize("engine", ["postgres"])

OBEYED = 5.0
COMMAND = (sys.executable, "-m", "bot.cli")
FLOW = """
flow: ask.name
title: お名前
start: {keywords: [はじめる]}
steps:
  - {ask: name, text: お名前は？}
  - {ask: town, text: お住まいは？}
  - say: ありがとうございました。
"""
ALONE = {"WEB_CONCURRENCY": "1", "MADOGUCHI_SERVICES": "tests.bench.services"}


class Town:
    """The installation, its two doors, and what is said at each of them."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.doors = (product.port, free_port())

    def hear(self, person: Person, text: str, door: int) -> str:
        """Say something by one of the two processes and return its answer."""
        self.product.line.configure(webhook_url=f"http://127.0.0.1:{self.doors[door]}/line/webhook")
        before = len(person.answers())
        person.say(text)
        wait_until(lambda: len(person.answers()) > before, START_SECONDS, f"an answer to {text}")
        return "\n".join(str(one.get("text")) for one in person.answers()[before:])

    def command(self, *words: str) -> None:
        done = self.product.spawn(*COMMAND, "flows", *words, extra=ALONE)
        assert done.wait(START_SECONDS) == 0, self.product.log.read_text(encoding="utf-8")


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "ask.yaml").write_text(FLOW, encoding="utf-8")
    with Product(database_url, tmp_path, flows) as product:
        town = Town(product)
        for port in town.doors:
            gunicorn = str(Path(sys.executable).with_name("gunicorn"))
            app = (gunicorn, "--config", "python:bot.serve", "bot.app:from_environment()")
            product.spawn(*app, extra=ALONE | {"PORT": str(port)})
            wait_until(partial(listens, port), START_SECONDS, "a web process to listen")
        product.start_worker(ALONE)
        yield town


def test_both_obey_a_pause_and_its_end_within_five_seconds_and_the_talk_goes_on(town: Town) -> None:
    people = [town.product.line.resident(name) for name in ("花子", "太郎")]
    for door, person in enumerate(people):
        assert "お名前は？" in town.hear(person, "はじめる", door)
    town.command("pause", "ask", "--text", "ja=休止しています。")
    time.sleep(OBEYED)
    for door, person in enumerate(people):
        assert "休止しています。" in town.hear(person, "山田", door)
        assert "休止しています。" in town.hear(person, "はじめる", 1 - door)
    town.command("resume", "ask")
    time.sleep(OBEYED)
    for door, person in enumerate(people):
        assert "お名前は？" in town.hear(person, "続ける", door)
        assert "お住まいは？" in town.hear(person, "山田", 1 - door)


def test_a_talk_begun_in_one_process_ends_as_it_began_though_the_other_was_told_of_a_new_edition(town: Town) -> None:
    hanako, taro = (town.product.line.resident(name) for name in ("花子", "太郎"))
    assert "お名前は？" in town.hear(hanako, "はじめる", 0)
    (town.product.flows / "ask.yaml").write_text(FLOW.replace("お住まいは？", "ご住所は？"), encoding="utf-8")
    town.command("publish", str(town.product.flows))
    assert "お住まいは？" in town.hear(hanako, "山田", 1), "published a moment ago, whoever knows of it by now"
    time.sleep(OBEYED)
    for door in (0, 1):
        assert "お名前は？" in town.hear(taro, "はじめる", door)
        assert "ご住所は？" in town.hear(taro, "太郎", door)
        town.hear(taro, "やめる", door)
    assert "ありがとうございました。" in town.hear(hanako, "緑町", 0)
