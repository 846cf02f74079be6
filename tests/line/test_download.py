"""Files come from LINE piece by piece, never more than allowed, and whatever the network does is a value."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from bot.config import ChannelSettings
from bot.line.client import LineClient
from bot.line.download import Fetched
from bot.simulator.client import Person, Simulator
from tests.product import free_port

TOKEN = "t" * 32
BODY = bytes(range(256)) * 4000


@pytest.fixture(scope="module")
def line() -> Iterator[Simulator]:
    with Simulator.start(token=TOKEN) as line:
        yield line


@pytest.fixture
def person(line: Simulator) -> Person:
    line.clear_faults()
    return line.resident("花子")


def client(url: str) -> LineClient:
    return LineClient([ChannelSettings("main", ("s",), TOKEN)], url)


def fetch(line: Simulator, message_id: str, limit: int = 10_000_000) -> tuple[Fetched, bytes]:
    target = io.BytesIO()
    return client(line.url).content("main", message_id, target, limit), target.getvalue()


def sent(person: Person, **more: object) -> str:
    return str(person.file("video", BODY, "video/mp4", duration=1000, **more)["message"]["id"])


def test_a_file_arrives_whole(line: Simulator, person: Person) -> None:
    assert fetch(line, sent(person)) == (Fetched(200, len(BODY)), BODY)


def test_a_file_larger_than_allowed_is_not_received(line: Simulator, person: Person) -> None:
    fetched, body = fetch(line, sent(person), limit=1000)
    assert fetched.cut
    assert body == b""


def test_what_is_in_preparation_unknown_or_taken_back_is_told_by_its_status(line: Simulator, person: Person) -> None:
    preparing, gone = sent(person, preparing=600), sent(person)
    person.unsend(gone)
    assert [fetch(line, each)[0].status for each in (preparing, "404404", gone)] == [202, 404, 410]
    asked = client(line.url)
    assert asked.transcoding("main", preparing) == "processing"
    assert asked.transcoding("main", sent(person)) == "succeeded"
    assert asked.transcoding("main", sent(person, failed=True)) == "failed"
    assert asked.transcoding("main", "404404") == "unknown"


@pytest.mark.parametrize(("fault", "status"), [("500", 500), ("drop-before", None), ("reset", None)])
def test_what_goes_wrong_on_the_way_is_a_value(line: Simulator, person: Person, fault: str, status: int | None) -> None:
    message_id = sent(person)
    line.fault(fault, "content")
    assert fetch(line, message_id)[0].status == status


def test_a_redirect_is_not_followed_with_the_token(line: Simulator, person: Person) -> None:
    message_id = sent(person)
    line.fault("redirect", "content")
    fetched, body = fetch(line, message_id)
    assert fetched.status in {301, 302, 303, 307, 308}
    assert body == b""


def test_nobody_at_the_other_end_is_a_value_too() -> None:
    away = client(f"http://127.0.0.1:{free_port()}")
    assert away.content("main", "1", io.BytesIO(), 10) == Fetched(None)
    assert away.transcoding("main", "1") == "unknown"
