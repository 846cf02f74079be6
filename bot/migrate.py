"""Brings a database to the revision of the code, and tells where it stands."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.db import Database

_ADVISORY_LOCK = 7_243_015
"""Any number: two releases that start at once take turns under it."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def head() -> str:
    """Return the revision this code needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise RuntimeError("there are no migrations: the installation is incomplete")
    return revision


def current(connection: Connection) -> str | None:
    """Return the revision the database has, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def is_behind(revision: str | None) -> bool:
    """Tell whether a database at `revision` lacks something; one that is ahead serves the older code during a deployment."""
    known = [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]
    return revision is None or (revision in known and revision != known[0])


def upgrade(database: Database) -> tuple[str | None, str]:
    """Run what is missing, all or nothing; return the revision before and after."""
    config = _config()
    with database.write(patience=60.0) as connection:
        if not database.on_sqlite:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
        before = current(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return before, head()
