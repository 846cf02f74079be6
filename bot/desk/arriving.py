"""What comes to the desk from residents, in the transaction of their turn: consultations, words, files, danger, and leave."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update

from bot.alerts import raise_alert
from bot.desk import offices
from bot.desk.closing import count, shut
from bot.desk.desk import Desk, answered
from bot.desk.places import place_in_words
from bot.desk.states import Direction, Kind, Mode, State, Status
from bot.flow.forgetting import forget_in_answers
from bot.flow.talk import DeskEffect, HandedOver, InDanger, Json, LeftDesk, Overheard, ToldDesk
from bot.models import Consultation, DeskMessage, SealedBytes
from bot.now import TOKYO

URGENT = frozenset({"AA", "A"})
JUST_LEFT = dt.timedelta(hours=24)
"""For so long a consultation that its resident left without a word is opened again by words of danger."""

TEXT = "desk_messages.text"
TOKEN = "consultations.reply_token"  # noqa: S105 - the name of a column
_consultations: Any = Consultation.__table__
_messages: Any = DeskMessage.__table__


def arrive(desk: Desk, resident_id: int, effect: DeskEffect, message_id: str | None, token: str | None) -> None:
    """Take what a turn hands to the desk; `message_id` is LINE's, `token` what a reply may be sent with."""
    match effect:
        case HandedOver():
            _handed_over(desk, resident_id, effect)
        case InDanger():
            _in_danger(desk, resident_id, effect, message_id, token)
        case ToldDesk():
            _told(desk, resident_id, effect, message_id, token)
        case LeftDesk():
            _left(desk, resident_id, effect)
        case Overheard():
            _overheard(desk, resident_id, effect, message_id)


def take_back(desk: Desk, resident_id: int, message_id: str, taken: Callable[[str, Json], bool]) -> None:
    """Empty what a resident took back: LINE's order is that we keep nothing of it, and not even wait for it."""
    mine = select(_consultations).where(_consultations.c.resident_id == resident_id)
    consultations = desk.connection.execute(mine.order_by(_consultations.c.id)).all()
    if not consultations:
        return
    ids = [row.id for row in consultations]
    there = (_messages.c.consultation_id.in_(ids), _messages.c.message_id == message_id)
    gone = {"status": Status.UNSENT.value, "text": None, "bundle": None, "danger": False}
    emptied = update(_messages).where(*there).values(gone).returning(_messages.c.consultation_id)
    touched = set(desk.connection.execute(emptied).scalars())
    for row in consultations:
        carried = desk.carried(row)
        if (left := forget_in_answers(carried, taken)) != carried:
            count(desk, row, -1)
            desk.change(row, carried=desk.seal_carried(row.uid, left))
            count(desk, desk.find(row.id))
        elif row.id in touched:
            desk.change(row)
    if not touched and (latest := consultations[-1]).state != State.CLOSED:
        # It may come after its own recall: then it finds its place taken.
        _write(desk, latest.id, Direction.IN, "text", None, message_id=message_id, status=Status.UNSENT)


def open_of(desk: Desk, resident_id: int, flow: str) -> Any:
    """Return the open consultation of a resident in a flow, None without one."""
    statement = select(_consultations).where(
        _consultations.c.resident_id == resident_id,
        _consultations.c.flow == flow,
        _consultations.c.state != State.CLOSED.value,
    )
    return desk.connection.execute(statement).one_or_none()


def away(desk: Desk, resident_id: int) -> None:
    """Note that a resident has changed the screen of the secure page; their talk there stays as it is."""
    for number in _on_page(desk, resident_id):
        row = desk.find(number)
        desk.change(row, left_at=desk.now)
        desk.note(row.id, Kind.LEFT)


def seen_on_page(desk: Desk, resident_id: int) -> None:
    """Note that a resident is looking at the secure page, where their open consultations are."""
    for number in _on_page(desk, resident_id):
        statement = update(_consultations).where(_consultations.c.id == number)
        desk.connection.execute(statement.values(seen_at=desk.now, left_at=None))


def shown_on_page(desk: Desk, resident_id: int, since: dt.datetime) -> list[Any]:
    """Return a resident's consultations on the secure page, with those that were closed after `since`: their last words stay."""
    statement = select(_consultations).where(
        _consultations.c.resident_id == resident_id,
        _consultations.c.mode == Mode.PAGE.value,
        (_consultations.c.state != State.CLOSED.value) | (_consultations.c.closed_at >= since),
    )
    return list(desk.connection.execute(statement.order_by(_consultations.c.id)))


def _on_page(desk: Desk, resident_id: int) -> list[int]:
    statement = select(_consultations.c.id).where(
        _consultations.c.resident_id == resident_id,
        _consultations.c.mode == Mode.PAGE.value,
        _consultations.c.state != State.CLOSED.value,
    )
    return list(desk.connection.execute(statement.order_by(_consultations.c.id)).scalars())


def _handed_over(desk: Desk, resident_id: int, effect: HandedOver) -> None:
    row = open_of(desk, resident_id, effect.flow)
    dangers = _dangers(desk, effect.flow, effect.carried)
    if row is None:
        _open(desk, resident_id, effect, effect.carried, dangers, outside=effect.outside, number=effect.number)
        return
    office = offices.by_key(desk.connection, effect.office)
    answers = {**desk.carried(row), **effect.carried}
    moved = {"office_id": office.id, "mode": office.mode} if row.state == State.WAITING else {}
    if moved and office.id != row.office_id:
        moved["number"] = effect.number
    since = desk.now if row.left_at is not None else _waits_since(desk, row)
    values = {"begun": effect.begun, "revision": effect.revision, "left_at": None, "resident_at": since, **moved}
    desk.change(row, carried=desk.seal_carried(row.uid, answers), **values)
    desk.note(row.id, Kind.RETURNED)
    _grade(desk, desk.find(row.id), dangers)


def _open(
    desk: Desk,
    resident_id: int,
    effect: HandedOver | InDanger,
    answers: Mapping[str, Json],
    dangers: Sequence[str],
    *,
    outside: bool,
    number: int,
) -> Any:
    office = offices.by_key(desk.connection, effect.office)
    uid = uuid.uuid4().hex
    row = {
        "uid": uid, "resident_id": resident_id, "office_id": office.id, "flow": effect.flow, "revision": effect.revision,
        "begun": effect.begun, "mode": office.mode, "number": number, "state": State.WAITING.value, "grade": "C",
        "reason": "", "danger": False, "carried": desk.seal_carried(uid, answers), "outside": outside,
        "opened_at": desk.now, "resident_at": desk.now, "changed_at": desk.now, "level": 0, "held": False,
    }  # fmt: skip
    found = desk.connection.execute(insert(_consultations).returning(_consultations.c.id), row).scalar_one()
    desk.note(found, Kind.OPENED, detail="outside" if outside else None)
    opened = desk.find(found)
    _grade(desk, opened, dangers)
    return opened


def _grade(desk: Desk, row: Any, dangers: Sequence[str]) -> None:
    """Grade by the service's rules, upwards only, and have people told of what cannot wait."""
    consulting = desk.consulting(row.flow)
    urgency = consulting.urgency(desk.book, desk.carried(row), dangers, desk.now.astimezone(TOKYO).date())
    better = _rank(urgency.grade) < _rank(row.grade) or not row.reason
    grade = urgency.grade if better else row.grade
    desk.change(
        row,
        grade=grade,
        reason=urgency.reason[:200] if better else row.reason,
        danger=row.danger or bool(dangers) or grade == "AA",
    )
    if dangers or grade in URGENT:
        _call(desk, row.id, row.flow, grade)


def _call(desk: Desk, consultation_id: int, flow: str, grade: str) -> None:
    """Have whoever is on call told, at any hour, until somebody has seen it."""
    office = desk.office(desk.find(consultation_id).office_id)
    service = flow.partition(".")[0]
    key = f"desk.danger:{consultation_id}"
    about = f"consultation:{consultation_id}"
    news = raise_alert(
        desk.connection, desk.now, kind="desk.danger", service=service, key=key, about=about, urgent=True,
        department_id=office.department_id,
    )  # fmt: skip
    if news is not None:
        desk.note(consultation_id, Kind.DANGER, detail=grade)


def _in_danger(desk: Desk, resident_id: int, effect: InDanger, message_id: str | None, token: str | None) -> None:
    row = open_of(desk, resident_id, effect.flow)
    if row is None:
        office = offices.by_key(desk.connection, effect.office)
        outside = not offices.admits(desk.book.offices.get(effect.office), office, desk.now)
        number = offices.next_number(desk.connection, office.id, desk.now)
        row = _open(desk, resident_id, effect, effect.answers, effect.dangers, outside=outside, number=number)
    told = ToldDesk(effect.flow, effect.begun, "text", effect.text, {}, effect.dangers)
    _told(desk, resident_id, told, message_id, token)


def _told(desk: Desk, resident_id: int, effect: ToldDesk, message_id: str | None, token: str | None) -> None:
    row = open_of(desk, resident_id, effect.flow) or _taken_up(desk, resident_id, effect)
    if row is None or (message_id is not None and _known(desk, row.id, message_id)):
        return
    bundle = effect.detail.get("attachment")
    text = effect.text or place_in_words(effect.detail)
    _write(
        desk, row.id, Direction.IN, effect.kind[:12], text or None, message_id=message_id, danger=bool(effect.dangers),
        bundle=bundle if isinstance(bundle, str) else None,
    )  # fmt: skip
    sealed = None if token is None else SealedBytes.seal(desk.vault, TOKEN, row.uid, token.encode())
    values = {} if sealed is None else {"reply_token": sealed, "token_at": desk.now}
    desk.change(row, resident_at=_waits_since(desk, row), left_at=None, **values)
    if effect.dangers:
        _grade(desk, desk.find(row.id), effect.dangers)


def _waits_since(desk: Desk, row: Any) -> dt.datetime:
    """Return since when a resident who says something now has been waiting: who goes on writing is not put back."""
    since: dt.datetime = desk.now if answered(row) else row.resident_at
    return since


def _taken_up(desk: Desk, resident_id: int, effect: ToldDesk) -> Any:
    """Open again what was closed while the resident was still writing in it."""
    statement = select(_consultations).where(
        _consultations.c.resident_id == resident_id,
        _consultations.c.flow == effect.flow,
        _consultations.c.begun == effect.begun,
    )
    row = desk.connection.execute(statement.order_by(_consultations.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _open_again(desk, row)


def _open_again(desk: Desk, row: Any) -> Any:
    count(desk, row, -1)
    desk.change(row, state=State.WAITING.value, closed_at=None, close_reason=None, keep_until=None)
    desk.note(row.id, Kind.REOPENED)
    return desk.find(row.id)


def _left(desk: Desk, resident_id: int, effect: LeftDesk) -> None:
    row = open_of(desk, resident_id, effect.flow)
    if row is None or row.begun != effect.begun:
        return
    desk.change(row, left_at=desk.now)
    desk.note(row.id, Kind.LEFT)
    if row.state == State.WAITING and not row.danger and row.grade not in URGENT and not _words(desk, row.id):
        shut(desk, desk.find(row.id), "resident", None)


def _overheard(desk: Desk, resident_id: int, effect: Overheard, message_id: str | None) -> None:
    """Take danger words that somebody wrote elsewhere to the consultation they have: away from its page, or after a quick exit."""
    mine = select(_consultations).where(
        _consultations.c.resident_id == resident_id,
        (_consultations.c.state != State.CLOSED.value)
        | ((_consultations.c.close_reason == "resident") & (_consultations.c.closed_at >= desk.now - JUST_LEFT)),
    )
    rows = desk.connection.execute(mine.order_by(_consultations.c.id.desc())).all()
    rows = [one for one in rows if one.flow.partition(".")[0] == effect.service]
    row = next((one for one in rows if one.state != State.CLOSED), rows[0] if rows else None)
    if row is None or (message_id is not None and _known(desk, row.id, message_id)):
        return
    if row.state == State.CLOSED:
        row = _open_again(desk, row)
    _write(desk, row.id, Direction.IN, "text", effect.text, message_id=message_id, danger=True)
    desk.change(row, resident_at=_waits_since(desk, row))
    _grade(desk, desk.find(row.id), effect.dangers)


def _words(desk: Desk, consultation_id: int) -> bool:
    """Tell whether a resident has written anything to the desk itself."""
    mine = (_messages.c.consultation_id == consultation_id, _messages.c.direction == Direction.IN.value)
    return desk.connection.execute(select(_messages.c.id).where(*mine).limit(1)).first() is not None


def _known(desk: Desk, consultation_id: int, message_id: str) -> bool:
    mine = (_messages.c.consultation_id == consultation_id, _messages.c.message_id == message_id)
    return desk.connection.execute(select(_messages.c.id).where(*mine)).first() is not None


def _write(
    desk: Desk,
    consultation_id: int,
    direction: Direction,
    kind: str,
    text: str | None,
    *,
    message_id: str | None = None,
    status: Status = Status.SENT,
    danger: bool = False,
    bundle: str | None = None,
) -> None:
    uid = uuid.uuid4().hex
    sealed = None if text is None else SealedBytes.seal(desk.vault, TEXT, uid, text.encode())
    row = {
        "uid": uid, "consultation_id": consultation_id, "direction": direction.value, "status": status.value,
        "kind": kind, "text": sealed, "danger": danger, "bundle": bundle, "message_id": message_id, "at": desk.now,
    }  # fmt: skip
    desk.connection.execute(insert(_messages), row)


def _dangers(desk: Desk, flow: str, answers: Mapping[str, Json]) -> tuple[str, ...]:
    danger = desk.book.danger_of(flow)
    texts = [value for value in answers.values() if isinstance(value, str)]
    return () if danger is None else tuple(word for text in texts for word in danger.found_in(text))


def _rank(grade: str) -> int:
    return {"AA": 0, "A": 1, "B": 2}.get(grade, 3)
