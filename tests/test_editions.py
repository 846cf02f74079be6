"""What is in force, for whom, and since when: publishing, running talks, rollback and pauses."""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.crypto import Vault
from bot.db import Database
from bot.editions import Editions, FlowsBroken, NothingPublished, history, pause, read_folder, resume
from bot.flow.action import ActionSpec
from bot.flow.engine import turn
from bot.flow.talk import ActionResult, Input, Said, Surroundings, Text
from bot.models import Channel, Conversation, Resident, SealedBytes
from bot.now import TOKYO, Now
from bot.service import Action, Service, Services
from tests.product import PATIENCE, ROOT, Product

FIRST = """
flow: ask.name
title: お名前
start: {keywords: [はじめる]}
steps:
  - {id: name, ask: name, text: お名前は？}
  - {id: town, ask: town, text: お住まいは？}
  - say: ありがとうございました。
"""
SECOND = FIRST.replace("お住まいは？", "ご住所は？")
WITHOUT = FIRST.replace("id: town, ask: town", "id: place, ask: place").replace(
    "id: name, ask: name", "id: who, ask: who"
)
ACTING = FIRST + "  - {do: test.act, on: {done: end}}\n"


VAULT = Vault([bytes(32)])


def opened(resident: int, sealed: bytes) -> bytes:
    return VAULT.open("conversations.state", resident, sealed)


def services(*actions: str) -> Services:
    made = [Action(ActionSpec(name, ("done",)), lambda _context, _arguments: ActionResult("done")) for name in actions]
    return Services([Service("test", made)])


def texts(flow: str) -> dict[str, str]:
    return {"flows/ask.yaml": flow}


@pytest.fixture
def editions(database: Database) -> Editions:
    return Editions(database, services("test.act"), Path("flows"), Now())


class Talker:
    """A resident whose talk is kept in the database as the platform keeps it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.state: bytes | None = None
        with database.write() as connection:
            connection.execute(insert(Channel).values(name="main", created_at=Now()()))
            row = {"channel_id": 1, "line_user_id": "U1", "reference": "A", "friend_at": 0, "created_at": Now()()}
            connection.execute(insert(Resident), row)

    def say(self, editions: Editions, text: str) -> str:
        given: Input = Said(text)
        around = Surroundings(dt.datetime.now(TOKYO), lambda _name, _arguments: ActionResult("done"), "ja")
        done = turn(editions.book(), self.state, given, around)
        self.state = done.state
        sealed = None if done.state is None else SealedBytes.seal(VAULT, "conversations.state", 1, done.state)
        with self.database.write() as connection:
            connection.execute(Conversation.__table__.delete())  # type: ignore[attr-defined]  # a Table at run time
            row: dict[str, Any] = {
                "resident_id": 1, "state": sealed, "flow": done.flow, "revision": done.revision, "step": done.step,
                "last_event_at": 0, "updated_at": Now()(),
            }  # fmt: skip
            connection.execute(insert(Conversation), row)
        return "\n".join(message.text for message in done.messages if isinstance(message, Text))


def test_before_anything_is_published_nothing_is_in_force(editions: Editions) -> None:
    editions.refresh()
    with pytest.raises(NothingPublished):
        editions.book()


def test_a_talk_stays_on_the_version_it_began_with(editions: Editions, database: Database) -> None:
    talker = Talker(database)
    editions.publish(texts(FIRST), "a clerk")
    editions.refresh()
    talker.say(editions, "はじめる")
    editions.publish(texts(SECOND), "a clerk")
    assert editions.refresh()
    assert "お住まいは？" in talker.say(editions, "花子")
    assert "ありがとうございました" in talker.say(editions, "緑町")
    talker.say(editions, "はじめる")
    assert "ご住所は？" in talker.say(editions, "花子")


def test_another_process_and_a_restart_know_the_old_version_too(editions: Editions, database: Database) -> None:
    talker = Talker(database)
    for version in (FIRST, SECOND, *(SECOND.replace("お名前は？", f"お名前は？{number}") for number in range(6))):
        editions.publish(texts(version), "a clerk")
        editions.refresh()
        if version is FIRST:
            talker.say(editions, "はじめる")
    restarted = Editions(database, services("test.act"), Path("flows"), Now())
    restarted.begin()
    assert "お住まいは？" in talker.say(restarted, "花子")


def test_a_talk_whose_actions_are_gone_goes_on_in_the_new_version_or_begins_again(
    editions: Editions, database: Database
) -> None:
    talker = Talker(database)
    editions.publish(texts(ACTING), "a clerk")
    editions.refresh()
    talker.say(editions, "はじめる")
    poorer = Editions(database, services(), Path("flows"), Now())
    poorer.publish(texts(WITHOUT), "a clerk")
    poorer.refresh()
    assert "新しくなりました" in talker.say(poorer, "花子")


def test_publishing_says_what_changes_for_how_many_running_talks(editions: Editions, database: Database) -> None:
    talker = Talker(database)
    editions.publish(texts(FIRST), "a clerk")
    editions.refresh()
    talker.say(editions, "はじめる")
    changes = {change.flow: (change.kind, change.running) for change in editions.changes(texts(SECOND))}
    assert changes["ask.name"] == ("changed", 1)
    other = SECOND.replace("ask.name", "ask.other").replace("はじめる", "べつ")
    changes = {change.flow: (change.kind, change.running) for change in editions.changes(texts(other))}
    assert (changes["ask.name"], changes["ask.other"]) == (("removed", 1), ("new", 0))


def fate(editions: Editions, flow: str) -> tuple[int, int, int]:
    (change,) = [one for one in editions.changes(texts(flow)) if one.flow == "ask.name"]
    return change.going_on, change.taken_over, change.begun_anew


def test_publishing_says_who_goes_on_who_is_taken_over_and_who_begins_anew(
    editions: Editions, database: Database
) -> None:
    talker = Talker(database)
    editions.publish(texts(ACTING), "a clerk")
    editions.refresh()
    talker.say(editions, "はじめる")
    assert fate(editions, SECOND) == (1, 0, 0), "the old version can still be carried"
    poorer = Editions(database, services(), Path("flows"), Now())
    assert fate(poorer, SECOND) == (0, 1, 0), "its action is gone, but the new version asks the same"
    assert fate(poorer, WITHOUT) == (0, 0, 1), "nor does the new version ask what the talk waits at"
    poorer.publish(texts(SECOND), "a clerk")
    poorer.refresh()
    assert "お住まい" not in talker.say(poorer, "花子")
    assert fate(poorer, SECOND) == (1, 0, 0), "the engine did as was said"


def test_a_talk_whose_earlier_questions_are_gone_begins_anew(editions: Editions, database: Database) -> None:
    talker = Talker(database)
    editions.publish(texts(ACTING), "a clerk")
    editions.refresh()
    talker.say(editions, "はじめる")
    talker.say(editions, "花子")
    poorer = Editions(database, services(), Path("flows"), Now())
    shorter = FIRST.replace("  - {id: name, ask: name, text: お名前は？}\n", "")
    (change,) = [one for one in poorer.changes(texts(shorter), opened) if one.flow == "ask.name"]
    assert (change.going_on, change.taken_over, change.begun_anew) == (0, 0, 1), "戻る would lead it nowhere"
    poorer.publish(texts(shorter), "a clerk")
    poorer.refresh()
    assert "新しくなりました" in talker.say(poorer, "緑町"), "the engine does as was said"


def test_flows_with_errors_are_not_published(editions: Editions) -> None:
    editions.publish(texts(FIRST), "a clerk")
    editions.refresh()
    with pytest.raises(FlowsBroken, match=r"ask\.yaml"):
        editions.publish(texts(FIRST.replace("steps:", "stepz:")), "a clerk")
    with pytest.raises(FlowsBroken):
        editions.publish(texts(FIRST + "  - {do: test.unknown, on: {done: end}}\n"), "a clerk")
    assert not editions.refresh()


def test_an_earlier_publication_can_be_put_in_force_again(editions: Editions, database: Database) -> None:
    first = editions.publish(texts(FIRST), "a clerk")
    editions.publish(texts(SECOND), "a clerk")
    assert editions.publish(texts(SECOND), "a clerk") == first + 1, "the same again changes nothing"
    editions.activate(first, "the head clerk")
    editions.refresh()
    talker = Talker(database)
    talker.say(editions, "はじめる")
    assert "お住まいは？" in talker.say(editions, "花子")
    with database.read() as connection:
        assert [(row[0], row[2]) for row in history(connection)] == [
            (first, "the head clerk"), (first + 1, "a clerk"), (first, "a clerk"),
        ]  # fmt: skip
    with pytest.raises(LookupError, match="flows history"):
        editions.activate(99, "a clerk")


def test_a_pause_is_seen_and_ended_by_every_process(editions: Editions, database: Database) -> None:
    editions.publish(texts(FIRST), "a clerk")
    other = Editions(database, services("test.act"), Path("flows"), Now())
    for each in (editions, other):
        each.refresh()
    talker = Talker(database)
    with database.write() as connection:
        pause(connection, "ask", {"ja": "休止中です。"}, "a clerk", Now())
    for each in (editions, other):
        assert each.refresh()
        assert "休止中です" in talker.say(each, "はじめる")
    with database.write() as connection:
        assert resume(connection, "ask")
        assert not resume(connection, "ask")
    assert other.refresh()
    assert "お名前は？" in talker.say(other, "はじめる")


def test_all_processes_of_the_product_obey_a_pause_within_five_seconds(product: Product) -> None:

    madoguchi = str(Path(sys.executable).with_name("madoguchi"))
    hanako = product.line.resident("花子")
    hanako.say("自動車税")
    assert hanako.wait_for("どの税のお知らせですか")
    pausing = product.spawn(
        madoguchi, "flows", "pause", "tax", "--text", "ja=ただいま休止しています。役場へお電話ください。"
    )
    assert pausing.wait(PATIENCE) == 0, product.log.read_text()
    told = 0
    for number in range(40):
        hanako.say(f"自動車税 {number}")
        said = hanako.wait_for("", count=number + 2)[-1]
        told = told + 1 if "休止しています" in str(said) else 0
        if told == 8:
            break
        time.sleep(0.2)
    assert told == 8, "every process answers with the pause, again and again"


def test_the_shipped_folder_is_read_without_its_transcripts() -> None:
    read = read_folder(ROOT / "flows")
    assert "flows/town.yaml" in read
    assert not [name for name in read if name.endswith(".talk.yaml")]
