"""A broadcast that stands still calls staff, once, until somebody decides."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select, update

from bot.campaigns import campaign, standstill
from bot.delivery import broadcast
from bot.models import Alert, Broadcast
from tests.campaigns.conftest import TownHall


def look(hall: TownHall) -> list[Any]:
    """Let the clock look; return the alerts."""
    with hall.database.write() as connection:
        standstill.tell(connection, hall.now())
        return list(connection.execute(select(Alert).order_by(Alert.id)).all())


def set_aside(hall: TownHall, state: broadcast.State) -> None:
    with hall.database.write() as connection:
        connection.execute(update(Broadcast).values(status=state.value))


def test_nothing_is_raised_while_everything_goes_on(hall: TownHall) -> None:
    hall.friends(1)
    hall.approved()
    hall.tick()
    assert look(hall) == []


def test_what_came_too_late_is_told_once_and_settled_when_it_is_a_draft_again(hall: TownHall) -> None:
    id_ = hall.approved(send_at=hall.now() + dt.timedelta(hours=1), stale_hours=1)
    hall.later(hours=5)
    hall.tick()
    [alert] = look(hall)
    assert (alert.kind, alert.service, alert.about) == ("campaigns.too_late", "campaigns", f"campaign:{id_}")
    [again] = look(hall)
    assert (again.id, again.raised_at) == (alert.id, alert.raised_at)
    with hall.database.write() as connection:
        campaign.redraft(connection, id_)
    [settled] = look(hall)
    assert settled.settled_at is not None


def test_what_the_quota_holds_is_told_until_it_goes_on(hall: TownHall) -> None:
    hall.friends(1)
    hall.approved()
    hall.tick()
    set_aside(hall, broadcast.State.HELD)
    [alert] = look(hall)
    assert (alert.kind, alert.settled_at) == ("campaigns.held", None)
    set_aside(hall, broadcast.State.APPROVED)
    [settled] = look(hall)
    assert settled.settled_at is not None
    set_aside(hall, broadcast.State.STALE)
    assert {row.kind for row in look(hall) if row.settled_at is None} == {"campaigns.too_late"}
