"""What counsellors write: a reply while the token is fresh, else a push; drafted by one and sent by another where wanted."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import uuid
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.alerts import settle
from bot.delivery.outbox import Letter, Priority
from bot.desk.desk import Desk, Refusal, WrongState
from bot.desk.notices import reply_waits
from bot.desk.states import Direction, Mode, State, Status
from bot.desk.taking import looked_after
from bot.flow.engine import beside_person
from bot.flow.talk import Choice, Surroundings, Text
from bot.line.limits import TEXT_UTF16, utf16
from bot.line.messages import line_messages
from bot.models import Conversation, DeskMessage, DeskNote, DeskScratch, Resident, SealedBytes
from bot.now import TOKYO
from bot.upsert import insert_into

TEXT = "desk_messages.text"
NOTE = "desk_notes.text"
SCRATCH = "desk_scratches.text"
TOKEN = "consultations.reply_token"  # noqa: S105 - the name of a column
TOKEN_FRESH = dt.timedelta(seconds=45)
"""LINE: a reply token works for about a minute; the sender falls back to a push when it no longer did."""

_messages: Any = DeskMessage.__table__
_notes: Any = DeskNote.__table__
_scratches: Any = DeskScratch.__table__
_conversations: Any = Conversation.__table__


class NoText(Refusal):
    """文章を入力してください。 / Write something first."""


class TooLong(Refusal):
    """文章が長すぎます（5000文字まで）。 / The text is too long (5,000 characters)."""


class NeedsSecond(Refusal):
    """この窓口では、下書きを別の担当者が確認して送ります。 / At this office somebody else looks at a draft and sends it."""


class HasLeft(Refusal):
    """相談者は画面を離れています。見られるおそれがあるため、確認してから送ってください。 / The resident has left the screen: somebody else may read it. Confirm before you send."""  # noqa: E501 - one sentence in two languages


class Personal(Refusal):
    """電話番号などの個人情報が含まれているようです。確認してから送ってください。 / It seems to hold personal data, such as a telephone number. Confirm before you send."""  # noqa: E501 - one sentence in two languages

    def __init__(self, kinds: tuple[str, ...]) -> None:
        super().__init__()
        self.kinds = kinds


_PERSONAL = {
    "my_number": re.compile(r"(?<!\d)\d{4}[- ]?\d{4}[- ]?\d{4}(?!\d)"),
    "phone": re.compile(r"(?<!\d)0\d{1,4}[-( ]?\d{1,4}[-) ]?\d{3,4}(?!\d)"),
    "postal_code": re.compile(r"(?<![\d-])\d{3}-\d{4}(?![\d-])"),
    "email": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    "address": re.compile(r"\d+丁目|\d+番地"),
}
"""What in a text may tell who somebody is; emergency numbers of three digits are none of it."""


def personal_in(text: str) -> tuple[str, ...]:
    """Return which kinds of personal data a text seems to hold."""
    narrow = unicodedata.normalize("NFKC", text)
    return tuple(kind for kind, pattern in _PERSONAL.items() if pattern.search(narrow))


def send(
    desk: Desk, consultation_id: int, staff_id: int, text: str, *, confirmed: bool = False, although_left: bool = False
) -> int:
    """Send a text to the resident and return the message's id; it leaves within a second of the commit.

    Raises NotYours, NeedsSecond, NoText, TooLong, Personal (unless `confirmed`), HasLeft (unless `although_left`), WrongState.
    """
    row = looked_after(desk, consultation_id, staff_id)
    if desk.office(row.office_id).four_eyes:
        raise NeedsSecond
    _check(row, text, confirmed=confirmed, although_left=although_left)
    message = _keep(desk, row.id, staff_id, text, Status.SENT, sent_by=staff_id)
    _dispatch(desk, row, message, text)
    forget_scratch(desk, row.id, staff_id)
    return int(message["id"])


def draft(desk: Desk, consultation_id: int, staff_id: int, text: str, *, confirmed: bool = False) -> int:
    """Write down what somebody else is to send, and return the message's id. Raises NoText, TooLong, Personal, WrongState."""
    row = desk.hold(consultation_id)
    if row.state == State.CLOSED:
        raise WrongState
    _check(row, text, confirmed=confirmed, although_left=True)
    message = _keep(desk, row.id, staff_id, text, Status.DRAFT, sent_by=None)
    desk.change(row)
    forget_scratch(desk, row.id, staff_id)
    return int(message["id"])


def send_draft(desk: Desk, message_id: int, staff_id: int, *, although_left: bool = False) -> None:
    """Send what somebody else drafted. Raises NeedsSecond for one's own draft, WrongState when it is no draft any more, HasLeft."""
    found = desk.connection.execute(select(_messages).where(_messages.c.id == message_id)).one_or_none()
    if found is None:
        raise WrongState
    row = desk.hold(found.consultation_id)
    if row.state == State.CLOSED:
        raise WrongState
    if found.author_id == staff_id and desk.office(row.office_id).four_eyes:
        raise NeedsSecond
    if row.left_at is not None and not although_left:
        raise HasLeft
    mine = (_messages.c.id == message_id, _messages.c.status == Status.DRAFT.value)
    values = {"status": Status.SENT.value, "sent_by": staff_id, "at": desk.now}
    if not desk.connection.execute(update(_messages).where(*mine).values(values)).rowcount:
        raise WrongState
    text = desk.vault.open(TEXT, found.uid, found.text).decode()
    _dispatch(desk, row, {"id": found.id, "uid": found.uid}, text)


def mark_sent(desk: Desk, message_id: int, staff_id: int) -> None:
    """Let a draft stand as sent without sending it: what was said before this desk was used, or in a sample."""
    values = {"status": Status.SENT.value, "sent_by": staff_id}
    desk.connection.execute(update(_messages).where(_messages.c.id == message_id).values(values))


def discard_draft(desk: Desk, message_id: int) -> None:
    """Throw a draft away."""
    found = desk.connection.execute(select(_messages.c.consultation_id).where(_messages.c.id == message_id)).first()
    if found is not None:
        row = desk.hold(found.consultation_id)
        desk.connection.execute(
            delete(_messages).where(_messages.c.id == message_id, _messages.c.status == Status.DRAFT.value)
        )
        desk.change(row)


def note(desk: Desk, consultation_id: int, staff_id: int, text: str) -> None:
    """Leave a note for colleagues. Raises NoText."""
    if not text.strip():
        raise NoText
    row = desk.hold(consultation_id)
    uid = uuid.uuid4().hex
    sealed = SealedBytes.seal(desk.vault, NOTE, uid, text.encode())
    values = {"uid": uid, "consultation_id": row.id, "author_id": staff_id, "text": sealed, "at": desk.now}
    desk.connection.execute(insert(_notes), values)
    desk.change(row)


def keep_scratch(desk: Desk, consultation_id: int, staff_id: int, text: str) -> None:
    """Keep what a counsellor has typed so far."""
    sealed = SealedBytes.seal(desk.vault, SCRATCH, f"{consultation_id}/{staff_id}", text[:TEXT_UTF16].encode())
    statement = insert_into(desk.connection, _scratches)
    changed = {name: statement.excluded[name] for name in ("text", "at")}
    row = {"consultation_id": consultation_id, "staff_id": staff_id, "text": sealed, "at": desk.now}
    keys = ["consultation_id", "staff_id"]
    desk.connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), row)


def scratch(desk: Desk, consultation_id: int, staff_id: int) -> str:
    """Return what a counsellor had typed, empty without."""
    mine = (_scratches.c.consultation_id == consultation_id, _scratches.c.staff_id == staff_id)
    sealed = desk.connection.execute(select(_scratches.c.text).where(*mine)).scalar_one_or_none()
    return "" if sealed is None else desk.vault.open(SCRATCH, f"{consultation_id}/{staff_id}", sealed).decode()


def forget_scratch(desk: Desk, consultation_id: int, staff_id: int) -> None:
    """Forget what a counsellor had typed: it is sent."""
    mine = (_scratches.c.consultation_id == consultation_id, _scratches.c.staff_id == staff_id)
    desk.connection.execute(delete(_scratches).where(*mine))


def say_for_the_town(desk: Desk, row: Any, text: str) -> None:
    """Say something to a held consultation that no counsellor wrote (an apology), visible in the talk as such."""
    message = _keep(desk, row.id, None, text, Status.SENT, sent_by=None, direction=Direction.SYSTEM)
    _dispatch(desk, row, message, text, answered=False)


def _check(row: Any, text: str, *, confirmed: bool, although_left: bool) -> None:
    if not text.strip():
        raise NoText
    if utf16(text) > TEXT_UTF16:
        raise TooLong
    if row.left_at is not None and not although_left:
        raise HasLeft
    if not confirmed and (kinds := personal_in(text)):
        raise Personal(kinds)


def _keep(
    desk: Desk,
    consultation_id: int,
    staff_id: int | None,
    text: str,
    status: Status,
    *,
    sent_by: int | None,
    direction: Direction = Direction.OUT,
) -> dict[str, Any]:
    uid = uuid.uuid4().hex
    row = {
        "uid": uid, "consultation_id": consultation_id, "direction": direction.value, "status": status.value,
        "kind": "text", "text": SealedBytes.seal(desk.vault, TEXT, uid, text.encode()), "danger": False,
        "author_id": staff_id, "sent_by": sent_by, "at": desk.now,
    }  # fmt: skip
    found = desk.connection.execute(insert(_messages).returning(_messages.c.id), row).scalar_one()
    return {"id": found, "uid": uid}


def _dispatch(desk: Desk, row: Any, message: dict[str, Any], text: str, *, answered: bool = True) -> None:
    if answered:
        first = {} if row.answered_at is not None else {"answered_at": desk.now}
        desk.change(row, staff_at=desk.now, level=0, **first)
        settle(desk.connection, desk.now, f"desk.silent:{row.id}")
        settle(desk.connection, desk.now, f"desk.waiting:{row.id}")
    else:
        desk.change(row)
    if row.mode == Mode.PAGE:
        reply_waits(desk, row)
        return
    key = f"desk/{message['uid']}"
    desk.connection.execute(update(_messages).where(_messages.c.id == message["id"]).values(delivery_key=key))
    desk.outbox.put(desk.connection, [_letter(desk, row, text, key)], desk.now)


def _letter(desk: Desk, row: Any, text: str, key: str) -> Letter:
    resident = desk.connection.execute(
        select(Resident.channel_id, Resident.language).where(Resident.id == row.resident_id)
    ).one()
    token = None
    if row.reply_token is not None and desk.now - row.token_at < TOKEN_FRESH:
        token = desk.vault.open(TOKEN, row.uid, row.reply_token).decode()
    if row.reply_token is not None:
        desk.change(row, reply_token=None, token_at=None)  # LINE takes each once
    return Letter(
        channel_id=resident.channel_id,
        resident_id=row.resident_id,
        purpose="desk",
        messages=line_messages([Text(text)], _below(desk, row, resident.language)),
        priority=Priority.TALK,
        reply_token=token,
        token_at=None if token is None else row.token_at,
        key=key,
    )


def _below(desk: Desk, row: Any, language: str | None) -> tuple[Choice, ...]:
    """Return the ways out that stay below a counsellor's words: telephone numbers, the quick exit, the end."""
    sealed = desk.connection.execute(
        select(_conversations.c.state).where(_conversations.c.resident_id == row.resident_id)
    ).scalar_one_or_none()
    state = None if sealed is None else desk.vault.open("conversations.state", row.resident_id, sealed)
    around = Surroundings(desk.now.astimezone(TOKYO), _no_action, language)
    return beside_person(desk.book, state, row.flow, around)


def _no_action(name: str, _arguments: Any) -> Any:
    raise LookupError(f"nothing is done beside a person: {name}")
