"""Staff and departments in the console: entered, changed, reset, closed, and their work handed over."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from bot.console import people
from bot.console.access import Role
from bot.models import Membership, Staff, Submission
from tests.console.client import START, Hall
from tests.console.studio import Studio


def row_of(hall: Hall, staff_id: int) -> Staff:
    with hall.database.read() as connection:
        found: Staff = connection.execute(select(Staff.__table__).where(Staff.id == staff_id)).one()  # type: ignore[assignment]  # a row with its columns
    return found


def test_an_administrator_enters_somebody_and_tells_them_their_first_password(hall: Hall) -> None:
    clerk = hall.sign_in(Role.ADMINISTRATOR)
    with hall.database.write() as connection:
        department = people.department(connection, "福祉課", ["garden"])
    form = {"name": "見本 次郎", "sign_in": "Jiro@town.example", "language": "en", "role": f"{department}:officer"}
    shown = clerk.post("/staff/new", form, status=200)
    password = re.search(r'id="password">([a-z0-9-]+)<', shown.html)
    assert password
    assert len(password.group(1)) == 23
    with hall.database.read() as connection:
        entered = people.find(connection, "jiro@town.example")
        assert entered
        roles = connection.execute(select(Membership.role).where(Membership.staff_id == entered.id)).scalars().all()
    assert (entered.must_change, entered.totp, list(roles)) == (True, None, ["officer"])
    assert password.group(1) not in entered.password
    assert "もう使われています" in clerk.post("/staff/new", form, status=200)


def test_a_mistaken_form_is_shown_again_with_what_is_wrong(hall: Hall) -> None:
    shown = hall.sign_in(Role.ADMINISTRATOR).post(
        "/staff/new", {"name": "", "sign_in": "x", "language": "ja"}, status=200
    )
    assert "入力を確かめてください" in shown


def test_a_reset_ends_every_session_and_the_authenticator(hall: Hall) -> None:
    clerk = hall.sign_in(Role.ADMINISTRATOR)
    other = hall.sign_in(Role.OFFICER)
    clerk.post(f"/staff/{other.staff_id}/reset", status=200)
    assert row_of(hall, other.staff_id).must_change
    assert other.client.get(f"{START}/").status_code == 302


def test_a_closed_account_is_out_at_once_and_can_come_back(hall: Hall) -> None:
    clerk, other = hall.sign_in(Role.ADMINISTRATOR), hall.sign_in(Role.OFFICER)
    clerk.post(f"/staff/{other.staff_id}/close")
    assert other.client.get(f"{START}/").status_code == 302
    clerk.post(f"/staff/{other.staff_id}/reopen")
    assert hall.sign_in_as(other.staff_id).get("/").status == 200


def test_administrators_cannot_lock_themselves_out(hall: Hall) -> None:
    clerk = hall.sign_in(Role.ADMINISTRATOR)
    clerk.post(f"/staff/{clerk.staff_id}/close")
    form = {"name": "見本 太郎", "sign_in": "admin@town.example", "language": "ja"}
    clerk.post(f"/staff/{clerk.staff_id}", form, status=200)
    assert clerk.get("/staff/").status == 200


def test_open_work_goes_to_the_successor_and_what_is_done_stays(hall: Hall) -> None:
    leaver, successor = hall.add_staff(Role.OFFICER), hall.add_staff(Role.OFFICER)
    filed = [
        hall.enter(
            Submission, uid=f"{leaver}-{status}", flow="garden.report", revision="1", filed_at=hall.now(), source="counter",
            status=status, assigned_to=leaver, answers=hall.sealed("submissions.answers", f"{leaver}-{status}", b"{}"),
        )
        for status in ("new", "working", "done")
    ]  # fmt: skip
    clerk = hall.sign_in(Role.ADMINISTRATOR)
    assert "終わっていない担当: 2件" in clerk.get(f"/staff/{leaver}")
    clerk.post(f"/staff/{leaver}/hand-over", {"successor": successor})
    with hall.database.read() as connection:
        rows = connection.execute(select(Submission.id, Submission.assigned_to).where(Submission.id.in_(filed))).all()
    assert {row.id: row.assigned_to for row in rows} == dict(zip(filed, (successor, successor, leaver), strict=True))
    assert hall.audited("staff.hand_over")[-1].detail == {"to": successor, "number": 2}


def test_a_department_looks_after_services(hall: Hall) -> None:
    clerk = hall.sign_in(Role.ADMINISTRATOR)
    made = clerk.post("/staff/departments", {"name": "公園課"})
    clerk.post(made.location, {"name": "公園みどり課", "service": "garden"})
    page = clerk.get("/staff/departments")
    assert "公園みどり課 花だんのお知らせ" in page
    officer = hall.sign_in(Role.OFFICER)
    department = int(made.location.rsplit("/", 1)[1])
    with hall.database.write() as connection:
        connection.execute(
            update(Membership).where(Membership.staff_id == officer.staff_id).values(department_id=department)
        )
    assert "見本 太郎" in clerk.get(made.location)


def test_the_list_is_searched_by_name_and_address(hall: Hall) -> None:
    hall.add_staff(Role.OFFICER, name="見本 小梅")
    clerk = hall.sign_in(Role.ADMINISTRATOR)
    assert "見本 小梅" in clerk.get("/staff/?q=小梅")
    assert "見つかりません" in clerk.get("/staff/?q=nobody-at-all")


@pytest.mark.browser
def test_the_pages_about_staff_are_readable(studio: Studio) -> None:
    number = studio.hall.add_staff(Role.MANAGER, Role.APPROVER)
    for path, name in (("/staff/", "staff"), (f"/staff/{number}", "staff-one"), ("/staff/departments", "departments")):
        studio.look(path, name, Role.ADMINISTRATOR)
