"""The sender: takes dispatches after their commit, talks to LINE, and has the outcome stored.

No database connection is held during a request. Messages to one resident leave in sequence, those to different residents side
by side.
"""

from __future__ import annotations

import datetime as dt
import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

import structlog

from bot.crash import CrashPoint, no_crash
from bot.delivery.outbox import Dispatch, Result
from bot.delivery.outcome import Again, Facts, Finish, Hold, PushInstead, Status, Step, Verdict, follow_up, judge
from bot.line.client import LineClient
from bot.line.connections import Answer
from bot.now import Now

log = structlog.get_logger(__name__)

AT_ONCE_SECONDS = 1.0
"""A second try that comes sooner than this is made by the same worker; a later one goes back to the outbox."""

HOLD_SECONDS = 3600.0


class Sender:
    """A pool of workers (greenlets under gevent) in one process."""

    def __init__(
        self,
        client: LineClient,
        record: Callable[[Result], object],
        now: Now,
        workers: int = 64,
        crash: CrashPoint = no_crash,
    ) -> None:
        self._client = client
        self._record = record
        self._now = now
        self._crash = crash
        self._lines: dict[int, deque[Dispatch]] = {}
        self._ready: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._size = workers
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closing = False

    def hand_over(self, dispatches: Iterable[Dispatch]) -> None:
        """Queue dispatches whose rows are committed and leased to this process."""
        for dispatch in dispatches:
            with self._lock:
                if self._closing:
                    return  # the lease runs out and another sender takes the row
                line = self._lines.get(dispatch.resident_id)
                if line is None:
                    self._lines[dispatch.resident_id] = deque([dispatch])
                    self._start_worker()
                    self._ready.put(dispatch.resident_id)
                else:
                    line.append(dispatch)

    def backlog(self) -> int:
        """Return for how many residents something is on its way."""
        return len(self._lines)

    def close(self, seconds: float = 10.0) -> None:
        """Send what was handed over, for at most `seconds`; what is left is found by a sweep."""
        deadline = time.monotonic() + seconds
        while self._lines and time.monotonic() < deadline:
            time.sleep(0.02)
        with self._lock:
            self._closing = True
        for _ in self._threads:
            self._ready.put(None)
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _start_worker(self) -> None:
        if len(self._threads) < self._size and self._idle <= self._ready.qsize():
            thread = threading.Thread(target=self._work, name=f"sender-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while True:
            self._idle += 1
            resident_id = self._ready.get()
            self._idle -= 1
            if resident_id is None:
                return
            self._send_one(resident_id)

    def _send_one(self, resident_id: int) -> None:
        dispatch, result = self._lines[resident_id][0], None
        try:
            result = self._deliver(dispatch)
        except Exception as error:  # noqa: BLE001 - a worker must outlive a bug; the row stays leased and is swept
            log.error("delivery.crashed", delivery=dispatch.id, error=type(error).__name__)
        again_at = result.again_at if result is not None and result.status is Status.WAITING else None
        behind: list[Dispatch] = []
        with self._lock:
            line = self._lines[resident_id]
            line.popleft()
            if again_at is not None:
                behind = list(line)
                line.clear()
            if line:
                self._ready.put(resident_id)
            else:
                del self._lines[resident_id]
        for waiting in behind:
            self._record(_put_back(waiting, again_at, self._now()))

    def _deliver(self, dispatch: Dispatch) -> Result | None:
        """Make the attempts that can be made now; return what was recorded, None when another sender may hold the row by now."""
        while True:
            if self._now() > dispatch.lease_until:
                return None
            self._crash("after_commit")
            answer = self._request(dispatch)
            self._crash("after_answer")
            verdict = judge(dispatch.kind, answer)
            facts = self._facts(dispatch)
            step = follow_up(verdict, facts, random.random())  # noqa: S311 - jitter, no secret
            log.info(
                "delivery.attempt",
                delivery=dispatch.id,
                kind=dispatch.kind,
                verdict=verdict.value,
                status=answer.status,
                line_request=answer.request_id,
            )
            following = self._next(dispatch, step, verdict, answer, facts)
            if isinstance(following, Result):
                self._record(following)
                return following
            dispatch = following

    def _request(self, dispatch: Dispatch) -> Answer:
        if dispatch.kind == "reply":
            token = (dispatch.reply_token or "").encode("ascii", "ignore").replace(b'"', b"").replace(b"\\", b"")
            return self._client.reply(
                dispatch.channel, b'{"replyToken":"%b","messages":%b}' % (token, dispatch.messages)
            )
        to = dispatch.line_user_id.encode("ascii", "ignore").replace(b'"', b"").replace(b"\\", b"")
        body = b'{"to":"%b","messages":%b}' % (to, dispatch.messages)
        return self._client.push(dispatch.channel, body, dispatch.retry_key)

    def _facts(self, dispatch: Dispatch) -> Facts:
        now = self._now()
        return Facts(
            kind=dispatch.kind,
            attempts=dispatch.attempts + 1,
            uncertain=dispatch.uncertain,
            age=now - dispatch.created_at,
            token_age=(now - dispatch.token_at).total_seconds() if dispatch.token_at else 0.0,
        )

    def _next(
        self, dispatch: Dispatch, step: Step, verdict: Verdict, answer: Answer, facts: Facts
    ) -> Dispatch | Result:
        """Return the dispatch to send now, or how it ended for now."""
        if isinstance(step, PushInstead):
            # A push has a retry key, so from here on nothing can be sent twice.
            return replace(dispatch, kind="push", attempts=facts.attempts, uncertain=False, doubled=step.doubled)
        if isinstance(step, Again) and step.seconds < AT_ONCE_SECONDS:
            time.sleep(step.seconds)
            return replace(dispatch, attempts=facts.attempts, uncertain=step.uncertain)
        return _result(dispatch, step, verdict, answer, facts.attempts, self._now)


def _put_back(dispatch: Dispatch, due_at: dt.datetime | None, now: dt.datetime) -> Result:
    """Return a row never tried to the outbox: an earlier message to the same resident goes first, at `due_at`."""
    return Result(
        id=dispatch.id,
        status=Status.WAITING,
        attempts=dispatch.attempts,
        doubled=dispatch.doubled,
        uncertain=dispatch.uncertain,
        kind=dispatch.kind,
        last_result="behind an earlier message",
        line_request_id=None,
        at=now,
        again_at=due_at,
    )


def _result(dispatch: Dispatch, step: Step, verdict: Verdict, answer: Answer, attempts: int, now: Now) -> Result:
    at = now()
    status, doubled, uncertain, again_at = Status.WAITING, dispatch.doubled, dispatch.uncertain, None
    match step:
        case Finish(status, doubled_now):
            doubled = doubled or doubled_now
        case Again(seconds, uncertain):
            again_at = at + dt.timedelta(seconds=seconds)
        case Hold():
            status, again_at = Status.HELD, at + dt.timedelta(seconds=HOLD_SECONDS)
    return Result(
        id=dispatch.id,
        status=status,
        attempts=attempts,
        doubled=doubled,
        uncertain=uncertain,
        kind=dispatch.kind,
        last_result=f"{verdict.value} {answer.status or answer.trouble}"[:60],
        line_request_id=answer.request_id,
        at=at,
        again_at=again_at,
    )
