"""What staff are called to is seen by their service and taken on once; the roster is the administrators'."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.alerts import raise_alert, roster
from bot.campaigns import campaign, standstill
from bot.campaigns.composition import Composition
from bot.campaigns.content import Content, Words
from bot.campaigns.states import State
from bot.console.access import Role
from bot.models import Alert, Campaign, Channel
from tests.console.client import Hall
from tests.console.studio import Studio

GIVEN = {"name": "夜間当番", "email": "duty@town.example", "webhook": "", "service": "", "level": "1", "weekdays": "12345",
         "hours": "17:15-08:30", "starts_on": "", "ends_on": ""}  # fmt: skip


def raised(hall: Hall, key: str, service: str) -> int:
    with hall.database.write() as connection:
        found = raise_alert(
            connection, hall.now(), kind="desk.waiting", service=service, key=key, about="consultation:5"
        )
    assert found is not None
    return found


def standing_campaign(hall: Hall, channel: int, author: int) -> int:
    """Enter a campaign that was not begun in time."""
    with hall.database.write() as connection:
        composition = Composition("おそい配信", Content({"ja": Words(text="あすは断水します。")}))
        number = campaign.compose(connection, hall.vault, channel, composition, author, hall.now())
        connection.execute(update(Campaign).where(Campaign.id == number).values(state=State.STALE.value))
    return number


def test_an_alert_is_seen_and_taken_on_by_its_service_only(hall: Hall) -> None:
    number = raised(hall, "one", "garden")
    stranger = hall.sign_in(Role.OFFICER, services=["tax"])
    assert "待っている相談" not in stranger.get("/alerts/")
    stranger.post(f"/alerts/{number}/take", status=404)
    clerk = hall.sign_in(Role.OFFICER, services=["garden"])
    assert "待っている相談" in clerk.get("/alerts/")
    clerk.post(f"/alerts/{number}/take")
    with hall.database.read() as connection:
        row = connection.execute(select(Alert).where(Alert.id == number)).one()
    assert (row.acknowledged_at is not None, row.next_at) == (True, None)
    assert row.acknowledged_staff_id is not None
    assert "引き受け済み" in clerk.get("/alerts/")
    assert [one.subject for one in hall.audited("alert.take")] == [f"alert:{number}"]


def test_what_stands_still_on_the_platform_is_for_administrators(hall: Hall) -> None:
    raised(hall, "two", "platform")
    assert "システム" in hall.sign_in(Role.ADMINISTRATOR).get("/alerts/")
    assert "システム" not in hall.sign_in(Role.MANAGER, services=["garden"]).get("/alerts/")


def test_a_broadcast_that_stands_still_calls_those_who_send(hall: Hall) -> None:
    now, author = hall.now(), hall.add_staff(Role.OFFICER)
    channel = hall.enter(Channel, name="standing", created_at=now)
    number = standing_campaign(hall, channel, author)
    with hall.database.write() as connection:
        standstill.tell(connection, now)
    officer = hall.sign_in(Role.OFFICER)
    listed = officer.get("/alerts/")
    assert "時刻を過ぎて送らなかった配信" in listed
    assert f"/broadcasts/{number}" in listed.links()
    assert "止まっている一斉配信" in officer.get("/")
    counsellor = hall.sign_in(Role.COUNSELLOR, services=["garden"])
    assert "時刻を過ぎて送らなかった配信" not in counsellor.get("/alerts/")
    assert "止まっている一斉配信" not in counsellor.get("/")


def test_an_administrator_keeps_the_roster(hall: Hall) -> None:
    chief = hall.sign_in(Role.ADMINISTRATOR)
    assert "名簿にだれもいません" in chief.get("/alerts/roster")
    chief.post("/alerts/roster", GIVEN)
    shown = chief.get("/alerts/roster")
    for text in ("夜間当番", "duty@town.example", "17:15-08:30", "月曜から金曜"):
        assert text in shown
    with hall.database.read() as connection:
        [contact] = roster.everybody(connection, hall.vault)
    assert (contact.from_minute, contact.till_minute) == (17 * 60 + 15, 8 * 60 + 30)
    chief.post(f"/alerts/roster/{contact.id}/remove")
    assert "名簿にだれもいません" in chief.get("/alerts/roster")


def test_a_webhooks_secret_is_shown_once(hall: Hall) -> None:
    chief = hall.sign_in(Role.ADMINISTRATOR)
    page = chief.post("/alerts/roster", {**GIVEN, "email": "", "webhook": "https://chat.example/hook"}, status=200)
    with hall.database.read() as connection:
        [contact] = [one for one in roster.everybody(connection, hall.vault) if one.hook]
    assert contact.hook is not None
    assert contact.hook.secret in page
    assert contact.hook.secret not in chief.get("/alerts/roster")


def test_nobody_can_be_entered_who_could_not_be_called(hall: Hall) -> None:
    chief = hall.sign_in(Role.ADMINISTRATOR)
    for wrong in (
        {"email": ""},
        {"email": "nonsense"},
        {"hours": "always"},
        {"webhook": "http://127.0.0.1/x", "email": ""},
    ):
        before = hall.audited("alert.roster.add")
        chief.post("/alerts/roster", {**GIVEN, **wrong}, status=200)
        assert len(hall.audited("alert.roster.add")) == len(before)


def test_a_trial_calls_whoever_is_on_call(hall: Hall) -> None:
    hall.sign_in(Role.ADMINISTRATOR).post("/alerts/roster/try")
    with hall.database.read() as connection:
        assert connection.execute(select(Alert).where(Alert.kind == "trial")).one().service == "platform"


@pytest.mark.browser
def test_the_pages_are_readable(studio: Studio) -> None:
    raised(studio.hall, "seen", "garden")
    studio.look("/alerts/", "alerts", Role.ADMINISTRATOR)
    studio.look("/alerts/roster", "roster", Role.ADMINISTRATOR)
