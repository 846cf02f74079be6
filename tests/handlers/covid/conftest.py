"""The town of these tests, on both engines."""

from __future__ import annotations

import pytest

from bot.db import Database
from tests.handlers.covid.town import Town


@pytest.fixture
def town(database: Database) -> Town:
    """A town nobody lives in yet."""
    return Town(database)
