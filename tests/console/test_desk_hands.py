"""Whose hands a consultation is in, and what becomes of its record: who may give it to whom, why, and what the next one reads."""

from __future__ import annotations

from bot.console.access import Role
from bot.desk import referral
from tests.console.client import Clerk
from tests.console.counter import SERVICE, Counter


def colleague(counter: Counter, role: Role = Role.COUNSELLOR, name: str = "同僚 見本") -> Clerk:
    return counter.hall.sign_in_as(counter.hall.add_staff(role, services=SERVICE, name=name))


def test_a_talk_is_handed_only_to_somebody_of_its_office(counter: Counter) -> None:
    clerk, mate = counter.clerk(), colleague(counter)
    stranger = counter.hall.sign_in(Role.COUNSELLOR, services=["tax"])
    auditor = counter.clerk(Role.AUDITOR)
    _, number = counter.taken(clerk)
    for nobody in (stranger, auditor):
        clerk.post(f"/desk/{number}/talk/hand", {"to": str(nobody.staff_id)})
        assert counter.town.entry(number).taken_by == clerk.staff_id
    clerk.post(f"/desk/{number}/talk/hand", {"to": str(mate.staff_id)})
    assert counter.town.entry(number).taken_by == mate.staff_id
    assert "引き継ぎました（→ 同僚 見本）" in mate.get(f"/desk/{number}")


def test_whoever_answers_for_the_office_gives_any_talk_to_somebody(counter: Counter) -> None:
    clerk, mate, chief = counter.clerk(), colleague(counter), counter.clerk(Role.MANAGER)
    _, held = counter.taken(clerk)
    _, waiting = counter.town.arrive(name="次郎")
    mate.post(f"/desk/{held}/office/assign", {"to": str(mate.staff_id)}, status=403)
    assert "担当にする" in chief.get(f"/desk/{waiting}")
    for number in (held, waiting):
        chief.post(f"/desk/{number}/office/assign", {"to": str(mate.staff_id)})
        entry = counter.town.entry(number)
        assert (entry.state, entry.taken_by) == ("active", mate.staff_id)
    assert [row.subject for row in counter.hall.audited("desk.assign")][-1] == f"consultation:{waiting}"


def test_a_grade_set_by_a_person_says_so_and_why(counter: Counter) -> None:
    clerk = counter.clerk()
    _, number = counter.taken(clerk)
    clerk.post(f"/desk/{number}/talk/grade", {"grade": "A", "danger": "yes", "why": "声がふるえている"})
    page = clerk.get(f"/desk/{number}")
    assert "緊急度の理由：担当者の判断" in page
    assert "緊急度を変えました（C→A）" in page
    assert "緊急度 C→A：声がふるえている" in page
    assert counter.town.entry(number).danger


def test_a_wish_for_deletion_is_seen_by_those_who_can_confirm_it(counter: Counter) -> None:
    clerk, chief = colleague(counter, name="頼む人 見本"), counter.clerk(Role.MANAGER)
    _, number = counter.taken(clerk)
    clerk.post(f"/desk/{number}/talk/close", {"reason": "mistake"})
    assert "依頼を確認して削除する" not in chief.get(f"/desk/{number}"), "nobody has asked"
    clerk.post(f"/desk/{number}/record/ask-deletion")
    assert "頼む人 見本さんの依頼" in chief.get("/desk/closed")
    page = chief.get(f"/desk/{number}")
    assert "頼む人 見本さんが削除の確認を依頼しています" in page
    assert "依頼を確認して削除する" in page
    assert "依頼を確認して削除する" not in clerk.get(f"/desk/{number}")
    chief.post(f"/desk/{number}/office/keep")
    assert "頼む人 見本さんの依頼" not in chief.get("/desk/closed")
    chief.post(f"/desk/{number}/record/ask-deletion")
    assert "依頼を確認して削除する" not in chief.get(f"/desk/{number}"), "who asked cannot confirm"


def test_the_48_hours_are_counted_down(counter: Counter) -> None:
    clerk = counter.clerk()
    _, number = counter.taken(clerk)
    clerk.post(f"/desk/{number}/record/refer", {"body": "児童相談所"})
    with counter.town.desk() as desk:
        [row] = referral.referrals(desk, number)
    clerk.post(f"/desk/{number}/record/accepted", {"referral": str(row.id)})
    assert "（あと47時間）" in clerk.get(f"/desk/{number}") or "（あと48時間）" in clerk.get(f"/desk/{number}")
    assert "時間）" in clerk.get("/desk/shift")
    clerk.post(f"/desk/{number}/record/safe", {"referral": str(row.id)})
    assert "（あと" not in clerk.get(f"/desk/{number}")
