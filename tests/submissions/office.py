"""A town's flows and a database with submissions, for tests of the work on them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from bot.crypto import Vault
from bot.db import Database
from bot.flow.book import Book
from bot.flow.load import load_texts
from bot.models import Channel, Resident, SealedBytes, Staff, Submission
from bot.roll import new_reference
from bot.service import Services

VAULT = Vault([bytes(32)])
NOW = dt.datetime(2026, 7, 1, 3, tzinfo=dt.UTC)

REPORT = """
flow: report.damage
title: {ja: 通報, en: Report}
retain_answers: 90 days
steps:
  - ask: category
    text: {ja: 何についてですか。, en: What is it about?}
    label: {ja: 種類, en: Kind}
    type: choice
    choices:
      road: {ja: 道路, en: Road}
      park: {ja: 公園, en: Park}
  - ask: photo
    text: 写真を送ってください。
    label: 写真
    type: photo
    required: false
  - ask: place
    text: 場所を送ってください。
    label: 場所
    type: location
    required: false
  - ask: bench
    text: どのベンチですか。
    label: ベンチ
    type: number
    max: 20
    relevant: category == "park"
  - ask: seen_on
    text: いつ見ましたか。
    label: 見た日
    type: date
    max: today
  - ask: urgent
    text: 急ぎますか。
    label: 急ぎ
    type: yes_no
  - ask: detail
    text: どのような様子ですか。
    label: 様子
    required: false
  - confirm: [category, detail]
  - say: 受け付けました。
"""
VISIT = """
flow: visit.children
title: 訪問の申し込み
retain_answers: 90 days
steps:
  - say: お子さんについて教えてください。
  - repeat: children
    more: もう一人いますか。
    steps:
      - ask: name
        text: お子さんのお名前は。
        label: お名前
      - ask: age
        text: 何歳ですか。
        label: 年齢
        type: number
  - ask: code
    text: 暗証番号は。
    secret: true
  - say: 受け付けました。
"""


def book() -> Book:
    """Return the flows."""
    texts = {"flows/report.yaml": REPORT, "flows/visit.yaml": VISIT, "flows/town.yaml": "town: {name: 見本町}\n"}
    loaded = load_texts(texts, Services([]).registry)
    assert loaded.book is not None
    return loaded.book


def resident(connection: Connection, *, friend: bool | None = True, language: str | None = "ja") -> Any:
    """Add a resident and return the row."""
    channel = connection.execute(select(Channel.id)).scalar()
    if channel is None:
        row = {"name": "main", "bot_user_id": None, "created_at": NOW}
        columns = set(Channel.__table__.c.keys())
        kept = {name: value for name, value in row.items() if name in columns}
        channel = connection.execute(insert(Channel).returning(Channel.id), kept).scalar_one()
    person = {
        "channel_id": channel, "line_user_id": f"U{uuid.uuid4().hex}", "reference": new_reference(),
        "language": language, "friend": friend, "friend_at": 0, "created_at": NOW,
    }  # fmt: skip
    number = connection.execute(insert(Resident).returning(Resident.id), person).scalar_one()
    return connection.execute(select(Resident.__table__).where(Resident.id == number)).one()


def staff(connection: Connection, name: str = "見本 花子") -> int:
    """Add somebody who works here and return the number."""
    row = {
        "name": name, "sign_in": f"{uuid.uuid4().hex[:8]}@example.jp", "handle": uuid.uuid4().hex, "must_change": False,
        "language": "ja", "active": True, "created_at": NOW, "changed_at": NOW,
    }  # fmt: skip
    columns = set(Staff.__table__.c.keys())
    kept = {name: value for name, value in row.items() if name in columns}
    number: int = connection.execute(insert(Staff).returning(Staff.id), kept).scalar_one()
    return number


def file(
    connection: Connection,
    answers: Mapping[str, Any],
    *,
    flow: str = "report.damage",
    minutes: int = 0,
    **others: Any,
) -> int:
    """File a submission `minutes` before NOW; return its number."""
    uid = uuid.uuid4().hex
    row = {
        "uid": uid, "resident_id": None, "flow": flow, "revision": "gone", "filed_at": NOW - dt.timedelta(minutes=minutes),
        "answers": SealedBytes.seal(VAULT, "submissions.answers", uid, orjson.dumps(dict(answers))),
        "keep_until": NOW + dt.timedelta(days=90), **others,
    }  # fmt: skip
    number: int = connection.execute(insert(Submission).returning(Submission.id), row).scalar_one()
    return number


def row_of(database: Database, number: int) -> Any:
    """Return a submission's row."""
    with database.read() as connection:
        return connection.execute(select(Submission.__table__).where(Submission.id == number)).one()
