"""An epidemic in a town: what residents and facilities have done, and what tests read off its pages."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from sqlalchemy import insert, select

from bot.console.access import Role
from bot.models import Channel, Resident
from bot.now import TOKYO
from handlers.covid import facilities, followups, visits
from handlers.covid.facilities import Application
from handlers.covid.followups import Person, Told
from handlers.covid.rules import cadences, kinds, settings
from handlers.covid.triage import Advice, Condition
from tests.console.client import START, Clerk, Hall, Seen

SERVICES = ["covid"]


class Epidemic:
    """What residents and facilities have done, in the database of a hall."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.book = hall.runtime.editions.book()

    def residents(self, number: int) -> list[int]:
        with self.hall.database.write() as connection:
            channel = connection.execute(select(Channel.id).limit(1)).scalar_one_or_none()
            if channel is None:
                made = insert(Channel).values(name="main", created_at=self.hall.now()).returning(Channel.id)
                channel = connection.execute(made).scalar_one()
            known = len(connection.execute(select(Resident.id)).all())
            rows = [
                {
                    "channel_id": channel, "line_user_id": f"U{known + each:032}", "reference": f"R{known + each:09}",
                    "friend": True, "friend_at": 0, "created_at": self.hall.now(),
                }
                for each in range(number)
            ]  # fmt: skip
            return list(connection.execute(insert(Resident).returning(Resident.id), rows).scalars())

    def facility(self, name: str = "見本食堂", *, own: bool = False, named: bool = False) -> int:
        application = Application(
            name, "restaurant", "まどぐち町1", "見本 太郎", "000-000", places=("1階", "2階"), checklist=("masks",),
            may_be_named=named,
        )  # fmt: skip
        by = None if own else self.hall.add_staff(Role.OFFICER, services=SERVICES)
        with self.hall.database.write() as connection:
            return facilities.register(connection, self.hall.vault, application, self.hall.now(), by)

    def visited(self, facility: int, people: list[int], hours_ago: float) -> dt.datetime:
        moment = self.hall.now() - dt.timedelta(hours=hours_ago)
        with self.hall.database.write() as connection:
            place = facilities.places_of(connection, facility)[0].id
            for each in people:
                visits.check_in(connection, kinds(self.book, moment), each, place, moment)
        return moment

    def at_home(self, resident: int, age: str = "65", *, ill: bool = True) -> int:
        now = self.hall.now()
        person = Person(resident, age, chronic=False, area="見本東", postal_code="000-0000", phone="000-000")
        home, rules = cadences(self.book, now)["home"], settings(self.book, now)
        with self.hall.database.write() as connection:
            followups.begin(connection, self.hall.vault, person, "home", home, now)
            row = followups.of_resident(connection, resident)
            condition = Condition(38.8 if ill else 36.5, 2 if ill else 0)
            followups.hear(connection, self.hall.vault, row, condition, home, rules, now)
            return int(row.id)


def form_of(moment: dt.datetime) -> dict[str, Any]:
    local = moment.astimezone(TOKYO)
    return {
        "day": local.date().isoformat(),
        "from": local.strftime("%H:%M"),
        "to": (local + dt.timedelta(minutes=30)).strftime("%H:%M"),
        "padding": "30",
        "place": "",
    }


def hidden(page: Seen, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.html)
    assert found
    return found[1]


def told(clerk: Clerk, path: str) -> str:
    """Open a page once, so that the sentence about what was just done is still on it."""
    return clerk.client.get(f"{START}{path}").get_data(as_text=True)


def answered(epidemic: Epidemic, area: str, number: int, advice: Advice) -> None:
    hall = epidemic.hall
    rules = settings(epidemic.book, hall.now())
    people = epidemic.residents(number)
    with hall.database.write() as connection:
        for each in people:
            told = Told(each, "support", area, "40", advice)
            followups.keep(connection, hall.vault, told, rules, hall.now())
