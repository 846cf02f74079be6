"""A test send reaches the telephones that staff registered themselves, and nobody else's."""

from __future__ import annotations

import datetime as dt
import os

from sqlalchemy import select

from bot import models
from bot.campaigns import testers
from bot.crypto import Lookup
from bot.models import Resident
from bot.service import ActionContext, Caller
from tests.campaigns.conftest import TownHall

LOOKUP = Lookup([os.urandom(32)])
MESSAGES = {"ja": [{"type": "text", "text": "断水"}], "en": [{"type": "text", "text": "No water"}]}


def type_code(hall: TownHall, user: str, code: str) -> str:
    with hall.database.write() as connection:
        row = connection.execute(select(Resident).where(Resident.line_user_id == user)).one()
        caller = Caller(row.id, row.channel_id, row.reference, None)
        context = ActionContext(connection, caller, hall.now(), {}, hall.vault, LOOKUP)
        return testers.register(context, {"code": code}).outcome


def invite(hall: TownHall, staff_id: int) -> str:
    with hall.database.write() as connection:
        return testers.invite(connection, LOOKUP, staff_id, hall.now())


def send(hall: TownHall, *staff: int) -> int:
    with hall.database.write() as connection:
        number = testers.send(connection, hall.office.outbox, MESSAGES, hall.office.channel_id, staff, hall.now())
    hall.office.sender.hand_over(hall.office.take())
    for row in hall.office.rows():
        hall.office.recorded(row.id)
    return number


def test_only_registered_staff_get_it(hall: TownHall) -> None:
    mine, other, *_residents = hall.friends(5)
    assert type_code(hall, mine, invite(hall, hall.officer)) == "registered"
    assert type_code(hall, other, invite(hall, hall.approver)) == "registered"
    assert send(hall, hall.officer) == 1
    sends = hall.office.line.sends()
    assert {user for each in sends for user in each["delivered"]} == {mine}
    assert [each["messages"][0]["text"] for each in sends] == ["【試し送り】 ja", "[Test] en"]


def test_without_registered_staff_it_goes_nowhere(hall: TownHall) -> None:
    hall.friends(3)
    assert send(hall, hall.officer, hall.approver) == 0
    assert hall.office.line.sends() == []


def test_a_code_serves_once_and_not_for_long_and_only_the_latest(hall: TownHall) -> None:
    mine, other = hall.friends(2)
    old = invite(hall, hall.officer)
    code = invite(hall, hall.officer)
    assert type_code(hall, other, old) == "unknown"
    assert type_code(hall, mine, code) == "registered"
    assert type_code(hall, other, code) == "unknown"
    late = invite(hall, hall.officer)
    hall.now.offset += testers.VALID + dt.timedelta(seconds=1)
    assert type_code(hall, other, late) == "unknown"


def test_staff_who_left_get_no_more_tests(hall: TownHall) -> None:
    [mine] = hall.friends(1)
    type_code(hall, mine, invite(hall, hall.officer))
    with hall.database.write() as connection:
        connection.exec_driver_sql("UPDATE staff SET active = FALSE")
    assert send(hall, hall.officer) == 0


def test_the_account_that_was_registered_can_leave_again_and_is_told_what_is_kept(hall: TownHall) -> None:
    [mine] = hall.friends(1)
    type_code(hall, mine, invite(hall, hall.officer))
    with hall.database.write() as connection:
        resident_id = connection.execute(select(models.Tester.resident_id)).scalar_one()
        assert testers.tell(connection, resident_id, "ja") == ["試し送りを受け取る、職員のアカウントとして登録"]
        assert testers.remove(connection, resident_id)
        assert testers.tell(connection, resident_id, "ja") == []
