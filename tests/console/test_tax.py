"""The tax pages of the console: who may do what, what is never shown, and the approval without which nothing leaves late."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from sqlalchemy import select, update

from bot.console.access import Role
from bot.delivery.outbox import Letter, Outbox, Priority
from bot.models import Import
from bot.now import TOKYO
from handlers.tax import sends
from handlers.tax.files import PAYMENTS
from handlers.tax.models import TaxDifference, TaxPaidList
from handlers.tax.sends import Obstacle
from tests.console.client import START, Hall
from tests.console.studio import Studio
from tests.handlers.tax.conftest import Town, csv, line

PERMITTED = {
    "tax.overview": "manager officer approver",
    "tax.listing": "manager officer approver",
    "tax.find": "manager officer approver",
    "tax.one": "manager officer approver",
    "tax.unlink": "manager officer",
    "tax.locks": "manager officer",
    "tax.reset": "manager officer",
    "tax.outgoing": "manager officer approver",
    "tax.listing_sends": "manager officer approver",
    "tax.plan": "manager officer",
    "tax.send": "manager officer approver",
    "tax.ask": "manager officer",
    "tax.decide": "manager approver",
    "tax.stop": "manager officer",
    "tax.paid": "manager officer approver",
    "tax.paid_list": "manager officer approver",
    "tax.confirm": "manager officer",
    "tax.resolve": "manager officer",
}
_CODES = itertools.count(31_000_000)


def town_of(hall: Hall) -> Town:
    return Town(hall.database, hall.runtime.editions.book(), hall.vault, hall.runtime.lookup)


@pytest.fixture
def town(town_hall: Hall) -> Town:
    return town_of(town_hall)


def today() -> dt.date:
    return dt.datetime.now(TOKYO).date()


def _linked(town: Town, due: dt.date | None = None) -> str:
    found = str(next(_CODES))
    [resident] = town.residents(1)
    town.notices(line(found, due=(due or today() + dt.timedelta(days=7)).isoformat()))
    assert town.link(resident, found).outcome == "linked"
    return found


def number_of(town: Town, code: str) -> int:
    from handlers.tax.linking import find_by_code

    with town.database.read() as connection:
        number: int = find_by_code(connection, town.lookup, code).id
        return number


def past_due_send(town: Town) -> tuple[int, str]:
    """Return an unapproved send after a due date that may leave today, as the schedule with `after: [1]` makes it."""
    due = today() - dt.timedelta(days=3)
    code = _linked(town, due)
    town.set(tax_reminders={"before": [], "after": [1]})
    with town.database.write() as connection:
        sends.plan_sends(connection, town.town, town_now())
        row = connection.execute(
            select(sends._sends).where(sends._sends.c.stage == "after.1", sends._sends.c.state == "planned")
        ).first()
        assert row is not None
        return int(row.id), code


def town_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def test_each_page_opens_for_its_roles_and_no_others(town_hall: Hall) -> None:
    rules = {rule.endpoint: rule for rule in town_hall.console.url_map.iter_rules() if rule.endpoint.startswith("tax.")}
    assert set(rules) == set(PERMITTED)
    for role in Role:
        clerk = town_hall.sign_in(role)
        for endpoint, rule in rules.items():
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            built = rule.build(dict.fromkeys(rule.arguments, 999_999_999))
            assert built is not None
            status = clerk.client.open(START + built[1], method=method).status_code
            assert (status == 403) == (role.value not in PERMITTED[endpoint].split()), (endpoint, role, status)


def test_another_departments_staff_see_nothing_of_it(town_hall: Hall) -> None:
    clerk = town_hall.sign_in(Role.MANAGER, services=["garden"])
    assert clerk.client.get(f"{START}/tax/").status_code == 404


def test_a_notice_shows_neither_amount_nor_what_it_is_found_by(town_hall: Hall, town: Town) -> None:
    code = _linked(town)
    clerk = town_hall.sign_in(Role.OFFICER)
    page = clerk.get(f"/tax/notices/{number_of(town, code)}")
    for secret in ("34,500", "34500", "1980", "昭和", code, f"{int(code):020}"):
        assert secret not in page.html
    assert code[-4:] in page  # the last digits of the payment number, to compare with a slip
    assert town_hall.audited("tax.view")[-1].subject == f"tax_notice:{number_of(town, code)}"
    assert "34,500" not in clerk.get("/tax/notices").html


def test_staff_find_a_notice_by_its_code_and_unlink_it(town_hall: Hall, town: Town) -> None:
    code = _linked(town)
    clerk = town_hall.sign_in(Role.OFFICER)
    found = clerk.post("/tax/notices/find", {"code": code})
    assert found.location == f"/tax/notices/{number_of(town, code)}"
    clerk.post(f"{found.location}/unlink")
    assert "登録されていません" in clerk.get(found.location)
    assert clerk.post("/tax/notices/find", {"code": "00000000"}).location == "/tax/notices"


def test_a_lock_is_taken_off_by_code_or_by_reference(town_hall: Hall, town: Town) -> None:
    code = str(next(_CODES))
    town.notices(line(code))
    [guesser] = town.residents(1)
    now = town_now()
    for _ in range(5):
        town.link(guesser, code, birth="1999-09-09", now=now)
    assert town.link(guesser, code, now=now).outcome == "locked"
    clerk = town_hall.sign_in(Role.OFFICER)
    assert "アカウント：1、連携コード：1" in clerk.get("/tax/locks")
    clerk.post("/tax/locks/reset", {"code": code})
    clerk.post("/tax/locks/reset", {"reference": guesser.reference})
    assert town.link(guesser, code, now=now).outcome == "linked"
    assert [row.detail["scope"] for row in town_hall.audited("tax.lock_reset")] == ["code", "account"]


def test_the_overview_counts_links_and_payments(town_hall: Hall, town: Town) -> None:
    _linked(town)
    page = town_hall.sign_in(Role.MANAGER).get("/tax/")
    assert "自動車税種別割" in page
    assert "まだない" in page


def test_any_day_shows_what_would_go_out_in_every_language(town_hall: Hall, town: Town) -> None:
    _linked(town, dt.date(2031, 6, 2))
    page = town_hall.sign_in(Role.APPROVER).get("/tax/outgoing?day=2031-05-26")
    assert "納期限の7日前" in page
    assert "【お知らせ】自動車税種別割の納期限は 2031年6月2日（月） です（あと7日）" in page
    assert "Reminder: your automobile tax is due on Monday, 2 June 2031" in page
    assert "この日に出るお知らせはありません" in town_hall.sign_in(Role.APPROVER).get("/tax/outgoing?day=2031-05-27")


def test_what_leaves_after_the_due_date_takes_two_people(town_hall: Hall, town: Town) -> None:
    number, _ = past_due_send(town)
    asker = town_hall.sign_in(Role.MANAGER)
    asker.post(f"/tax/sends/{number}/ask")
    page = asker.get(f"/tax/sends/{number}")
    assert "依頼した本人は承認できません" in page
    digest = sends.digest(
        _row(town, number), sends.texts_of(town_hall.runtime.editions.book(), _row(town, number))
    ).hex()
    asker.post(f"/tax/sends/{number}/decide", {"decision": "grant", "digest": digest})
    assert _obstacle(town_hall, town, number) is Obstacle.APPROVAL
    other = town_hall.sign_in(Role.APPROVER)
    other.post(f"/tax/sends/{number}/decide", {"decision": "grant", "digest": "00" * 32})
    assert _obstacle(town_hall, town, number) is Obstacle.APPROVAL
    other.post(f"/tax/sends/{number}/decide", {"decision": "grant", "digest": digest, "reason": "人数を確かめました"})
    assert _obstacle(town_hall, town, number) is Obstacle.PAID_LIST
    asker.post(f"/tax/sends/{number}/stop")
    assert "人数を確かめました" in asker.get(f"/tax/sends/{number}")
    assert "取りやめ" in asker.get("/tax/sends")


def test_what_became_of_a_send_is_told_in_words(town_hall: Hall, town: Town) -> None:
    number, _ = past_due_send(town)
    [resident] = town.residents(1)
    letter = Letter(
        channel_id=1, resident_id=resident.id, purpose="tax.after_due", messages=[{"type": "text", "text": "税"}],
        priority=Priority.REMINDER, key=f"tax.send/{number}/{resident.id}",
    )  # fmt: skip
    with town.database.write() as connection:
        Outbox(town.vault, "test").put(connection, [letter], town_now())
        connection.execute(sends._sends.update().where(sends._sends.c.id == number).values(recipients=1))
    assert "送信待ち 1" in town_hall.sign_in(Role.OFFICER).get(f"/tax/sends/{number}")


def test_a_list_is_complete_only_when_staff_say_so_and_not_for_today(town_hall: Hall, town: Town) -> None:
    code = _linked(town)
    uid = town.paid(code, "88887777").uid
    with town.database.read() as connection:
        number = connection.execute(select(TaxPaidList.id).where(TaxPaidList.import_uid == uid)).scalar_one()
        difference = connection.execute(select(TaxDifference.id).where(TaxDifference.list_id == number)).scalar_one()
    clerk = town_hall.sign_in(Role.OFFICER)
    assert "この通知は取り込まれていません" in clerk.get(f"/tax/paid/{number}")
    clerk.post(f"/tax/paid/{number}/resolve", {"difference": difference})
    clerk.post(f"/tax/paid/{number}/confirm", {"paid_until": today().isoformat(), "kind": ""})
    with town.database.read() as connection:
        assert connection.execute(select(TaxPaidList.paid_until).where(TaxPaidList.id == number)).scalar_one() is None
    yesterday = today() - dt.timedelta(days=1)
    clerk.post(f"/tax/paid/{number}/confirm", {"paid_until": yesterday.isoformat(), "kind": "car"})
    assert "確認済み" in clerk.get(f"/tax/paid/{number}")
    with town.database.read() as connection:
        assert sends.paid_until(connection, "car") == yesterday
        assert sends.paid_until(connection, "light") is None
    clerk.get("/tax/paid")


def test_rows_that_could_not_be_read_are_answered_for_before_a_list_is_complete(town_hall: Hall, town: Town) -> None:
    code = _linked(town)
    uid = town.hand_in(PAYMENTS, csv(f"{code},R9.5.20", "88886666,五月", headings="連携コード,納付日")).uid
    with town.database.read() as connection:
        number = connection.execute(select(TaxPaidList.id).where(TaxPaidList.import_uid == uid)).scalar_one()
    clerk = town_hall.sign_in(Role.OFFICER)
    page = clerk.get(f"/tax/paid/{number}")
    assert "取り込めなかった1行" in page
    assert f"/imports/{uid}" in page.html
    day = (today() - dt.timedelta(days=1)).isoformat()
    clerk.post(f"/tax/paid/{number}/confirm", {"paid_until": day, "kind": "light"})
    with town.database.read() as connection:
        assert connection.execute(select(TaxPaidList.paid_until).where(TaxPaidList.id == number)).scalar_one() is None
    clerk.post(f"/tax/paid/{number}/confirm", {"paid_until": day, "kind": "light", "left_out": "1"})
    assert "までとしています" in clerk.get(f"/tax/paid/{number}")


def test_a_list_that_is_still_being_loaded_cannot_be_called_complete(town_hall: Hall, town: Town) -> None:
    uid = town.paid("88884444").uid
    with town.database.write() as connection:
        number = connection.execute(select(TaxPaidList.id).where(TaxPaidList.import_uid == uid)).scalar_one()
        connection.execute(update(Import).where(Import.uid == uid).values(status="loading"))
    clerk = town_hall.sign_in(Role.OFFICER)
    assert "まだ終わっていません" in clerk.get(f"/tax/paid/{number}")
    day = (today() - dt.timedelta(days=1)).isoformat()
    clerk.post(f"/tax/paid/{number}/confirm", {"paid_until": day, "kind": ""})
    with town.database.write() as connection:
        assert connection.execute(select(TaxPaidList.paid_until).where(TaxPaidList.id == number)).scalar_one() is None
        connection.execute(update(Import).where(Import.uid == uid).values(status="done"))


def _row(town: Town, number: int) -> object:
    with town.database.read() as connection:
        return connection.execute(select(sends._sends).where(sends._sends.c.id == number)).one()


def _obstacle(hall: Hall, town: Town, number: int) -> Obstacle | None:
    book = hall.runtime.editions.book()
    with town.database.read() as connection:
        return sends.find_obstacle(connection, _row(town, number), book, book.town.town)


@pytest.mark.browser
def test_the_pages_can_be_read_by_everybody_at_any_width(town_studio: Studio) -> None:
    town = town_of(town_studio.hall)
    code = _linked(town)
    uid = town.paid("88887777").uid
    number, _ = past_due_send(town)
    with town.database.read() as connection:
        paid = connection.execute(select(TaxPaidList.id).where(TaxPaidList.import_uid == uid)).scalar_one()
    day = today() + dt.timedelta(days=7)
    for path, name in (
        ("/tax/", "tax-overview"), ("/tax/notices", "tax-notices"), (f"/tax/notices/{number_of(town, code)}", "tax-notice"),
        ("/tax/locks", "tax-locks"), (f"/tax/outgoing?day={day}", "tax-outgoing"), ("/tax/sends", "tax-sends"),
        (f"/tax/sends/{number}", "tax-send"), ("/tax/paid", "tax-paid"), (f"/tax/paid/{paid}", "tax-paid-list"),
    ):  # fmt: skip
        town_studio.look(path, name, Role.MANAGER)
