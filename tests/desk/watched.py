"""The desk some time later, as the clock watches over it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from bot.desk import watching
from bot.models import Alert
from tests.desk.conftest import DeskTown

MINUTE = dt.timedelta(minutes=1)


def alert(town: DeskTown, key: str) -> Any:
    with town.runtime.database.read() as connection:
        return connection.execute(select(Alert).where(Alert.key == key)).one_or_none()


def watch(town: DeskTown, later: dt.timedelta) -> None:
    with town.desk(later) as desk:
        watching.watch(desk)
