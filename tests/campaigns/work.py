"""What the tests of campaigns do again and again."""

from __future__ import annotations

import datetime as dt

from bot.delivery.broadcaster import Broadcaster
from tests.campaigns.conftest import TownHall

HOUR = dt.timedelta(hours=1)


def carry_out(hall: TownHall) -> None:
    office = hall.office
    Broadcaster(office.database, office.courier, office.quota, office.record, office.now, "this process", 3).work()


def arrived(hall: TownHall) -> list[str]:
    return sorted(user for send in hall.office.line.sends() for user in send["delivered"])
