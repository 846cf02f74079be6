"""The words in which consultations and messages say how they stand, and which of them may follow which."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """How a consultation stands."""

    WAITING = "waiting"
    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"


FOLLOWS = {
    State.WAITING: {State.ACTIVE, State.CLOSED},
    State.ACTIVE: {State.WAITING, State.PAUSED, State.CLOSED},
    State.PAUSED: {State.ACTIVE, State.WAITING, State.CLOSED},
    State.CLOSED: {State.ACTIVE, State.WAITING},
}


class Direction(StrEnum):
    """Who a message is from."""

    IN = "in"
    OUT = "out"
    SYSTEM = "system"


class Status(StrEnum):
    """How a message stands; how it travels is the delivery's to say."""

    DRAFT = "draft"
    SENT = "sent"
    UNSENT = "unsent"


class Mode(StrEnum):
    """Where an office talks."""

    CHAT = "chat"
    PAGE = "page"


class Kind(StrEnum):
    """What can happen to a consultation."""

    OPENED = "opened"
    RETURNED = "returned"
    LEFT = "left"
    DANGER = "danger"
    TAKEN = "taken"
    HANDED = "handed"
    GIVEN_BACK = "given_back"
    SECOND = "second"
    PAUSED = "paused"
    RESUMED = "resumed"
    GRADED = "graded"
    MOVED = "moved"
    UNANSWERED = "unanswered"
    SUPERVISOR = "supervisor"
    APOLOGISED = "apologised"
    CLOSED = "closed"
    REOPENED = "reopened"
    REFERRED = "referred"
    ACCEPTED = "accepted"
    SAFE = "safe"
    HELD = "held"
    RELEASED = "released"
    DELETION_ASKED = "deletion_asked"
