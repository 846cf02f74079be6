"""Guests of a town's facilities, and what is asked about their visits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from bot.service import Caller
from handlers.covid import code, exposures, facilities
from handlers.covid.exposures import Draft
from handlers.covid.facilities import Application
from handlers.covid.models import Visit
from handlers.covid.rules import kinds
from handlers.covid.visiting import check_in
from tests.handlers.covid.town import LOOKUP, VAULT, Town, at

HALF = dt.timedelta(minutes=30)


def opened(town: Town, name: str = "見本食堂", kind: str = "restaurant", *places: str, named: bool = False) -> int:
    application = Application(name, kind, "まどぐち町1", "見本 太郎", "000-000", places=places, may_be_named=named)
    with town.database.write() as connection:
        assert not facilities.check(application, kinds(town.book, town.now))
        return facilities.register(connection, VAULT, application, town.now, town.officer)


def poster(town: Town, facility_id: int, place: int = 0) -> str:
    with town.database.read() as connection:
        row = facilities.places_of(connection, facility_id)[place]
    return code.write(LOOKUP, row.id, row.version)


def scan(town: Town, who: Caller, text: str) -> str:
    return town.act(who, check_in, code=text).outcome


def stored(town: Town) -> list[Any]:
    with town.database.read() as connection:
        return list(connection.execute(select(Visit).order_by(Visit.id)))


def draft(facility: int, hour: int, until: int, *, place: int | None = None, named: bool = False) -> Draft:
    return Draft(facility, place, at(5, hour), at(5, until), HALF, named)


def ask(town: Town, wanted: Draft) -> int:
    town.now = max(town.now, at(5, 22))
    with town.database.write() as connection:
        facility = facilities.find(connection, wanted.facility_id)
        values = exposures.values_of(facility, "", wanted)
        messages = exposures.compose(town.book, exposures.NOTICE, values, town.now)
        return exposures.ask(connection, wanted, facility, messages, kinds(town.book, town.now), town.officer, town.now)


def found(town: Town, id_: int) -> Any:
    with town.database.read() as connection:
        return exposures.find(connection, id_)


def grant(town: Town, id_: int, by: int | None = None) -> None:
    with town.database.write() as connection:
        row = exposures.find(connection, id_)
        shown = exposures.digest(row, facilities.find(connection, row.facility_id))
        exposures.grant(connection, VAULT, town.jobs, row, shown, by or town.approver, town.now)


def withdraw(town: Town, id_: int) -> None:
    with town.database.write() as connection:
        words = exposures.compose(town.book, exposures.CORRECTION, {"sent_on": "2027-04-05"}, town.now)
        exposures.withdraw(connection, town.jobs, exposures.find(connection, id_), words, town.approver, town.now)


def guests(town: Town, number: int, facility: int, hour: int, **settled: Any) -> list[Caller]:
    people = town.settle(number, **settled)
    town.now = at(5, hour)
    text = poster(town, facility)
    for who in people:
        assert scan(town, who, text) == "in"
    return people
