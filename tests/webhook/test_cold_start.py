"""The first webhook after a start is answered as fast as LINE demands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.product import Product


@pytest.fixture
def hurried(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """The product as the Procfile starts it."""
    with Product(database_url, tmp_path, patient=False) as product:
        product.start()
        yield product


def test_the_first_webhook_after_a_start_is_answered_within_lines_two_seconds(hurried: Product) -> None:
    hanako = hurried.line.resident("花子")
    event = hanako.say("自動車税")
    assert hurried.line.delivered(event) == 200, "the stand-in gives up after two seconds, as LINE does"
    assert hanako.wait_for("どの税のお知らせですか")
