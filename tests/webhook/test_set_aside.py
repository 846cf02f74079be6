"""An event that fails by our own fault is kept, encrypted, and costs nobody else anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from bot.config import read_settings
from bot.crypto import Vault
from bot.simulator.client import Person
from tests.product import PATIENCE, wait_until
from tests.webhook.conftest import Office
from tests.webhook.signed import text

APOLOGY = "処理できませんでした"
WORDS = "わたしの秘密の相談です"


@pytest.fixture(params=["つまずく", "たずねる"], ids=["exception", "database error"])
def about_to_fail(request: pytest.FixtureRequest, office: Office) -> Person:
    """Somebody whose next text meets a fault of ours."""
    person = office.resident("次郎")
    person.say(request.param)
    person.wait_for("何か書いてください")
    return person


def test_the_resident_is_told_and_can_go_on(office: Office, about_to_fail: Person) -> None:
    event = about_to_fail.say(WORDS)
    about_to_fail.wait_for(APOLOGY)
    assert office.line.delivered(event) == 200
    about_to_fail.say("やめる")
    about_to_fail.say("自動車税")
    assert about_to_fail.wait_for("どの税のお知らせですか")


def test_the_apology_is_in_the_residents_language(office: Office) -> None:
    person = office.resident(friend=False)
    person.follow()
    person.wait_for("choose your language")
    person.press_button("English")
    person.say("つまずく")
    person.wait_for("Write something.")
    person.say(WORDS)
    assert person.wait_for("We are sorry: we could not process that.")


def test_the_other_events_of_the_webhook_are_applied(office: Office, about_to_fail: Person) -> None:
    before, after = office.resident("花子"), office.resident("太郎")
    office.line.hold()
    events = [before.say("自動車税"), about_to_fail.say(WORDS), after.say("自動車税")]
    office.line.release(batch=3)
    for person in (before, after):
        person.wait_for("どの税のお知らせですか")
    about_to_fail.wait_for(APOLOGY)
    assert [office.line.delivered(event) for event in events] == [200, 200, 200]


def test_what_failed_is_kept_as_class_and_place_and_only_the_vault_opens_the_event(
    office: Office, about_to_fail: Person
) -> None:
    event = about_to_fail.say(WORDS)
    about_to_fail.wait_for(APOLOGY)
    [row] = office.failed_of(about_to_fail)
    assert row.error in {"RuntimeError", "OperationalError", "ProgrammingError"}
    assert row.place.split(":")[0] in {"tests.webhook.services.faulty", "sqlalchemy.engine.default", "psycopg.cursor"}
    assert WORDS not in row.error + row.place
    settings = read_settings(office.product.environment)
    opened = Vault(settings.encryption_keys).open("failed_events.raw", event["webhookEventId"], row.raw)
    assert orjson.loads(opened)["message"]["text"] == WORDS


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_the_database_file_holds_no_word_of_what_residents_wrote(office: Office, about_to_fail: Person) -> None:
    about_to_fail.say(WORDS)
    about_to_fail.wait_for(APOLOGY)
    office.settle(about_to_fail)
    path = Path(str(office.database.url.database))
    stored = path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()
    assert about_to_fail.id.encode() in stored, "this is the file"
    assert WORDS.encode() not in stored
    assert APOLOGY.encode() not in stored
    assert "何か書いてください".encode() not in stored


def test_the_log_names_the_event_the_class_and_the_place(
    office: Office, about_to_fail: Person, log_lines: Callable[[], list[dict[str, object]]]
) -> None:
    event = about_to_fail.say(WORDS)
    about_to_fail.wait_for(APOLOGY)
    [line] = [line for line in log_lines() if line.get("event_id") == event["webhookEventId"]]
    [row] = office.failed_of(about_to_fail)
    assert (line["event"], line["error"], line["place"]) == ("event.failed", row.error, row.place)


def test_a_redelivery_of_what_was_set_aside_changes_nothing(office: Office, about_to_fail: Person) -> None:
    event = about_to_fail.say(WORDS)
    about_to_fail.wait_for(APOLOGY)
    office.line.redeliver(event)
    wait_until(lambda: office.line.event(event["webhookEventId"])["deliveries"] == 2, PATIENCE, "the redelivery")
    office.settle(about_to_fail)
    assert len(office.failed_of(about_to_fail)) == 1
    assert len(about_to_fail.wait_for(APOLOGY)) == 1


def test_a_faulty_event_among_many_of_one_resident_fails_alone(office: Office, about_to_fail: Person) -> None:
    later = [text(about_to_fail.id, words) for words in ("やめる", "自動車税")]
    for minute, event in enumerate(later):
        event["timestamp"] += 1 + minute
    assert office.main.deliver(text(about_to_fail.id, WORDS), *later) == 200
    about_to_fail.wait_for("どの税のお知らせですか")
    assert len(office.failed_of(about_to_fail)) == 1
