"""Whom the town may speak to: by topics, closed attributes, language and friendship, and nobody who has blocked the account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select

from bot import audience
from bot.audience import Fact, FriendsUnknown
from bot.config import ChannelSettings
from bot.db import Database
from bot.line.client import LineClient
from bot.models import Attribute, Channel, Resident
from bot.now import Now
from bot.segment import EVERYBODY, All, Any_, Attributed, Friend, Segment, Speaks, Topic
from bot.simulator.client import Simulator

NOW = dt.datetime(2027, 5, 1, 3, tzinfo=dt.UTC)
NEXT_YEAR = NOW + dt.timedelta(days=400)
SECRET, TOKEN = "5" * 32, "t" * 32


@pytest.fixture
def channel(database: Database) -> int:
    with database.write() as connection:
        made = insert(Channel).values(name="main", created_at=NOW).returning(Channel.id)
        number: int = connection.execute(made).scalar_one()
        return number


@pytest.fixture
def people(database: Database, channel: int) -> dict[str, int]:
    """Hanako in the north, Taro in the south, Mary who reads English, Jiro who has blocked the account."""
    facts = {"hanako": (None, None), "taro": ("ja", True), "mary": ("en", True), "jiro": ("ja", False)}
    with database.write() as connection:
        ids: dict[str, int] = {}
        for name, (language, friend) in facts.items():
            row = {"channel_id": channel, "line_user_id": name, "reference": name, "language": language}
            made = insert(Resident).values(row | {"friend": friend, "friend_at": 0, "created_at": NOW})
            ids[name] = connection.execute(made.returning(Resident.id)).scalar_one()
        audience.offer(connection, "garbage", {"ja": "ごみの日"})
        for name in ("hanako", "mary", "jiro"):
            audience.subscribe(connection, ids[name], "garbage", NOW)
        wards = {"hanako": "north", "taro": "south", "mary": "north"}
        audience.learn(connection, [Fact(ids[name], "ward", ward, NEXT_YEAR) for name, ward in wards.items()], NOW)
    return ids


@pytest.mark.parametrize(
    ("segment", "meant"),
    [
        (EVERYBODY, {"hanako", "taro", "mary"}),
        (Topic("garbage"), {"hanako", "mary"}),
        (Topic("nothing"), set()),
        (Attributed("ward", ("north", "south")), {"hanako", "taro", "mary"}),
        (Attributed("ward", ("south",)), {"taro"}),
        (Speaks(("ja",)), {"hanako", "taro"}),
        (Speaks(("en", "ja-easy")), {"mary"}),
        (Friend(yes=True), {"taro", "mary"}),
        (All((Topic("garbage"), Attributed("ward", ("north",)), Speaks(("ja",)))), {"hanako"}),
        (Any_((Speaks(("en",)), Attributed("ward", ("south",)))), {"taro", "mary"}),
        (Any_(()), set()),
    ],
)
def test_a_segment_means_those_whom_its_conditions_name_and_never_who_blocked(
    database: Database, channel: int, people: dict[str, int], segment: Segment, meant: set[str]
) -> None:
    with database.read() as connection:
        assert audience.count(connection, channel, segment) == len(meant)
        assert set(audience.sample(connection, channel, segment)) == meant


def test_another_channels_residents_are_never_meant(database: Database, people: dict[str, int]) -> None:
    with database.write() as connection:
        made = insert(Channel).values(name="counsel", created_at=NOW).returning(Channel.id)
        assert audience.count(connection, connection.execute(made).scalar_one(), EVERYBODY) == 0


def test_a_topic_is_stopped_by_itself(database: Database, channel: int, people: dict[str, int]) -> None:
    with database.write() as connection:
        audience.offer(connection, "disaster", {"ja": "防災"})
        audience.subscribe(connection, people["hanako"], "disaster", NOW)
        audience.subscribe(connection, people["hanako"], "disaster", NOW)
        assert audience.topics_of(connection, people["hanako"]) == {
            "disaster": {"ja": "防災"},
            "garbage": {"ja": "ごみの日"},
        }
        audience.unsubscribe(connection, people["hanako"], "garbage")
        assert list(audience.topics_of(connection, people["hanako"])) == ["disaster"]


def test_what_nobody_offers_cannot_be_subscribed(database: Database, people: dict[str, int]) -> None:
    with database.write() as connection, pytest.raises(LookupError, match="weather"):
        audience.subscribe(connection, people["hanako"], "weather", NOW)


def test_the_latest_answer_counts_and_can_be_taken_back(
    database: Database, channel: int, people: dict[str, int]
) -> None:
    with database.write() as connection:
        audience.learn(connection, [Fact(people["hanako"], "ward", "south", NEXT_YEAR)], NOW)
        assert audience.count(connection, channel, Attributed("ward", ("north",))) == 1
        audience.learn(connection, [Fact(people["hanako"], "ward", None, NEXT_YEAR)], NOW)
        assert audience.count(connection, channel, Attributed("ward", ("north", "south"))) == 2


def test_a_fact_goes_with_its_resident(database: Database, people: dict[str, int]) -> None:
    with database.write() as connection:
        connection.execute(Resident.__table__.delete().where(Resident.id == people["hanako"]))  # type: ignore[attr-defined]  # a Table
        left = connection.execute(select(Attribute).where(Attribute.resident_id == people["hanako"])).all()
    assert left == []


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator.start(secret=SECRET, token=TOKEN) as simulator:
        yield simulator


@pytest.fixture
def client(simulator: Simulator) -> Iterator[LineClient]:
    simulator.reset()
    simulator.clear_faults()
    simulator.configure(premium=True)
    client = LineClient([ChannelSettings("main", (SECRET,), TOKEN)], simulator.url)
    yield client
    client.close()


def friends(database: Database) -> dict[str, bool | None]:
    with database.read() as connection:
        return {
            row.line_user_id: row.friend for row in connection.execute(select(Resident.line_user_id, Resident.friend))
        }


def test_those_who_were_friends_before_are_entered_page_by_page(
    database: Database, channel: int, client: LineClient, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "FRIENDS_A_PAGE", 4)
    people = [simulator.resident(f"住民{number}") for number in range(10)]
    simulator.resident("通りすがり", friend=False)
    assert list(audience.import_friends(client, database, "main", channel, Now())) == [4, 8, 10]
    assert friends(database) == {person.id: True for person in people}
    assert list(audience.import_friends(client, database, "main", channel, Now())) == [4, 8, 10]
    assert len(friends(database)) == 10


def test_what_we_heard_ourselves_after_lines_list_counts_more(
    database: Database, channel: int, client: LineClient, simulator: Simulator
) -> None:
    now = Now()
    left, unsure = simulator.resident("花子"), simulator.resident("太郎")
    later = int(now.timestamp() * 1000) + 60_000
    with database.write() as connection:
        for person, friend, at in ((left, False, later), (unsure, None, 0)):
            connection.execute(insert(Resident).values(
                channel_id=channel, line_user_id=person.id, reference=person.name, friend=friend, friend_at=at, created_at=NOW
            ))  # fmt: skip
    list(audience.import_friends(client, database, "main", channel, now))
    assert friends(database) == {left.id: False, unsure.id: True}


def test_an_account_to_which_line_tells_nothing_hears_why(
    database: Database, channel: int, client: LineClient, simulator: Simulator
) -> None:
    simulator.configure(premium=False)
    with pytest.raises(FriendsUnknown, match="verified and premium"):
        list(audience.import_friends(client, database, "main", channel, Now()))


def test_a_break_of_the_line_is_said_and_nothing_is_lost(
    database: Database, channel: int, client: LineClient, simulator: Simulator
) -> None:
    simulator.resident("花子")
    simulator.fault("drop-before", "followers")
    with pytest.raises(FriendsUnknown, match="try again"):
        list(audience.import_friends(client, database, "main", channel, Now()))
    assert list(audience.import_friends(client, database, "main", channel, Now())) == [1]
