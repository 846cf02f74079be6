"""Attachments, where answers came from, and until when submissions are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.add_column("submissions", sa.Column("keep_until", MOMENT, nullable=True))
    op.create_index(op.f("ix_submissions_keep_until"), "submissions", ["keep_until"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("bundle", sa.String(length=32), nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("submission_id", ID, nullable=True),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("content_type", sa.String(length=40), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.SmallInteger(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_attachments_channel_id")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_attachments_resident_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_attachments_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("uid", name=op.f("uq_attachments_uid")),
        sqlite_autoincrement=True,
    )
    for column in ("bundle", "submission_id", "created_at"):
        op.create_index(op.f(f"ix_attachments_{column}"), "attachments", [column], unique=False)
    op.create_index("ix_attachments_resident_id_message_id", "attachments", ["resident_id", "message_id"], unique=False)
    op.create_table(
        "attachment_parts",
        sa.Column("attachment_id", ID, nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_attachment_parts_attachment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attachment_id", "number", name=op.f("pk_attachment_parts")),
    )
    op.create_table(
        "image_sets",
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("set_id", sa.String(length=80), nullable=False),
        sa.Column("bundle", sa.String(length=32), nullable=True),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_image_sets_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resident_id", "set_id", name=op.f("pk_image_sets")),
    )
    op.create_index(op.f("ix_image_sets_first_at"), "image_sets", ["first_at"], unique=False)
    op.create_table(
        "answer_sources",
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_answer_sources_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resident_id", "message_id", "name", name=op.f("pk_answer_sources")),
    )
    op.create_index(op.f("ix_answer_sources_answered_at"), "answer_sources", ["answered_at"], unique=False)
