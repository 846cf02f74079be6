"""What the demo's residents have filed: a few weeks of reports in every state of the work, and templates to answer with."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import orjson
from sqlalchemy import insert

from bot.models import SealedBytes, Submission
from bot.sample import SampleContext
from bot.submissions import messages
from bot.submissions.reading import ANSWERS
from bot.submissions.states import Source, Status
from bot.submissions.work import Hand, Work, one

FLOW = "report.damage"
REPORTS = (
    (Status.NEW, 2, "road", "見本通りの横断歩道の近くに、深さ10cmほどの穴があります。", Source.LINE),
    (Status.NEW, 5, "light", "まどぐち公園の入口の街灯が、3日前から消えています。", Source.LINE),
    (Status.NEW, 9, "dumping", "川沿いの道に冷蔵庫が捨てられています。", Source.TELEPHONE),
    (Status.WORKING, 26, "park", "ブランコの鎖がさびて、ぐらぐらしています。", Source.LINE),
    (Status.WORKING, 30, "water", "側溝のふたが割れていて、足が入りそうです。", Source.LINE),
    (Status.WAITING, 51, "tree", "枝が道にはみ出しています。場所は小学校の裏です。", Source.COUNTER),
    (Status.DONE, 75, "road", "マンホールのまわりに段差があります。", Source.LINE),
    (Status.DONE, 100, "light", "バス停の前の街灯が、ちかちかしています。", Source.LINE),
    (Status.DONE, 170, "other", "案内板の字が読めなくなっています。", Source.LINE),
    (Status.CANCELLED, 220, "road", "さきほどの通報は、場所がまちがっていました。", Source.LINE),
)
"""State of the work, hours ago, what it is about, in whose words, and how it came."""

TEMPLATES: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "受け付けました",
        {
            "ja": "{手続き}（受付番号{受付番号}）を確認しました。これから職員が現地を見に行きます。",
            "ja-easy": "{手続き}（ばんごう {受付番号}）を 見ました。かかりの人が 見に 行きます。",
            "en": "Thank you for your report (no. {受付番号}). Our staff will go and have a look.",
        },
    ),
    (
        "場所を教えてください",
        {
            "ja": "{受付日}の{手続き}について、近くの建物や交差点の名前を教えてください。",
            "ja-easy": "ばしょが わかりません。ちかくの たてものの なまえを おしえてください。",
            "en": "Thank you for your report of {受付日}. We could not find the place: is there a building or a crossing near it?",
        },
    ),
    ("直しました", {"ja": "{手続き}（受付番号{受付番号}）の場所を直しました。ご協力ありがとうございました。"}),
)


def fill(context: SampleContext) -> None:
    """Enter the reports with what was done about them, and the templates."""
    program = context.book.programs.get(FLOW)
    if program is None or not context.residents:
        return
    for number, report in enumerate(REPORTS):
        _enter(context, program.revision, number, report)
    hand = Hand(context.staff["manager"], context.now)
    for name, texts in TEMPLATES:
        messages.keep_template(context.connection, None, FLOW, name, texts, hand)


def _enter(context: SampleContext, revision: str, number: int, report: tuple[Status, int, str, str, Source]) -> None:
    status, hours, category, words, source = report
    uid, filed_at = uuid.uuid4().hex, context.now - dt.timedelta(hours=hours)
    answers = {"category": category, "place_words": "まどぐち町見本", "detail": words}
    officer = context.staff["officer"]
    row: dict[str, Any] = {
        "uid": uid, "flow": FLOW, "revision": revision, "filed_at": filed_at, "source": source.value,
        "answers": SealedBytes.seal(context.vault, ANSWERS, uid, orjson.dumps(answers)),
        "keep_until": filed_at + dt.timedelta(days=90), "status": Status.NEW.value, "version": 0, "on_hold": False,
        "resident_id": context.residents[number % len(context.residents)].id if source is Source.LINE else None,
        "entered_by": officer if source is not Source.LINE else None,
    }  # fmt: skip
    stored = context.connection.execute(insert(Submission).returning(Submission.id), row).scalar_one()
    if status is not Status.NEW:
        _work_off(context, stored, status, Hand(officer, filed_at + dt.timedelta(hours=1)))


def _work_off(context: SampleContext, number: int, status: Status, hand: Hand) -> None:
    work = Work(context.vault)
    work.assign(context.connection, one(context.connection, number), hand.staff_id, 0, hand)
    work.set_status(context.connection, one(context.connection, number), Status.WORKING, 1, hand)
    work.note(context.connection, one(context.connection, number), "現地を確認しました。担当の業者に連絡します。", hand)
    if status is not Status.WORKING:
        work.set_status(context.connection, one(context.connection, number), status, 2, hand)
