"""Jobs: our table on both engines, and on PostgreSQL the tables of Procrastinate, as the installed release creates them.

That is why pyproject.toml holds Procrastinate to one minor release: the next one may bring migrations of its own (its folder
`sql/migrations`), which a revision here has to run on databases made before.
"""

from importlib import resources
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "jobs",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("task", sa.String(length=80), nullable=False),
        sa.Column("arguments", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=True),
        sa.Column("lock", sa.String(length=160), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("error", sa.String(length=120), nullable=True),
        sa.Column("place", sa.String(length=240), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("uid", name=op.f("uq_jobs_uid")),
        sqlite_autoincrement=True,
    )
    waits = sa.text("status = 'waiting'")
    op.create_index("ix_jobs_key_waiting", "jobs", ["key"], unique=True, postgresql_where=waits, sqlite_where=waits)
    op.create_index("ix_jobs_status", "jobs", ["status", "due_at"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        _create_procrastinate()


def _create_procrastinate() -> None:
    # Its migrations from the first on cannot run here: PostgreSQL lets no transaction use an enum's value that it added itself.
    schema = resources.files("procrastinate") / "sql" / "schema.sql"
    driver: Any = op.get_bind().connection.driver_connection
    driver.cursor().execute(schema.read_text(encoding="utf-8"))
