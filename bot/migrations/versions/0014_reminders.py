"""Reminders that flows set, what residents want to be told, and which rich menu each of them sees."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Make the new tables."""
    op.create_table(
        "reminders",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("flow", sa.String(length=60), nullable=False),
        sa.Column("step", sa.String(length=100), nullable=True),
        sa.Column("topic", sa.String(length=60), nullable=True),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_reminders_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("resident_id", "service", "name", name=op.f("uq_reminders_resident_id_service_name")),
        sa.UniqueConstraint("uid", name=op.f("uq_reminders_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reminders_due_at"), "reminders", ["due_at"])
    op.create_table(
        "preferences",
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("time_of_day", sa.String(length=5), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_preferences_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_preferences")),
    )
    op.create_table(
        "stopped_topics",
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_stopped_topics_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resident_id", "topic", name=op.f("pk_stopped_topics")),
    )
    op.create_index(op.f("ix_stopped_topics_topic"), "stopped_topics", ["topic"])
    op.create_table(
        "rich_menus",
        sa.Column("menu_id", sa.String(length=80), nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_rich_menus_channel_id")),
        sa.PrimaryKeyConstraint("menu_id", name=op.f("pk_rich_menus")),
    )
    op.create_index(op.f("ix_rich_menus_channel_id"), "rich_menus", ["channel_id"])
    op.create_table(
        "menu_links",
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("menu_id", sa.String(length=80), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_menu_links_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_menu_links")),
    )
    op.create_index(
        "ix_menu_links_waiting",
        "menu_links",
        ["resident_id"],
        postgresql_where=sa.text("waiting"),
        sqlite_where=sa.text("waiting"),
    )
