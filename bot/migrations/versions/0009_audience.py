"""Topics, who receives them, and the closed attributes by which segments are formed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "topics",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("titles", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_topics")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_subscriptions_resident_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["topic"], ["topics.name"], name=op.f("fk_subscriptions_topic"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("resident_id", "topic", name=op.f("pk_subscriptions")),
    )
    op.create_index("ix_subscriptions_topic", "subscriptions", ["topic", "resident_id"], unique=False)
    op.create_table(
        "attributes",
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("keep_until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_attributes_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resident_id", "name", name=op.f("pk_attributes")),
    )
    op.create_index("ix_attributes_value", "attributes", ["name", "value", "resident_id"], unique=False)
    op.create_index(op.f("ix_attributes_keep_until"), "attributes", ["keep_until"], unique=False)
