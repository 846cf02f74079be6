"""What somebody reads who may have met an infected person: where to ask, and nothing the facility has not agreed to."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from bot.flow.load import load
from bot.notice import notice
from bot.now import TOKYO
from bot.service import load_services
from tests.product import ROOT

NOON = dt.datetime(2026, 6, 20, 12, tzinfo=TOKYO)
CENTRE = {"covid_center_name": "保健所", "covid_center_phone": "119"}


@pytest.mark.parametrize("language", ["ja", "ja-easy", "en"])
def test_the_centres_telephone_is_told_where_the_town_has_set_it(language: str) -> None:
    book = load(ROOT / "flows", load_services("handlers").registry).book
    values = {"named": False, "facility": "", "from_at": "", "to_at": ""}
    unset = notice(book, "covid.exposure", language, values, NOON)
    town = book.town.model_copy(update={"town": {**book.town.town, **CENTRE}})
    told = notice(replace(book, town=town), "covid.exposure", language, values, NOON)
    assert "保健所 119" in str(told)
    assert "保健所" not in str(unset)
    assert "None" not in str(unset)
