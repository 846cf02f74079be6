"""The platform's tables. Services keep theirs in their own folder, on the same Base."""

from bot.models.alert import Alert, AlertContact, AlertSending
from bot.models.answer import AnswerSource
from bot.models.approval import Approval
from bot.models.attachment import Attachment, AttachmentPart, ImageSet
from bot.models.attempt import Attempt
from bot.models.audience import Attribute, Subscription, Topic
from bot.models.audit import AuditEntry, AuditSeal
from bot.models.base import NUMBERED, Base, Id, Moment, Sealed, SealedBytes
from bot.models.broadcast import Batch, Broadcast
from bot.models.campaign import Campaign, CampaignRun, PublishedImage, SavedSegment, Tester, TesterCode
from bot.models.channel import Channel
from bot.models.clock import Heartbeat, Lease, Tick
from bot.models.consent import Consent, DownloadLink
from bot.models.delivery import Delivery
from bot.models.desk import (
    CannedReply,
    Consultation,
    DeskEvent,
    DeskMessage,
    DeskNote,
    DeskScratch,
    FactSheet,
    Office,
    PageKey,
    PageTalk,
    Referral,
)
from bot.models.event import AppliedEvent, FailedEvent
from bot.models.job import QueuedJob
from bot.models.menu import MenuLink, RichMenuOnLine
from bot.models.publication import Activation, FlowRevision, Pause, Publication
from bot.models.quota import Quota
from bot.models.redelivery import Redelivery
from bot.models.reminder import Preference, Reminder, StoppedTopic
from bot.models.resident import Conversation, Resident
from bot.models.staff import (
    Department,
    DepartmentService,
    Membership,
    SavedList,
    SignInFailure,
    Staff,
    StaffSession,
)
from bot.models.submission import MessageTemplate, Submission, SubmissionChange
from bot.models.tally import Tally
from bot.models.upload import Import, ImportFault, ImportMapping, ImportPart
from bot.models.usage import FlowCount

__all__ = [
    "NUMBERED",
    "Activation",
    "Alert",
    "AlertContact",
    "AlertSending",
    "AnswerSource",
    "AppliedEvent",
    "Approval",
    "Attachment",
    "AttachmentPart",
    "Attempt",
    "Attribute",
    "AuditEntry",
    "AuditSeal",
    "Base",
    "Batch",
    "Broadcast",
    "Campaign",
    "CampaignRun",
    "CannedReply",
    "Channel",
    "Consent",
    "Consultation",
    "Conversation",
    "Delivery",
    "Department",
    "DepartmentService",
    "DeskEvent",
    "DeskMessage",
    "DeskNote",
    "DeskScratch",
    "DownloadLink",
    "FactSheet",
    "FailedEvent",
    "FlowCount",
    "FlowRevision",
    "Heartbeat",
    "Id",
    "ImageSet",
    "Import",
    "ImportFault",
    "ImportMapping",
    "ImportPart",
    "Lease",
    "Membership",
    "MenuLink",
    "MessageTemplate",
    "Moment",
    "Office",
    "PageKey",
    "PageTalk",
    "Pause",
    "Preference",
    "Publication",
    "PublishedImage",
    "QueuedJob",
    "Quota",
    "Redelivery",
    "Referral",
    "Reminder",
    "Resident",
    "RichMenuOnLine",
    "SavedList",
    "SavedSegment",
    "Sealed",
    "SealedBytes",
    "SignInFailure",
    "Staff",
    "StaffSession",
    "StoppedTopic",
    "Submission",
    "SubmissionChange",
    "Subscription",
    "Tally",
    "Tester",
    "TesterCode",
    "Tick",
    "Topic",
]
