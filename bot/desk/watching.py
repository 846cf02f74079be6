"""What the clock sees to each minute: nobody answers, somebody has fallen silent, a reply is unread, a child is to be seen by now.

First the roster is told, then the supervisor (urgently), and at last the resident is asked for pardon and given numbers to call.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from bot.alerts import raise_alert, settle
from bot.desk import notices, offices, referral, retention
from bot.desk.closing import say, shut
from bot.desk.desk import Desk, MakeDesk, answered
from bot.desk.states import Kind, State
from bot.desk.writing import say_for_the_town
from bot.flow import offices as said
from bot.models import Consultation, DeskEvent, Office, Resident
from bot.now import TOKYO
from bot.service import Job, JobContext, Missed

ROWS_A_COMMIT = 200
SAFETY_WARNING = dt.timedelta(hours=6)
APOLOGISED = 3
"""The last level of calling for help."""
_consultations: Any = Consultation.__table__
_offices: Any = Office.__table__

_SORRY = {
    "ja": "お待たせして申し訳ありません。担当者がまだお答えできません。お急ぎのときは、お電話をお使いください。",
    "ja-easy": "おまたせして すみません。かかりの人が まだ こたえられません。いそぐときは でんわしてください。",
    "en": "We are sorry to keep you waiting: nobody could answer yet. If it is urgent, please call.",
}


def watch_job(make: MakeDesk) -> Job:
    """Return the job that watches over open consultations."""

    def run(context: JobContext) -> bool:
        desk = make(context.connection, context.now)
        offices.enter(context.connection, desk.book, context.now)
        watch(desk)
        return False

    return Job("desk.watch", {"minute": "*"}, run, Missed.LATEST)


def purge_job(make: MakeDesk) -> Job:
    """Return the job that deletes consultations past their time."""

    def run(context: JobContext) -> bool:
        desk = make(context.connection, context.now)
        over = retention.past_their_time(desk.connection, desk.now, ROWS_A_COMMIT)
        retention.remove(desk.connection, over)
        return len(over) == ROWS_A_COMMIT

    return Job("desk.purge", {"hour": 3, "minute": 41}, run, Missed.LATEST)


def watch(desk: Desk) -> None:
    """Look at every open consultation once."""
    rows = desk.connection.execute(
        select(_consultations.c.id, _offices.c.key)
        .join(_offices, _offices.c.id == _consultations.c.office_id)
        .where(_consultations.c.state != State.CLOSED.value)
        .order_by(_consultations.c.id)
    ).all()
    for row in rows:
        rules = desk.book.offices.get(row.key)
        if rules is not None and _may_matter(desk, row.id, rules):
            _watch(desk, desk.hold(row.id), rules)
    notices.remind(desk)
    _watch_referrals(desk)


def _may_matter(desk: Desk, consultation_id: int, rules: said.Office) -> bool:
    """Tell without a lock whether anything may be due."""
    row = desk.find(consultation_id)
    least = min(rules.answer_within, rules.counsellor_silent, rules.resident_silent)
    last = max(moment for moment in (row.resident_at, row.staff_at) if moment is not None)
    return bool(desk.now - last >= dt.timedelta(seconds=least))


def _watch(desk: Desk, row: Any, rules: said.Office) -> None:
    if answered(row):
        if row.state != State.PAUSED:
            _no_reply(desk, row, rules)
    elif row.state == State.WAITING:
        _unanswered(desk, row, rules)
    elif _since(desk, row.resident_at) >= rules.counsellor_silent:
        _tell(desk, row, "desk.silent", urgent=bool(row.danger))


def _unanswered(desk: Desk, row: Any, rules: said.Office) -> None:
    """Call for help step by step while nobody takes it: within the office's hours, counted from its opening."""
    if row.left_at is not None:
        return
    if not offices.staffed(rules, desk.office(row.office_id), desk.now):
        _closed_on(desk, row, rules)
        return
    now = desk.now.astimezone(TOKYO)
    waited = _since(desk, said.open_since(rules, now, row.resident_at))
    level = _level(desk, row, max(row.resident_at, _opened_today(rules, now)))
    if level < 1 and waited >= rules.answer_within:
        _tell(desk, row, "desk.waiting", urgent=False)
        _raise(desk, row, 1, Kind.UNANSWERED)
    elif level == 1 and waited >= rules.supervisor_after:
        _tell(desk, row, "desk.waiting", urgent=True)
        _raise(desk, row, 2, Kind.SUPERVISOR)
    elif level == 2 and waited >= rules.apologise_after:
        _apologise(desk, row, rules)


def _closed_on(desk: Desk, row: Any, rules: said.Office) -> None:
    """Ask pardon of somebody who was admitted and still waits when the office has closed; who came later was told so."""
    told = row.outside and row.answered_at is None
    if told or row.level >= APOLOGISED or _since(desk, row.resident_at) < rules.apologise_after:
        return
    _tell(desk, row, "desk.waiting", urgent=True)
    _apologise(desk, row, rules)


def _level(desk: Desk, row: Any, since: dt.datetime) -> int:
    """Return how far help was called for: who was asked for pardon before `since`, as yesterday, is called for anew today."""
    if row.level < APOLOGISED:
        return int(row.level)
    events: Any = DeskEvent.__table__
    pardon = (events.c.consultation_id == row.id, events.c.kind == Kind.APOLOGISED.value, events.c.at >= since)
    if desk.connection.execute(select(events.c.id).where(*pardon).limit(1)).first() is not None:
        return APOLOGISED
    settle(desk.connection, desk.now, f"desk.waiting:{row.id}")
    return 0


def _apologise(desk: Desk, row: Any, rules: said.Office) -> None:
    language = desk.connection.execute(select(Resident.language).where(Resident.id == row.resident_id)).scalar_one()
    say_for_the_town(desk, row, _sorry(rules, language))
    _raise(desk, row, APOLOGISED, Kind.APOLOGISED)


def _no_reply(desk: Desk, row: Any, rules: said.Office) -> None:
    """End a talk to which nothing comes any more; one in danger is never ended by the clock."""
    if _since(desk, row.staff_at) < rules.resident_gone:
        return
    if row.danger or row.grade in {"AA", "A"}:
        _tell(desk, row, "desk.silent", urgent=True)
        return
    shut(desk, row, "no_reply", None)
    turn = desk.release(desk.connection, desk.now, row.resident_id, row.flow, row.begun, row.mode)
    if turn is not None and row.left_at is None:
        say(desk, row, turn)


def _watch_referrals(desk: Desk) -> None:
    ids = list(desk.connection.execute(select(_offices.c.id)).scalars())
    for row in referral.due(desk, ids):
        if row.safe_by - desk.now <= SAFETY_WARNING:
            consultation = desk.find(row.consultation_id)
            office = desk.office(consultation.office_id)
            raise_alert(
                desk.connection, desk.now, kind="desk.safety", service=consultation.flow.partition(".")[0],
                key=f"desk.safety:{row.id}", about=f"consultation:{consultation.id}", urgent=True,
                department_id=office.department_id,
            )  # fmt: skip


def _tell(desk: Desk, row: Any, kind: str, *, urgent: bool) -> None:
    office = desk.office(row.office_id)
    raise_alert(
        desk.connection, desk.now, kind=kind, service=row.flow.partition(".")[0], key=f"{kind}:{row.id}",
        about=f"consultation:{row.id}", urgent=urgent, department_id=office.department_id,
    )  # fmt: skip


def _raise(desk: Desk, row: Any, level: int, kind: Kind) -> None:
    desk.change(row, level=level)
    desk.note(row.id, kind)


def _since(desk: Desk, moment: dt.datetime) -> float:
    return (desk.now - moment).total_seconds()


def _opened_today(rules: said.Office, now: dt.datetime) -> dt.datetime:
    begun = [dt.datetime.combine(now.date(), start, TOKYO) for start, _ in rules.spans(now.date())]
    return max((start for start in begun if start <= now), default=now)


def _sorry(rules: said.Office, language: str | None) -> str:
    texts = rules.sorry or _SORRY
    return texts.get(language or "ja") or texts.get("") or texts.get("ja") or next(iter(texts.values()))
