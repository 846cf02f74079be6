"""The outbox in the order in which it is worked off: a sweep stops at what it can carry, however much is waiting."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OPEN = sa.text("status IN ('waiting', 'held')")


def upgrade() -> None:
    """Make the new index, then drop the one it replaces."""
    op.create_index(
        "ix_deliveries_open", "deliveries", ["priority", "id"], unique=False, postgresql_where=OPEN, sqlite_where=OPEN
    )
    op.drop_index("ix_deliveries_due", table_name="deliveries")
