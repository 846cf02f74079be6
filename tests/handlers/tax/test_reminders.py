"""Reminders of the vehicle tax without identity: set by a flow's action, turned into messages by the clock's job."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, select

from bot import audience
from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.flow.load import Loaded, load
from bot.flow.talk import ActionResult
from bot.models import Channel, Delivery, Resident
from bot.notice import notice
from bot.now import TOKYO
from bot.service import ActionContext, Caller, JobContext, load_services
from handlers.tax.actions import list_reminders, set_reminder, skip_reminders, stop_reminders
from handlers.tax.jobs import remind
from handlers.tax.models import TaxReminder
from tests.product import ROOT

APRIL = dt.datetime(2027, 4, 1, 9, 0, tzinfo=TOKYO)
VAULT = Vault([bytes(32)])


@pytest.fixture(scope="module")
def flows() -> Loaded:
    return load(ROOT / "flows", load_services("handlers").registry)


@pytest.fixture
def hanako(database: Database) -> Caller:
    with database.write() as connection:
        connection.execute(insert(Channel).values(name="main", created_at=APRIL))
        connection.execute(
            insert(Resident).values(
                channel_id=1, line_user_id="U1", reference="AAAAAAAAAA", friend_at=0, friend=True, created_at=APRIL
            )
        )
    return Caller(1, 1, "AAAAAAAAAA", "ja")


Act = Callable[..., ActionResult]


@pytest.fixture
def act(database: Database, hanako: Caller, flows: Loaded) -> Act:
    def act(
        action: Callable[[ActionContext, Mapping[str, Any]], ActionResult], now: dt.datetime = APRIL, **arguments: Any
    ) -> ActionResult:
        with database.write() as connection:
            context = ActionContext(connection, hanako, now, flows.book.town.town, VAULT, Lookup([bytes(32)]))
            return action(context, arguments)

    return act


Tick = Callable[[dt.datetime], list[dict[str, Any]]]


@pytest.fixture
def tick(database: Database, flows: Loaded) -> Tick:
    """Run the job at a moment and return all rows of the outbox."""

    def tick(now: dt.datetime) -> list[dict[str, Any]]:
        def compose(flow: str, language: str | None, values: Mapping[str, Any]) -> list[dict[str, Any]]:
            return notice(flows.book, flow, language, values, now)

        with database.write() as connection:
            assert (
                remind(JobContext(connection, now, now, Outbox(VAULT, "test"), flows.book.town.town, compose)) is False
            )
            return [dict(row) for row in connection.execute(select(Delivery.__table__)).mappings()]

    return tick


def at(month: int, day: int, hour: int = 10, year: int = 2027) -> dt.datetime:
    return dt.datetime(year, month, day, hour, 0, 1, tzinfo=TOKYO)


def test_a_reminder_goes_out_at_ten_on_its_day_and_not_before(act: Act, tick: Tick) -> None:
    result = act(set_reminder, kind="car", days=7)
    assert (result.outcome, result.values["due_on"], result.values["remind_on"]) == ("set", "2027-05-31", "2027-05-24")
    assert tick(at(5, 24, 9)) == []
    [row] = tick(at(5, 24))
    assert (row["kind"], row["purpose"], row["status"]) == ("push", "tax.reminder", "waiting")


@pytest.mark.parametrize(("days", "day", "stale_at"), [(7, 24, at(5, 25)), (1, 30, at(5, 31)), (0, 31, at(6, 1, 0))])
def test_a_reminder_that_cannot_leave_is_too_old_after_a_day_and_after_its_due_date(
    act: Act, tick: Tick, days: int, day: int, stale_at: dt.datetime
) -> None:
    act(set_reminder, kind="car", days=days)
    [row] = tick(at(5, day))
    assert row["stale_at"] == stale_at.replace(second=row["stale_at"].second)


def test_the_next_year_follows_by_itself(act: Act, tick: Tick) -> None:
    act(set_reminder, kind="car", days=7)
    tick(at(5, 24))
    assert len(tick(at(5, 24, 12))) == 1
    assert len(tick(at(5, 24, year=2028))) == 2


def test_a_reminder_whose_day_has_passed_begins_next_year(act: Act) -> None:
    result = act(set_reminder, now=at(5, 20), kind="car", days=30)
    assert result.outcome == "set_next_year"
    assert (result.values["this_year"], result.values["due_on"]) == ("2027-05-31", "2028-05-31")


def test_nothing_is_sent_at_night(act: Act, tick: Tick) -> None:
    act(set_reminder, kind="car", days=7)
    assert tick(at(5, 24, 23)) == []
    assert len(tick(at(5, 25, 10))) == 1


def test_a_reminder_found_after_the_due_date_is_not_sent(act: Act, tick: Tick) -> None:
    act(set_reminder, kind="car", days=7)
    assert tick(at(6, 1)) == []
    assert act(list_reminders).values["reminders"][0]["due_on"] == "2028-05-31"


def test_who_blocked_the_account_is_not_written_to(act: Act, tick: Tick, database: Database) -> None:
    act(set_reminder, kind="car", days=7)
    with database.write() as connection:
        connection.execute(Resident.__table__.update().values(friend=False))  # type: ignore[attr-defined]  # a Table at run time
    assert tick(at(5, 24)) == []


def test_who_says_to_have_paid_is_reminded_next_year(act: Act, tick: Tick) -> None:
    act(set_reminder, kind="car", days=7)
    act(set_reminder, kind="light", days=1)
    assert act(skip_reminders, now=at(5, 10)).outcome == "skipped"
    assert tick(at(5, 30)) == []
    assert {each["due_on"] for each in act(list_reminders).values["reminders"]} == {"2028-05-31"}
    assert len(tick(at(5, 30, year=2028))) == 2


def test_who_says_so_after_the_due_date_loses_nothing_of_the_next_year(act: Act, tick: Tick) -> None:
    act(set_reminder, kind="car", days=7)
    tick(at(5, 24))
    assert act(skip_reminders, now=at(6, 3)).outcome == "none"
    assert act(list_reminders).values["reminders"][0]["due_on"] == "2028-05-31"


@pytest.mark.parametrize(("days", "day", "last"), [(7, 24, at(5, 25)), (0, 31, dt.datetime(2027, 6, 1, tzinfo=TOKYO))])
def test_a_reminder_that_cannot_leave_does_not_arrive_when_its_days_are_wrong_or_after_the_due_date(
    act: Act, tick: Tick, days: int, day: int, last: dt.datetime
) -> None:
    act(set_reminder, kind="car", days=days)
    [row] = tick(at(5, day))
    assert dt.timedelta(0) <= row["stale_at"] - last < dt.timedelta(minutes=1)


def test_setting_again_changes_and_stopping_deletes(act: Act, database: Database) -> None:
    act(set_reminder, kind="car", days=7)
    act(set_reminder, kind="car", days=30)
    act(set_reminder, kind="light", days=1)
    assert [(one["kind"], one["days"]) for one in act(list_reminders).values["reminders"]] == [
        ("car", 30),
        ("light", 1),
    ]
    assert act(stop_reminders, kind="car").outcome == "stopped"
    assert act(stop_reminders).outcome == "stopped"
    assert act(stop_reminders).outcome == "none"
    with database.read() as connection:
        assert connection.execute(select(TaxReminder)).all() == []


@pytest.mark.parametrize(
    "wrong", [{"kind": "boat", "days": 7}, {"kind": "car", "days": 91}, {"kind": "car", "days": -1}]
)
def test_a_tax_the_town_does_not_have_is_refused(act: Act, wrong: dict[str, Any]) -> None:
    assert act(set_reminder, **wrong).outcome == "refused"


def test_a_thousand_reminders_take_several_commits(database: Database, hanako: Caller, flows: Loaded) -> None:
    with database.write() as connection:
        rows = [
            {
                "channel_id": 1,
                "line_user_id": f"V{number}",
                "reference": f"R{number}",
                "friend_at": 0,
                "created_at": APRIL,
            }
            for number in range(1200)
        ]
        connection.execute(insert(Resident), rows)
        ids = connection.execute(select(Resident.id)).scalars().all()
        connection.execute(
            insert(TaxReminder),
            [
                {
                    "resident_id": id_, "kind": "car", "days_before": 7, "due_on": dt.date(2027, 5, 31),
                    "remind_at": at(5, 24), "created_at": APRIL, "updated_at": APRIL,
                }
                for id_ in ids
            ],
        )  # fmt: skip
    now, rounds = at(5, 24), 0

    def compose(flow: str, language: str | None, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        return notice(flows.book, flow, language, values, now)

    more = True
    while more:
        rounds += 1
        with database.write() as connection:
            more = remind(JobContext(connection, now, now, Outbox(VAULT, "test"), flows.book.town.town, compose))
    with database.read() as connection:
        assert len(connection.execute(select(Delivery.id)).all()) == 1201
    assert rounds == 3


def test_the_message_stops_taxes_at_one_press(act: Act, tick: Tick) -> None:
    act(set_reminder, kind="car", days=7)
    [row] = tick(at(5, 24))
    said = orjson.loads(VAULT.open("deliveries.payload", row["retry_key"], row["payload"]))["messages"]
    assert said[-1]["quickReply"]["items"][0]["action"]["label"] == "このお知らせを止める"


def test_who_stopped_taxes_hears_nothing_until_they_set_a_reminder_again(
    act: Act, tick: Tick, database: Database
) -> None:
    act(set_reminder, kind="car", days=7)
    with database.write() as connection:
        audience.stop(connection, 1, "tax", APRIL)
    assert act(list_reminders).outcome == "none"
    assert tick(at(5, 24)) == []
    act(set_reminder, now=at(6, 1), kind="car", days=7)
    assert act(list_reminders).values["reminders"][0]["due_on"] == "2028-05-31"
    assert len(tick(at(5, 24, year=2028))) == 1
