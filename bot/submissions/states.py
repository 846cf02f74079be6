"""How far the work on a submission is, and what may follow what."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where a submission stands."""

    NEW = "new"
    WORKING = "working"
    WAITING = "waiting"
    """Nothing can be done until the resident has answered."""

    DONE = "done"
    CANCELLED = "cancelled"


OPEN = (Status.NEW, Status.WORKING, Status.WAITING)

NEXT = {
    Status.NEW: (Status.WORKING, Status.WAITING, Status.DONE, Status.CANCELLED),
    Status.WORKING: (Status.NEW, Status.WAITING, Status.DONE, Status.CANCELLED),
    Status.WAITING: (Status.WORKING, Status.DONE, Status.CANCELLED),
    Status.DONE: (Status.WORKING,),
    Status.CANCELLED: (Status.WORKING,),
}
"""What is over is taken up again, never silently made new."""


class Source(StrEnum):
    """How a submission came."""

    LINE = "line"
    TELEPHONE = "telephone"
    COUNTER = "counter"


TAKEN_DOWN = (Source.TELEPHONE, Source.COUNTER)
"""Those that staff enter."""
