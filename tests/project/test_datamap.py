"""Nothing is stored that the data map does not explain."""

from __future__ import annotations

import pytest

from bot.models import Base
from bot.models.datamap import Entry, entry_of
from bot.service import load_services

load_services("handlers")
TABLES = sorted(Base.metadata.tables)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_what_it_holds_why_for_how_long_and_who_sees_it(name: str) -> None:
    entry = entry_of(Base.metadata.tables[name])
    assert entry, f"put @kept(…) above the model of {name}"
    for part in Entry.__slots__:
        japanese, english = getattr(entry, part)
        assert japanese.strip()
        assert english.strip()
        assert english.isascii(), "the second text is the English one"
