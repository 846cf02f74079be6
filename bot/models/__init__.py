"""The platform's tables. Services keep theirs in their own folder, on the same Base."""

from bot.models.answer import AnswerSource
from bot.models.attachment import Attachment, AttachmentPart, ImageSet
from bot.models.attempt import Attempt
from bot.models.audience import Attribute, Subscription, Topic
from bot.models.base import NUMBERED, Base, Id, Moment, Sealed, SealedBytes
from bot.models.broadcast import Batch, Broadcast
from bot.models.channel import Channel
from bot.models.clock import Heartbeat, Lease, Tick
from bot.models.consent import Consent, DownloadLink
from bot.models.delivery import Delivery
from bot.models.event import AppliedEvent, FailedEvent
from bot.models.job import QueuedJob
from bot.models.publication import Activation, FlowRevision, Pause, Publication
from bot.models.quota import Quota
from bot.models.resident import Conversation, Resident
from bot.models.submission import Submission
from bot.models.tally import Tally

__all__ = [
    "NUMBERED",
    "Activation",
    "AnswerSource",
    "AppliedEvent",
    "Attachment",
    "AttachmentPart",
    "Attempt",
    "Attribute",
    "Base",
    "Batch",
    "Broadcast",
    "Channel",
    "Consent",
    "Conversation",
    "Delivery",
    "DownloadLink",
    "FailedEvent",
    "FlowRevision",
    "Heartbeat",
    "Id",
    "ImageSet",
    "Lease",
    "Moment",
    "Pause",
    "Publication",
    "QueuedJob",
    "Quota",
    "Resident",
    "Sealed",
    "SealedBytes",
    "Submission",
    "Subscription",
    "Tally",
    "Tick",
    "Topic",
]
