"""The reception: takes the events of a webhook into group commits and has their replies sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import structlog

from bot.conversation import Talks
from bot.db import is_conflict, is_unavailable
from bot.groupcommit import GroupCommit, HeldElsewhere
from bot.groups import Groups, Invitation, is_invitation
from bot.incoming import Incoming, Reaction
from bot.line.channels import KnownChannel
from bot.line.events import Event
from bot.logs import place_of
from bot.now import Now
from bot.pending import Pending

log = structlog.get_logger(__name__)

MOST_UNANSWERED = 5000
"""Residents whose answers are committed and not sent yet: with more of them LINE is asked to come again, before reply tokens grow
old and memory fills; it takes some four seconds to send so many."""

SAY_AGAIN_SECONDS = 10.0


class Reception:
    """Where webhooks end and transactions begin."""

    def __init__(
        self,
        talks: Talks,
        groups: Groups,
        commits: GroupCommit,
        send: Callable[[Reaction], None],
        now: Now,
        unanswered: Callable[[], int] = lambda: 0,
    ) -> None:
        self._talks = talks
        self._groups = groups
        self._commits = commits
        self._send = send
        self._now = now
        self._unanswered = unanswered
        self._full_until = 0.0

    def receive(self, channel: KnownChannel, events: Sequence[Event], deadline: float) -> bool:
        """Apply `events` by `deadline` (monotonic seconds); tell whether all of them are committed.

        An event that fails by our own fault is set aside and counts as committed; when the database is not to be had, nothing does.
        """
        if self._unanswered() >= MOST_UNANSWERED:
            self._say_full()
            return False
        received_at = self._now()
        incoming = [
            Incoming(channel.id, channel.name, user_id, event, received_at)
            for event in events
            if (user_id := _resident_of(event)) is not None
        ]
        futures = [self._commits.submit(self._talks.apply, item, self._send) for item in incoming]
        invited = [Invitation(channel.id, channel.name, event, received_at) for event in events if is_invitation(event)]
        farewells = [self._commits.submit(self._groups.apply, invitation) for invitation in invited]
        if not _all_done([*futures, *farewells], deadline) or not all(map(_committed, farewells)):
            return False
        failed = [
            (item, error)
            for item, future in zip(incoming, futures, strict=True)
            if isinstance(error := future.exception(), Exception)
        ]
        return not failed or self._set_aside(failed, deadline)

    def _say_full(self) -> None:
        # One line for a flood, not one for each of its webhooks.
        if time.monotonic() > self._full_until:
            self._full_until = time.monotonic() + SAY_AGAIN_SECONDS
            log.warning("webhook.full", count=MOST_UNANSWERED)

    def _set_aside(self, failed: Sequence[tuple[Incoming, Exception]], deadline: float) -> bool:
        for item, error in failed:
            if isinstance(error, HeldElsewhere) or is_unavailable(error) or is_conflict(error):
                log.warning("webhook.database", event_id=item.event.id, error=type(error).__name__)
                return False
        for item, error in failed:
            log.error("event.failed", event_id=item.event.id, error=type(error).__name__, place=place_of(error))
        futures = [self._commits.submit(self._talks.set_aside, pair, self._send) for pair in failed]
        return _all_done(futures, deadline) and all(future.exception() is None for future in futures)


def _resident_of(event: Event) -> str | None:
    """Return whose conversation an event belongs to; None for those that take no part in one.

    In standby another module holds the chat and nothing may be sent; what is said in a group is nobody's private answer; behind a
    sample there is no one.
    """
    return None if event.standby or event.group_id or event.sample else event.user_id


def _committed(pending: Pending) -> bool:
    error = pending.exception()
    if error is not None:
        log.warning("webhook.group", error=type(error).__name__)
    return error is None


def _all_done(work: Sequence[Pending], deadline: float) -> bool:
    late = [pending for pending in work if not pending.wait(deadline - time.monotonic())]
    for pending in late:
        pending.cancel()
    return not late
