"""The first webhook after a start is answered as fast as LINE demands."""

from __future__ import annotations

from tests.product import Product


def test_the_first_webhook_after_a_start_is_answered_within_lines_two_seconds(product: Product) -> None:
    hanako = product.line.resident("花子")
    event = hanako.say("自動車税")
    assert product.line.delivered(event) == 200, "the stand-in gives up after two seconds, as LINE does"
    assert hanako.wait_for("どの税のお知らせですか")
