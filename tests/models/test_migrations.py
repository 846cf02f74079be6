"""The migrations lead from nothing to exactly what the models say, in one line, on both engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from bot import migrate
from bot.db import Database
from bot.models import Base
from tests.conftest import MakeDatabase

MIGRATIONS = Path(migrate.__file__).parent / "migrations"


@pytest.fixture
def empty(engine: str, make_database: MakeDatabase, tmp_path: Path) -> Iterator[Database]:
    """A database in which nobody has made anything yet."""
    if engine == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        database = Database(make_database(engine))
        with database.write() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    yield database
    database.close()


def test_an_empty_database_is_brought_to_the_codes_revision_and_stays_there(empty: Database) -> None:
    with empty.read() as connection:
        assert migrate.current(connection) is None
    assert migrate.upgrade(empty) == (None, migrate.head())
    assert migrate.upgrade(empty) == (migrate.head(), migrate.head())
    with empty.read() as connection:
        assert migrate.current(connection) == migrate.head()
        assert {table.name for table in Base.metadata.sorted_tables} < set(inspect(connection).get_table_names())


def is_ours(name: str | None, kind: str, _parents: Mapping[str, str | None]) -> bool:
    """Tell whether a name is of our own tables; Procrastinate brings its own schema."""
    return kind != "table" or not (name or "").startswith("procrastinate_")


def test_the_tables_are_what_the_models_say(empty: Database) -> None:
    migrate.upgrade(empty)
    with empty.read() as connection:
        looking = {"compare_type": True, "compare_server_default": True, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=looking)
        assert compare_metadata(context, Base.metadata) == []


def test_constraints_bear_the_same_names_on_both_engines(empty: Database) -> None:
    migrate.upgrade(empty)
    with empty.read() as connection:
        inspector = inspect(connection)
        for table in Base.metadata.sorted_tables:
            unique = {found["name"] for found in inspector.get_unique_constraints(table.name)}
            indexes = {
                found["name"] for found in inspector.get_indexes(table.name) if not found.get("duplicates_constraint")
            }
            assert {one.name for one in table.indexes} == indexes - unique
            assert {one["name"] for one in inspector.get_foreign_keys(table.name)} == {
                one.name for one in table.foreign_key_constraints
            }


def test_a_failing_migration_leaves_nothing_behind(empty: Database) -> None:
    with empty.write() as connection:
        connection.execute(text("CREATE TABLE deliveries (id INTEGER)"))
    with pytest.raises(Exception, match="deliveries"):
        migrate.upgrade(empty)
    with empty.read() as connection:
        assert inspect(connection).get_table_names() == ["deliveries"]


def test_revisions_are_numbered_and_follow_one_another() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    revisions = list(ScriptDirectory.from_config(config).walk_revisions())[::-1]
    numbers = [revision.revision for revision in revisions]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert migrate.revisions() == numbers
    assert [revision.down_revision for revision in revisions] == [None, *numbers[:-1]]
    assert all(Path(revision.path).name.startswith(f"{revision.revision}_") for revision in revisions)
