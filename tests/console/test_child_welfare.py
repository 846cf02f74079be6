"""Consultations in numbers: for reports, and never about somebody."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import insert

from bot.console.access import Role
from handlers.child_welfare.models import WelfareCount
from tests.console.client import Hall
from tests.console.studio import Studio

SERVICE = ["child_welfare"]


def count(hall: Hall, **numbers: int) -> None:
    """Enter numbers of this month: what__value=number."""
    month: dt.date = hall.now.tokyo().date().replace(day=1)
    rows: list[dict[str, Any]] = [
        {
            "month": month,
            "office": "family",
            "what": name.split("__")[0],
            "value": name.split("__")[1],
            "number": number,
        }
        for name, number in numbers.items()
    ]
    with hall.database.write() as connection:
        connection.execute(insert(WelfareCount), rows)


def test_small_numbers_point_at_nobody(town_hall: Hall) -> None:
    count(town_hall, all__all=19, who__child=2, who__guardian=7, who__other=10, reason__solved=19)
    clerk = town_hall.sign_in(Role.COUNSELLOR, services=SERVICE)
    page = clerk.get("/child-welfare/?months=12")
    assert "子ども本人 1–2" in page
    assert "保護者 1–" in page
    assert "保護者 7" not in page, "the sum less the others would tell the hidden one"
    assert "そのほかの人 10" in page
    csv = clerk.get("/child-welfare/csv").data.decode("utf-8-sig")
    assert "who,child,1–2" in csv
    assert "who,child,2\r" not in csv
    assert town_hall.audited("child_welfare.numbers_csv")


@pytest.mark.browser
def test_the_numbers_read_well(town_studio: Studio) -> None:
    count(town_studio.hall, all__all=31, who__child=12, who__guardian=19, reason__solved=20, reason__no_reply=11)
    town_studio.look("/child-welfare/", "child-welfare", Role.MANAGER, services=SERVICE)
