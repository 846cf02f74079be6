"""What operators see and set right: by number, without content, and with a sentence when it cannot be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from bot.cli import main
from bot.config import read_settings
from bot.crypto import Vault, new_key
from bot.db import Database
from bot.delivery import broadcast
from bot.delivery.broadcast import Draft
from bot.delivery.outbox import Letter, Outbox, Priority
from bot.models import Delivery, Resident
from bot.now import Now
from bot.roll import call
from bot.simulator.client import Simulator
from tests.product import Product

SECRET, TOKEN = "5" * 32, "t" * 32
WORDS = "窓口からのお知らせ"
NOW = Now()

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def line() -> Iterator[Simulator]:
    with Simulator.start(secret=SECRET, token=TOKEN) as simulator:
        simulator.configure(premium=True)
        yield simulator


@pytest.fixture
def environment(database_url: str, line: Simulator) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "LINE_CHANNEL_SECRET": SECRET,
        "LINE_CHANNEL_ACCESS_TOKEN": TOKEN,
        "LINE_API_BASE": line.url,
        "ENCRYPTION_KEYS": new_key(),
        "LOOKUP_KEYS": new_key(),
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    def run(*arguments: object, answer: str | None = None) -> Result:
        return CliRunner().invoke(main, [str(one) for one in arguments], env=environment, input=answer)

    return run


@pytest.fixture
def channel_id(database: Database) -> int:
    from bot.config import ChannelSettings
    from bot.line.channels import Channels

    return Channels(database, [ChannelSettings("main", (SECRET,), TOKEN)], NOW).only().id


@pytest.fixture
def write(database: Database, environment: dict[str, str], channel_id: int) -> Callable[..., int]:
    """Write a delivery that stands in some status; return its number."""
    outbox = Outbox(Vault(read_settings(environment).encryption_keys), "a test")

    def write(status: str, **more: object) -> int:
        with database.write() as connection:
            resident = call(connection, [(channel_id, "U1")], NOW())[(channel_id, "U1")]
            letter = Letter(
                channel_id, resident.id, "tax.reminder", [{"type": "text", "text": WORDS}], Priority.REMINDER
            )
            outbox.put(connection, [letter], NOW())
            id_: int = connection.execute(select(Delivery.id).order_by(Delivery.id.desc())).scalars().first() or 0
            connection.execute(update(Delivery).where(Delivery.id == id_).values(status=status, **more))
            return id_

    return write


def statuses(database: Database) -> dict[int, str]:
    with database.read() as connection:
        return dict(connection.execute(select(Delivery.id, Delivery.status)).all())


def test_the_list_shows_numbers_and_references_and_no_content(
    run: Run, write: Callable[..., int], database: Database
) -> None:
    failed, held = write("failed", last_result="refused 400"), write("held")
    shown = run("deliveries", "list").output
    assert "refused 400" in shown
    assert "tax.reminder" in shown
    assert WORDS not in shown
    assert "U1" not in shown
    only = run("deliveries", "list", "--status", "held").output
    assert [line.split()[0] for line in only.splitlines()[1:]] == [str(held)]
    assert failed != held


def test_one_is_shown_with_its_attempts(run: Run, write: Callable[..., int]) -> None:
    shown = run("deliveries", "show", write("failed", last_result="refused 400"))
    assert shown.exit_code == 0
    assert "refused 400" in shown.output
    assert "LINE's request id" in shown.output
    missing = run("deliveries", "show", 999)
    assert (missing.exit_code, "there is no delivery 999" in missing.output) == (1, True)


@pytest.mark.parametrize(("status", "doubled"), [("failed", False), ("unknown", True)])
def test_what_was_lost_is_sent_again_as_a_push_of_its_own(
    run: Run, write: Callable[..., int], database: Database, environment: dict[str, str], status: str, doubled: bool
) -> None:
    lost = write(status)
    assert run("deliveries", "retry", lost).exit_code == 0
    outbox = Outbox(Vault(read_settings(environment).encryption_keys), "a sender")
    noon = NOW().replace(hour=3, minute=0) + dt.timedelta(days=1)
    with database.write() as connection:
        [dispatch] = outbox.take(connection, noon, 10)
    assert (dispatch.kind, dispatch.doubled, WORDS in dispatch.messages.decode()) == ("push", doubled, True)
    assert dispatch.id != lost
    again = run("deliveries", "retry", lost)
    assert (again.exit_code, "was deleted" in again.output) == (1, True)


def test_what_was_sent_is_not_sent_again(run: Run, write: Callable[..., int]) -> None:
    sent = write("sent", payload=None)
    refused = run("deliveries", "retry", sent, 999)
    assert refused.exit_code == 1
    assert "only failed and unknown ones" in refused.output


def test_all_that_is_held_goes_on_and_what_is_stale_by_number_only(
    run: Run, write: Callable[..., int], database: Database
) -> None:
    held, stale, sent = write("held"), write("stale"), write("sent")
    assert "1 released" in run("deliveries", "release").output
    assert statuses(database) == {held: "waiting", stale: "stale", sent: "sent"}
    assert "1 released" in run("deliveries", "release", stale, sent).output
    assert statuses(database) == {held: "waiting", stale: "waiting", sent: "sent"}


def test_what_became_too_old_while_it_was_held_is_not_sent_because_all_is_released(
    run: Run, write: Callable[..., int], database: Database, environment: dict[str, str]
) -> None:
    noon = NOW().replace(hour=3, minute=0) + dt.timedelta(days=1)
    old, fresh = write("held", stale_at=noon - dt.timedelta(minutes=1)), write("held")
    assert "2 released" in run("deliveries", "release").output
    outbox = Outbox(Vault(read_settings(environment).encryption_keys), "a sender")
    with database.write() as connection:
        assert [dispatch.id for dispatch in outbox.take(connection, noon, 10)] == [fresh]
    assert statuses(database)[old] == "stale"
    assert "1 released" in run("deliveries", "release", old).output
    with database.write() as connection:
        assert [dispatch.id for dispatch in outbox.take(connection, noon + dt.timedelta(seconds=1), 10)] == [old]


def test_a_broadcast_is_shown_paused_resumed_and_stopped(run: Run, database: Database, channel_id: int) -> None:
    with database.write() as connection:
        draft = Draft(channel_id, "断水", {"ja": [{"type": "text", "text": WORDS}]})
        id_ = broadcast.write(connection, draft, "山田", NOW())
        broadcast.approve(connection, id_, "鈴木", NOW())
    assert "断水" in run("broadcasts", "list").output
    assert "this needs 0; the account has no monthly limit" in run("broadcasts", "show", id_).output
    assert run("broadcasts", "pause", id_).exit_code == 0
    twice = run("broadcasts", "pause", id_)
    assert (twice.exit_code, f"broadcast {id_} is paused" in twice.output) == (1, True)
    assert run("broadcasts", "resume", id_).exit_code == 0
    assert run("broadcasts", "stop", id_, answer="n\n").exit_code == 1
    assert run("broadcasts", "stop", id_, "--yes").exit_code == 0
    assert "stopped" in run("broadcasts", "list").output
    assert run("broadcasts", "show", 999).exit_code == 1


def test_friends_from_before_are_entered(run: Run, line: Simulator, database: Database) -> None:
    line.reset()
    people = [line.resident(f"住民{number}") for number in range(3)]
    assert "3 friends entered" in run("friends", "import").output
    with database.read() as connection:
        assert set(connection.execute(select(Resident.line_user_id)).scalars()) == {person.id for person in people}
    assert run("friends", "import", "--channel", "counsel").exit_code == 1


def test_metrics_exist_only_for_who_bears_the_token(product: Product) -> None:
    assert product.request("GET", "/metrics")[0] == 404


def test_metrics_count_what_became_of_messages(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Product(database_url, tmp_path_factory.mktemp("product")) as product:
        product.start({"METRICS_TOKEN": "a-long-token"})
        ours = {"Authorization": "Bearer a-long-token"}
        hanako = product.line.resident("花子")
        hanako.say("自動車税")
        assert hanako.wait_for()

        def shown() -> str:
            status, body = product.request("GET", "/metrics", headers=ours)
            assert status == 200
            return body.decode()

        product.line.until(lambda: 'kind="reply",outcome="sent"} 1.0' in shown(), "the reply to be counted")
        page = shown()
        for name in (
            "backlog_oldest_seconds 0.0",
            "quota_used",
            'last_seen_seconds{process="web"}',
            "processes",
            "failed_events 0.0",
            'jobs{status="waiting"}',
            'jobs{status="failed"} 0.0',
            "alerts_open 0.0",
        ):
            assert f"madoguchi_{name}" in page
        assert hanako.id not in page
        for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "a-long-token"}):
            assert product.request("GET", "/metrics", headers=wrong)[0] == 404
