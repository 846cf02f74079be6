"""The audit log in the console: searched and exported by who watches over it, and that is recorded too."""

from __future__ import annotations

import csv
import io

import pytest

from bot import audit
from bot.audit import Command, Sealer, keys_of
from bot.console.access import Role
from tests.console.client import Hall
from tests.console.studio import Studio


@pytest.fixture
def logged(hall: Hall) -> Hall:
    """A hall in which three things were recorded and sealed."""
    with hall.database.write() as connection:
        for action, subject in (("garden.view", "bed:1"), ("garden.close", "bed:1"), ("staff.add", "staff:7")):
            audit.record(connection, Command("=cmd"), action, hall.now(), subject)
    Sealer(hall.database, keys_of(hall.settings.lookup_keys), "test", hall.now)()
    return hall


def test_the_auditor_finds_what_was_done_to_something(logged: Hall) -> None:
    page = logged.sign_in(Role.AUDITOR).get("/audit/?subject=bed:1")
    assert "garden.view" in page
    assert "garden.close" in page
    assert "staff.add" not in page


def test_an_action_is_found_by_its_beginning(logged: Hall) -> None:
    page = logged.sign_in(Role.AUDITOR).get("/audit/?action=garden")
    assert "garden.view" in page
    assert "staff.add" not in page


def test_the_chain_is_verified_on_the_page(logged: Hall) -> None:
    assert "改ざんはありません" in logged.sign_in(Role.AUDITOR).post("/audit/verify", status=200)


def test_an_export_is_recorded_and_no_formula_for_a_spreadsheet(logged: Hall) -> None:
    data = logged.sign_in(Role.AUDITOR).get("/audit/export").data.decode()
    rows = list(csv.DictReader(io.StringIO(data)))
    assert {"'=cmd"} <= {row["actor"] for row in rows}
    assert all(row["seal"] for row in rows if row["action"] == "garden.view")
    assert logged.audited("audit.export")


def test_a_day_limits_the_list(logged: Hall) -> None:
    assert "記録はありません" in logged.sign_in(Role.AUDITOR).get("/audit/?from=2999-01-01")


@pytest.mark.browser
def test_the_log_and_the_data_map_are_readable(studio: Studio) -> None:
    studio.look("/audit/", "audit", Role.AUDITOR)
    studio.look("/data-map/", "data-map", Role.OFFICER)
