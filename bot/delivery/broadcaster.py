"""The broadcaster: carries out broadcasts, one process at a time, many requests side by side, stopping at once when told to.

What it does is in rows: another process goes on after a crash, and no batch is sent twice, for each has its retry key from birth.
"""

from __future__ import annotations

import datetime as dt
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import orjson
import structlog
from sqlalchemy import bindparam, case, exists, func, select, update

from bot import lease
from bot.crash import CrashPoint, no_crash
from bot.db import Database, is_unavailable
from bot.delivery import broadcast
from bot.delivery.broadcast import BROKEN, GOING, State
from bot.delivery.courier import Courier, put_back
from bot.delivery.due import is_due, open_rows, times
from bot.delivery.freeze import DEFAULT_CAP, Freezer
from bot.delivery.hours import quiet
from bot.delivery.members import among, unpack
from bot.delivery.outbox import Dispatch, Priority, Result
from bot.delivery.outcome import Status
from bot.delivery.quota import Quota
from bot.delivery.secondlook import look_again
from bot.delivery.sender import Ended, unobserved
from bot.logs import place_of
from bot.models import Batch, Broadcast, Channel, Delivery, Resident
from bot.now import Now
from bot.pending import Pending

log = structlog.get_logger(__name__)

WORKERS = 16
"""Requests side by side: enough for LINE's 200 a second at 80 milliseconds each."""

CLAIM = 50
"""Batches claimed in one commit, a quarter of a second's work."""

CLAIM_ON_SQLITE = 10
"""SQLite works inside this process, where residents wait for their answers: what it is asked at once must be done soon."""

MOST_QUEUED = 4 * CLAIM
"""What is urgent is queued beside what is not, before which it leaves."""

LEASE_NAME = "multicast"
LEASE_SECONDS = 15.0
BATCH_LEASE = dt.timedelta(seconds=30)
LOOK_SECONDS = 0.5
WAIT_SECONDS = 0.1
STORE_SECONDS = 30.0

_broadcasts: Any = Broadcast.__table__
_deliveries: Any = Delivery.__table__
_batches: Any = Batch.__table__

_Queued = tuple[int, int, int, Dispatch | None]
"""Urgency, turn, broadcast and batch; no batch ends a worker."""

Record = Callable[[Result], Pending]


class Broadcaster:
    """`owner` names this process in leases; `record` has an outcome stored and returns when that is done."""

    def __init__(
        self,
        database: Database,
        courier: Courier,
        quota: Quota,
        record: Record,
        now: Now,
        owner: str,
        cap: int = DEFAULT_CAP,
        ended: Ended = unobserved,
        crash: CrashPoint = no_crash,
    ) -> None:
        self._database = database
        self._courier = courier
        self._quota = quota
        self._record = record
        self._now = now
        self._owner = owner
        self._ended = ended
        self._most_claimed = CLAIM_ON_SQLITE if database.on_sqlite else CLAIM
        self._freezer = Freezer(database, now, cap, crash)
        self._going: frozenset[int] = frozenset()
        self._refused: set[int] = set()
        self._queue: queue.PriorityQueue[_Queued] = queue.PriorityQueue()
        self._turns = count()
        self._stored: list[Pending] = []
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._held_until = 0.0
        self._rests: dict[int, float] = {}
        self._in_hand: Counter[int] = Counter()
        self._counting = threading.Lock()

    def start(self) -> None:
        """Begin to look for broadcasts in the background."""
        self._threads = [threading.Thread(target=self._look, name="broadcaster", daemon=True)]
        self._threads[0].start()

    def stop(self) -> None:
        """End after what is on the wire; the rest waits for the next process."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(15)

    def work(self) -> None:
        """Carry out what may go now, until nothing is left to do or another process is at it."""
        if not self._ready() or not self._hold():
            return
        workers = [
            threading.Thread(target=self._carry, name=f"broadcast-{number}", daemon=True) for number in range(WORKERS)
        ]
        for worker in workers:
            worker.start()
        try:
            while not self._stopping.is_set() and self._hold() and (rows := self._ready()):
                # One that waits for a batch LINE would not take holds up none of the others.
                if not any(self._try(row) for row in rows):
                    time.sleep(WAIT_SECONDS)
        finally:
            self._going = frozenset()
            for _ in workers:
                self._queue.put((Priority.BROADCAST + 1, next(self._turns), 0, None))
            for worker in workers:
                worker.join()
            self._wait_stored()
            with self._database.write() as connection:
                lease.give_back(connection, LEASE_NAME, self._owner)
            self._held_until = 0.0

    def _look(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self._close_stopped()
                self.work()
            except Exception as error:  # noqa: BLE001 - it must outlive any fault: broadcasts would stand still in silence
                log.error("broadcast.failed", error=type(error).__name__)

    def _hold(self) -> bool:
        """Take or renew the lease; one renewal serves for a third of its time."""
        if time.monotonic() < self._held_until:
            return True
        with self._database.write() as connection:
            ours = lease.hold(connection, LEASE_NAME, self._owner, self._now(), LEASE_SECONDS)
        self._held_until = time.monotonic() + LEASE_SECONDS / 3 if ours else 0.0
        return ours

    def _ready(self) -> Sequence[Any]:
        """Return the broadcasts that may go now, the most urgent first, and let the workers know of them."""
        now = self._now()
        with self._database.read() as connection:
            rows = connection.execute(_GO, {"now": now}).all()
        rows = [row for row in rows if row.urgent or not quiet(now)]
        self._going = frozenset(row.id for row in rows)
        return rows

    def _try(self, row: Any) -> bool:
        """Do the next part of one broadcast; one that our own code cannot send is laid aside and holds up no other."""
        if time.monotonic() < self._rests.get(row.id, 0.0):
            return False
        try:
            return self._advance(row)
        except Exception as error:
            if is_unavailable(error):
                raise
            log.error("broadcast.broken", broadcast=row.id, error=type(error).__name__, place=place_of(error))
            self._lay_aside(row.id, State.HELD, f"{BROKEN} ({type(error).__name__}): see the log")
            return True

    def _advance(self, row: Any) -> bool:
        """Do the next part of one broadcast; return whether there was something to do."""
        if row.stale_at < self._now():
            self._lay_aside(row.id, State.STALE, "it was not sent in time: resume it if it still holds good")
        elif row.id in self._refused:
            self._settle()
            self._refused.discard(row.id)
            self._lay_aside(row.id, State.HELD, "LINE took no more: the monthly limit, or the access token")
        elif row.frozen_at is None:
            self._freezer.freeze(row, self._hold)
        elif row.status == State.APPROVED:
            self._begin(row)
        else:
            return self._feed(row)
        return True

    def _begin(self, row: Any) -> None:
        with self._database.write() as connection:
            gauge = self._quota.gauge(row.channel_id)
            # What others have begun to send is spoken for, though not yet used.
            spoken_for = connection.execute(_SPOKEN_FOR, {"broadcast": row.id, "channel": row.channel_id}).scalar_one()
            need = broadcast.forecast(connection, row.id, replace(gauge, used=gauge.used + spoken_for))
            if need.fits:
                broadcast.move(connection, row.id, State.SENDING)
        if not need.fits:
            self._lay_aside(row.id, State.HELD, str(need))

    def _feed(self, row: Any) -> bool:
        """Claim some batches and queue them; when none is left, see whether the broadcast is over."""
        if self._queue.qsize() > (MOST_QUEUED if row.urgent else CLAIM // 2):
            time.sleep(WAIT_SECONDS / 5)
            return True
        if claimed := self._claim(row):
            self._count_in_hand(row.id, len(claimed))
            for dispatch in claimed:
                self._queue.put((dispatch.priority, next(self._turns), row.id, dispatch))
            return True
        if self._in_hand[row.id]:
            self._rests[row.id] = time.monotonic() + WAIT_SECONDS
            return False
        self._wait_stored()
        return self._see_whether_over(row)

    def _see_whether_over(self, row: Any) -> bool:
        """Close a broadcast of which nothing is left; return whether that was so, or what is left is all held."""
        with self._database.write() as connection:
            left = connection.execute(_LEFT, {"broadcast": row.id}).one()
            if not left.unfinished:
                broadcast.move(connection, row.id, State.DONE, finished_at=self._now())
        if left.unfinished and left.unfinished == left.held:
            self._refused.add(row.id)
        elif left.unfinished:
            self._rests[row.id] = time.monotonic() + LOOK_SECONDS
            return False
        self._rests.pop(row.id, None)
        return True

    def _count_in_hand(self, broadcast_id: int, more: int) -> None:
        with self._counting:
            self._in_hand[broadcast_id] += more

    def _claim(self, row: Any) -> list[Dispatch]:
        now = self._now()
        with self._database.write() as connection:
            found = (
                connection.execute(_CLAIMABLE, {"broadcast": row.id, "limit": self._most_claimed, **times(now)})
                .mappings()
                .all()
            )
            if not found:
                return []
            tried_at = func.coalesce(_deliveries.c.tried_at, bindparam("tried", now, type_=_deliveries.c.tried_at.type))
            claim = update(_deliveries).where(_deliveries.c.id.in_([batch["id"] for batch in found]))
            connection.execute(claim.values(lease_until=now + BATCH_LEASE, lease_by=self._owner, tried_at=tried_at))
            members = {batch["id"]: unpack(batch["members"]) for batch in found}
            untried = {batch["id"]: members[batch["id"]] for batch in found if batch["tried_at"] is None}
            members |= look_again(connection, row, untried, now)
            every = sorted(id_ for some in members.values() for id_ in some)
            known = select(Resident.id, Resident.line_user_id).where(among(connection, Resident.id, every))
            users: dict[int, str] = dict(connection.execute(known).all())
        written = {language: orjson.dumps(messages) for language, messages in row.messages.items()}
        to = {id_: [users[one] for one in some if one in users] for id_, some in members.items()}
        return [_dispatch(row, batch, to[batch["id"]], written[batch["language"]], now) for batch in found]

    def _carry(self) -> None:
        while True:
            _, _, broadcast_id, dispatch = self._queue.get()
            if dispatch is None:
                self._queue.task_done()
                return
            try:
                self._deliver(broadcast_id, dispatch)
            except Exception as error:  # noqa: BLE001 - a worker must outlive a bug; the row's lease runs out
                log.error("delivery.crashed", error=type(error).__name__)
            finally:
                self._count_in_hand(broadcast_id, -1)
                self._queue.task_done()

    def _deliver(self, broadcast_id: int, dispatch: Dispatch) -> None:
        if broadcast_id not in self._going:
            result: Result | None = put_back(dispatch, self._now(), self._now(), "not begun")
        elif not dispatch.recipients:
            result = replace(
                put_back(dispatch, self._now(), self._now(), "nobody left"), status=Status.STOPPED, again_at=None
            )
        else:
            result = self._courier.deliver(dispatch)
        if result is not None:
            self._stored.append(self._record(result))
            self._ended(dispatch, result)
            if result.status is Status.HELD:
                self._refused.add(broadcast_id)

    def _settle(self) -> None:
        """Wait until what was queued has been carried and stored."""
        while self._queue.unfinished_tasks:
            time.sleep(WAIT_SECONDS / 10)
            self._ready()
        self._wait_stored()

    def _wait_stored(self) -> None:
        # What could not be stored keeps its lease, and is sent once more under the same retry key.
        recorded, self._stored = self._stored, []
        for stored in recorded:
            if not stored.wait(STORE_SECONDS):
                log.warning("broadcast.outcome_late", seconds=STORE_SECONDS)

    def _lay_aside(self, id_: int, state: State, note: str) -> None:
        with self._database.write() as connection:
            broadcast.move(connection, id_, state, note=note[:200])
        log.warning("broadcast.laid_aside", broadcast=id_, status=state.value)

    def _close_stopped(self) -> None:
        with self._database.read() as connection:
            stopped = list(connection.execute(_STOPPED).scalars())
        for id_ in stopped:
            with self._database.write() as connection:
                broadcast.close_rest(connection, id_, self._now())


def _dispatch(row: Any, batch: Any, to: Sequence[str], messages: bytes, now: dt.datetime) -> Dispatch:
    return Dispatch(
        id=batch["id"],
        channel_id=row.channel_id,
        channel=row.channel,
        resident_id=0,
        line_user_id="",
        kind="multicast",
        retry_key=batch["retry_key"],
        messages=b'{"to":%b,"messages":%b}' % (orjson.dumps(to), messages),
        reply_token=None,
        token_at=None,
        lease_until=now + BATCH_LEASE,
        priority=Priority(batch["priority"]),
        attempts=batch["attempts"],
        # A lease that ran out belonged to a process that died: nobody knows how far it came.
        uncertain=batch["uncertain"] or batch["lease_until"] is not None,
        doubled=batch["doubled"],
        tried_at=batch["tried_at"],
        recipients=len(to),
    )


_now_at = bindparam("now", type_=_deliveries.c.due_at.type)
_GO = (
    select(_broadcasts, Channel.name.label("channel"))
    .join(Channel, Channel.id == _broadcasts.c.channel_id)
    .where(_broadcasts.c.status.in_([state.value for state in GOING]), _broadcasts.c.send_at <= _now_at)
    .order_by(_broadcasts.c.urgent.desc(), _broadcasts.c.send_at, _broadcasts.c.id)
)
_CLAIMABLE = (
    select(_deliveries, _batches.c.language, _batches.c.members)
    .join(_batches, _batches.c.delivery_id == _deliveries.c.id)
    .where(
        _batches.c.broadcast_id == bindparam("broadcast"),
        _deliveries.c.status == Status.WAITING.value,
        is_due(),
        _deliveries.c.lease_until.is_(None)
        | (_deliveries.c.lease_until < _now_at)
        | (_deliveries.c.lease_until > bindparam("never", type_=_deliveries.c.due_at.type)),
    )
    .order_by(_deliveries.c.id)
    .limit(bindparam("limit"))
)
_LEFT = (
    select(
        func.count().label("unfinished"),
        func.coalesce(func.sum(case((_deliveries.c.status == Status.HELD.value, 1), else_=0)), 0).label("held"),
    )
    .select_from(_deliveries.join(_batches, _batches.c.delivery_id == _deliveries.c.id))
    .where(_batches.c.broadcast_id == bindparam("broadcast"), open_rows())
)
_SPOKEN_FOR = (
    select(func.coalesce(func.sum(_batches.c.recipients), 0))
    .select_from(
        _deliveries.join(_batches, _batches.c.delivery_id == _deliveries.c.id).join(
            _broadcasts, _broadcasts.c.id == _batches.c.broadcast_id
        )
    )
    .where(
        _broadcasts.c.status == State.SENDING.value,
        _broadcasts.c.channel_id == bindparam("channel"),
        _broadcasts.c.id != bindparam("broadcast"),
        open_rows(),
    )
)
_STOPPED = select(_broadcasts.c.id).where(
    _broadcasts.c.status == State.STOPPED.value,
    exists().where(
        _batches.c.broadcast_id == _broadcasts.c.id, _batches.c.delivery_id == _deliveries.c.id, open_rows()
    ),
)
