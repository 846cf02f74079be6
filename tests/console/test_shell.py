"""The frame of every page: navigation, errors, protection, and what a script may replace."""

from __future__ import annotations

import datetime as dt

from bot.console.access import Role
from bot.models import Reminder, Resident, SealedBytes
from tests.console.client import START, Hall


def test_the_home_page_greets_and_offers_only_what_may_be_opened(hall: Hall) -> None:
    clerk = hall.sign_in(Role.OFFICER)
    page = clerk.get("/")
    assert "見本 太郎さん、おつかれさまです。" in page
    assert all(clerk.client.get(START + link).status_code == 200 for link in page.links())


def test_what_does_not_exist_is_a_page_too(hall: Hall) -> None:
    assert "見つかりません" in hall.sign_in(Role.OFFICER).get("/nowhere", status=404)


def test_a_form_without_its_hidden_field_changes_nothing(hall: Hall) -> None:
    clerk = hall.sign_in(Role.OFFICER)
    answer = clerk.client.post(f"{START}/account/language", data={"language": "en"})
    assert answer.status_code == 400
    assert "ホーム" in clerk.client.get(f"{START}/").get_data(as_text=True)


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(hall: Hall) -> None:
    clerk = hall.sign_in(Role.OFFICER)
    assert "<html" not in clerk.partial("/tiles").html


def test_the_home_page_tells_how_many_reminders_still_leave_today(hall: Hall) -> None:
    number = hall.enter(
        Resident,
        channel_id=1,
        line_user_id="Uhome",
        reference="HOME000001",
        friend=True,
        friend_at=0,
        created_at=hall.now(),
    )
    for name, later in (("soon", dt.timedelta()), ("next week", dt.timedelta(days=7))):
        sealed = SealedBytes.seal(hall.vault, "reminders.values", name, b"{}")
        hall.enter(
            Reminder, uid=name, resident_id=number, service="garden", name=name, flow="garden.water", rule={}, values=sealed,
            due_at=hall.now() + later, created_at=hall.now(), updated_at=hall.now(),
        )  # fmt: skip
    assert "今日これからのお知らせ 1" in hall.sign_in(Role.OFFICER, services=["garden"]).get("/")
    assert "今日これからのお知らせ" not in hall.sign_in(Role.OFFICER, services=["tax"]).get("/")
