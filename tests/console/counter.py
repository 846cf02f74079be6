"""A desk for tests of its pages: the console on one side, residents on the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from playwright.sync_api import Browser
from sqlalchemy import select

from bot.console.access import Role
from bot.desk import offices
from bot.models import Membership
from bot.simulator.client import Person
from tests.console.client import START, Clerk, Hall
from tests.console.studio import Studio
from tests.desk.conftest import DeskTown, flows_open_always

SERVICE = ["child_welfare"]


@dataclass(frozen=True)
class Counter:
    """The town hall on one side, residents on the other."""

    studio: Studio
    town: DeskTown

    @property
    def hall(self) -> Hall:
        return self.studio.hall

    def clerk(self, role: Role = Role.COUNSELLOR) -> Clerk:
        return self.hall.sign_in(role, services=SERVICE)

    def taken(self, clerk: Clerk, name: str = "花子") -> tuple[Person, int]:
        person, number = self.town.arrive(name=name)
        clerk.post(f"/desk/{number}/talk/take")
        return person, number

    def send(self, clerk: Clerk, number: int, text: str, **more: str) -> str:
        data = {"text": text, "way": "send", **more}
        return clerk.post(f"/desk/{number}/send", data, status=200).html

    def poll(self, clerk: Clerk, number: int | None = None, **marks: Any) -> dict[str, Any]:
        query = {**({} if number is None else {"talk": number}), **marks}
        answer = clerk.client.get(f"{START}/desk/poll", query_string=query, headers={"X-Partial": "refresh"})
        assert answer.status_code == 200
        news: dict[str, Any] = orjson.loads(answer.get_data())
        return news


@contextmanager
def opened(database_url: str, folder: Path, browser: Browser) -> Iterator[Counter]:
    """A running product whose office talks on LINE, with its console."""
    with Studio(database_url, folder, browser, flows_open_always(folder)) as studio:
        staff = studio.hall.add_staff(Role.COUNSELLOR, services=SERVICE, name="佐藤 見本")
        runtime = studio.hall.runtime
        with studio.hall.database.write() as connection:
            department = connection.execute(
                select(Membership.department_id).where(Membership.staff_id == staff)
            ).scalar_one()
            offices.enter(connection, runtime.editions.book(), runtime.now())
            office = offices.by_key(connection, "family")
            desk = runtime.desk(connection, runtime.now())
            offices.choose(desk, office.id, mode="chat", department_id=department, personal_limit=20)
        yield Counter(studio, DeskTown(studio.product, runtime, staff, staff, office.id))
