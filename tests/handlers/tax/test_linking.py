"""Linking a notice: only with what is printed on it and a second factor, and not by trying."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from bot.models import Base, Resident
from bot.owndata.erase import erase
from handlers.tax import lockout
from handlers.tax.kinds import check_names
from handlers.tax.models import TaxFailure, TaxLink
from handlers.tax.owndata import own_data
from handlers.tax.records import tax_lookup
from tests.handlers.tax.conftest import APRIL, BIRTHS, DUE, Town, line
from tests.imports.loading import LOOKUP

TOMORROW = APRIL + dt.timedelta(days=1)


def test_code_and_birth_date_or_code_and_plate_link_a_notice(town: Town) -> None:
    hanako, taro = town.residents(2)
    assert town.notices(line("12345678"), line("23456789", BIRTHS[1], "12-34")).added == 2
    linked = town.link(hanako, "１２３４-５６７８")
    assert (linked.outcome, linked.values["tax"], linked.values["due_on"]) == (
        "linked",
        "自動車税種別割",
        DUE.isoformat(),
    )
    by_plate = town.act("tax.link_notice", taro, code="23456789", plate="1234", relation="family")
    assert by_plate.outcome == "linked"
    assert town.act("tax.list_notices", taro).values["notices"][0]["family"]


@pytest.mark.parametrize("second", [{"birth_date": "1980-03-02"}, {"plate": "0013"}, {}, {"birth_date": "1985-12-24"}])
def test_the_code_alone_or_with_another_ones_second_factor_does_not(town: Town, second: dict[str, Any]) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"), line("23456789", BIRTHS[1], "12-34"))
    assert town.act("tax.link_notice", hanako, code="12345678", relation="own", **second).outcome == "not_found"


def test_what_it_is_found_by_is_nowhere_in_the_database(town: Town) -> None:
    town.notices(line("12345678"))
    [row] = town.rows()
    stored = b"".join(bytes(value) for value in row if isinstance(value, bytes))
    everything = repr(row).encode() + stored
    for secret in (b"12345678", b"1980", b"0012", b"34500", b"123456"):
        assert secret not in everything


def test_an_account_is_locked_after_five_failures_until_the_next_day(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    tries = [town.link(hanako, f"9999000{number}") for number in range(5)]
    assert [each.outcome for each in tries] == ["not_found"] * 4 + ["locked"]
    assert [each.values.get("left") for each in tries] == [4, 3, 2, 1, None]
    assert town.link(hanako, "12345678").outcome == "locked"
    assert town.link(hanako, "12345678", now=APRIL.replace(hour=23, minute=59)).outcome == "locked"
    assert town.link(hanako, "12345678", now=TOMORROW.replace(hour=0, minute=0)).outcome == "linked"


def test_a_code_is_locked_for_everybody_after_five_failures(town: Town) -> None:
    people = town.residents(6)
    town.notices(line("12345678"))
    for guesser in people[:5]:
        town.link(guesser, "12345678", birth="1999-09-09")
    assert town.link(people[5], "12345678").outcome == "locked"
    assert town.link(people[5], "12345678", now=TOMORROW).outcome == "linked"


def test_a_code_that_does_not_exist_is_locked_just_the_same(town: Town) -> None:
    people = town.residents(6)
    outcomes = [town.link(guesser, "99998888").outcome for guesser in people]
    assert outcomes == ["not_found"] * 4 + ["locked"] * 2


def test_who_erases_their_data_is_still_locked(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    for number in range(5):
        town.link(hanako, f"9999000{number}")
    with town.database.write() as connection:
        erase(connection, hanako.id)
    assert town.link(hanako, "12345678").outcome == "locked"


def test_failures_of_yesterday_do_not_count(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    for number in range(4):
        town.link(hanako, f"9999000{number}")
    assert town.link(hanako, "99990009", now=TOMORROW).values["left"] == 4


def test_staff_reset_an_account_or_a_code(town: Town) -> None:
    people = town.residents(6)
    town.notices(line("12345678"))
    for guesser in people[:5]:
        town.link(guesser, "12345678", birth="1999-09-09")
    with town.database.write() as connection:
        assert lockout.locked(connection, APRIL) == {"account": 0, "code": 1}
        assert lockout.reset(connection, lockout.of_code(tax_lookup(LOOKUP), "12345678"))
        assert not lockout.reset(connection, lockout.of_code(tax_lookup(LOOKUP), "12345678"))
    assert town.link(people[5], "12345678").outcome == "linked"


def test_one_notice_belongs_to_one_account(town: Town) -> None:
    hanako, taro = town.residents(2)
    town.notices(line("12345678"))
    assert town.link(hanako, "12345678").outcome == "linked"
    assert town.link(hanako, "12345678").outcome == "already"
    assert town.link(taro, "12345678").outcome == "taken"
    assert town.act("tax.unlink", hanako).outcome == "unlinked"
    assert town.link(taro, "12345678").outcome == "linked"


def test_one_account_may_hold_several_and_let_go_of_one(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"), line("23456789", kind="軽自動車税", due="R9.6.30"))
    town.link(hanako, "12345678")
    town.link(hanako, "23456789")
    notices = town.act("tax.list_notices", hanako).values["notices"]
    assert [(each["number"], each["tax"]) for each in notices] == [(1, "自動車税種別割"), (2, "軽自動車税種別割")]
    assert town.act("tax.unlink", hanako, notice=notices[0]["id"]).values == {"count": 1}
    assert [each["tax"] for each in town.act("tax.list_notices", hanako).values["notices"]] == ["軽自動車税種別割"]


def test_nobody_reaches_anothers_notice_by_its_number(town: Town) -> None:
    hanako, taro = town.residents(2)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    [held] = town.act("tax.list_notices", hanako).values["notices"]
    for action in ("tax.say_paid", "tax.unlink", "tax.how_to_pay", "tax.say_unpaid"):
        assert town.act(action, taro, notice=held["id"]).outcome == "none"


def test_a_notice_named_by_nothing_is_none_of_them_and_never_all(town: Town) -> None:
    """A flow that looks up a number which is not in its list hands over nothing."""
    [hanako] = town.residents(1)
    town.notices(line("12345678"), line("23456789"))
    town.link(hanako, "12345678")
    town.link(hanako, "23456789")
    for action in ("tax.say_paid", "tax.unlink", "tax.how_to_pay", "tax.say_unpaid"):
        assert town.act(action, hanako, notice=None).outcome == "none"
    held = town.act("tax.list_notices", hanako).values
    assert (len(held["notices"]), len(held["unpaid"])) == (2, 2)
    assert town.act("tax.say_paid", hanako).outcome == "noted"


def test_erasing_ones_data_forgets_the_link_and_leaves_the_notice(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    with town.database.write() as connection:
        assert own_data(connection, hanako.id, "ja") == [
            "登録している納税通知書：2027年度 自動車税、納期限 2027年5月31日"
        ]
        erase(connection, hanako.id)
        assert own_data(connection, hanako.id, "ja") == []
        assert connection.execute(select(TaxLink.id)).first() is None
    assert len(town.rows()) == 1


def test_a_tax_of_the_towns_own_is_never_shown_by_its_key(town: Town) -> None:
    [hanako] = town.residents(1)
    town.set(vehicle_tax={"heavy": {"month": 7, "day": 31, "name": "重量車割"}})
    town.notices(line("12345678", kind="重量車割", due="R9.7.31"))
    assert town.link(hanako, "12345678").values["tax"] == "重量車割"
    with town.database.read() as connection:
        for language in ("ja", "ja-easy", "en"):
            [told] = own_data(connection, hanako.id, language)
            assert "heavy" not in told


def test_a_tax_without_a_name_is_told_before_it_is_published() -> None:
    days = {"month": 7, "day": 31}
    check_names({"vehicle_tax": {"car": days, "heavy": {**days, "name": {"ja": "重量車割"}}}})
    with pytest.raises(ValueError, match=r"vehicle_tax\.heavy needs a name"):
        check_names({"vehicle_tax": {"car": days, "heavy": days}})
    check_names({"vehicle_tax": 5})


def test_counters_name_nobody(town: Town) -> None:
    [hanako] = town.residents(1)
    town.link(hanako, "99990000")
    with town.database.read() as connection:
        columns = {column.name for column in Base.metadata.tables["tax_failures"].columns}
        keys = connection.execute(select(TaxFailure.key)).scalars().all()
        user = connection.execute(select(Resident.line_user_id)).scalar_one()
    assert "resident_id" not in columns
    assert all(len(key) == 32 and user.encode() not in bytes(key) for key in keys)


def test_paying_shows_the_four_numbers_until_the_due_date(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    [held] = town.act("tax.list_notices", hanako).values["notices"]
    found = town.act("tax.how_to_pay", hanako, notice=held["id"])
    assert found.outcome == "payable"
    numbers = [found.values[name] for name in ("agency", "payment", "confirmation", "category")]
    assert numbers == ["13800", "00000000000012345678", "123456", "1234567890"]
    assert found.values["amount"] == 34_500
    on_the_day = dt.datetime.combine(DUE, dt.time(23), APRIL.tzinfo)
    assert town.act("tax.how_to_pay", hanako, on_the_day, notice=held["id"]).outcome == "payable"
    late = town.act("tax.how_to_pay", hanako, on_the_day + dt.timedelta(hours=1), notice=held["id"])
    assert (late.outcome, late.values["late_yen"]) == ("overdue", None)
    assert "payment" not in late.values


def test_a_late_charge_is_shown_only_where_switched_on_and_its_rates_are_confirmed(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678", due="R7.5.31"))
    town.link(hanako, "12345678")
    [held] = town.act("tax.list_notices", hanako).values["notices"]

    def late(month: int, year: int = 2025) -> object:
        now = dt.datetime(year, month, 1, 9, tzinfo=APRIL.tzinfo)
        return town.act("tax.how_to_pay", hanako, now, notice=held["id"]).values["late_yen"]

    assert late(12) is None
    town.set(tax_late_charge=True)
    assert late(12) == 1_200
    assert late(8) == 0
    assert late(3, 2026) is None


def test_a_language_changes_what_the_tax_is_called(town: Town) -> None:
    [alex] = town.residents(1, "en")
    town.notices(line("12345678"))
    assert town.link(alex, "12345678").values["tax"] == "automobile tax"
