"""A consultation as a text to print or hand over: answers, referrals, words, and (where wanted) the fact sheet and the notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from bot.desk import facts, queue, referral, talk
from bot.desk.desk import Desk, Gone
from bot.desk.states import Direction, Status
from bot.now import TOKYO

_WORDS = {
    "ja": {
        "title": "相談の記録", "taker": "担当", "number": "受付番号", "opened": "受付", "closed": "終了", "grade": "緊急度",
        "answers": "受付での答え", "talk": "やりとり", "in": "相談者", "out": "担当者", "system": "自動",
        "unsent": "（相談者が取り消しました）", "draft": "（下書き・未送信）", "note": "メモ", "sheet": "受付票",
        "lost": "（届いていません）", "unsure": "（届いたか分かりません）", "under_way": "（まだ届いていません）",
        "referrals": "ほかの機関へ", "sent": "連絡", "accepted": "受理", "safe_by": "安全確認の期限", "safe": "安全確認",
        "image": "写真", "video": "動画", "audio": "音声", "file": "ファイル", "sticker": "スタンプ", "location": "位置情報",
    },
    "en": {
        "title": "Record of a consultation", "taker": "Counsellors", "number": "Number", "opened": "Opened", "closed": "Closed",
        "grade": "Urgency", "answers": "Answers at intake", "talk": "Talk", "in": "Resident", "out": "Counsellor",
        "system": "Automatic", "unsent": "(taken back by the resident)", "draft": " (draft, not sent)", "note": "Note",
        "lost": " (not delivered)", "unsure": " (perhaps not delivered)", "under_way": " (not delivered yet)",
        "sheet": "Fact sheet", "referrals": "Other bodies", "sent": "told", "accepted": "accepted",
        "safe_by": "to be seen by", "safe": "seen safe", "image": "photo", "video": "video", "audio": "audio",
        "file": "file", "sticker": "sticker", "location": "place",
    },
}  # fmt: skip


_TRAVELS = {
    "failed": "lost", "blocked": "lost", "stale": "lost", "stopped": "lost", "unknown": "unsure",
    "waiting": "under_way", "again": "under_way", "held": "under_way",
}  # fmt: skip
"""How a message travels that nobody may take for read."""


def transcript(
    desk: Desk, consultation_id: int, language: str = "ja", *, notes: bool = True, sheet: bool = False
) -> str:
    """Return the record as plain text, in the order in which everything happened. Raises Gone."""
    words = _WORDS["ja" if language.startswith("ja") else "en"]
    entry = queue.entry(desk, consultation_id)
    if entry is None:
        raise Gone
    head = [
        words["title"],
        f"{words['number']}：{entry.number}　{entry.reference}",
        f"{words['opened']}：{_moment(entry.opened_at)}",
        *([f"{words['closed']}：{_moment(entry.closed_at)}"] if entry.closed_at else []),
        f"{words['taker']}：{'・'.join(name for name in (entry.taker, entry.second) if name) or '–'}",
        f"{words['grade']}：{entry.grade}",
        "",
        f"■ {words['answers']}",
        *(f"{answer.label}：{answer.shown}" for answer in talk.answers(desk, consultation_id, language)),
        "",
        *(_sheet(desk, entry, words, language) if sheet else ()),
        *_referrals(desk, consultation_id, words),
        f"■ {words['talk']}",
    ]
    lines = [*_said(desk, consultation_id, words)]
    if notes:
        lines += [
            (note.at, f"［{words['note']}］{note.author}：{note.text}") for note in talk.notes(desk, consultation_id)
        ]
    return "\n".join([*head, *(f"{_moment(at)} {line}" for at, line in sorted(lines, key=lambda pair: pair[0]))]) + "\n"


def _sheet(desk: Desk, entry: queue.Entry, words: Mapping[str, str], language: str) -> Iterator[str]:
    """Return the fact sheet in its order; a field without an answer is there too, as on paper."""
    fields, english = desk.consulting(entry.flow).fields, int(not language.startswith("ja"))
    if not fields:
        return
    values, group = facts.sheet(desk, entry.id).values, None
    yield f"■ {words['sheet']}"
    for field in fields:
        if field.group != group:
            group = field.group
            yield f"［{group[english]}］"
        yield f"{field.label[english]}：{values.get(field.name, facts.FieldValue()).text}"
    yield ""


def _referrals(desk: Desk, consultation_id: int, words: Mapping[str, str]) -> Iterator[str]:
    rows = referral.referrals(desk, consultation_id)
    if not rows:
        return
    yield f"■ {words['referrals']}"
    for row in rows:
        times = (("sent", row.sent_at), ("accepted", row.accepted_at), ("safe_by", row.safe_by), ("safe", row.safe_at))
        yield f"{row.body}：" + "、".join(f"{words[name]} {_moment(at)}" for name, at in times if at is not None)
    yield ""


def _said(desk: Desk, consultation_id: int, words: Mapping[str, str]) -> Iterator[tuple[dt.datetime, str]]:
    for message in talk.messages_since(desk, consultation_id):
        who = message.sender or message.author or words["out"]
        name = who if message.direction == Direction.OUT else words[message.direction]
        text = message.text or f"〔{words.get(message.kind, message.kind)}〕"
        if message.status == Status.UNSENT:
            text = words["unsent"]
        elif message.status == Status.DRAFT:
            text = f"{text}{words['draft']}"
        elif message.delivery in _TRAVELS:
            text = f"{text}{words[_TRAVELS[message.delivery]]}"
        yield message.at, f"{name}：{text}"


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M}"
