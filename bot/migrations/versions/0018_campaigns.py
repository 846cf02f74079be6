"""Broadcasts composed and approved in the console, what hangs on them, and an index for deliveries that went wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")

TROUBLED = "status IN ('held', 'stale', 'failed', 'unknown', 'presumed', 'stopped')"


def upgrade() -> None:
    """Make the new tables."""
    _approvals()
    _campaigns()
    op.create_table(
        "saved_segments",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("segment", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_saved_segments_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_segments")),
        sa.UniqueConstraint("name", name=op.f("uq_saved_segments_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "published_images",
        sa.Column("id", ID, nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("preview", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["uploaded_by"], ["staff.id"], name=op.f("fk_published_images_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_images")),
        sa.UniqueConstraint("token", name=op.f("uq_published_images_token")),
        sqlite_autoincrement=True,
    )
    _testers()
    op.add_column("broadcasts", sa.Column("variants", sa.JSON(), nullable=True))
    op.create_index(
        "ix_deliveries_troubled",
        "deliveries",
        ["status", "id"],
        unique=False,
        postgresql_where=sa.text(TROUBLED),
        sqlite_where=sa.text(TROUBLED),
    )
    op.create_index(
        "ix_deliveries_troubled_at",
        "deliveries",
        ["status", "finished_at"],
        unique=False,
        postgresql_where=sa.text(TROUBLED),
        sqlite_where=sa.text(TROUBLED),
    )


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "decision IS NULL OR decision <> 'granted' OR decided_by <> asked_by",
            name=op.f("ck_approvals_two_people"),
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_approvals_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_approvals_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.UniqueConstraint("uid", name=op.f("uq_approvals_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_approvals_subject", "approvals", ["kind", "subject", "id"], unique=False)
    op.create_index(
        "ix_approvals_waiting",
        "approvals",
        ["kind", "subject"],
        unique=True,
        postgresql_where=sa.text("decision IS NULL"),
        sqlite_where=sa.text("decision IS NULL"),
    )


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("contents", sa.LargeBinary(), nullable=False),
        sa.Column("segment", sa.JSON(), nullable=False),
        sa.Column("segment_name", sa.String(length=80), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("send_at", MOMENT, nullable=True),
        sa.Column("stale_hours", sa.Integer(), nullable=False),
        sa.Column("repeat", sa.JSON(), nullable=True),
        sa.Column("excluded", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("corrects_id", ID, nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("likeness", sa.LargeBinary(length=32), nullable=False),
        sa.Column("knowingly", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("edited_by", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_campaigns_author_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_campaigns_channel_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["broadcasts.id"], name=op.f("fk_campaigns_corrects_id")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_campaigns_department_id")),
        sa.ForeignKeyConstraint(["edited_by"], ["staff.id"], name=op.f("fk_campaigns_edited_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("uid", name=op.f("uq_campaigns_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_campaigns_state"), "campaigns", ["state"], unique=False)
    op.create_index(op.f("ix_campaigns_likeness"), "campaigns", ["likeness"], unique=False)
    op.create_index(
        "ix_campaigns_next",
        "campaigns",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
        sqlite_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "campaign_runs",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("scheduled_for", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("broadcast_id", ID, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_campaign_runs_broadcast_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_runs_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "scheduled_for", name=op.f("pk_campaign_runs")),
        sa.UniqueConstraint("broadcast_id", name=op.f("uq_campaign_runs_broadcast_id")),
    )


def _testers() -> None:
    op.create_table(
        "testers",
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_testers_resident_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_testers_staff_id")),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_testers")),
    )
    op.create_index(op.f("ix_testers_staff_id"), "testers", ["staff_id"], unique=False)
    op.create_table(
        "tester_codes",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_tester_codes_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_tester_codes")),
    )
