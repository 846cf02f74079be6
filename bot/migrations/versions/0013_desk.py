"""The desk: offices, consultations and their messages; the numbers of consultations about children."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Make the new tables."""
    _make_offices()
    _make_canned_replies()
    _make_consultations()
    _make_page_keys()
    _make_page_talks()
    _make_desk_events()
    _make_desk_messages()
    _make_desk_notes()
    _make_desk_scratches()
    _make_fact_sheets()
    _make_referrals()
    op.create_table(
        "child_welfare_counts",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("office", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "office", "what", "value", name=op.f("pk_child_welfare_counts")),
    )


def _make_offices() -> None:
    op.create_table(
        "offices",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("mode", sa.String(length=10), nullable=True),
        sa.Column("retention", sa.String(length=12), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        sa.Column("personal_limit", sa.SmallInteger(), nullable=False),
        sa.Column("four_eyes", sa.Boolean(), nullable=False),
        sa.Column("closed_until", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_offices_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offices")),
        sa.UniqueConstraint("key", name=op.f("uq_offices_key")),
        sqlite_autoincrement=True,
    )


def _make_canned_replies() -> None:
    op.create_table(
        "canned_replies",
        sa.Column("id", ID, nullable=False),
        sa.Column("office_id", ID, nullable=True),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_canned_replies_office_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
        sa.UniqueConstraint("office_id", "title", name=op.f("uq_canned_replies_office_id_title")),
        sqlite_autoincrement=True,
    )


def _make_consultations() -> None:
    op.create_table(
        "consultations",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("office_id", ID, nullable=False),
        sa.Column("flow", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("begun", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("grade", sa.String(length=2), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("danger", sa.Boolean(), nullable=False),
        sa.Column("carried", sa.LargeBinary(), nullable=False),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("second_by", sa.Integer(), nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("resident_at", MOMENT, nullable=False),
        sa.Column("staff_at", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.Column("reply_token", sa.LargeBinary(), nullable=True),
        sa.Column("token_at", MOMENT, nullable=True),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("noticed_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("close_reason", sa.String(length=30), nullable=True),
        sa.Column("keep_until", MOMENT, nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_consultations_asked_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_consultations_closed_by")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_consultations_office_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_consultations_resident_id")),
        sa.ForeignKeyConstraint(["second_by"], ["staff.id"], name=op.f("fk_consultations_second_by")),
        sa.ForeignKeyConstraint(["taken_by"], ["staff.id"], name=op.f("fk_consultations_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultations")),
        sa.UniqueConstraint("uid", name=op.f("uq_consultations_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_consultations_keep_until"), "consultations", ["keep_until"], unique=False)
    op.create_index("ix_consultations_office_id_closed_at", "consultations", ["office_id", "closed_at"], unique=False)
    op.create_index(
        "ix_consultations_open",
        "consultations",
        ["office_id", "state"],
        unique=False,
        postgresql_where=sa.text("state <> 'closed'"),
        sqlite_where=sa.text("state <> 'closed'"),
    )
    op.create_index("ix_consultations_resident_id", "consultations", ["resident_id"], unique=False)
    op.create_index(
        "uq_consultations_talk",
        "consultations",
        ["resident_id", "flow"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed'"),
        sqlite_where=sa.text("state <> 'closed'"),
    )


def _make_page_keys() -> None:
    op.create_table(
        "page_keys",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("flow", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_page_keys_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_page_keys")),
    )
    op.create_index(op.f("ix_page_keys_expires_at"), "page_keys", ["expires_at"], unique=False)
    op.create_index(op.f("ix_page_keys_resident_id"), "page_keys", ["resident_id"], unique=False)


def _make_desk_events() -> None:
    op.create_table(
        "desk_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("consultation_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=120), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultations.id"], name=op.f("fk_desk_events_consultation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_desk_events_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_desk_events_at", "desk_events", ["at"], unique=False)
    op.create_index(op.f("ix_desk_events_consultation_id"), "desk_events", ["consultation_id"], unique=False)


def _make_desk_messages() -> None:
    op.create_table(
        "desk_messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("consultation_id", ID, nullable=False),
        sa.Column("direction", sa.String(length=6), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("danger", sa.Boolean(), nullable=False),
        sa.Column("bundle", sa.String(length=32), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("sent_by", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.Column("delivery_key", sa.String(length=60), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_desk_messages_author_id")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultations.id"], name=op.f("fk_desk_messages_consultation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sent_by"], ["staff.id"], name=op.f("fk_desk_messages_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_messages")),
        sa.UniqueConstraint("uid", name=op.f("uq_desk_messages_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_desk_messages_bundle"), "desk_messages", ["bundle"], unique=False)
    op.create_index("ix_desk_messages_consultation_id", "desk_messages", ["consultation_id", "id"], unique=False)
    op.create_index("ix_desk_messages_message_id", "desk_messages", ["message_id"], unique=False)


def _make_desk_notes() -> None:
    op.create_table(
        "desk_notes",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("consultation_id", ID, nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_desk_notes_author_id")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultations.id"], name=op.f("fk_desk_notes_consultation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_notes")),
        sa.UniqueConstraint("uid", name=op.f("uq_desk_notes_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_desk_notes_consultation_id"), "desk_notes", ["consultation_id"], unique=False)


def _make_desk_scratches() -> None:
    op.create_table(
        "desk_scratches",
        sa.Column("consultation_id", ID, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_desk_scratches_consultation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_desk_scratches_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("consultation_id", "staff_id", name=op.f("pk_desk_scratches")),
    )


def _make_fact_sheets() -> None:
    op.create_table(
        "fact_sheets",
        sa.Column("consultation_id", ID, nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultations.id"], name=op.f("fk_fact_sheets_consultation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["staff.id"], name=op.f("fk_fact_sheets_updated_by")),
        sa.PrimaryKeyConstraint("consultation_id", name=op.f("pk_fact_sheets")),
    )


def _make_referrals() -> None:
    op.create_table(
        "referrals",
        sa.Column("id", ID, nullable=False),
        sa.Column("consultation_id", ID, nullable=False),
        sa.Column("body", sa.String(length=80), nullable=False),
        sa.Column("sent_by", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("safe_by", MOMENT, nullable=True),
        sa.Column("safe_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultations.id"], name=op.f("fk_referrals_consultation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sent_by"], ["staff.id"], name=op.f("fk_referrals_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_referrals_consultation_id"), "referrals", ["consultation_id"], unique=False)
    op.create_index(op.f("ix_referrals_safe_by"), "referrals", ["safe_by"], unique=False)


def _make_page_talks() -> None:
    op.create_table(
        "page_talks",
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("shown", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_page_talks_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_page_talks")),
    )
    op.create_index(op.f("ix_page_talks_updated_at"), "page_talks", ["updated_at"], unique=False)
