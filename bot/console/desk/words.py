"""What the codes of the desk are called on its pages."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from bot.console.console import console
from bot.console.language import language_of_request
from bot.consulting import REASONS
from bot.desk.desk import Desk
from bot.desk.queue import Entry
from bot.desk.taking import BY_STAFF
from bot.desk.talk import Happened

TONES = {"AA": "danger", "A": "warning", "B": "busy", "C": ""}


def states() -> Mapping[str, tuple[str, str]]:
    """Return name and tone of each state."""
    return {
        "waiting": (_("待っています"), "warning"),
        "active": (_("対応中"), "good"),
        "paused": (_("休止中"), "busy"),
        "closed": (_("終わりました"), ""),
    }


def deliveries() -> Mapping[str, tuple[str, str]]:
    """Return name and tone of how a message travels."""
    return {
        "waiting": (_("送信中"), "busy"),
        "again": (_("LINEが受け取れません。送り直しています"), "warning"),
        "blocked": (_("届いていません（相談者がブロックしています）"), "danger"),
        "held": (_("保留中（送信数の上限など）"), "warning"),
        "sent": (_("LINEに渡しました"), ""),
        "presumed": (_("LINEに渡しました（確認できず）"), ""),
        "failed": (_("送れませんでした"), "danger"),
        "unknown": (_("送れたか分かりません"), "danger"),
        "stale": (_("送信をやめました"), "danger"),
        "stopped": (_("送信をやめました"), "danger"),
    }


def events() -> Mapping[str, str]:
    """Return what each kind of event is called."""
    return {
        "opened": _("受け付けました"), "returned": _("相談者が戻りました"), "left": _("相談者が離れました"),
        "danger": _("緊急の印がつきました"), "taken": _("引き受けました"), "handed": _("引き継ぎました"),
        "given_back": _("手を離しました"), "second": _("二人目に入りました"), "paused": _("休止しました"),
        "resumed": _("再開しました"), "graded": _("緊急度を変えました"), "moved": _("窓口を移しました"),
        "unanswered": _("応答がなく、呼び出しました"), "supervisor": _("責任者を呼び出しました"),
        "apologised": _("おわびと電話番号を送りました"), "closed": _("終えました"), "reopened": _("もう一度開きました"),
        "referred": _("ほかの機関につなぎました"), "accepted": _("受理されました"), "safe": _("安全を確認しました"),
        "held": _("保全しました"), "released": _("保全を解きました"), "deletion_asked": _("削除の確認を依頼しました"),
    }  # fmt: skip


def detail(one: Happened) -> str:
    """Return what is to be said of a line of the history besides its kind: to whom, from what to what, or why."""
    match one.kind:
        case "handed":
            return f"→ {one.to}" if one.to else ""
        case "graded":
            return one.detail or ""
        case "closed":
            return dict(close_reasons()).get(one.detail or "", "")
        case "opened":
            return str(_("時間外")) if one.detail == "outside" else ""
    return ""


def remaining(until: dt.datetime) -> str:
    """Return how much time is left: in hours, of the last two in minutes, or that it is over."""
    minutes = math.ceil((until - console().now()).total_seconds() / 60)
    if minutes <= 0:
        return str(_("（期限を過ぎています）"))
    if minutes < 120:
        return str(_("（あと%(number)s分）", number=minutes))
    return str(_("（あと%(number)s時間）", number=minutes // 60))


def kinds() -> Mapping[str, str]:
    """Return what is called what a resident sent besides text."""
    return {
        "image": _("写真"), "video": _("動画"), "audio": _("音声"), "file": _("ファイル"), "sticker": _("スタンプ"),
        "location": _("位置情報"),
    }  # fmt: skip


def personal() -> Mapping[str, str]:
    """Return what kinds of personal data are called."""
    return {
        "phone": _("電話番号"), "email": _("メールアドレス"), "address": _("住所"), "postal_code": _("郵便番号"),
        "my_number": _("マイナンバーのような番号"),
    }  # fmt: skip


def pair(words: tuple[str, str]) -> str:
    """Return the half of a pair of texts that this page's language wants."""
    return words[1] if language_of_request() == "en" else words[0]


def close_reasons() -> list[tuple[str, str]]:
    """Return the reasons for closing, by code."""
    return [(name, pair(words)) for name, words in REASONS.items()]


def why(desk: Desk, entry: Entry) -> str:
    """Return the names of the rules that gave a consultation its grade."""
    return reasons(desk, entry.flow).of(entry.reason)


@dataclass(frozen=True, slots=True)
class Reasons:
    """The names of a service's rules in the language of a page."""

    names: Mapping[str, str]
    between: str

    def of(self, reason: str) -> str:
        """Return the names of the rules that a consultation's `reason` lists."""
        return self.between.join(self.names[name] for name in reason.split(",") if name in self.names)


def reasons(desk: Desk, flow: str) -> Reasons:
    """Return the names of the rules of a flow's service."""
    ours = {"danger_words": ("危険な言葉", "Danger words"), BY_STAFF: ("担当者の判断", "Set by staff")}
    rules = {**ours, **desk.consulting(flow).rules(desk.book)}
    between = "、" if language_of_request() == "ja" else ", "
    return Reasons({name: pair(words) for name, words in rules.items()}, between)


_named: dict[str, dict[str, Any]] = {}


def for_templates() -> dict[str, Any]:
    """Return everything the templates of the desk need to name codes: looked up once in each language."""
    language = language_of_request()
    if language not in _named:
        _named[language] = _names()
    return _named[language]


def _names() -> dict[str, Any]:
    return {
        "states": states(), "travels": deliveries(), "events": events(), "kinds": kinds(), "tones": TONES,
        "close_reasons": close_reasons(), "pair": pair, "detail": detail, "remaining": remaining,
    }  # fmt: skip
