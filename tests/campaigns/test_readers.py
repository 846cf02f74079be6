"""Each reads a campaign with what they have told the town."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update

from bot import audience
from bot.campaigns.content import Content, Words
from bot.campaigns.states import TooManyKinds, UnknownTold
from bot.delivery import variants
from bot.models import Resident
from tests.campaigns.conftest import TownHall
from tests.campaigns.work import carry_out


def live_in(hall: TownHall, areas: dict[str, str]) -> None:
    """Let residents tell where they live."""
    with hall.database.write() as connection:
        ids = dict(connection.execute(select(Resident.line_user_id, Resident.id)).all())
        keep_until = hall.now() + dt.timedelta(days=400)
        facts = [audience.Fact(ids[user], "area", area, keep_until) for user, area in areas.items()]
        audience.learn(connection, facts, hall.now())


def test_each_reads_what_they_have_told_and_who_told_nothing_something_else(hall: TownHall) -> None:
    north, south, nowhere, english = hall.friends(4)
    live_in(hall, {north: "north", south: "south", english: "north"})
    with hall.database.write() as connection:
        connection.execute(update(Resident).where(Resident.line_user_id == english).values(language="en"))
    words = {
        "ja": Words(text="{{ me.area|default('町内') }}の皆さまへ"),
        "en": Words(text="To everybody in the {{ me.area|default('town') }}"),
    }
    hall.approved(content=Content(words))
    hall.tick()
    carry_out(hall)
    sends = hall.office.line.sends()
    read = {user: send["messages"][0]["text"] for send in sends for user in send["delivered"]}
    assert read == {
        north: "northの皆さまへ",
        south: "southの皆さまへ",
        nowhere: "町内の皆さまへ",
        english: "To everybody in the north",
    }
    [made] = hall.broadcasts()
    assert (made.planned, len(sends)) == (4, 4)


def test_what_nobody_has_told_is_not_asked_about(hall: TownHall) -> None:
    with pytest.raises(UnknownTold):
        hall.submit(hall.compose(content=Content({"ja": Words(text="{{ me.arae }}の方へ")})))


def test_more_kinds_of_readers_than_are_told_apart_are_refused(hall: TownHall) -> None:
    people = hall.friends(variants.MOST + 1)
    live_in(hall, {user: f"area {number}" for number, user in enumerate(people)})
    with pytest.raises(TooManyKinds):
        hall.submit(hall.compose(content=Content({"ja": Words(text="{{ me.area }}の方へ")})))
