"""Whom an alert reaches: by service, department, hours of the week in Tokyo, period and urgency."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import insert, text

from bot.alerts import roster
from bot.alerts.roster import Contact, Hook, NotAContact, check, in_hours
from bot.models import Department
from bot.now import TOKYO
from tests.alerts.conftest import Office

MONDAY = dt.datetime(2026, 11, 23, tzinfo=TOKYO)
NIGHT = Contact("night", "n@town.example", weekdays="1", from_minute=21 * 60, till_minute=7 * 60)
OFFICE = Contact("office", "o@town.example", weekdays="12345", from_minute=8 * 60 + 30, till_minute=17 * 60 + 15)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """Return a moment of the week that begins on MONDAY, day 1."""
    return (MONDAY + dt.timedelta(days=day - 1, hours=hour, minutes=minute)).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("contact", "moment", "reached"),
    [
        (OFFICE, at(1, 8, 29), False),
        (OFFICE, at(1, 8, 30), True),
        (OFFICE, at(5, 17, 14), True),
        (OFFICE, at(5, 17, 15), False),
        (OFFICE, at(6, 12), False),
        (NIGHT, at(1, 20, 59), False),
        (NIGHT, at(1, 21), True),
        (NIGHT, at(2, 6, 59), True),
        (NIGHT, at(2, 7), False),
        (NIGHT, at(1, 3), False),
        (NIGHT, at(2, 22), False),
        (Contact("always", "a@town.example"), at(7, 0), True),
    ],
)
def test_hours_are_those_of_the_town_hall_and_may_pass_midnight(
    contact: Contact, moment: dt.datetime, reached: bool
) -> None:
    assert in_hours(contact, moment) is reached


def test_only_those_of_the_service_the_department_and_the_day_are_told(office: Office) -> None:
    with office.database.write() as connection:
        made = insert(Department).returning(Department.id)
        ours, other = (connection.execute(made, {"name": name}).scalar_one() for name in ("ours", "other"))
    soon, before = (office.now() + dt.timedelta(days=days) for days in (1, -1))
    office.contact("everything")
    office.contact("child", service="child")
    office.contact("tax", service="tax")
    office.contact("ours", department_id=ours)
    office.contact("other", department_id=other)
    office.contact("tomorrow", starts_at=soon)
    office.contact("gone", ends_at=before)
    office.contact("emergencies", urgent_only=True)
    office.raise_(department_id=ours)
    office.later()
    assert {name.partition("@")[0] for name in office.mail.recipients} == {"everything", "child", "ours"}
    office.mail.mails.clear()
    office.raise_("urgent", urgent=True)
    office.later()
    assert {name.partition("@")[0] for name in office.mail.recipients} == {"everything", "child", "emergencies"}


def test_names_and_addresses_are_encrypted_in_the_table(office: Office) -> None:
    office.contact("himitsu")
    office.contact("kakushi", hook=True)
    with office.database.read() as connection:
        rows = connection.execute(text("SELECT name, email, webhook FROM alert_contacts")).all()
    for row in rows:
        for value in row:
            for word in (b"himitsu", b"kakushi", b"127.0.0.1", b"town.example"):
                assert word not in bytes(value or b"")


def test_a_contact_is_read_back_as_it_was_entered_and_can_be_removed(office: Office) -> None:
    id_ = office.contact("sato", level=2, weekdays="67", from_minute=60, till_minute=90)
    with office.database.write() as connection:
        [found] = roster.everybody(connection, office.vault)
        assert (found.name, found.email, found.level, found.weekdays) == ("sato", "sato@town.example", 2, "67")
        assert roster.remove(connection, id_)
        assert not roster.remove(connection, id_)
        assert roster.everybody(connection, office.vault) == []


@pytest.mark.parametrize(
    "wrong",
    [
        Contact("nobody"),
        Contact("  ", "a@town.example"),
        Contact("a", "not an address"),
        Contact("a", "a@town.example\nBcc: b@town.example"),
        Contact("a", hook=Hook("http://elsewhere.example/x", "s" * 20)),
        Contact("a", hook=Hook("http://127.0.0.1/x", "s" * 20)),
        Contact("a", hook=Hook("https://me:pass@hook.example/x", "s" * 20)),
        Contact("a", hook=Hook("https://hook.example/x", "short")),
        Contact("a", "a@town.example", level=4),
        Contact("a", "a@town.example", weekdays="8"),
        Contact("a", "a@town.example", from_minute=24 * 60),
    ],
)
def test_a_line_nobody_could_be_told_by_is_refused(wrong: Contact) -> None:
    with pytest.raises(NotAContact):
        check(wrong)
