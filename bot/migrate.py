"""Brings a database to the revision of the code, and tells where it stands."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.db import Database

_FOLDER = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 7_243_015
"""Any number: two releases that start at once take turns under it."""


@cache
def revisions() -> list[str]:
    """Return the revisions this code knows, oldest first: the numbers that the files' names begin with."""
    found = sorted(path.name.split("_", 1)[0] for path in (_FOLDER / "versions").glob("[0-9]*_*.py"))
    if not found:
        raise RuntimeError("there are no migrations: the installation is incomplete")
    return found


def head() -> str:
    """Return the revision this code needs."""
    return revisions()[-1]


def current(connection: Connection) -> str | None:
    """Return the revision the database has, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def is_behind(revision: str | None) -> bool:
    """Tell whether a database at `revision` lacks something; one that is ahead serves the older code during a deployment."""
    return revision is None or (revision in revisions() and revision != head())


def upgrade(database: Database) -> tuple[str | None, str]:
    """Run what is missing, all or nothing; return the revision before and after."""
    # Only here, where it is needed: loading it would be a tenth of every web process's start.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    with database.write(patience=60.0) as connection:
        if not database.on_sqlite:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
        before = current(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return before, head()
