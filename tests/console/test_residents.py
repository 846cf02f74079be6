"""Residents in the console: by reference, what one looks after, and the requests of one person about their own data."""

from __future__ import annotations

import io
import uuid
import zipfile

import orjson
import pytest
from sqlalchemy import func, select

from bot.console.access import Role
from bot.models import Channel, Conversation, Resident, Submission
from bot.roll import new_reference
from tests.console.client import Hall
from tests.console.studio import Studio


def enter(hall: Hall, flow: str = "garden.report") -> tuple[int, str]:
    """Enter a resident who has filed something and is in a talk; return their number and reference."""
    hall.runtime.channels()
    reference = new_reference()
    with hall.database.read() as connection:
        channel = connection.execute(select(Channel.id)).scalars().first()
    resident = hall.enter(
        Resident, channel_id=channel, line_user_id=f"U{uuid.uuid4().hex}", reference=reference, friend=True, friend_at=0,
        created_at=hall.now(),
    )  # fmt: skip
    uid = uuid.uuid4().hex
    hall.enter(
        Submission, uid=uid, resident_id=resident, flow=flow, revision="1", filed_at=hall.now(),
        answers=hall.sealed("submissions.answers", uid, orjson.dumps({"what": "dry"})),
    )  # fmt: skip
    with hall.database.write() as connection:
        state = hall.sealed("conversations.state", resident, b"{}")
        row = {
            "resident_id": resident,
            "state": state,
            "flow": flow,
            "revision": "1",
            "step": "note",
            "updated_at": hall.now(),
        }
        connection.execute(Conversation.__table__.insert(), row)  # type: ignore[attr-defined]  # a Table at run time
    return resident, reference


def test_a_resident_is_found_by_reference_and_the_view_is_recorded(hall: Hall) -> None:
    resident, reference = enter(hall)
    clerk = hall.sign_in(Role.OFFICER)
    clerk.get(f"/residents/?q={reference.lower()}", status=302)
    page = clerk.get(f"/residents/{reference}")
    assert "花だんのお知らせ" in page
    assert hall.audited("resident.view")[-1].subject == f"resident:{resident}"


def test_no_page_shows_a_line_account(hall: Hall) -> None:
    resident, reference = enter(hall)
    with hall.database.read() as connection:
        user_id = connection.execute(select(Resident.line_user_id).where(Resident.id == resident)).scalar_one()
    clerk = hall.sign_in(Role.MANAGER)
    for path in ("/residents/", f"/residents/{reference}", f"/residents/requests/{reference}"):
        assert user_id not in clerk.get(path).html


def test_what_belongs_to_other_services_is_not_shown(hall: Hall) -> None:
    _, reference = enter(hall)
    page = hall.sign_in(Role.OFFICER, services=["tax"]).get(f"/residents/{reference}")
    assert "花だんのお知らせ" not in page


def test_one_persons_data_are_exported_as_they_would_get_them(hall: Hall) -> None:
    resident, reference = enter(hall)
    clerk = hall.sign_in(Role.ADMINISTRATOR)
    assert "申請・通報 1件" in clerk.get(f"/residents/requests/{reference}")
    data = clerk.post(f"/residents/requests/{reference}/export", status=200).data
    told = orjson.loads(zipfile.ZipFile(io.BytesIO(data)).read("data.json"))
    assert told["submissions"][0]["answers"] == {"what": "dry"}
    assert hall.audited("resident.export")[-1].subject == f"resident:{resident}"


def test_erasing_wants_the_reference_typed_and_takes_the_talk_along(hall: Hall) -> None:
    resident, reference = enter(hall)
    clerk = hall.sign_in(Role.MANAGER)

    def filed() -> int:
        with hall.database.read() as connection:
            mine = Submission.resident_id == resident
            return connection.execute(select(func.count()).select_from(Submission).where(mine)).scalar_one()

    clerk.post(f"/residents/requests/{reference}/erase", {"typed": "SOMETHING"})
    assert filed() == 1
    clerk.post(f"/residents/requests/{reference}/erase", {"typed": reference})
    assert filed() == 0
    with hall.database.read() as connection:
        talk = connection.execute(select(Conversation.state, Conversation.flow)).all()[-1]
        renamed = connection.execute(select(Resident.reference).where(Resident.id == resident)).scalar_one()
    assert talk == (None, None)
    assert renamed != reference


@pytest.mark.parametrize("path", ["/residents/requests", "/residents/requests/{}"])
def test_who_looks_after_some_services_cannot_reach_into_all(hall: Hall, path: str) -> None:
    _, reference = enter(hall)
    hall.sign_in(Role.MANAGER, services=["garden"]).get(path.format(reference), status=403)


def test_releasing_an_account_is_recorded_with_the_number_of_registrations(hall: Hall) -> None:
    resident, reference = enter(hall)
    hall.sign_in(Role.ADMINISTRATOR).post(f"/residents/requests/{reference}/release")
    entry = hall.audited("resident.release")[-1]
    assert (entry.subject, entry.detail) == (f"resident:{resident}", {"number": 0})


@pytest.mark.browser
def test_the_pages_about_residents_are_readable(studio: Studio) -> None:
    _, reference = enter(studio.hall)
    studio.look("/residents/", "residents", Role.OFFICER)
    studio.look(f"/residents/{reference}", "resident", Role.OFFICER)
    studio.look("/residents/requests", "requests", Role.MANAGER)
    studio.look(f"/residents/requests/{reference}", "request", Role.MANAGER)
