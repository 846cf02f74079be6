"""From webhook events to stored turns: one transaction locks the residents, claims the events, runs the engine and its actions, and
leaves states, submissions and replies behind, or nothing at all.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, insert

from bot import audience, roll
from bot.changes import Changes, upsert_talk
from bot.claims import Claim, claim
from bot.crypto import Lookup, Vault
from bot.delivery.outbox import Dispatch, Letter, Outbox, Priority, Recipient
from bot.flow.book import Book
from bot.flow.engine import turn
from bot.flow.forgetting import forget_in_state
from bot.flow.talk import ActionResult, Consented, Filed, Json, LanguageChosen, Placed, Surroundings, Turn
from bot.groupcommit import Later
from bot.hearing import hear
from bot.jobs import Jobs
from bot.line.events import Event
from bot.line.messages import line_messages
from bot.logs import place_of
from bot.media.intake import Intake, Sender, bundles_in, new_bundle
from bot.models import Consent, FailedEvent, SealedBytes
from bot.now import TOKYO
from bot.service import ActionContext, Caller, Services
from bot.takeback import Source, TakeBack

_STATE = "conversations.state"
_TOKEN_NEVER_AFTER = dt.timedelta(minutes=20)
"""LINE: in a redelivered webhook a reply token works again, but never later than 20 minutes after the event."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of one resident, on its way into a transaction."""

    channel_id: int
    channel: str
    user_id: str
    event: Event
    received_at: dt.datetime

    @property
    def who(self) -> roll.Who:
        """Return whom it concerns."""
        return self.channel_id, self.user_id

    @property
    def claim(self) -> Claim:
        """Return under what it is claimed."""
        return self.channel_id, self.event.id


Reaction = tuple[Dispatch, ...]
"""What is to be sent after the commit because of one event."""


class Talks:
    """The conversation of one installation: the flows, the services and what is needed to store a turn."""

    def __init__(
        self,
        book: Callable[[], Book],
        services: Services,
        outbox: Outbox,
        lookup: Lookup,
        jobs: Jobs,
        public_url: str | None = None,
    ) -> None:
        self._book = book
        self._services = services
        self._outbox = outbox
        self._vault: Vault = outbox.vault
        self._lookup = lookup
        self._public_url = public_url
        self._intake = Intake(jobs, self._vault)
        self._takeback = TakeBack(self._vault, lookup, self._intake)

    def apply(self, connection: Connection, batch: Sequence[Incoming]) -> list[Reaction | Later]:
        """Apply events and return what to send for each, in order. Duplicates change nothing, held residents are left for later."""
        now = max(incoming.received_at for incoming in batch)
        present = roll.call(connection, (incoming.who for incoming in batch), now)
        claimed = claim(connection, (incoming.claim for incoming in batch if incoming.who in present), now)
        changes = Changes()
        for index in sorted(range(len(batch)), key=lambda index: batch[index].event.timestamp):
            incoming = batch[index]
            if incoming.who in present and incoming.claim in claimed:
                claimed.discard(incoming.claim)  # a copy of it may stand in the same batch
                self._take_in(connection, incoming, index, present[incoming.who], changes, now)
        changes.store(connection, self._takeback, now)
        reactions: list[list[Dispatch]] = [[] for _ in batch]
        for index, dispatch in zip(changes.origins, self._outbox.post(connection, changes.letters, now), strict=True):
            reactions[index].append(dispatch)
        return [
            tuple(reaction) if incoming.who in present else Later.LATER
            for incoming, reaction in zip(batch, reactions, strict=True)
        ]

    def _take_in(
        self,
        connection: Connection,
        incoming: Incoming,
        index: int,
        who: roll.Present,
        changes: Changes,
        now: dt.datetime,
    ) -> None:
        event = incoming.event
        if event.type in ("follow", "unfollow") and not _befriend(who, event, changes):
            return
        if event.type == "unsend" and event.unsent_id is not None:
            self._take_back(connection, who, event.unsent_id, event.timestamp, changes, now)
            return
        overtaken = event.timestamp < who.last_event_at
        who.last_event_at = max(who.last_event_at, event.timestamp)
        sender = Sender(who.id, who.channel_id)
        if self._intake.joins(connection, sender, event, now):
            return
        bundle = new_bundle() if event.has_content else None
        heard = hear(event, overtaken=overtaken, bundle=bundle)
        if heard is None:
            return
        done = turn(self._book(), self._open_state(who), heard, self._surroundings(connection, who, changes, now))
        self._keep_talk(who, done, changes, now)
        kept = self._carry_out(connection, who, event, done, changes, now)
        if bundle is not None:
            taken = bundle if bundle in kept else None
            if taken is not None:
                self._intake.accept(connection, sender, event, taken, now)
            self._intake.note_set(connection, sender, event, taken, now)
        changes.letters.append((_letter(incoming, who, done, now), Recipient(incoming.channel, who.line_user_id)))
        changes.origins.append(index)

    def _carry_out(
        self,
        connection: Connection,
        who: roll.Present,
        event: Event,
        done: Turn,
        changes: Changes,
        now: dt.datetime,
    ) -> set[str]:
        """Do what the turn wants done; return the bundles that became answers."""
        bundles: set[str] = set()
        for answered in done.answered:
            bundles |= bundles_in(answered.value)
            if event.message_id is not None:
                changes.sources.append(Source(who.id, event.message_id, answered.name, answered.value))
        for effect in done.effects:
            match effect:
                case LanguageChosen(language):
                    who.language = language
                    changes.note_resident(who)
                case Filed():
                    changes.submissions.append(self._submission(who, effect, now))
                    changes.filed += [(bundle, changes.submissions[-1]["uid"]) for bundle in bundles_in(effect.answers)]
                case Consented():
                    connection.execute(insert(Consent), self._consent(who, effect, now))
                case Placed(name, value):
                    audience.learn(connection, [audience.Fact(who.id, name, value, now + audience.KEPT)], now)
        return bundles

    def _take_back(
        self,
        connection: Connection,
        who: roll.Present,
        message_id: str,
        timestamp: int,
        changes: Changes,
        now: dt.datetime,
    ) -> None:
        changes.store(connection, self._takeback, now)
        taken = self._takeback.forget(connection, who.id, message_id)
        # Noted also when nothing was found: the message itself, should it come later, is overtaken.
        who.last_event_at = max(who.last_event_at, timestamp)
        state = self._open_state(who)
        left = None if state is None else forget_in_state(state, taken)
        who.state = None if left is None else SealedBytes.seal(self._vault, _STATE, who.id, left)
        talk = {"resident_id": who.id, "state": who.state, "last_event_at": who.last_event_at, "updated_at": now}
        connection.execute(upsert_talk(connection, ("state", "last_event_at", "updated_at")), talk)

    def context(self, connection: Connection, caller: Caller, now: dt.datetime) -> ActionContext:
        """Return what an action may use on behalf of `caller`."""
        book = self._book()
        return ActionContext(
            connection,
            caller,
            now,
            book.town.town,
            self._vault,
            self._lookup,
            book,
            self._services.all,
            self._public_url,
        )

    def _surroundings(
        self, connection: Connection, who: roll.Present, changes: Changes, now: dt.datetime
    ) -> Surroundings:
        context = self.context(connection, Caller(who.id, who.channel_id, who.reference, who.language), now)

        def actions(name: str, arguments: Mapping[str, Json]) -> ActionResult:
            result = self._services.action(name)(context, arguments)
            if result.forget:
                changes.forget(who.id)
                who.language = None
            return result

        return Surroundings(now=now.astimezone(TOKYO), actions=actions, language=who.language)

    def _open_state(self, who: roll.Present) -> bytes | None:
        return None if who.state is None else self._vault.open(_STATE, who.id, who.state)

    def _keep_talk(self, who: roll.Present, done: Turn, changes: Changes, now: dt.datetime) -> None:
        who.state = None if done.state is None else SealedBytes.seal(self._vault, _STATE, who.id, done.state)
        changes.talks[who.id] = {
            "resident_id": who.id,
            "state": who.state,
            "flow": done.flow,
            "revision": done.revision,
            "step": done.step,
            "last_event_at": who.last_event_at,
            "expires_at": done.expires_at,
            "updated_at": now,
        }

    def _submission(self, who: roll.Present, filed: Filed, now: dt.datetime) -> dict[str, Any]:
        uid = uuid.uuid4().hex
        program = self._book().program(filed.flow, filed.revision)
        return {
            "uid": uid,
            "resident_id": who.id,
            "flow": filed.flow,
            "revision": filed.revision,
            "answers": SealedBytes.seal(self._vault, "submissions.answers", uid, orjson.dumps(filed.answers)),
            "filed_at": now,
            "keep_until": None if program is None else now + dt.timedelta(seconds=program.flow.retain_answers),
        }

    def _consent(self, who: roll.Present, decided: Consented, now: dt.datetime) -> dict[str, Any]:
        uid = uuid.uuid4().hex
        return {
            "uid": uid,
            "resident_id": who.id,
            "name": decided.name[:80],
            "version": decided.version[:40],
            "given": decided.given,
            "text": SealedBytes.seal(self._vault, "consents.text", uid, decided.text.encode()),
            "decided_at": now,
        }

    def set_aside(self, connection: Connection, failed: Sequence[tuple[Incoming, Exception]]) -> list[Reaction | Later]:
        """Keep events that could not be applied, claim them, and tell their residents so.

        The raw event is encrypted; of the error only its class and place are stored, never its message.
        """
        now = max(incoming.received_at for incoming, _ in failed)
        present = roll.call(connection, (incoming.who for incoming, _ in failed), now)
        claimed = claim(connection, (incoming.claim for incoming, _ in failed if incoming.who in present), now)
        reactions: list[Reaction | Later] = []
        for incoming, error in failed:
            if incoming.who not in present:
                reactions.append(Later.LATER)
                continue
            if incoming.claim not in claimed:
                reactions.append(())
                continue
            claimed.discard(incoming.claim)
            who = present[incoming.who]
            connection.execute(insert(FailedEvent), self._failed_row(incoming, who, error, now))
            letter = _apology(incoming, who, now)
            recipient = Recipient(incoming.channel, who.line_user_id)
            reactions.append(tuple(self._outbox.post(connection, [(letter, recipient)], now)))
        return reactions

    def _failed_row(self, incoming: Incoming, who: roll.Present, error: Exception, now: dt.datetime) -> dict[str, Any]:
        raw = orjson.dumps(incoming.event.raw)
        return {
            "channel_id": incoming.channel_id,
            "event_id": incoming.event.id,
            "resident_id": who.id,
            "raw": SealedBytes.seal(self._vault, "failed_events.raw", incoming.event.id, raw),
            "error": type(error).__name__[:120],
            "place": place_of(error),
            "failed_at": now,
        }


def _befriend(who: roll.Present, event: Event, changes: Changes) -> bool:
    """Note a follow or unfollow unless a later one is known already; tell whether it was news."""
    if event.timestamp < who.friend_at:
        return False
    who.friend, who.friend_at = event.type == "follow", event.timestamp
    changes.note_resident(who)
    return True


def _letter(incoming: Incoming, who: roll.Present, done: Turn, now: dt.datetime) -> Letter:
    return _answer(incoming, who, line_messages(done.messages, done.quick), now)


def _answer(incoming: Incoming, who: roll.Present, messages: Sequence[dict[str, Any]], now: dt.datetime) -> Letter:
    event = incoming.event
    age = now - dt.datetime.fromtimestamp(event.timestamp / 1000, dt.UTC)
    token = event.reply_token if age < _TOKEN_NEVER_AFTER else None
    return Letter(
        channel_id=incoming.channel_id,
        resident_id=who.id,
        purpose="conversation",
        messages=messages,
        priority=Priority.REPLY,
        reply_token=token,
        token_at=incoming.received_at if token else None,
    )


_APOLOGY = {
    "ja": "申し訳ありません。ただいまの操作を処理できませんでした。少し時間をおいて、もう一度お試しください。",
    "ja-easy": "すみません。うまく できませんでした。すこし まってから、もういちど おねがいします。",
    "en": "We are sorry: we could not process that. Please try again in a little while.",
}


def _apology(incoming: Incoming, who: roll.Present, now: dt.datetime) -> Letter:
    text = _APOLOGY.get(who.language or "ja", _APOLOGY["ja"])
    return _answer(incoming, who, [{"type": "text", "text": text}], now)
