"""The child process that does one stage of one import: `python -m bot.importer`, told by standard input what to work with."""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from bot import logs
from bot.child import Heard, hear
from bot.db import is_conflict, is_unavailable
from bot.imports import stage
from bot.imports.tasks import AWAY, BUSY, MORE
from bot.logs import place_of
from bot.service import Services, load_services

log = structlog.get_logger(__name__)


def work(heard: Heard) -> int:
    """Do the stage and return with what the process ends."""
    services = load_services(heard.more["services"])
    database, ends = heard.database, time.monotonic() + heard.more["seconds"]

    def go_on() -> bool:
        # Without its parent nobody would hear of it: the next process begins again where this one ended.
        return time.monotonic() < ends and os.getppid() == heard.parent

    def read_town() -> Mapping[str, Any]:
        from bot.editions import Editions

        editions = Editions(database, services, Path(heard.more["flows"]), heard.now)
        editions.begin()
        return editions.book().town.town

    bench = stage.Bench(database, heard.vault, heard.lookup, heard.now, uuid.uuid4().hex, go_on, read_town)
    try:
        return _stage(bench, services, heard.more["import"])
    finally:
        database.close()


def _stage(bench: stage.Bench, services: Services, uid: str) -> int:
    try:
        row = stage.take(bench, uid)
        if row is None:
            return 0
        kind = services.import_kind(row.kind)
        if kind is None:
            stage.fail(bench, row, "UnknownKind")
            return 0
        return _done(bench, row, kind)
    except stage.LeaseLost:
        return BUSY
    except Exception as error:
        if is_unavailable(error):
            return AWAY
        raise


def _done(bench: stage.Bench, row: Any, kind: Any) -> int:
    try:
        if stage.run(bench, kind, row):
            return 0
    except stage.LeaseLost:
        return BUSY
    except Exception as error:  # noqa: BLE001 - whatever a service meets in a file, the import is told and the child ends
        if is_unavailable(error) or is_conflict(error):
            stage.give_back(bench, row)
            return AWAY
        log.warning("import.failed", kind=row.kind, error=type(error).__name__, place=place_of(error))
        stage.fail(bench, row, f"{type(error).__name__} {place_of(error)}")
        return 0
    stage.give_back(bench, row)
    return MORE


def main() -> int:
    """Read what to do and do it."""
    logs.set_up()
    return work(hear())


if __name__ == "__main__":
    sys.exit(main())
