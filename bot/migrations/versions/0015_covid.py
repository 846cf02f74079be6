"""Facilities, visits, exposures and health follow-ups."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Make the new tables."""
    _make_centres_and_counts()
    _make_follow_ups()
    _make_calls()
    _make_facilities()
    _make_exposures()


def _make_centres_and_counts() -> None:
    op.create_table(
        "covid_centres",
        sa.Column("postal", sa.String(length=7), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("hours", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("postal", name=op.f("pk_covid_centres")),
    )
    op.create_table(
        "covid_day_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("age_band", sa.String(length=10), nullable=False),
        sa.Column("advice", sa.String(length=12), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "area", "age_band", "advice", name=op.f("pk_covid_day_counts")),
    )


def _make_follow_ups() -> None:
    op.create_table(
        "covid_follow_ups",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("cadence", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("risk", sa.SmallInteger(), nullable=False),
        sa.Column("age_band", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("profile", sa.LargeBinary(), nullable=False),
        sa.Column("last_answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("silent", sa.SmallInteger(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_covid_follow_ups_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covid_follow_ups")),
        sa.UniqueConstraint("resident_id", name=op.f("uq_covid_follow_ups_resident_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_covid_follow_ups_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_covid_follow_ups_due",
        "covid_follow_ups",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'active'"),
        sqlite_where=sa.text("state = 'active'"),
    )
    op.create_index(op.f("ix_covid_follow_ups_ended_at"), "covid_follow_ups", ["ended_at"], unique=False)
    op.create_index("ix_covid_follow_ups_state", "covid_follow_ups", ["state", "cadence", "risk", "id"], unique=False)
    op.create_index("ix_covid_follow_ups_latest", "covid_follow_ups", ["state", "id"], unique=False)
    op.create_table(
        "covid_health_answers",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("age_band", sa.String(length=10), nullable=False),
        sa.Column("advice", sa.String(length=12), nullable=False),
        sa.Column("change", sa.String(length=8), nullable=True),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("keep_until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_covid_health_answers_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covid_health_answers")),
        sa.UniqueConstraint("uid", name=op.f("uq_covid_health_answers_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_covid_health_answers_day", "covid_health_answers", ["day", "area", "age_band"], unique=False)
    op.create_index(op.f("ix_covid_health_answers_keep_until"), "covid_health_answers", ["keep_until"], unique=False)
    op.create_index(
        "ix_covid_health_answers_resident", "covid_health_answers", ["resident_id", "answered_at"], unique=False
    )


def _make_calls() -> None:
    op.create_table(
        "covid_call_entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("follow_up_id", ID, nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("risk", sa.SmallInteger(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("call_at", MOMENT, nullable=False),
        sa.Column("calls", sa.SmallInteger(), nullable=False),
        sa.Column("last_outcome", sa.String(length=12), nullable=True),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("taken_until", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["follow_up_id"],
            ["covid_follow_ups.id"],
            name=op.f("fk_covid_call_entries_follow_up_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_covid_call_entries_resident_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["taken_by"], ["staff.id"], name=op.f("fk_covid_call_entries_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covid_call_entries")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_covid_call_entries_done_at"), "covid_call_entries", ["done_at"], unique=False)
    op.create_index(op.f("ix_covid_call_entries_follow_up_id"), "covid_call_entries", ["follow_up_id"], unique=False)
    op.create_index(
        "ix_covid_call_entries_list", "covid_call_entries", ["state", "risk", "call_at", "id"], unique=False
    )
    op.create_index(op.f("ix_covid_call_entries_resident_id"), "covid_call_entries", ["resident_id"], unique=False)
    op.create_index(
        "uq_covid_call_entries_open",
        "covid_call_entries",
        ["resident_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "covid_calls",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("called_by", sa.Integer(), nullable=False),
        sa.Column("called_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["called_by"], ["staff.id"], name=op.f("fk_covid_calls_called_by")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["covid_call_entries.id"], name=op.f("fk_covid_calls_entry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_covid_calls_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covid_calls")),
        sa.UniqueConstraint("uid", name=op.f("uq_covid_calls_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_covid_calls_entry_id"), "covid_calls", ["entry_id"], unique=False)
    op.create_index(op.f("ix_covid_calls_resident_id"), "covid_calls", ["resident_id"], unique=False)


def _make_facilities() -> None:
    op.create_table(
        "covid_facilities",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("checklist", sa.JSON(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("may_be_named", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("registered_by", sa.Integer(), nullable=True),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["registered_by"], ["staff.id"], name=op.f("fk_covid_facilities_registered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covid_facilities")),
        sa.UniqueConstraint("uid", name=op.f("uq_covid_facilities_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_covid_facilities_retired_at"), "covid_facilities", ["retired_at"], unique=False)
    op.create_index("ix_covid_facilities_state", "covid_facilities", ["state", "name", "id"], unique=False)
    op.create_table(
        "covid_places",
        sa.Column("id", ID, nullable=False),
        sa.Column("facility_id", ID, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["covid_facilities.id"], name=op.f("fk_covid_places_facility_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covid_places")),
        sa.UniqueConstraint("facility_id", "name", name=op.f("uq_covid_places_facility_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "covid_visits",
        sa.Column("id", ID, nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("place_id", ID, nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["place_id"], ["covid_places.id"], name=op.f("fk_covid_visits_place_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_covid_visits_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covid_visits")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_covid_visits_entered_at", "covid_visits", ["entered_at"], unique=False)
    op.create_index(
        "ix_covid_visits_place", "covid_visits", ["place_id", "entered_at", "left_at", "resident_id"], unique=False
    )
    op.create_index("ix_covid_visits_resident", "covid_visits", ["resident_id", "entered_at"], unique=False)


def _make_exposures() -> None:
    op.create_table(
        "covid_exposures",
        sa.Column("id", ID, nullable=False),
        sa.Column("facility_id", ID, nullable=False),
        sa.Column("place_id", ID, nullable=True),
        sa.Column("from_at", MOMENT, nullable=False),
        sa.Column("to_at", MOMENT, nullable=False),
        sa.Column("padding", sa.SmallInteger(), nullable=False),
        sa.Column("stay", sa.SmallInteger(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("correction", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("unreachable", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_covid_exposures_approved_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_covid_exposures_asked_by")),
        sa.ForeignKeyConstraint(["facility_id"], ["covid_facilities.id"], name=op.f("fk_covid_exposures_facility_id")),
        sa.ForeignKeyConstraint(["place_id"], ["covid_places.id"], name=op.f("fk_covid_exposures_place_id")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["staff.id"], name=op.f("fk_covid_exposures_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covid_exposures")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_covid_exposures_state", "covid_exposures", ["state", "asked_at"], unique=False)
    op.create_table(
        "covid_exposure_notices",
        sa.Column("exposure_id", ID, nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.Column("corrected_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["exposure_id"],
            ["covid_exposures.id"],
            name=op.f("fk_covid_exposure_notices_exposure_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_covid_exposure_notices_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("exposure_id", "resident_id", name=op.f("pk_covid_exposure_notices")),
    )
    op.create_index("ix_covid_exposure_notices_resident_id", "covid_exposure_notices", ["resident_id"], unique=False)
    op.create_index(op.f("ix_covid_exposure_notices_told_at"), "covid_exposure_notices", ["told_at"], unique=False)
