"""The courier: makes the attempts for one dispatch that can be made now, and says how it stands after them.

No database connection is held during a request.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from bot.crash import CrashPoint, no_crash
from bot.delivery.outbox import Dispatch, Result, Tried
from bot.delivery.outcome import (
    Again,
    Facts,
    Finish,
    Hold,
    PushInstead,
    Status,
    Step,
    Verdict,
    blamed,
    follow_up,
    judge,
    may_try,
)
from bot.delivery.rates import Rates
from bot.delivery.replytokens import SpentTokens
from bot.line.client import LineClient
from bot.line.connections import ANSWER_SECONDS, CONNECT_SECONDS, Answer
from bot.now import Now

log = structlog.get_logger(__name__)

AT_ONCE_SECONDS = 1.0
"""A second try that comes sooner than this is made at once; a later one goes back to the outbox."""

HOLD_SECONDS = 3600.0
REQUEST_SECONDS = CONNECT_SECONDS + ANSWER_SECONDS
"""How much of its lease one request may need."""

SLOWED_SECONDS = 2.0
"""When a row that a rate limit kept back is looked at again."""


class Courier:
    """Carries replies, pushes and multicasts to LINE. `quota_reached` asks whether a channel's month is used up."""

    def __init__(
        self,
        client: LineClient,
        now: Now,
        rates: Rates | None = None,
        quota_reached: Callable[[str], bool] = lambda _channel: False,
        crash: CrashPoint = no_crash,
    ) -> None:
        self._client = client
        self._now = now
        self._rates = rates or Rates()
        self._quota_reached = quota_reached
        self._crash = crash
        self._spent = SpentTokens()

    def deliver(self, dispatch: Dispatch) -> Result | None:
        """Make the attempts that can be made now; return how the row stands, None when another sender may hold it by now."""
        tried: list[Tried] = []
        dispatch = self._with_its_own_token(dispatch)
        while (left := (dispatch.lease_until - self._now()).total_seconds()) > 0:
            if not may_try(self._facts(dispatch, dispatch.tried_at)):
                return _forgotten(dispatch, self._now())
            if not self._rates.wait(dispatch.channel, dispatch.kind, left - REQUEST_SECONDS):
                later = self._now() + dt.timedelta(seconds=SLOWED_SECONDS)
                return replace(put_back(dispatch, later, self._now(), "rate limit"), tried=tuple(tried))
            self._crash("after_commit")
            at, answer = self._now(), self._request(dispatch)
            self._crash("after_answer")
            first_at = dispatch.tried_at or at
            verdict, facts = self._judge(dispatch, answer), self._facts(dispatch, first_at)
            step = follow_up(verdict, facts, random.random())  # noqa: S311 - jitter, no secret
            tried.append(Tried(facts.attempts, at, verdict, answer.status, answer.request_id))
            # One line for each accepted message would cost more than storing it, where the attempt is kept anyway.
            note = log.debug if verdict is Verdict.ACCEPTED else log.info
            note(
                "delivery.attempt",
                delivery=dispatch.id,
                kind=dispatch.kind,
                verdict=verdict.value,
                status=answer.status,
                line_request=answer.request_id,
            )
            if verdict is Verdict.REFUSED:
                log.error("delivery.refused", delivery=dispatch.id, status=answer.status, place=blamed(answer))
            following = self._next(dispatch, step, facts, first_at)
            if following is None:
                return _result(dispatch, step, answer, first_at, tried, self._now())
            dispatch = following
        return None

    def _with_its_own_token(self, dispatch: Dispatch) -> Dispatch:
        """Return the dispatch, as a push when another delivery has used its reply token: LINE would refuse the second."""
        if dispatch.kind != "reply" or self._spent.spend(dispatch.reply_token or "", dispatch.id):
            return dispatch
        log.error("delivery.token_used_before", delivery=dispatch.id)
        return replace(dispatch, kind="push", tried_at=None)

    def _judge(self, dispatch: Dispatch, answer: Answer) -> Verdict:
        verdict = judge(dispatch.kind, answer)
        if verdict is Verdict.LIMITED:
            free = dispatch.kind == "reply"
            verdict = (
                Verdict.RATE_LIMITED if free or not self._quota_reached(dispatch.channel) else Verdict.QUOTA_REACHED
            )
        if verdict is Verdict.RATE_LIMITED:
            self._rates.slow(dispatch.channel, dispatch.kind)
        return verdict

    def _request(self, dispatch: Dispatch) -> Answer:
        if dispatch.kind == "reply":
            token = (dispatch.reply_token or "").encode("ascii", "ignore").replace(b'"', b"").replace(b"\\", b"")
            return self._client.reply(
                dispatch.channel, b'{"replyToken":"%b","messages":%b}' % (token, dispatch.messages)
            )
        if dispatch.kind == "multicast":
            return self._client.multicast(dispatch.channel, dispatch.messages, dispatch.retry_key)
        to = dispatch.line_user_id.encode("ascii", "ignore").replace(b'"', b"").replace(b"\\", b"")
        body = b'{"to":"%b","messages":%b}' % (to, dispatch.messages)
        return self._client.push(dispatch.channel, body, dispatch.retry_key)

    def _facts(self, dispatch: Dispatch, first_at: dt.datetime | None) -> Facts:
        now = self._now()
        return Facts(
            kind=dispatch.kind,
            attempts=dispatch.attempts + 1,
            uncertain=dispatch.uncertain,
            age=now - (first_at or now),
            token_age=(now - dispatch.token_at).total_seconds() if dispatch.token_at else 0.0,
        )

    def _next(self, dispatch: Dispatch, step: Step, facts: Facts, first_at: dt.datetime) -> Dispatch | None:
        """Return what to send now, None when that was all for now."""
        if isinstance(step, PushInstead):
            # A push has a retry key, so from here on nothing can be sent twice.
            return replace(
                dispatch, kind="push", attempts=facts.attempts, uncertain=False, doubled=step.doubled, tried_at=None
            )
        if isinstance(step, Again) and step.seconds < AT_ONCE_SECONDS:
            time.sleep(step.seconds)
            return replace(dispatch, attempts=facts.attempts, uncertain=step.uncertain, tried_at=first_at)
        return None


def put_back(dispatch: Dispatch, due_at: dt.datetime, now: dt.datetime, why: str) -> Result:
    """Return a row that was not tried to the outbox."""
    return Result(
        id=dispatch.id,
        status=Status.WAITING,
        attempts=dispatch.attempts,
        doubled=dispatch.doubled,
        uncertain=dispatch.uncertain,
        kind=dispatch.kind,
        last_result=why,
        line_request_id=None,
        at=now,
        again_at=due_at,
        tried_at=dispatch.tried_at,
    )


def _forgotten(dispatch: Dispatch, now: dt.datetime) -> Result:
    """Close a row that LINE may have accepted and whose retry key it no longer knows: once more could be a second message."""
    result = put_back(dispatch, now, now, "no verdict within a day")
    return replace(result, status=Status.UNKNOWN, again_at=None)


def _result(
    dispatch: Dispatch, step: Step, answer: Answer, first_at: dt.datetime, tried: Sequence[Tried], at: dt.datetime
) -> Result:
    status, doubled, uncertain, again_at = Status.WAITING, dispatch.doubled, dispatch.uncertain, None
    tried_at: dt.datetime | None = first_at
    match step:
        case Finish(status, doubled_now):
            doubled = doubled or doubled_now
        case Again(seconds, uncertain):
            again_at = at + dt.timedelta(seconds=seconds)
        case Hold():
            status, again_at = Status.HELD, at + dt.timedelta(seconds=HOLD_SECONDS)
            # LINE has refused it for certain: its day begins anew at the next try.
            tried_at = tried_at if uncertain else None
    return Result(
        id=dispatch.id,
        status=status,
        attempts=tried[-1].number,
        doubled=doubled,
        uncertain=uncertain,
        kind=dispatch.kind,
        last_result=f"{tried[-1].verdict.value} {answer.status or answer.trouble} {blamed(answer)}".strip()[:60],
        line_request_id=answer.request_id,
        at=at,
        again_at=again_at,
        tried_at=tried_at,
        tried=tuple(tried),
    )
