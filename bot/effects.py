"""What a turn wants done besides saying something, done in its transaction: filed, consented, remembered, handed to the desk."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy import Connection, insert

from bot import audience, menus, roll
from bot.changes import Changes
from bot.crypto import Vault
from bot.desk import arriving
from bot.desk.desk import MakeDesk
from bot.flow.book import Book
from bot.flow.talk import (
    Consented,
    DeskEffect,
    Filed,
    HandedOver,
    InDanger,
    LanguageChosen,
    LeftDesk,
    Overheard,
    Placed,
    Reminded,
    ToldDesk,
    TopicStopped,
    Turn,
    Unreminded,
)
from bot.line.events import Event
from bot.media.intake import bundles_in
from bot.models import Consent, SealedBytes
from bot.reminders import store as reminders
from bot.takeback import Source


class Effects:
    """Carries out the effects of turns; `book` are the flows in force, `desk` makes the desk within a transaction."""

    def __init__(self, book: Callable[[], Book], vault: Vault, desk: MakeDesk) -> None:
        self._book = book
        self._vault = vault
        self._desk = desk

    def carry_out(
        self,
        connection: Connection,
        who: roll.Present,
        event: Event | None,
        done: Turn,
        changes: Changes,
        now: dt.datetime,
    ) -> set[str]:
        """Do what the turn wants done; return the bundles that became answers."""
        bundles: set[str] = set()
        for answered in done.answered:
            bundles |= bundles_in(answered.value)
            if event is not None and event.message_id is not None:
                changes.sources.append(Source(who.id, event.message_id, answered.name, answered.value))
        for effect in done.effects:
            match effect:
                case LanguageChosen(language):
                    who.language = language
                    menus.wish(connection, who.id, language)
                    changes.note_resident(who)
                case Filed():
                    changes.submissions.append(self._submission(who, effect, now))
                    changes.filed += [(bundle, changes.submissions[-1]["uid"]) for bundle in bundles_in(effect.answers)]
                case Consented():
                    connection.execute(insert(Consent), self._consent(who, effect, now))
                case Placed(name, value):
                    audience.learn(connection, [audience.Fact(who.id, name, value, now + audience.KEPT)], now)
                case Reminded():
                    reminders.remember(connection, self._vault, who.id, effect, now)
                case Unreminded(service, name):
                    reminders.forget(connection, who.id, service, name)
                case TopicStopped(topic):
                    audience.stop(connection, who.id, topic, now)
                case HandedOver() | ToldDesk() | LeftDesk() | InDanger() | Overheard():
                    bundles |= self._to_desk(connection, who, event, effect, answered=bool(done.messages), now=now)
        return bundles

    def _to_desk(
        self,
        connection: Connection,
        who: roll.Present,
        event: Event | None,
        effect: DeskEffect,
        *,
        answered: bool,
        now: dt.datetime,
    ) -> set[str]:
        """Hand to the desk what is for a person; return the bundles of its files."""
        # A token that this turn's own answer needs is not the desk's.
        token = None if event is None or answered else event.reply_token
        message_id = None if event is None else event.message_id
        arriving.arrive(self._desk(connection, now), who.id, effect, message_id, token)
        return bundles_in(dict(effect.detail)) if isinstance(effect, ToldDesk) else set()

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
