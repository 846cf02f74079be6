"""What the secure page shows: the words of both sides, in order, and what can be pressed now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, select

from bot.crypto import Vault
from bot.flow.talk import Buttons, Choice, Rich, Turn
from bot.models import PageTalk, SealedBytes
from bot.upsert import insert_into

ENTRIES = 80
_STATE, _SHOWN = "page_talks.state", "page_talks.shown"
_talks: Any = PageTalk.__table__


@dataclass(frozen=True, slots=True)
class Said:
    """One bubble: `who` is me, bot or staff; `calls` are telephone numbers and addresses to open, as (label, address)."""

    who: str
    text: str
    at: float
    calls: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """The page: bubbles, and what can be pressed (label and data) or called (label and address) below them."""

    said: tuple[Said, ...] = ()
    presses: tuple[tuple[str, str], ...] = ()
    calls: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Paged:
    """A talk on the page: the engine's state and what is shown."""

    state: bytes | None = None
    shown: Shown = field(default_factory=Shown)


def read(connection: Connection, vault: Vault, resident_id: int) -> Paged:
    """Return a resident's talk on the page; an empty one before the first word."""
    row = connection.execute(select(_talks).where(_talks.c.resident_id == resident_id)).one_or_none()
    if row is None:
        return Paged()
    state = None if row.state is None else vault.open(_STATE, resident_id, row.state)
    plain = orjson.loads(vault.open(_SHOWN, resident_id, row.shown))
    said = tuple(Said(one["who"], one["text"], one["at"], _pairs(one["calls"])) for one in plain["said"])
    return Paged(state, Shown(said, _pairs(plain["presses"]), _pairs(plain["calls"])))


def write(connection: Connection, vault: Vault, resident_id: int, paged: Paged, now: dt.datetime) -> None:
    """Store a resident's talk on the page."""
    row = {
        "resident_id": resident_id,
        "state": None if paged.state is None else SealedBytes.seal(vault, _STATE, resident_id, paged.state),
        "shown": SealedBytes.seal(vault, _SHOWN, resident_id, orjson.dumps(paged.shown)),
        "updated_at": now,
    }
    statement = insert_into(connection, _talks)
    changed = {name: statement.excluded[name] for name in ("state", "shown", "updated_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=["resident_id"], set_=changed), row)


def after(paged: Paged, turn: Turn, mine: str | None, now: dt.datetime) -> Paged:
    """Return the talk after a turn, in which the resident said `mine` (None: nothing)."""
    at = now.timestamp()
    said = [*paged.shown.said, *([Said("me", mine, at)] if mine else [])]
    for message in turn.messages:
        choices: Sequence[Choice] = message.choices if isinstance(message, Buttons) else ()
        calls = tuple((one.label, one.data) for one in choices if one.kind == "open")
        text = message.alt if isinstance(message, Rich) else message.text
        said.append(Said("bot", text, at, calls))
    if not turn.messages:
        return Paged(turn.state, Shown(tuple(said[-ENTRIES:]), paged.shown.presses, paged.shown.calls))
    inside = [one for message in turn.messages if isinstance(message, Buttons) for one in message.choices]
    presses = tuple((one.label, one.data) for one in (*inside, *turn.quick) if one.kind == "press")
    calls = tuple((one.label, one.data) for one in turn.quick if one.kind == "open")
    return Paged(turn.state, Shown(tuple(said[-ENTRIES:]), presses, calls))


def label_of(paged: Paged, data: str) -> str | None:
    """Return what the button with this data says, None when the page shows no such button (any more)."""
    return next((label for label, pressed in paged.shown.presses if pressed == data), None)


def _pairs(values: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(one[0]), str(one[1])) for one in values)
