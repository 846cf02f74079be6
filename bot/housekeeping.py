"""What the platform itself does by the clock: deletes what is past its time, in small steps beside the traffic."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import and_, delete, exists, select, tuple_, update

from bot.delivery.outcome import FINAL, Status
from bot.models import (
    AnswerSource,
    AppliedEvent,
    Attachment,
    Attribute,
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
"""Those to one resident, with their attempts; also the ones too old to be sent that staff never looked at."""

BROADCASTS_KEPT = dt.timedelta(days=730)
"""Batches name residents by number only; the reports of two years are made from them."""

FAILED_CONTENT_KEPT = dt.timedelta(days=14)
"""For so long staff may send again what failed."""

FAILED_JOBS_KEPT = dt.timedelta(days=30)
SOURCES_KEPT = dt.timedelta(days=3)
"""LINE lets people take a message back for a day at most."""

UNFILED_KEPT = dt.timedelta(days=2)


def _past_its_time(model: Any, condition: Any) -> Any:
    keys = list(model.__table__.primary_key.columns)
    some = select(*keys).where(condition).limit(ROWS_A_COMMIT)
    return delete(model).where(keys[0].in_(some) if len(keys) == 1 else tuple_(*keys).in_(some))


def _without_content(now: dt.datetime) -> Any:
    """Return the statement that empties some deliveries which failed a while ago."""
    over = Delivery.status.in_([status.value for status in FINAL])
    old = and_(over, Delivery.payload.is_not(None), Delivery.finished_at < now - FAILED_CONTENT_KEPT)
    some = select(Delivery.id).where(old).limit(ROWS_A_COMMIT)
    return update(Delivery).where(Delivery.id.in_(some)).values(payload=None)


def purge(context: JobContext) -> bool:
    """Delete at most a thousand rows of each kind that are past their time; tell whether more are left."""
    now = context.now
    talking = exists().where(Conversation.resident_id == Attachment.resident_id, Conversation.expires_at > now)
    unfiled = and_(Attachment.submission_id.is_(None), Attachment.created_at < now - UNFILED_KEPT, ~talking)
    final = Delivery.status.in_([status.value for status in FINAL | {Status.STALE}])
    to_many = Delivery.resident_id.is_(None)
    statements = (
        _past_its_time(AppliedEvent, AppliedEvent.applied_at < now - CLAIMS_KEPT),
        _past_its_time(FailedEvent, FailedEvent.failed_at < now - FAILED_EVENTS_KEPT),
        _past_its_time(Delivery, and_(final, ~to_many, Delivery.created_at < now - DELIVERIES_KEPT)),
        _past_its_time(Delivery, and_(final, to_many, Delivery.created_at < now - BROADCASTS_KEPT)),
        _past_its_time(Attribute, Attribute.keep_until < now),
        _without_content(now),
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
