"""The attempt log; broadcasts and their batches, which are deliveries to many residents; times after which a message is stale."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Widen the outbox first: on SQLite it is rebuilt, and nothing may hang on it then."""
    with op.batch_alter_table("deliveries", table_kwargs={"sqlite_autoincrement": True}) as deliveries:
        deliveries.alter_column("resident_id", existing_type=ID, nullable=True)
        deliveries.add_column(sa.Column("stale_at", MOMENT, nullable=True))
        deliveries.add_column(sa.Column("tried_at", MOMENT, nullable=True))
    op.create_table(
        "attempts",
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("http_status", sa.SmallInteger(), nullable=True),
        sa.Column("line_request_id", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_attempts_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_attempts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("segment", sa.JSON(), nullable=True),
        sa.Column("corrects_id", ID, nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("planned", sa.Integer(), nullable=True),
        sa.Column("left_out", sa.JSON(), nullable=True),
        sa.Column("send_at", MOMENT, nullable=False),
        sa.Column("stale_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("frozen_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_broadcasts_channel_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["broadcasts.id"], name=op.f("fk_broadcasts_corrects_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_broadcasts_status"), "broadcasts", ["status"], unique=False)
    op.create_table(
        "batches",
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("broadcast_id", ID, nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("first_id", ID, nullable=False),
        sa.Column("last_id", ID, nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_batches_delivery_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_batches_broadcast_id")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_broadcast_id"), "batches", ["broadcast_id"], unique=False)
    op.create_index("ix_batches_ids", "batches", ["first_id", "last_id"], unique=False)
