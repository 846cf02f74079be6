"""The platform's tables. Services keep theirs in their own folder, on the same Base."""

from bot.models.answer import AnswerSource
from bot.models.attachment import Attachment, AttachmentPart, ImageSet
from bot.models.base import NUMBERED, Base, Id, Moment, Sealed, SealedBytes
from bot.models.channel import Channel
from bot.models.clock import Heartbeat, Tick
from bot.models.consent import Consent, DownloadLink
from bot.models.delivery import Delivery
from bot.models.event import AppliedEvent, FailedEvent
from bot.models.job import QueuedJob
from bot.models.publication import Activation, FlowRevision, Pause, Publication
from bot.models.resident import Conversation, Resident
from bot.models.submission import Submission

__all__ = [
    "NUMBERED",
    "Activation",
    "AnswerSource",
    "AppliedEvent",
    "Attachment",
    "AttachmentPart",
    "Base",
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
    "Moment",
    "Pause",
    "Publication",
    "QueuedJob",
    "Resident",
    "Sealed",
    "SealedBytes",
    "Submission",
    "Tick",
]
