"""Alerts to staff, and who is told; the proof that LINE redelivers."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Make the new tables."""
    op.create_table(
        "alert_contacts",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("webhook", sa.LargeBinary(), nullable=True),
        sa.Column("service", sa.String(length=60), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("urgent_only", sa.Boolean(), nullable=False),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("from_minute", sa.SmallInteger(), nullable=False),
        sa.Column("till_minute", sa.SmallInteger(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=True),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_alert_contacts_department_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_contacts")),
        sa.UniqueConstraint("uid", name=op.f("uq_alert_contacts_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alerts",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.String(length=80), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("told", sa.SmallInteger(), nullable=False),
        sa.Column("unheard", sa.Boolean(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("acknowledged_contact_id", ID, nullable=True),
        sa.Column("acknowledged_staff_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_contact_id"],
            ["alert_contacts.id"],
            name=op.f("fk_alerts_acknowledged_contact_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_alerts_department_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["acknowledged_staff_id"], ["staff.id"], name=op.f("fk_alerts_acknowledged_staff_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("key", name=op.f("uq_alerts_key")),
        sqlite_autoincrement=True,
    )
    still_open = sa.text("next_at IS NOT NULL")
    op.create_index("ix_alerts_open", "alerts", ["next_at"], postgresql_where=still_open, sqlite_where=still_open)
    op.create_index("ix_alerts_raised_at", "alerts", ["raised_at"])
    op.create_table(
        "alert_sendings",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("contact_id", ID, nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("last_result", sa.String(length=80), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alert_sendings_alert_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["alert_contacts.id"], name=op.f("fk_alert_sendings_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_sendings")),
        sa.UniqueConstraint("uid", name=op.f("uq_alert_sendings_uid")),
        sqlite_autoincrement=True,
    )
    waits = sa.text("status = 'waiting'")
    op.create_index(
        "ix_alert_sendings_waiting", "alert_sendings", ["due_at"], postgresql_where=waits, sqlite_where=waits
    )
    op.create_index(op.f("ix_alert_sendings_alert_id"), "alert_sendings", ["alert_id"])
    op.create_index(op.f("ix_alert_sendings_contact_id"), "alert_sendings", ["contact_id"])
    op.create_table(
        "redeliveries",
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("asked_until", MOMENT, nullable=True),
        sa.Column("event_id", sa.String(length=64), nullable=True),
        sa.Column("refused_at", MOMENT, nullable=True),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_redeliveries_channel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_redeliveries")),
    )
