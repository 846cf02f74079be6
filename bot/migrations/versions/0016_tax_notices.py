"""Tax notices, their links and payments."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "tax_failures",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tax_failures")),
    )
    op.create_index(op.f("ix_tax_failures_updated_at"), "tax_failures", ["updated_at"], unique=False)
    op.create_table(
        "tax_notices",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("birth_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("plate_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("payment_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("tax_year", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("el_number", sa.LargeBinary(), nullable=True),
        sa.Column("form", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("said_at", MOMENT, nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_notices")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_tax_notices_code_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tax_notices_due_on", "tax_notices", ["due_on", "kind", "state"], unique=False)
    op.create_index("ix_tax_notices_payment_hash", "tax_notices", ["payment_hash"], unique=False)
    op.create_index(
        "ix_tax_notices_said",
        "tax_notices",
        ["said_at"],
        unique=False,
        postgresql_where=sa.text("state = 'said_paid'"),
        sqlite_where=sa.text("state = 'said_paid'"),
    )
    op.create_table(
        "tax_sends",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("send_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("paid_until", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_sends")),
        sa.UniqueConstraint("kind", "due_on", "stage", name=op.f("uq_tax_sends_kind_due_on_stage")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tax_sends_state", "tax_sends", ["state", "send_on"], unique=False)
    op.create_table(
        "tax_paid_lists",
        sa.Column("id", ID, nullable=False),
        sa.Column("import_uid", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("paid_until", sa.Date(), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["confirmed_by"], ["staff.id"], name=op.f("fk_tax_paid_lists_confirmed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_paid_lists")),
        sa.UniqueConstraint("import_uid", name=op.f("uq_tax_paid_lists_import_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tax_paid_lists_kind", "tax_paid_lists", ["kind", "paid_until"], unique=False)
    op.create_table(
        "tax_differences",
        sa.Column("id", ID, nullable=False),
        sa.Column("list_id", ID, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("notice_id", ID, nullable=True),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolved_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["list_id"], ["tax_paid_lists.id"], name=op.f("fk_tax_differences_list_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["tax_notices.id"], name=op.f("fk_tax_differences_notice_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["resolved_by"], ["staff.id"], name=op.f("fk_tax_differences_resolved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_differences")),
        sa.UniqueConstraint("list_id", "line", name=op.f("uq_tax_differences_list_id_line")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tax_differences_notice_id"), "tax_differences", ["notice_id"], unique=False)
    op.create_table(
        "tax_links",
        sa.Column("id", ID, nullable=False),
        sa.Column("notice_id", ID, nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("relation", sa.String(length=8), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["tax_notices.id"], name=op.f("fk_tax_links_notice_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_tax_links_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_links")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_tax_links_notice_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tax_links_resident_id", "tax_links", ["resident_id"], unique=False)
