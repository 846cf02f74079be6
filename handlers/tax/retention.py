"""How long the tax service keeps what: notices for a while after their due date, lists and sends for two years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from bot.now import TOKYO
from bot.service import JobContext
from handlers.tax.models import TaxFailure, TaxNotice, TaxPaidList, TaxSend

NOTICES_KEPT = 400
"""Days after the due date, where town.yaml says nothing else (`tax_notices_kept`)."""

RECORDS_KEPT = dt.timedelta(days=730)
FAILURES_KEPT = dt.timedelta(days=2)
ROWS_A_COMMIT = 1000


def days_kept(town: Mapping[str, Any]) -> int:
    """Return how many days after its due date a notice is kept. Raises ValueError for what is no such number."""
    given = town.get("tax_notices_kept", NOTICES_KEPT)
    if type(given) is not int or not 30 <= given <= 3650:
        raise ValueError("town.yaml: tax_notices_kept must be a number of days from 30 to 3650")
    return given


def forget(context: JobContext) -> bool:
    """Delete at most a thousand rows of each kind that are past their time; tell whether more are left."""
    now = context.now
    last_due = now.astimezone(TOKYO).date() - dt.timedelta(days=days_kept(context.town))
    over = (
        (TaxNotice, TaxNotice.id, TaxNotice.due_on < last_due),
        (TaxFailure, TaxFailure.key, TaxFailure.updated_at < now - FAILURES_KEPT),
        (TaxPaidList, TaxPaidList.id, TaxPaidList.received_at < now - RECORDS_KEPT),
        (TaxSend, TaxSend.id, TaxSend.planned_at < now - RECORDS_KEPT),
    )
    deleted = [
        context.connection.execute(delete(model).where(key.in_(select(key).where(past).limit(ROWS_A_COMMIT)))).rowcount
        for model, key, past in over
    ]
    return max(deleted) >= ROWS_A_COMMIT
