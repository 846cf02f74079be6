"""The log of a busy, troubled day holds ids and outcomes, and nothing that anybody wrote, said or must not know."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg

from bot.simulator.client import Json, Person
from tests.webhook.conftest import Office
from tests.webhook.signed import Signer, text

SECRETS_OF_RESIDENTS = [
    "夫に知られたくない相談です",
    "子どもの名前は花子です",
    "090-0000-0000に電話して",
    "わたしの番号は123412341234",
    "a very private matter",
]
FAULTS_OF_LINE = ["500", "400", "401", "429-rate", "429-monthly", "html-502", "drop-before", "drop-after", "empty-200"]


def test_the_log_holds_no_secret_no_token_no_user_id_and_no_words(office: Office) -> None:
    people = [*_ordinary_talk(office), *_faults_of_ours(office), *_faults_of_line(office)]
    people += [*_hostile_webhooks(office), *_held_database(office)]

    log = office.product.log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {line["event"] for line in lines} >= {"delivery.attempt", "event.failed", "webhook.database"}, (
        "it was troubled"
    )
    found = [secret for secret in _must_not_be_told(office, people) if secret in log]
    assert found == []
    assert [line for line in lines if "dropped" in line] == [], "nobody even tries to log more than is allowed"


def _must_not_be_told(office: Office, people: list[Person]) -> Iterator[str]:
    yield from (office.main.secret, office.outgoing_secret.secret, office.sample.secret, office.product.token)
    yield from office.product.keys.values()
    yield from SECRETS_OF_RESIDENTS
    for person in people:
        yield person.id
        for message in person.messages():
            yield from _words_in(message["message"])
    for exchange in office.line.traffic(kind="webhook", limit=2000):
        for event in _events_in(exchange):
            yield from (event[name] for name in ("replyToken",) if name in event)
            yield from _words_in(event.get("message"))


def _events_in(exchange: Json) -> list[Json]:
    events: list[Json] = json.loads(exchange["request"]["body"])["events"]
    return events


def _words_in(part: Any) -> Iterator[str]:
    """Every text that a resident wrote or was sent, long enough to be nobody else's."""
    if isinstance(part, dict):
        yield from (
            part[name]
            for name in ("text", "altText", "label")
            if isinstance(part.get(name), str) and len(part[name]) > 3
        )
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _words_in(inner)


def _ordinary_talk(office: Office) -> Iterator[Person]:
    person = office.resident(friend=False)
    person.follow()
    person.wait_for("ことばを選んでください")
    person.press_button("日本語")
    person.say("自動車税")
    person.wait_for("どの税のお知らせですか")
    for words in SECRETS_OF_RESIDENTS:
        person.say(words)
    person.act("sticker", package_id="446", sticker_id="1988")
    person.act("location", latitude=35.0, longitude=139.0, title="自宅はここです", address="まどぐち町1-2-3")
    person.wait_for(count=len(SECRETS_OF_RESIDENTS))
    person.block()
    yield person


def _faults_of_ours(office: Office) -> Iterator[Person]:
    for flow in ("つまずく", "たずねる"):
        person = office.resident("桜子")
        person.say(flow)
        person.wait_for("何か書いてください")
        person.say(SECRETS_OF_RESIDENTS[0])
        person.wait_for("処理できませんでした")
        yield person


def _faults_of_line(office: Office) -> Iterator[Person]:
    for kind in FAULTS_OF_LINE:
        person = office.resident("桃子")
        office.line.fault(kind, "reply")
        assert office.line.delivered(person.say("自動車税")) == 200
        yield person
    person = office.resident("杏子")
    office.line.fault("500", "push", times=2)
    assert office.main.deliver(text(person.id, SECRETS_OF_RESIDENTS[1])) == 200
    person.wait_for("ご用件をお選びください")
    yield person
    office.line.clear_faults()


def _hostile_webhooks(office: Office) -> Iterator[Person]:
    person = office.resident("梅子")
    words = SECRETS_OF_RESIDENTS[2]
    body = office.main.pack(text(person.id, words))
    assert office.main.post_with([("X-Line-Signature", office.main.secret)], body) == 401
    assert office.main.post(body[:-1]) == 400
    assert Signer(office.product.port, office.main.secret, "U" + "8" * 32).deliver(text(person.id, words)) == 403
    assert office.main.post_with([("X-Line-Signature", words.encode())], body) == 401
    assert office.product.request("GET", f"/line/webhook?user={person.id}&token={office.product.token}")[0] == 405
    yield person


def _held_database(office: Office) -> Iterator[Person]:
    person = office.resident("菊子")
    event = text(person.id, SECRETS_OF_RESIDENTS[3])
    if office.database.on_sqlite:
        lock = sqlite3.connect(str(office.database.url.database), isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        assert office.main.deliver(event) == 503
        lock.execute("ROLLBACK")
        lock.close()
    else:
        url = office.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url) as connection:
            connection.execute("LOCK TABLE residents IN ACCESS EXCLUSIVE MODE")
            assert office.main.deliver(event) == 503
    yield person
