"""Import and reconciliation: the same file twice changes nothing, a late list makes no debtors, what does not fit is listed."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from bot.imports import stage
from bot.models import ImportFault
from handlers.tax import settlement
from handlers.tax.files import NOTICES, PAYMENTS
from handlers.tax.models import TaxDifference, TaxPaidList
from tests.handlers.tax.conftest import APRIL, Town, csv, line
from tests.imports import loading

MAY = dt.datetime(2027, 5, 25, 9, 0, tzinfo=APRIL.tzinfo)


def reasons(town: Town) -> list[tuple[int, str]]:
    with town.database.read() as connection:
        rows = connection.execute(select(TaxDifference).order_by(TaxDifference.list_id, TaxDifference.line))
        return [(row.line, row.reason) for row in rows]


def test_the_same_file_again_changes_nothing(town: Town) -> None:
    lines = [line("12345678"), line("23456789")]
    first, again = town.notices(*lines), town.notices(*lines)
    assert (first.added, first.changed, first.unchanged) == (2, 0, 0)
    before = town.rows()
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert town.rows() == before


def test_a_corrected_notice_is_replaced_and_stays_linked(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    changed = town.notices(line("12345678", due="R9.6.30"))
    assert (changed.added, changed.changed) == (0, 1)
    assert town.act("tax.list_notices", hanako).values["notices"][0]["due_on"] == "2027-06-30"


def test_a_due_date_on_a_sunday_is_the_next_business_day(town: Town) -> None:
    town.notices(line("12345678", due="R8.5.31"))
    assert town.rows()[0].due_on == dt.date(2026, 6, 1)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("12345678,,,令和9年度,自動車税,1000,R9.5.31,,,,,", "", "no_factor"),
        ("12345678,S55.3.1,,令和9年度,自動車税,1000,R9.5.31,13800,1,,,", "", "el_incomplete"),
        ("1234,S55.3.1,,令和9年度,自動車税,1000,R9.5.31,,,,,", "code", "code"),
        ("1.23457E+19,S55.3.1,,令和9年度,自動車税,1000,R9.5.31,,,,,", "code", "exponent"),
        ("12345678,S55.3.1,,令和9年度,自動車税,千円,R9.5.31,,,,,", "amount", "amount"),
        (f"12345678,S55.3.1,,令和9年度,自動車税,{'9' * 300},R9.5.31,,,,,", "amount", "amount"),
        ("12345678,S55.3.1,,令和9年度,自動車税,1000,R9.13.31,,,,,", "due_on", "not_date"),
        ("12345678,S55.3.1,,令和9年度,自動車税,1000,R9.5.31,13800,1.23457E+19,123456,1,", "el_payment", "exponent"),
        (f"12345678,S55.3.1,,令和9年度,自動車税,1000,R9.5.31,13800,{'1' * 300},1,1,", "el_payment", "digits_between"),
        ("12345678,S55.3.1,,令和9年度,固定資産税,1000,R9.5.31,,,,,", "kind", "unknown_kind"),
        ("12345678,S55.3.1,,令和9年度,自動車税,1000,R9.5.31,,,,,はがき", "form", "form"),
        ("12345678,S55.3.1,,令和9年度,自動車税,0,R9.5.31,,,,,", "amount", "nothing_due"),
        ("12345678,S55.3.1,,27,自動車税,1000,R9.5.31,,,,,", "tax_year", "year_and_due"),
        ("12345678,S55.3.1,,令和9年度,自動車税,1000,R39.5.31,,,,,", "tax_year", "year_and_due"),
        ("2345-6789,S55.3.1,,令和9年度,自動車税,1000,R9.5.31,,,,,", "code", "twice"),
    ],
)
def test_bad_rows_are_told_by_row_and_column_and_the_good_ones_can_go_on(
    town: Town, row: str, column: str, code: str
) -> None:
    checked = loading.checked(town.database, NOTICES, csv(line("23456789"), row), town=town.town)
    assert (checked.rows, checked.rows_bad) == (2, 1)
    assert _told(town) == {(0, column, code), (3, column, code)}
    loading.start(town.database, checked)
    loading.go_through(loading.bench(town.database, town=town.town), NOTICES, checked.uid)
    assert len(town.rows()) == 1


def test_el_numbers_have_as_many_digits_as_the_town_says(town: Town) -> None:
    town.set(tax_el_digits={"confirmation": 6, "category": [1, 3]})
    short = line("12345678").replace(",123456,", ",23456,")  # a spreadsheet has eaten the zero in front
    checked = loading.checked(town.database, NOTICES, csv(short), town=town.town)
    assert checked.rows_bad == 1
    told = {(2, "el_confirmation", "digits_exactly"), (2, "el_category", "digits_between")}
    assert {fault for fault in _told(town) if fault[0]} == told


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_notices_is_read_in_each_encoding_spreadsheets_write(town: Town, encoding: str) -> None:
    body = csv(line("12345678")).decode("cp932").encode(encoding)
    assert town.hand_in(NOTICES, body).added == 1


def _told(town: Town) -> set[tuple[int, str, str]]:
    with town.database.read() as connection:
        asked = select(ImportFault.row, ImportFault.column, ImportFault.code)
        return {(row.row, row.column, row.code) for row in connection.execute(asked)}


def test_a_paid_list_settles_by_code_or_by_payment_number(town: Town) -> None:
    town.notices(line("12345678"), line("23456789"), line("34567890"))
    body = csv("12345678,,,R9.5.20", ",13800,23456789,R9.5.21", headings="連携コード,収納機関番号,納付番号,納付日")
    loading.run(town.database, PAYMENTS, body, town.town)
    assert [town.state(code) for code in ("12345678", "23456789", "34567890")] == ["paid", "paid", "open"]


def test_what_does_not_fit_is_listed_and_nobody_is_dunned_for_it(town: Town) -> None:
    town.notices(line("12345678"), line("23456789"), line("34567890"))
    body = csv(
        "12345678,R9.5.20,30000,", "99990000,R9.5.20,34500,", "23456789,R9.5.20,34500,", "23456789,R9.5.21,34500,",
        "34567890,R9.5.20,34500,取消", headings="連携コード,納付日,納付額,取消",
    )  # fmt: skip
    loading.run(town.database, PAYMENTS, body, town.town)
    assert reasons(town) == [(2, "amount"), (3, "unknown"), (5, "twice"), (6, "reversed")]
    assert [town.state(code) for code in ("12345678", "23456789", "34567890")] == ["paid", "paid", "open"]


LISTED = "連携コード,納付日,取消"


def book(town: Town, *lines: str) -> None:
    loading.run(town.database, PAYMENTS, csv(*lines, headings=LISTED), town.town)


def test_a_payment_after_its_reversal_stands_whichever_file_brings_it(town: Town) -> None:
    town.notices(line("12345678"), line("23456789"))
    book(town, "12345678,R9.5.20,", "12345678,R9.5.20,取消", "12345678,R9.5.25,")
    book(town, "23456789,R9.5.20,")
    book(town, "23456789,R9.5.20,取消", "23456789,R9.5.25,")
    assert [(row.state, row.paid_on) for row in town.rows()] == [("paid", dt.date(2027, 5, 25))] * 2
    assert {reason for _, reason in reasons(town)} == {"reversed"}


def test_an_older_list_handed_in_again_takes_back_no_later_payment(town: Town) -> None:
    town.notices(line("12345678"))
    book(town, "12345678,R9.5.20,", "12345678,R9.5.20,取消")
    assert town.state("12345678") == "open"
    book(town, "12345678,R9.6.1,")
    book(town, "12345678,R9.5.20,取消")
    assert town.state("12345678") == "paid"


def test_a_reversal_does_not_contradict_who_says_to_have_paid_otherwise(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.act("tax.say_paid", hanako, MAY)
    book(town, "12345678,R9.5.20,取消")
    assert town.state("12345678") == "said_paid"


def test_a_list_is_not_complete_before_its_file_is_loaded_to_the_end(town: Town) -> None:
    town.notices(*(line(f"{20_000_000 + number}") for number in range(300)))
    body = csv(*(f"{20_000_000 + number},R9.5.20," for number in range(300)), headings=LISTED)
    checked = loading.checked(town.database, PAYMENTS, body, town=town.town)
    loading.start(town.database, checked)
    once = loading.bench(town.database, town=town.town, go_on=lambda: False)
    assert not stage.run(once, PAYMENTS, stage.take(once, checked.uid))
    assert town.state("20000000") == "paid"
    assert town.state("20000299") == "open", "the rest of the file is still to come"
    with pytest.raises(settlement.StillLoading):
        town.confirm(checked.uid, dt.date(2027, 5, 20), MAY)
    loading.go_through(loading.bench(town.database, town=town.town), PAYMENTS, checked.uid)
    town.confirm(checked.uid, dt.date(2027, 5, 20), MAY)


def test_rows_left_out_of_a_list_are_looked_after_before_it_is_complete(town: Town) -> None:
    town.notices(line("12345678"))
    row = town.hand_in(PAYMENTS, csv("12345678,R9.5.20,", "23456789,五月ごろ,", headings=LISTED))
    assert (row.status, row.rows_bad) == ("done", 1)
    with pytest.raises(settlement.RowsLeftOut):
        town.confirm(row.uid, dt.date(2027, 5, 20), MAY)
    town.confirm(row.uid, dt.date(2027, 5, 20), MAY, left_out=1)
    with town.database.read() as connection:
        assert connection.execute(select(TaxPaidList.paid_until)).scalar_one() == dt.date(2027, 5, 20)


def test_the_same_paid_list_again_settles_nothing_twice(town: Town) -> None:
    town.notices(line("12345678"))
    first, again = town.paid("12345678"), town.paid("12345678")
    assert (first.changed, again.changed, again.unchanged) == (1, 0, 1)
    assert reasons(town) == []


def test_who_said_to_have_paid_is_believed_until_a_list_could_have_shown_it(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"), line("23456789"))
    town.link(hanako, "12345678")
    assert town.act("tax.say_paid", hanako, MAY).outcome == "noted"
    town.paid("23456789", until=dt.date(2027, 5, 24), now=MAY)
    assert town.state("12345678") == "said_paid"
    row = town.paid("23456789")
    assert town.confirm(row.uid, dt.date(2027, 5, 25), MAY + dt.timedelta(days=7)) == 1
    assert town.state("12345678") == "open"


def test_a_statement_can_be_taken_back(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.act("tax.say_paid", hanako, MAY)
    assert town.act("tax.say_unpaid", hanako, MAY).outcome == "noted"
    assert town.state("12345678") == "open"


def test_a_list_cannot_be_complete_for_a_day_that_is_not_over(town: Town) -> None:
    town.notices(line("12345678"))
    row = town.paid("12345678")
    with pytest.raises(settlement.NotPossible):
        town.confirm(row.uid, MAY.date(), MAY)
    with town.database.read() as connection:
        assert connection.execute(select(TaxPaidList.paid_until)).scalar_one() is None


def test_keys_being_replaced_still_find_and_do_not_double(town: Town) -> None:
    from bot.crypto import Lookup
    from handlers.tax.linking import find_by_code

    town.notices(line("12345678"))
    both = Lookup([b"n" * 32, bytes(32)])
    with town.database.read() as connection:
        assert find_by_code(connection, both, "12345678") is not None
    uid = loading.checked(town.database, NOTICES, csv(line("12345678"))).uid
    loading.start(town.database, loading.row_of(town.database, uid))
    loading.go_through(loading.bench(town.database, lookup=both, town=town.town), NOTICES, uid)
    assert len(town.rows()) == 1
    with town.database.read() as connection:
        assert find_by_code(connection, Lookup([b"n" * 32]), "12345678") is not None
