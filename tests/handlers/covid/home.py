"""People at home in a small town: what they answer, and what becomes of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import select

from bot.models import Alert
from bot.service import Caller
from handlers.covid import calls, followups
from handlers.covid.actions import follow
from handlers.covid.calls import Outcome, Wanted
from handlers.covid.jobs import ask
from tests.handlers.covid.town import VAULT, Town, at

WELL = {"temperature": 36.4, "breathless": "0", "fatigue": "0", "throat": False, "nausea": False}
ILL = WELL | {"temperature": 38.6, "breathless": "2"}
HOURS = range(8, 21)


def at_home(town: Town, who: Caller, **more: Any) -> None:
    result = town.act(who, follow, **{"cadence": "home", "age_band": "20", "chronic": False, "phone": "1", **more})
    assert result.outcome == "begun"


def row_of(town: Town, who: Caller) -> Any:
    with town.database.read() as connection:
        return followups.of_resident(connection, who.id)


def on_the_list(town: Town, wanted: Wanted | None = None) -> list[Any]:
    with town.database.read() as connection:
        return calls.waiting(connection, wanted or Wanted(), town.now, 100)


def alerts(town: Town) -> Counter[tuple[str, bool]]:
    with town.database.read() as connection:
        open_ = connection.execute(select(Alert.kind, Alert.urgent).where(Alert.settled_at.is_(None))).all()
        return Counter((row.kind, row.urgent) for row in open_)


def a_day(town: Town, day: int) -> None:
    for hour in HOURS:
        for minute in (0, 30):
            town.tick(ask, at(day, hour, minute))


def call(town: Town, outcome: Outcome, note: str = "") -> int:
    with town.database.write() as connection:
        id_ = calls.take_next(connection, Wanted(), town.officer, town.now)
        assert id_ is not None
        row = calls.entry(connection, id_)
        calls.record(connection, VAULT, row, outcome, note, town.officer, town.now)
        return id_
