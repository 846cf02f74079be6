"""The demo's notices can be linked, paid and dunned like real ones."""

from __future__ import annotations

import pytest

from bot.delivery.outbox import Outbox
from bot.now import Now
from bot.sample import SampleContext
from handlers.tax import sample, sends, service
from tests.handlers.tax.conftest import Town


def test_a_visitor_links_the_printed_notice_and_staff_have_something_to_approve(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    assert service.sample == sample.__name__
    residents = town.residents(3)
    now = Now()
    with town.database.write() as connection:
        outbox = Outbox(town.vault, "test")
        sample.fill(SampleContext(connection, town.vault, town.lookup, outbox, town.book, now(), residents, {}, {}))
    assert sample.CODE in capsys.readouterr().out
    assert town.link(residents[0], sample.CODE, now=now()).outcome == "linked"
    [held] = town.act("tax.list_notices", residents[0], now()).values["notices"]
    assert town.act("tax.how_to_pay", residents[0], now(), notice=held["id"]).outcome == "payable"
    waiting = [row for row in town.sends() if row.stage.startswith("after") and row.kind == "car"]
    with town.database.read() as connection:
        obstacles = {sends.find_obstacle(connection, row, town.book, town.town) for row in waiting}
    assert sends.Obstacle.APPROVAL in obstacles
