"""The product is killed in mid-talk between two people: nothing either wrote is lost, nothing arrives twice unmarked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.desk import taking, writing
from bot.models import Delivery
from tests.desk.conftest import DeskTown, flows_open_always, open_town
from tests.product import Product, wait_until

RECOVERY = 180.0


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[DeskTown]:
    with Product(database_url, tmp_path, flows_open_always(tmp_path)) as product:
        product.start()
        opened = open_town(product)
        yield opened
        opened.runtime.database.close()


def arrived(town: DeskTown, text: str) -> int:
    return sum(message.get("text") == text for send in town.product.line.sends() for message in send["messages"])


def marked(town: DeskTown) -> bool:
    with town.runtime.database.read() as connection:
        return bool(connection.execute(select(Delivery.doubled).where(Delivery.doubled.is_(True))).first())


@pytest.mark.parametrize("point", ["after_commit", "after_answer"])
def test_a_counsellors_words_survive_a_crash_on_their_way(town: DeskTown, point: str) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
    town.product.stop()
    with town.desk() as desk:
        writing.send(desk, number, town.kana, "ここにいますよ。")
    town.product.launch({"MADOGUCHI_CRASH_AT": point})
    town.product.wait_dead(RECOVERY)
    town.product.start()
    wait_until(lambda: town.said(number)[0].delivery in {"sent", "presumed"}, RECOVERY, "the words to be settled")
    assert arrived(town, "ここにいますよ。") == 1 or marked(town)
    person.say("ありがとう")
    town.wait_said(number, "ありがとう")


def test_a_residents_words_survive_a_kill_and_come_to_the_desk_once(town: DeskTown) -> None:
    town.product.line.configure(redelivery=True)
    person, number = town.arrive()
    person.say("はじめ")
    town.wait_said(number, "はじめ")
    for word in ("いち", "に", "さん", "よん", "ご"):
        person.say(word)
    town.product.kill()
    person.say("ろく")
    town.product.start()
    for word in ("いち", "に", "さん", "よん", "ご", "ろく"):
        wait_until(lambda word=word: word in [one.text for one in town.said(number)], RECOVERY, word)  # type: ignore[misc]  # mypy knows no default of a lambda
    said = [one.text or "" for one in town.said(number)]
    assert sorted(said) == sorted(["はじめ", "いち", "に", "さん", "よん", "ご", "ろく"]), "each once"
    assert town.entry(number).state == "waiting"
