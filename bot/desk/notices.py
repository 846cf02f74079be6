"""What LINE carries in secure-page mode: that there is a reply, never what it says, and a button that opens the page for free."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from bot.delivery.outbox import Letter, Priority
from bot.desk.desk import Desk
from bot.desk.states import Mode, State
from bot.flow import press
from bot.models import Consultation, Resident

_consultations: Any = Consultation.__table__
LATELY = dt.timedelta(days=1)
LOOKING = dt.timedelta(seconds=30)
"""Who has looked at the page within this time sees the reply there."""

_TEXT = {
    "ja": "お返事があります。下のボタンからご覧ください。",
    "ja-easy": "へんじが あります。下の ボタンを おしてください。",
    "en": "There is a reply. Press the button below to read it.",
}
_LABEL = {"ja": "ひらく", "ja-easy": "ひらく", "en": "Open"}


def reply_waits(desk: Desk, row: Any) -> None:
    """Tell a resident once that there is a reply, unless they are looking or know it already."""
    looking = row.left_at is None and row.seen_at is not None and desk.now - row.seen_at < LOOKING
    known = row.noticed_at is not None and (row.seen_at is None or row.seen_at < row.noticed_at)
    if looking or known:
        return
    resident = desk.connection.execute(
        select(Resident.channel_id, Resident.language).where(Resident.id == row.resident_id)
    ).one()
    messages = [button_message(row.flow, resident.language)]
    letter = Letter(resident.channel_id, row.resident_id, "desk", messages, Priority.TALK)
    desk.outbox.put(desk.connection, [letter], desk.now)
    desk.change(row, noticed_at=desk.now)


def remind(desk: Desk) -> None:
    """Tell those of a reply who seemed to look at the page when it was written, and had just put their phone away."""
    there = (
        _consultations.c.mode == Mode.PAGE.value,
        (_consultations.c.state != State.CLOSED.value) | (_consultations.c.closed_at >= desk.now - LATELY),
        _consultations.c.staff_at > _consultations.c.seen_at,
        _consultations.c.staff_at >= desk.now - LATELY,
        _consultations.c.seen_at < desk.now - LOOKING,
        _consultations.c.noticed_at.is_(None) | (_consultations.c.noticed_at <= _consultations.c.seen_at),
    )
    for number in desk.connection.execute(select(_consultations.c.id).where(*there)).scalars().all():
        reply_waits(desk, desk.hold(number))


def button_message(flow: str, language: str | None) -> dict[str, Any]:
    """Return the message with the button; its text says nothing of what it is about."""
    text = _TEXT.get(language or "ja", _TEXT["ja"])
    label = _LABEL.get(language or "ja", _LABEL["ja"])
    action = {"type": "postback", "label": label, "data": press.data(flow, "", "", "", press.PAGE, "")}
    return {
        "type": "template",
        "altText": text,
        "template": {"type": "buttons", "text": text, "actions": [action | {"displayText": label}]},
    }
