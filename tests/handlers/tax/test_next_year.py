"""A linking code that comes back next year: the resident who linked it goes on, unless the car has another owner."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.crypto import Lookup
from handlers.tax.files import PAYMENTS
from tests.handlers.tax.conftest import BIRTHS, Town, csv, line


def next_year(code: str, birth: str = BIRTHS[0], plate: str = "川崎 500 あ ・・12") -> str:
    return line(code, birth, plate, due="R10.5.31")


def test_who_linked_last_year_goes_on_with_the_same_code(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.paid("12345678")
    assert town.notices(next_year("12345678")).changed == 1
    [held] = town.act("tax.list_notices", hanako).values["notices"]
    assert (held["year"], held["due_on"], held["state"]) == (2028, "2028-05-31", "open"), (
        "last year's payment is not this year's"
    )


@pytest.mark.parametrize(
    ("coming", "second"),
    [
        (next_year("12345678", BIRTHS[1]), {"birth_date": "1985-12-24"}),
        (next_year("12345678", ""), {"plate": "12"}),
        (next_year("12345678", BIRTHS[2], ""), {"birth_date": "1989-01-08"}),
    ],
)
def test_another_owner_is_not_linked_to_the_one_before(town: Town, coming: str, second: dict[str, Any]) -> None:
    hanako, taro = town.residents(2)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.notices(coming)
    assert town.act("tax.list_notices", hanako).outcome == "none"
    assert town.act("tax.link_notice", taro, code="12345678", **second).outcome == "linked"


def test_a_car_without_a_birth_date_is_linked_anew_each_year(town: Town) -> None:
    [company] = town.residents(1)
    town.notices(line("12345678", ""))
    assert town.act("tax.link_notice", company, code="12345678", plate="12").outcome == "linked"
    town.notices(next_year("12345678", ""))
    assert town.act("tax.list_notices", company).outcome == "none", "nobody can tell whether it was sold"


def test_a_file_of_last_year_brings_nothing_back(town: Town) -> None:
    town.notices(next_year("12345678"))
    assert town.notices(line("12345678")).unchanged == 1
    assert [row.tax_year for row in town.rows()] == [2028]


def test_a_code_stays_linked_though_keys_are_being_replaced(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    rotating = replace(town, lookup=Lookup([b"n" * 32, bytes(32)]))
    assert rotating.notices(next_year("12345678")).changed == 1
    assert rotating.act("tax.list_notices", hanako).outcome == "some"


def test_a_late_payment_of_last_year_does_not_settle_this_years_notice(town: Town) -> None:
    town.notices(next_year("12345678"))
    town.hand_in(PAYMENTS, csv("12345678,R9,R10.5.2", headings="連携コード,年度,納付日"))
    assert town.state("12345678") == "open"
    town.hand_in(PAYMENTS, csv("12345678,R10,R10.5.2", headings="連携コード,年度,納付日"))
    assert town.state("12345678") == "paid"
