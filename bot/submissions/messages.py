"""Messages to the resident behind a submission: sentences staff keep as templates, filled, sent through the outbox, noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from bot.delivery.outbox import Letter, Outbox, Priority
from bot.flow.filters import date_text
from bot.line.limits import TEXT_UTF16, utf16
from bot.models import MessageTemplate, Resident
from bot.now import TOKYO
from bot.submissions.work import Hand, Work

PURPOSE = "submission.message"
NAME_CHARACTERS = 80
LANGUAGES = ("ja", "ja-easy", "en")
PLACES = ("{受付番号}", "{手続き}", "{受付日}", "{町名}")
"""What a template may leave to be filled in."""

_templates: Any = MessageTemplate.__table__


class NoResident(Exception):
    """Nobody can be written to: it came by telephone, the account is gone, or it has blocked the town's."""


def fill(text: str, row: Any, title: str, town: str, language: str) -> str:
    """Return the text with its places filled."""
    day = date_text(row.filed_at.astimezone(TOKYO).date().isoformat(), language)
    for place, value in zip(PLACES, (str(row.id), title, day, town), strict=True):
        text = text.replace(place, value)
    return text


def too_long(text: str) -> bool:
    """Tell whether LINE would refuse the text."""
    return utf16(text) > TEXT_UTF16


def recipient(connection: Connection, row: Any) -> Any:
    """Return the resident behind a submission, None where nobody can be written to."""
    if row.resident_id is None:
        return None
    found = connection.execute(select(Resident.__table__).where(Resident.id == row.resident_id)).one_or_none()
    return None if found is None or found.friend is False else found


def send(connection: Connection, outbox: Outbox, work: Work, row: Any, text: str, once: str, hand: Hand) -> bool:
    """Send a text to the resident and note it; return whether it is new (`once` names the form it was sent with).

    Raises NoResident.
    """
    resident = recipient(connection, row)
    if resident is None:
        raise NoResident
    letter = Letter(
        channel_id=resident.channel_id,
        resident_id=resident.id,
        purpose=PURPOSE,
        messages=[{"type": "text", "text": text}],
        priority=Priority.TALK,
        key=f"{PURPOSE}/{row.id}/{once}",
    )
    if not outbox.put(connection, [letter], hand.now):
        return False
    work.note_down(connection, row.id, hand, "message", text=text)
    return True


def templates_for(connection: Connection, flow: str) -> Sequence[Any]:
    """Return the templates that may be used for a flow's submissions."""
    mine = or_(_templates.c.flow == flow, _templates.c.flow.is_(None))
    return connection.execute(select(_templates).where(mine).order_by(_templates.c.name)).all()


def template(connection: Connection, number: int) -> Any:
    """Return a template, None without."""
    return connection.execute(select(_templates).where(_templates.c.id == number)).one_or_none()


def templates(connection: Connection, flows: Sequence[str]) -> Sequence[Any]:
    """Return the templates of these flows and those for any."""
    mine = or_(_templates.c.flow.in_(flows), _templates.c.flow.is_(None))
    return connection.execute(select(_templates).where(mine).order_by(_templates.c.name)).all()


def keep_template(
    connection: Connection, number: int | None, flow: str | None, name: str, texts: Mapping[str, str], hand: Hand
) -> int:
    """Add or change a template; return its number."""
    values = {
        "flow": flow, "name": name[:NAME_CHARACTERS], "texts": dict(texts), "changed_by": hand.staff_id,
        "changed_at": hand.now,
    }  # fmt: skip
    if number is None:
        added: int = connection.execute(insert(_templates).returning(_templates.c.id), values).scalar_one()
        return added
    connection.execute(update(_templates).where(_templates.c.id == number).values(values))
    return number


def drop_template(connection: Connection, number: int) -> None:
    """Delete a template; what was sent with it stays as it was sent."""
    connection.execute(delete(_templates).where(_templates.c.id == number))


def in_language(texts: Mapping[str, str], language: str | None) -> str:
    """Return a template's text in the resident's language, else in Japanese."""
    return texts.get(language or "ja") or texts.get("ja") or next(iter(texts.values()), "")
