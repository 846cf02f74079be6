"""What became of one attempt and what follows from it: pure rules, as values.

Sources: Messaging API reference, "Status codes" and "Send reply message"; documentation, "Retry failed API requests".
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

import orjson

from bot.line.connections import Answer


class Status(StrEnum):
    """Where a delivery stands. Senders work on the first two; a stale one is for staff to judge; the last five are final."""

    WAITING = "waiting"
    HELD = "held"
    STALE = "stale"
    SENT = "sent"
    PRESUMED = "presumed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    STOPPED = "stopped"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.WAITING: frozenset(Status),
    Status.HELD: frozenset(Status),
    Status.STALE: frozenset({Status.WAITING, Status.STOPPED}),
    Status.SENT: frozenset(),
    Status.PRESUMED: frozenset(),
    Status.FAILED: frozenset(),
    Status.UNKNOWN: frozenset(),
    Status.STOPPED: frozenset(),
}

OPEN = frozenset({Status.WAITING, Status.HELD})
FINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)


class Verdict(StrEnum):
    """What LINE's answer to one attempt means."""

    ACCEPTED = "accepted"
    TOKEN_DEAD = "token_dead"  # noqa: S105 - a verdict, no secret
    RATE_LIMITED = "rate_limited"
    QUOTA_REACHED = "quota_reached"
    LIMITED = "limited"
    REFUSED = "refused"
    UNAUTHORISED = "unauthorised"
    NOT_REACHED = "not_reached"
    NO_VERDICT = "no_verdict"


def judge(kind: str, answer: Answer) -> Verdict:
    """Say what `answer` to a request of `kind` ("reply", "push", "multicast") means. Any 2xx is acceptance, readable or not.

    LIMITED is a 429 whose text does not tell which limit it was: the quota has to be asked for.
    """
    status = answer.status
    if status is None:
        never_left = answer.trouble is not None and answer.trouble.startswith("connect:")
        return Verdict.NOT_REACHED if never_left else Verdict.NO_VERDICT
    if 200 <= status < 300 or (status == 409 and kind != "reply"):
        return Verdict.ACCEPTED
    if status == 429:
        return _limit(answer.body)
    if status == 401:
        return Verdict.UNAUTHORISED
    if status == 400 and kind == "reply" and b"reply token" in answer.body:
        return Verdict.TOKEN_DEAD
    return Verdict.REFUSED if 400 <= status < 500 else Verdict.NO_VERDICT


def _limit(body: bytes) -> Verdict:
    if b"monthly limit" in body:
        return Verdict.QUOTA_REACHED
    return Verdict.RATE_LIMITED if any(phrase in body for phrase in _PASSING_LIMITS) else Verdict.LIMITED


def blamed(answer: Answer) -> str:
    """Return which properties LINE found fault with ("messages[0].text"), never a value; empty when it names none."""
    if b'"details"' not in answer.body:
        return ""
    try:
        details = orjson.loads(answer.body)["details"]
        named = [str(one["property"]) for one in details]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
    return " ".join(name for name in named if _PROPERTY.fullmatch(name))


_PROPERTY = re.compile(r"[A-Za-z0-9_.\[\]/]{1,80}")
_PASSING_LIMITS = (b"rate limit", b"concurrent requests", b"to one user")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at besides the verdict.

    `attempts` counts this one. `uncertain` tells that an earlier attempt may have been accepted unknown to us, `age` how long ago
    the first of them was. `token_age` is in seconds since the webhook, for replies.
    """

    kind: str
    attempts: int
    uncertain: bool
    age: dt.timedelta
    token_age: float = 0.0


@dataclass(frozen=True, slots=True)
class Finish:
    """The delivery is over."""

    status: Status
    doubled: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """Try the same request again after `seconds`; `uncertain` is remembered for the next verdict."""

    seconds: float
    uncertain: bool


@dataclass(frozen=True, slots=True)
class PushInstead:
    """The reply cannot be made any more: push the same messages, marked when they may arrive twice."""

    doubled: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing can be sent until staff act (monthly limit, refused access token)."""


Step = Finish | Again | PushInstead | Hold

REPLY_TOKEN_SURE_SECONDS = 50.0
"""Up to this age LINE's "invalid reply token" after an uncertain try means the token was used: by us."""

RETRY_KEY_LIFE = dt.timedelta(hours=23, minutes=30)
"""LINE keeps a retry key 24 hours; the same key later would be a second message."""

BACKOFF = (1, 2, 5, 15, 30, 60, 120, 300, 600)
"""Seconds before the next try of a push, by number of tries; the last goes on."""


def may_try(facts: Facts) -> bool:
    """Tell whether a request may be made at all: not when LINE may have accepted it and has forgotten its retry key since."""
    return facts.kind == "reply" or not facts.uncertain or facts.age <= RETRY_KEY_LIFE


def follow_up(verdict: Verdict, facts: Facts, jitter: float) -> Step:
    """Decide what follows; `jitter` (0 to 1) spreads the tries of many processes."""
    if verdict is Verdict.ACCEPTED:
        return Finish(Status.SENT)
    if verdict is Verdict.REFUSED:
        return Finish(Status.FAILED)
    if verdict in (Verdict.QUOTA_REACHED, Verdict.UNAUTHORISED):
        return Hold()
    uncertain = facts.uncertain or verdict is Verdict.NO_VERDICT
    if facts.kind == "reply":
        return _after_reply(verdict, facts, uncertain, jitter)
    if facts.age > RETRY_KEY_LIFE:
        return Finish(Status.UNKNOWN if uncertain else Status.FAILED)
    return Again(_delay(facts.attempts, jitter), uncertain)


def _after_reply(verdict: Verdict, facts: Facts, uncertain: bool, jitter: float) -> Step:
    if verdict is Verdict.TOKEN_DEAD:
        if facts.uncertain and facts.token_age < REPLY_TOKEN_SURE_SECONDS:
            return Finish(Status.PRESUMED)
        return PushInstead(doubled=facts.uncertain)
    if verdict is Verdict.NO_VERDICT and facts.uncertain:
        return PushInstead(doubled=True)
    if facts.token_age + 1 > REPLY_TOKEN_SURE_SECONDS:
        return PushInstead(doubled=uncertain)
    return Again(_delay(facts.attempts, jitter) / 4, uncertain)


def _delay(attempts: int, jitter: float) -> float:
    base = BACKOFF[min(attempts, len(BACKOFF)) - 1]
    return base * (0.5 + jitter)
