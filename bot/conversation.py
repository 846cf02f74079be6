"""From webhook events to stored turns: one transaction locks the residents, claims the events, runs the engine and its actions, and
leaves states, submissions and replies behind, or nothing at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlalchemy import Connection, insert

from bot import menus, roll
from bot.changes import Changes, upsert_talk
from bot.claims import claim
from bot.crypto import Lookup, Vault
from bot.delivery.outbox import Dispatch, Outbox, Recipient
from bot.desk import Desk, arriving, pagekeys, pagetalk
from bot.desk import offices as desk_offices
from bot.desk.states import Mode
from bot.effects import Effects
from bot.flow.book import Book
from bot.flow.engine import rejoined, released, start, turn
from bot.flow.forgetting import forget_in_state
from bot.flow.talk import (
    ActionResult,
    Counter,
    Input,
    Json,
    Surroundings,
    Turn,
)
from bot.groupcommit import Later
from bot.hearing import hear
from bot.incoming import Incoming, Reaction, answer, apology
from bot.jobs import Jobs
from bot.line.events import Event
from bot.media.intake import Intake, Sender, new_bundle
from bot.models import FailedEvent, SealedBytes
from bot.now import TOKYO
from bot.reminders import store as reminders
from bot.service import ActionContext, Caller, Services
from bot.setaside import failed_row
from bot.takeback import TakeBack
from bot.usage import Usage

_STATE = "conversations.state"


class Talks:
    """The conversation of one installation: the flows, the services and what is needed to store a turn."""

    def __init__(
        self,
        book: Callable[[], Book],
        services: Services,
        outbox: Outbox,
        lookup: Lookup,
        jobs: Jobs,
        usage: Usage,
        public_url: str | None = None,
    ) -> None:
        self._book = book
        self._usage = usage
        self._services = services
        self._outbox = outbox
        self._vault: Vault = outbox.vault
        self._lookup = lookup
        self._public_url = public_url
        self._jobs = jobs
        self._intake = Intake(jobs, self._vault)
        self._takeback = TakeBack(self._vault, lookup, self._intake)
        self._effects = Effects(book, self._vault, self.desk)

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
        self._usage.note(now, done.flow, done.counted)
        self._keep_talk(who, done, changes, now)
        kept = self._effects.carry_out(connection, who, event, done, changes, now)
        if bundle is not None:
            taken = bundle if bundle in kept else None
            if taken is not None:
                self._intake.accept(connection, sender, event, taken, now)
            self._intake.note_set(connection, sender, event, taken, now)
        if done.messages:
            changes.letters.append((answer(incoming, who, done, now), Recipient(incoming.channel, who.line_user_id)))
            changes.origins.append(index)

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
        arriving.take_back(self.desk(connection, now), who.id, message_id, taken)
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
        self,
        connection: Connection,
        who: roll.Present,
        changes: Changes,
        now: dt.datetime,
        *,
        on_page: bool = False,
    ) -> Surroundings:
        context = self.context(connection, Caller(who.id, who.channel_id, who.reference, who.language), now)

        def actions(name: str, arguments: Mapping[str, Json]) -> ActionResult:
            result = self._services.action(name)(context, arguments)
            if result.forget:
                changes.forget(who.id)
                menus.wish(connection, who.id, None)
                who.language = None
            return result

        def time_of_day() -> str | None:
            return reminders.time_of_day(connection, who.id)

        def counter(office: str) -> Counter:
            return desk_offices.counter(connection, office, who.id, now, paged=self._public_url is not None)

        def page(flow: str) -> str | None:
            url = self._public_url
            if on_page or url is None or not pagekeys.talked_on_page(connection, self._book(), flow):
                return None
            return pagekeys.make_link(connection, self._lookup, who.id, flow, url, now)

        return Surroundings(
            now=now.astimezone(TOKYO), actions=actions, language=who.language, time_of_day=time_of_day, desk=counter,
            page=page,
        )  # fmt: skip

    def desk(self, connection: Connection, now: dt.datetime) -> Desk:
        """Return the desk within the caller's transaction."""
        return Desk(
            connection, now, self._book(), self._services.all, self._outbox, self._jobs, self._release, self._rejoin,
            self._public_url,
        )  # fmt: skip

    def on_page(
        self,
        connection: Connection,
        now: dt.datetime,
        resident_id: int,
        flow: str,
        what: Input | None,
        mine: str | None,
    ) -> pagetalk.Paged | None:
        """Take what a resident said or pressed on the secure page (None: begin `flow`) and return the talk after it.

        The caller has locked the resident; `mine` is what the page shows as the resident's own words.
        """
        who = roll.recall(connection, resident_id)
        if who is None:
            return None
        paged, changes = pagetalk.read(connection, self._vault, who.id), Changes()
        around = self._surroundings(connection, who, changes, now, on_page=True)
        book = self._book()
        if what is None:
            # A new talk does not begin below the words of an older one.
            paged = pagetalk.Paged(paged.state)
        done = start(book, flow, around, paged.state) if what is None else turn(book, paged.state, what, around)
        return self._keep_page(connection, who, paged, done, mine, changes, now)

    def _keep_page(
        self,
        connection: Connection,
        who: roll.Present,
        paged: pagetalk.Paged,
        done: Turn,
        mine: str | None,
        changes: Changes,
        now: dt.datetime,
    ) -> pagetalk.Paged:
        self._effects.carry_out(connection, who, None, done, changes, now)
        changes.store(connection, self._takeback, now)
        paged = pagetalk.after(paged, done, mine, now)
        pagetalk.write(connection, self._vault, who.id, paged, now)
        return paged

    def _release(
        self, connection: Connection, now: dt.datetime, resident_id: int, flow: str, begun: int, mode: str
    ) -> Turn | None:
        """Let a talk go on that the desk has closed."""
        return self._without_event(connection, now, resident_id, mode, partial(_released, flow, begun))

    def _rejoin(
        self, connection: Connection, now: dt.datetime, resident_id: int, flow: str, begun: int, mode: str
    ) -> Turn | None:
        """Take a talk back to the desk."""
        return self._without_event(connection, now, resident_id, mode, partial(_rejoined, flow, begun))

    def _without_event(
        self,
        connection: Connection,
        now: dt.datetime,
        resident_id: int,
        mode: str,
        go_on: Callable[[Book, bytes | None, Surroundings], Turn | None],
    ) -> Turn | None:
        who = roll.recall(connection, resident_id)
        if who is None:
            return None
        changes, on_page = Changes(), mode == Mode.PAGE
        around = self._surroundings(connection, who, changes, now, on_page=on_page)
        paged = pagetalk.read(connection, self._vault, who.id) if on_page else pagetalk.Paged()
        done = go_on(self._book(), paged.state if on_page else self._open_state(who), around)
        if done is not None and on_page:
            self._keep_page(connection, who, paged, done, None, changes, now)
        elif done is not None:
            self._keep_talk(who, done, changes, now)
            self._effects.carry_out(connection, who, None, done, changes, now)
            changes.store(connection, self._takeback, now)
        return done

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
            row = failed_row(
                connection, self._vault, self._book(), incoming.event, incoming.channel_id, who.id, error, now
            )
            connection.execute(insert(FailedEvent), row)
            letter = apology(incoming, who, now)
            recipient = Recipient(incoming.channel, who.line_user_id)
            reactions.append(tuple(self._outbox.post(connection, [(letter, recipient)], now)))
        return reactions


def _released(flow: str, begun: int, book: Book, state: bytes | None, around: Surroundings) -> Turn | None:
    return released(book, state, flow, begun, around)


def _rejoined(flow: str, begun: int, book: Book, state: bytes | None, around: Surroundings) -> Turn | None:
    return rejoined(book, state, flow, begun, around)


def _befriend(who: roll.Present, event: Event, changes: Changes) -> bool:
    """Note a follow or unfollow unless a later one is known already; tell whether it was news."""
    if event.timestamp < who.friend_at:
        return False
    who.friend, who.friend_at = event.type == "follow", event.timestamp
    changes.note_resident(who)
    return True
