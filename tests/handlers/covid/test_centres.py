"""The town's list of centres, as a file of a spreadsheet."""

from __future__ import annotations

import pytest

from bot.db import Database
from handlers.covid import centres
from tests.imports import loading

HEAD = "郵便番号,地域,相談先,電話番号,受付時間\n"


def load(database: Database, *lines: str) -> tuple[int, int, int, int]:
    row = loading.run(database, centres.CENTRES, (HEAD + "\n".join(lines)).encode("cp932"))
    return row.added, row.changed, row.unchanged, row.rows_bad


def test_a_list_is_taken_in_changed_and_told_by_the_longest_beginning(database: Database) -> None:
    first = ("000,見本西,西センター,110,", "０００－１,見本東,東センター,119,毎日")
    assert load(database, *first) == (2, 0, 0, 0)
    assert load(database, first[0], "0001,見本東,新しい東センター,119,毎日") == (0, 1, 1, 0)
    with database.read() as connection:
        assert centres.find(connection, "000-1234", {}).name == "新しい東センター"
        assert centres.find(connection, "000-9999", {}).area == "見本西"
        assert set(centres.areas(connection)) == {"見本東", "見本西"}


@pytest.mark.parametrize(
    "line", ["00,東,センター,119,", "000,東,センター,なし,", "000,,センター,119,", "abc,東,センター,119,"]
)
def test_a_line_that_cannot_be_is_not_taken_in(database: Database, line: str) -> None:
    assert load(database, line, "0009,西,センター,110,") == (1, 0, 0, 1)


def test_without_a_list_the_towns_own_number_is_told_and_without_that_nothing(database: Database) -> None:
    with database.read() as connection:
        town = {"covid_center_name": "町のセンター", "covid_center_phone": "119"}
        assert centres.find(connection, None, town).phone == "119"
        assert centres.find(connection, "000-1234", {"covid_center_phone": "要設定"}).phone == ""
        assert centres.find(connection, "000-1234", {}).area == centres.UNKNOWN_AREA
