"""Audiences of user ids, as far as narrowcasts need them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

READY_AFTER = 3.0
LIFE = 180 * 24 * 3600.0
JOBS_KEPT = 50


@dataclass(eq=False, slots=True)
class Audience:
    """An audience; uploads are worked on for a few seconds (`busy_until`) before it is ready."""

    id: int
    description: str
    created: float
    kind: str = "UPLOAD"
    members: dict[str, None] = field(default_factory=dict)
    jobs: list[tuple[float, str, int]] = field(default_factory=list)
    request_id: str = ""

    def add(self, user_ids: list[str], description: str, now: float) -> None:
        """Add users; a job of its own."""
        self.members |= dict.fromkeys(user_ids)
        self.jobs = [*self.jobs, (now, description, len(user_ids))][-JOBS_KEPT:]

    def working(self, now: float) -> int:
        """Return how many jobs are under way."""
        return sum(1 for started, _, _ in self.jobs if now - started < READY_AFTER)

    def status(self, now: float) -> str:
        """Return `IN_PROGRESS`, `READY` or `EXPIRED`."""
        if now - self.created >= LIFE:
            return "EXPIRED"
        return "IN_PROGRESS" if self.working(now) else "READY"

    def head(self) -> dict[str, Any]:
        """Return what LINE answers when it is created."""
        return {
            "audienceGroupId": self.id,
            "createRoute": "MESSAGING_API",
            "type": self.kind,
            "description": self.description,
            "created": int(self.created),
            "permission": "READ_WRITE",
            "expireTimestamp": int(self.created + LIFE),
            "isIfaAudience": False,
        }

    def as_json(self, now: float) -> dict[str, Any]:
        """Return LINE's audience group object."""
        return self.head() | {"status": self.status(now), "audienceCount": len(self.members)}

    def jobs_json(self, now: float) -> list[dict[str, Any]]:
        """Return LINE's job objects."""
        return [
            {
                "audienceGroupJobId": number,
                "audienceGroupId": self.id,
                "description": description,
                "type": "DIFF_ADD",
                "jobStatus": "WORKING" if now - started < READY_AFTER else "FINISHED",
                "failedType": None,
                "audienceCount": count,
                "created": int(started),
            }
            for number, (started, description, count) in enumerate(self.jobs, 1)
        ]
