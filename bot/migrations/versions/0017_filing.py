"""Work on submissions, and imports."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Give submissions a place in somebody's work, and make the tables around them."""
    _widen_submissions()
    _make_work()
    _make_imports()


def _widen_submissions() -> None:
    """Widen the table. SQLite rebuilds it, and what hangs on it would go with the old one: files are taken off meanwhile."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    if on_sqlite:
        op.execute(
            "CREATE TEMPORARY TABLE filed AS SELECT id, submission_id FROM attachments WHERE submission_id IS NOT NULL"
        )
        op.execute("UPDATE attachments SET submission_id = NULL")
    with op.batch_alter_table("submissions", table_kwargs={"sqlite_autoincrement": True}) as submissions:
        submissions.alter_column("resident_id", existing_type=ID, nullable=True)
        submissions.add_column(sa.Column("source", sa.String(length=10), server_default="line", nullable=False))
        submissions.add_column(sa.Column("status", sa.String(length=10), server_default="new", nullable=False))
        submissions.add_column(sa.Column("assigned_to", sa.Integer(), nullable=True))
        submissions.add_column(sa.Column("entered_by", sa.Integer(), nullable=True))
        submissions.add_column(sa.Column("on_hold", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        submissions.add_column(sa.Column("version", sa.Integer(), server_default="0", nullable=False))
        for column in ("assigned_to", "entered_by"):
            submissions.create_foreign_key(
                op.f(f"fk_submissions_{column}"), "staff", [column], ["id"], ondelete="SET NULL"
            )
    if on_sqlite:
        op.execute(
            "UPDATE attachments SET submission_id = (SELECT submission_id FROM filed WHERE filed.id = attachments.id)"
        )
        op.execute("DROP TABLE filed")
    place = ["flow", "status", "filed_at", "id"]
    op.create_index("ix_submissions_flow_filed_at", "submissions", ["flow", "filed_at", "id"])
    op.create_index("ix_submissions_flow_status_filed_at", "submissions", place)
    op.create_index("ix_submissions_assigned_to", "submissions", ["assigned_to", *place])
    for name, condition in (("entered", "source != 'line'"), ("held", "on_hold")):
        op.create_index(
            f"ix_submissions_{name}",
            "submissions",
            place,
            postgresql_where=sa.text(condition),
            sqlite_where=sa.text(condition),
        )


def _make_work() -> None:
    op.create_table(
        "submission_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("submission_id", ID, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=True),
        sa.Column("after", sa.String(length=40), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_submission_changes_submission_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_submission_changes_staff_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_changes")),
        sa.UniqueConstraint("uid", name=op.f("uq_submission_changes_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_submission_changes_submission_id"), "submission_changes", ["submission_id"])
    op.create_table(
        "message_templates",
        sa.Column("id", ID, nullable=False),
        sa.Column("flow", sa.String(length=80), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["staff.id"], name=op.f("fk_message_templates_changed_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_templates")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_message_templates_flow"), "message_templates", ["flow"])


def _make_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("encoding", sa.String(length=12), nullable=True),
        sa.Column("delimiter", sa.String(length=1), nullable=True),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("rows_read", "rows_bad")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("added", "changed", "unchanged")),
        sa.Column("trouble", sa.String(length=60), nullable=True),
        sa.Column("error", sa.String(length=240), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("lease_by", sa.String(length=36), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("keep_until", MOMENT, nullable=False),
        *(
            sa.ForeignKeyConstraint([column], ["staff.id"], name=op.f(f"fk_imports_{column}"), ondelete="SET NULL")
            for column in ("uploaded_by", "started_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("uid", name=op.f("uq_imports_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_imports_kind_digest", "imports", ["kind", "digest"])
    for column in ("uploaded_at", "keep_until"):
        op.create_index(op.f(f"ix_imports_{column}"), "imports", [column])
    op.create_table(
        "import_parts",
        sa.Column("import_id", ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_parts_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_parts")),
    )
    op.create_table(
        "import_faults",
        sa.Column("import_id", ID, autoincrement=False, nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("column", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("found", sa.LargeBinary(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_faults_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "row", "column", "code", name=op.f("pk_import_faults")),
    )
    op.create_table(
        "import_mappings",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_import_mappings")),
    )
