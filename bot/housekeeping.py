"""What the platform itself does by the clock: deletes what is past its time, in small steps beside the traffic."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import and_, delete, exists, select, tuple_

from bot.delivery.outcome import FINAL
from bot.models import (
    AnswerSource,
    AppliedEvent,
    Attachment,
    Conversation,
    Delivery,
    DownloadLink,
    FailedEvent,
    ImageSet,
    QueuedJob,
    Submission,
)
from bot.service import Job, JobContext, Missed

ROWS_A_COMMIT = 1000

CLAIMS_KEPT = dt.timedelta(days=3)
"""LINE does not say for how long it redelivers; a copy later than this would be taken for new."""

FAILED_EVENTS_KEPT = dt.timedelta(days=14)
DELIVERIES_KEPT = dt.timedelta(days=90)
FAILED_JOBS_KEPT = dt.timedelta(days=30)
SOURCES_KEPT = dt.timedelta(days=3)
"""LINE lets people take a message back for a day at most."""

UNFILED_KEPT = dt.timedelta(days=2)


def _past_its_time(model: Any, condition: Any) -> Any:
    keys = list(model.__table__.primary_key.columns)
    some = select(*keys).where(condition).limit(ROWS_A_COMMIT)
    return delete(model).where(keys[0].in_(some) if len(keys) == 1 else tuple_(*keys).in_(some))


def purge(context: JobContext) -> bool:
    """Delete at most a thousand rows of each kind that are past their time; tell whether more are left."""
    now = context.now
    talking = exists().where(Conversation.resident_id == Attachment.resident_id, Conversation.expires_at > now)
    unfiled = and_(Attachment.submission_id.is_(None), Attachment.created_at < now - UNFILED_KEPT, ~talking)
    final = Delivery.status.in_([status.value for status in FINAL])
    statements = (
        _past_its_time(AppliedEvent, AppliedEvent.applied_at < now - CLAIMS_KEPT),
        _past_its_time(FailedEvent, FailedEvent.failed_at < now - FAILED_EVENTS_KEPT),
        _past_its_time(Delivery, and_(final, Delivery.created_at < now - DELIVERIES_KEPT)),
        _past_its_time(Submission, Submission.keep_until < now),
        _past_its_time(Attachment, unfiled),
        _past_its_time(AnswerSource, AnswerSource.answered_at < now - SOURCES_KEPT),
        _past_its_time(DownloadLink, DownloadLink.expires_at < now),
        _past_its_time(ImageSet, ImageSet.first_at < now - SOURCES_KEPT),
        _past_its_time(QueuedJob, and_(QueuedJob.status == "failed", QueuedJob.due_at < now - FAILED_JOBS_KEPT)),
    )
    deleted = [context.connection.execute(statement).rowcount for statement in statements]
    return max(deleted) >= ROWS_A_COMMIT


JOBS = [Job("platform.purge", {"hour": 3, "minute": 17}, purge, Missed.LATEST)]
