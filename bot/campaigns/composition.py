"""What staff fill in to send a broadcast, how it is stored, and what has to be mended before it can be sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection

from bot import approvals, segment
from bot.campaigns import builder
from bot.campaigns import content as contents
from bot.campaigns import repeat as repeats
from bot.campaigns.content import Content, Fault
from bot.campaigns.repeat import Excluded, Repeat
from bot.crypto import Vault
from bot.delivery.variants import Variants
from bot.models import SealedBytes
from bot.segment import EVERYBODY, Segment

CONTENTS = "campaigns.contents"
STALE_HOURS = 24
MOST_STALE_HOURS = 24 * 7


@dataclass(frozen=True, slots=True)
class Composition:
    """What staff fill in. It is sent at `send_at` (aware; None: once approved), and not later than `stale_hours` after that."""

    title: str
    content: Content
    to: Segment = EVERYBODY
    segment_name: str | None = None
    urgent: bool = False
    send_at: dt.datetime | None = None
    stale_hours: int = STALE_HOURS
    repeat: Repeat | None = None
    excluded: Excluded = field(default_factory=Excluded)


Called = Callable[[str, str, str], str]
"""Returns what a value of an attribute is called: name, value, language."""


@dataclass(frozen=True, slots=True)
class Means:
    """What is needed to write a broadcast: the keys, the town's values by language, the public address of pictures.

    `called` puts what is known of residents into words.
    """

    vault: Vault
    town: Callable[[str], Mapping[str, Any]]
    public_url: str | None
    called: Called = lambda _name, value, _language: value

    def faults(self, composition: Composition, day: dt.date) -> list[Fault]:
        """Return everything that keeps a composition from being sent on `day`."""
        content = composition.content
        found = contents.faults(content, self.town, day)
        if (content.image or content.card_image) and not (self.public_url or "").startswith("https://"):
            found.append(Fault(*_NO_PUBLIC_URL, "", "image"))
        return found


_NO_PUBLIC_URL = (
    "画像を送るには、PUBLIC_URL（https://…）の設定が必要です。システムの担当者に伝えてください。",
    "Pictures need the setting PUBLIC_URL (https://…): tell whoever runs the system.",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the texts tell of their readers: the `kinds` of readers (None: nothing is told), and names that nobody has told."""

    kinds: Variants | None
    unknown: tuple[str, ...]


def variants(connection: Connection, content: Content) -> Told:
    """Return the kinds of residents to whom a content says something else. Raises TooMany."""
    names = contents.told(content)
    values = {name: tuple(builder.values_of(connection, name)) for name in names}
    known = {name: some for name, some in values.items() if some}
    kinds = Variants(tuple(known), tuple(known.values())) if known else None
    return Told(kinds, tuple(name for name in names if name not in known))


def read(vault: Vault, row: Any) -> Composition:
    """Return what a row stores, opened. Raises CannotOpen."""
    written = orjson.loads(vault.open(CONTENTS, row.uid, row.contents))
    return Composition(
        row.title,
        contents.read(written),
        segment.read(row.segment),
        row.segment_name,
        row.urgent,
        row.send_at,
        row.stale_hours,
        repeats.read(row.repeat),
        repeats.read_excluded(row.excluded),
    )


def columns(
    vault: Vault, uid: str, composition: Composition, channel_id: int, corrects_id: int | None
) -> dict[str, Any]:
    """Return what is stored of a composition, its content sealed."""
    sealed = SealedBytes.seal(vault, CONTENTS, uid, orjson.dumps(contents.write(composition.content)))
    return {
        "title": composition.title,
        "contents": sealed,
        "segment": segment.write(composition.to),
        "segment_name": composition.segment_name,
        "urgent": composition.urgent,
        "send_at": composition.send_at,
        "stale_hours": composition.stale_hours,
        "repeat": repeats.write(composition.repeat),
        "excluded": repeats.write_excluded(composition.excluded),
        "digest": digest(composition, channel_id, corrects_id),
        "likeness": likeness(composition, channel_id, corrects_id),
    }


def digest(composition: Composition, channel_id: int, corrects_id: int | None) -> bytes:
    """Return what stands for everything a second person approves."""
    return approvals.digest_of(
        channel_id,
        corrects_id,
        composition.title,
        contents.write(composition.content),
        segment.write(composition.to),
        composition.urgent,
        composition.send_at,
        composition.stale_hours,
        repeats.write(composition.repeat),
        repeats.write_excluded(composition.excluded),
    )


def likeness(composition: Composition, channel_id: int, corrects_id: int | None) -> bytes:
    """Return what two campaigns share that say the same to the same people."""
    said = contents.write(composition.content)
    return approvals.digest_of("like", channel_id, corrects_id, said, segment.write(composition.to))
