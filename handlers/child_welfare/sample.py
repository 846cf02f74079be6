"""An afternoon at the desk for the demo: somebody in danger, some who wait, talks under way, one that was handed on."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection, insert, update

from bot.desk import Desk, arriving, canned, closing, offices, referral, taking, writing
from bot.flow.engine import rejoined
from bot.flow.talk import ActionResult, HandedOver, Json, Surroundings, ToldDesk, Turn
from bot.models import Consultation, Conversation, SealedBytes
from bot.now import TOKYO
from bot.sample import SampleContext
from bot.service import Caller
from handlers.child_welfare import INTAKE, service

OFFICE = "family"
CANNED = (
    ("はじめに", "連絡してくださって、ありがとうございます。担当の者です。いま、安心して書ける場所にいますか。"),
    ("時間がかかるとき", "読んでいます。お返事を考えているので、少しだけ待っていてください。"),
    ("電話をすすめる", "声で話すほうが楽なときは、189（24時間・無料）でも相談できます。"),
    (
        "おわりに",
        "今日は話してくださって、ありがとうございました。また話したくなったら、いつでも「相談」と送ってください。",
    ),
)
Talk = tuple[tuple[str, str], ...]
"""Who said what: "in" is the resident, "out" the counsellor."""

LEFT_AT_NIGHT: Talk = (
    ("in", "となりの家から、毎晩のように子どもの泣き声と大きな音がします。気のせいならよいのですが。"),
)
REFERRED: Talk = (
    ("in", "妹がごはんを食べさせてもらえません"),
    ("out", "教えてくれてありがとう。妹さんは、いまどこにいますか。"),
    ("in", "うちにいます。わたしはおばあちゃんの家です"),
)
OVER: Talk = (
    ("in", "夜ねむれなくて、子どもにどなってしまいます。"),
    ("out", "毎晩のこと、おつらいですね。いまは少し休めていますか。"),
    ("in", "話せて少し楽になりました。"),
)
OFFICERS: Talk = (
    ("in", "3歳の子が保育園に行きたがらず、朝から大げんかになります。"),
    ("out", "毎朝のこと、おつかれさまです。いちばん困るのは、どんなときですか。"),
    ("in", "着がえのときです。時間もなくて、手が出そうになります。"),
    ("out", "手が出そうになる前に、書いてくださってよかったです。少し離れて深呼吸できる場所はありますか。"),
)
UNDER_WAY: Talk = (
    ("in", "学校に行きたくない"),
    ("out", "話してくれてありがとう。行きたくないと思うことが、何かあったのかな。"),
    ("in", "だれにも言わない？"),
)
DRAFT = "きみの命や体があぶないとき以外は、だまって人に言うことはないよ。話せるところからでいいよ。"
WAITING: Talk = (("in", "下の子が生まれてから、上の子が毎日泣いて困っています。"),)
IN_ENGLISH: Talk = (("in", "My son refuses to go to school. I do not know whom to ask."),)
DANGER: Talk = (("in", "いま部屋にかくれてる"), ("in", "たすけて"))


@dataclass(frozen=True, slots=True)
class Case:
    """A consultation: when it began, how many minutes lie between its words, and who (by role) answers it."""

    answers: dict[str, Json]
    said: Talk
    begun: dt.datetime
    apart: int = 1
    counsellor: str | None = None
    outside: bool = False


def fill(context: SampleContext) -> None:
    """Fill the database."""
    offices.enter(context.connection, context.book, context.now)
    office = offices.by_key(context.connection, OFFICE)
    if office is None or len(context.residents) < 8:
        return
    desk = _desk(context)
    offices.choose(desk, office.id, mode="chat", department_id=context.departments.get("child_welfare"))
    for title, text in CANNED:
        canned.add(desk, office.id, title, text)
    guardian, child, pupil, parent, abroad, neighbour, sister, mother = context.residents[:8]
    me, officer = context.staff["counsellor"], context.staff["officer"]

    def ago(minutes: int) -> dt.datetime:
        return context.now - dt.timedelta(minutes=minutes)

    night = dt.datetime.combine(context.now.astimezone(TOKYO).date() - dt.timedelta(days=1), dt.time(21, 30), TOKYO)
    _talk(
        context, neighbour, Case({"who": "other", "municipality": "here", "age": 6}, LEFT_AT_NIGHT, night, outside=True)
    )
    answers: dict[str, Json] = {"who": "child", "municipality": "here", "age": 14}
    referred = _talk(context, sister, Case(answers, REFERRED, ago(240), 4, "counsellor"))
    referral.accept(desk, referral.refer(desk, referred, me, "児童相談所"), me)
    closing.shut(desk, desk.find(referred), "referred", me)
    over = _talk(context, parent, Case({"who": "guardian", "age": 2}, OVER, ago(180), 6, "counsellor"))
    closing.shut(desk, desk.find(over), "solved", me)
    answers = {"who": "guardian", "municipality": "here", "age": 3}
    _talk(context, mother, Case(answers, OFFICERS, ago(45), 10, "officer"))
    answers = {"who": "child", "municipality": "here", "age": 12}
    under_way = _talk(context, pupil, Case(answers, UNDER_WAY, ago(30), 9, "counsellor"))
    writing.note(desk, under_way, me, "（見本）ゆっくり、短い文で。")
    writing.draft(desk, under_way, officer, DRAFT)
    answers = {"who": "guardian", "danger": False, "municipality": "here", "age": 5}
    _talk(context, guardian, Case(answers, WAITING, ago(9)))
    _talk(context, abroad, Case({"who": "guardian", "municipality": "here", "age": 8}, IN_ENGLISH, ago(5)))
    _talk(context, child, Case({"who": "child", "danger": True}, DANGER, ago(4)))


def _talk(context: SampleContext, resident: Caller, case: Case) -> int:
    """Enter a consultation; return its number."""
    desk = _desk(context, case.begun)
    number = offices.counter(context.connection, OFFICE, resident.id, case.begun, paged=False).number
    program = context.book.programs[INTAKE]
    started = int(case.begun.timestamp())
    handed = HandedOver(
        INTAKE, program.revision, started, OFFICE, "here", case.answers, outside=case.outside, number=number
    )
    arriving.arrive(desk, resident.id, handed, None, None)
    row = arriving.open_of(desk, resident.id, INTAKE)
    staff = None if case.counsellor is None else context.staff[case.counsellor]
    if staff is not None:
        taking.take(desk, row.id, staff)
    for step, (who, text) in enumerate(case.said, 1):
        at = _desk(context, case.begun + dt.timedelta(minutes=step * case.apart))
        if who == "in":
            danger = context.book.danger_of(INTAKE)
            dangers = danger.found_in(text) if danger else ()
            told = ToldDesk(INTAKE, started, "text", text, {}, dangers)
            arriving.arrive(at, resident.id, told, uuid.uuid4().hex, None)
        elif staff is not None:
            _written(at, row.id, staff, text)
    _wait_there(context, resident, started)
    return int(row.id)


def _written(desk: Desk, number: int, counsellor: int, text: str) -> None:
    """Enter what was sent earlier, without sending it now."""
    message = writing.draft(desk, number, counsellor, text, confirmed=True)
    writing.mark_sent(desk, message, counsellor)
    desk.connection.execute(
        update(Consultation).where(Consultation.id == number).values(staff_at=desk.now, answered_at=desk.now)
    )


def _wait_there(context: SampleContext, resident: Caller, begun: int) -> None:
    """Let the resident's chat be where the consultation is, so that what they write comes to it."""
    around = Surroundings(context.now.astimezone(TOKYO), _no_action, resident.language)
    turn = rejoined(context.book, None, INTAKE, begun, around)
    if turn is None or turn.state is None:
        return
    row = {
        "resident_id": resident.id,
        "state": SealedBytes.seal(context.vault, "conversations.state", resident.id, turn.state),
        "flow": turn.flow, "revision": turn.revision, "step": turn.step, "last_event_at": 0,
        "expires_at": turn.expires_at, "updated_at": context.now,
    }  # fmt: skip
    context.connection.execute(insert(Conversation), row)


def _desk(context: SampleContext, at: dt.datetime | None = None) -> Desk:
    now = at or context.now
    return Desk(context.connection, now, context.book, [service], context.outbox, None, _stay, _stay)


def _stay(connection: Connection, now: dt.datetime, resident_id: int, flow: str, begun: int, mode: str) -> Turn | None:
    """Leave the resident's chat as it is: `_wait_there` has put it where it belongs."""
    del connection, now, resident_id, flow, begun, mode
    return None


def _no_action(name: str, _arguments: object) -> ActionResult:
    raise LookupError(f"a sample does nothing: {name}")
