"""What the platform itself does by the clock: deletes what is past its time, in small steps beside the traffic."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import String, and_, delete, exists, select, text, tuple_, update

from bot.delivery.lookup import LOOSE, first_since
from bot.delivery.outcome import FINAL, Status
from bot.models import (
    Alert,
    AnswerSource,
    AppliedEvent,
    Approval,
    Attachment,
    Attribute,
    AuditEntry,
    AuditSeal,
    Campaign,
    Conversation,
    Delivery,
    DeskMessage,
    DownloadLink,
    FailedEvent,
    FlowCount,
    ImageSet,
    Import,
    ImportFault,
    ImportPart,
    PageKey,
    PageTalk,
    PublishedImage,
    QueuedJob,
    SignInFailure,
    StaffSession,
    Submission,
    TesterCode,
)
from bot.models.delivery import TROUBLED
from bot.service import Job, JobContext, Missed

ROWS_A_COMMIT = 1000

CLAIMS_KEPT = dt.timedelta(days=3)
"""LINE does not say for how long it redelivers; a copy later than this would be taken for new."""

FAILED_EVENTS_KEPT = dt.timedelta(days=14)
DELIVERIES_KEPT = dt.timedelta(days=90)
"""Those to one resident, with their attempts; also the ones too old to be sent that staff never looked at."""

BROADCASTS_KEPT = dt.timedelta(days=730)
"""Batches name residents by number only; the reports of two years are made from them."""

CAMPAIGNS_KEPT = BROADCASTS_KEPT + dt.timedelta(days=30)
"""What was said stays as long as the reports of it; what still repeats stays."""

FAILED_CONTENT_KEPT = dt.timedelta(days=14)
"""For so long staff may send again what failed."""

FAILED_JOBS_KEPT = dt.timedelta(days=30)
SOURCES_KEPT = dt.timedelta(days=3)
"""LINE lets people take a message back for a day at most."""

ALERTS_KEPT = dt.timedelta(days=90)
UNFILED_KEPT = dt.timedelta(days=2)
IMPORTS_KEPT = dt.timedelta(days=730)
"""What was read in, when and by whom, in numbers; the file itself goes at its own `keep_until`."""


SESSIONS_KEPT = dt.timedelta(days=30)
SIGN_IN_FAILURES_KEPT = dt.timedelta(days=1)
LOG_KEPT = dt.timedelta(days=5 * 365 + 1)
"""The audit log, from its oldest end: what is left of the chain still holds by itself."""

COUNTS_KEPT = dt.timedelta(days=3 * 365)


def _past_its_time(model: Any, condition: Any) -> Any:
    keys = list(model.__table__.primary_key.columns)
    some = select(*keys).where(condition).limit(ROWS_A_COMMIT)
    return delete(model).where(keys[0].in_(some) if len(keys) == 1 else tuple_(*keys).in_(some))


def _without_content(now: dt.datetime) -> Any:
    """Return the statement that empties some deliveries which failed a while ago."""
    # In words by which the index of those that went wrong is found; the others have lost their content as they arrived.
    over = and_(text(f"deliveries.{TROUBLED}"), Delivery.status.in_([status.value for status in FINAL]))
    old = and_(over, Delivery.payload.is_not(None), Delivery.finished_at < now - FAILED_CONTENT_KEPT)
    some = select(Delivery.id).where(old).limit(ROWS_A_COMMIT)
    return update(Delivery).where(Delivery.id.in_(some)).values(payload=None)


def _still_serves() -> Any:
    """Return the condition for the approval of a campaign that is still sent under it."""
    subject = Campaign.id.cast(String)
    return exists().where(Approval.kind == "campaign", Approval.subject == subject, Campaign.next_at.is_not(None))


def purge(context: JobContext) -> bool:
    """Delete at most a thousand rows of each kind that are past their time; tell whether more are left."""
    now = context.now
    talking = exists().where(Conversation.resident_id == Attachment.resident_id, Conversation.expires_at > now)
    at_desk = exists().where(DeskMessage.bundle == Attachment.bundle)
    unfiled = and_(Attachment.submission_id.is_(None), Attachment.created_at < now - UNFILED_KEPT, ~talking, ~at_desk)
    final = Delivery.status.in_([status.value for status in FINAL | {Status.STALE}])
    # By number, which is about by age: no index of its own is worth its price to every message.
    aged = and_(final, Delivery.id < first_since(context.connection, now - DELIVERIES_KEPT + LOOSE))
    to_many = Delivery.resident_id.is_(None)
    over_files = select(Import.id).where(Import.keep_until < now)
    old_log = select(AuditEntry.id).where(AuditEntry.at < now - LOG_KEPT)
    unsealed = ~exists().where(AuditSeal.entry_id == AuditEntry.id)
    statements = (
        _past_its_time(AuditSeal, AuditSeal.entry_id.in_(old_log)),
        _past_its_time(AuditEntry, and_(AuditEntry.at < now - LOG_KEPT, unsealed)),
        _past_its_time(StaffSession, StaffSession.seen_at < now - SESSIONS_KEPT),
        _past_its_time(SignInFailure, SignInFailure.updated_at < now - SIGN_IN_FAILURES_KEPT),
        _past_its_time(FlowCount, FlowCount.day < (now - COUNTS_KEPT).date()),
        _past_its_time(AppliedEvent, AppliedEvent.applied_at < now - CLAIMS_KEPT),
        _past_its_time(FailedEvent, FailedEvent.failed_at < now - FAILED_EVENTS_KEPT),
        _past_its_time(Delivery, and_(aged, ~to_many, Delivery.created_at < now - DELIVERIES_KEPT)),
        _past_its_time(Delivery, and_(aged, to_many, Delivery.created_at < now - BROADCASTS_KEPT)),
        _past_its_time(Attribute, Attribute.keep_until < now),
        _without_content(now),
        _past_its_time(Submission, and_(Submission.keep_until < now, ~Submission.on_hold)),
        _past_its_time(ImportPart, ImportPart.import_id.in_(over_files)),
        _past_its_time(ImportFault, ImportFault.import_id.in_(over_files)),
        _past_its_time(Import, Import.uploaded_at < now - IMPORTS_KEPT),
        _past_its_time(Attachment, unfiled),
        _past_its_time(AnswerSource, AnswerSource.answered_at < now - SOURCES_KEPT),
        _past_its_time(DownloadLink, DownloadLink.expires_at < now),
        _past_its_time(Alert, and_(Alert.next_at.is_(None), Alert.raised_at < now - ALERTS_KEPT)),
        _past_its_time(TesterCode, TesterCode.expires_at < now),
        _past_its_time(Approval, and_(Approval.decided_at < now - BROADCASTS_KEPT, ~_still_serves())),
        _past_its_time(Campaign, and_(Campaign.next_at.is_(None), Campaign.edited_at < now - CAMPAIGNS_KEPT)),
        _past_its_time(PublishedImage, PublishedImage.used_at < now - CAMPAIGNS_KEPT),
        _past_its_time(PageKey, PageKey.expires_at < now),
        _past_its_time(PageTalk, PageTalk.updated_at < now - UNFILED_KEPT),
        _past_its_time(ImageSet, ImageSet.first_at < now - SOURCES_KEPT),
        _past_its_time(QueuedJob, and_(QueuedJob.status == "failed", QueuedJob.due_at < now - FAILED_JOBS_KEPT)),
    )
    deleted = [context.connection.execute(statement).rowcount for statement in statements]
    return max(deleted) >= ROWS_A_COMMIT


JOBS = [Job("platform.purge", {"hour": 3, "minute": 17}, purge, Missed.LATEST)]
