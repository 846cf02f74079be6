"""The platform's first tables: channels, residents and their talks, events, the outbox, the clock's ledger, submissions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "channels",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("bot_user_id", sa.String(length=80), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("name", name=op.f("uq_channels_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "heartbeats",
        sa.Column("process", sa.String(length=20), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "ticks",
        sa.Column("job", sa.String(length=60), nullable=False),
        sa.Column("scheduled_for", MOMENT, nullable=False),
        sa.Column("visited_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("job", "scheduled_for", name=op.f("pk_ticks")),
    )
    op.create_index(op.f("ix_ticks_visited_at"), "ticks", ["visited_at"], unique=False)
    op.create_table(
        "applied_events",
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("applied_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_applied_events_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", "event_id", name=op.f("pk_applied_events")),
    )
    op.create_index(op.f("ix_applied_events_applied_at"), "applied_events", ["applied_at"], unique=False)
    op.create_table(
        "residents",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("line_user_id", sa.String(length=80), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("friend", sa.Boolean(), nullable=True),
        sa.Column("friend_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_residents_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residents")),
        sa.UniqueConstraint("channel_id", "line_user_id", name=op.f("uq_residents_channel_id_line_user_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_residents_reference")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "conversations",
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("flow", sa.String(length=80), nullable=True),
        sa.Column("revision", sa.String(length=64), nullable=True),
        sa.Column("step", sa.String(length=80), nullable=True),
        sa.Column("last_event_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_conversations_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_conversations")),
    )
    op.create_index(op.f("ix_conversations_revision"), "conversations", ["revision"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("retry_key", sa.String(length=36), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("token_at", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("lease_by", sa.String(length=36), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("uncertain", sa.Boolean(), nullable=False),
        sa.Column("doubled", sa.Boolean(), nullable=False),
        sa.Column("last_result", sa.String(length=60), nullable=True),
        sa.Column("line_request_id", sa.String(length=60), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_deliveries_channel_id")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_deliveries_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("key", name=op.f("uq_deliveries_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('waiting', 'held')"),
        sqlite_where=sa.text("status IN ('waiting', 'held')"),
    )
    op.create_index(op.f("ix_deliveries_resident_id"), "deliveries", ["resident_id"], unique=False)
    op.create_table(
        "failed_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("resident_id", ID, nullable=True),
        sa.Column("flow", sa.String(length=80), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=240), nullable=False),
        sa.Column("failed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_failed_events_channel_id")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_failed_events_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_events")),
        sa.UniqueConstraint("channel_id", "event_id", name=op.f("uq_failed_events_channel_id_event_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_failed_events_failed_at"), "failed_events", ["failed_at"], unique=False)
    op.create_index(op.f("ix_failed_events_resident_id"), "failed_events", ["resident_id"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("flow", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_submissions_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("uid", name=op.f("uq_submissions_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_submissions_filed_at"), "submissions", ["filed_at"], unique=False)
    op.create_index(op.f("ix_submissions_resident_id"), "submissions", ["resident_id"], unique=False)
