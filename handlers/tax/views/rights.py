"""Who may do what with taxes, and how the console names their states and stages."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from bot.console.access import Permission, Role
from handlers.tax.schedule import Phase, Stage
from handlers.tax.sends import Obstacle
from handlers.tax.sends import State as Send
from handlers.tax.settlement import Reason
from handlers.tax.state import State


def _(text: str, **values: Any) -> str:
    return str(gettext(text, **values))


SEE = Permission("tax.see", frozenset({Role.MANAGER, Role.OFFICER, Role.APPROVER}))
WORK = Permission("tax.work", frozenset({Role.MANAGER, Role.OFFICER}))
APPROVE = Permission("tax.approve", frozenset({Role.MANAGER, Role.APPROVER}))


def stage_title(name: str) -> str:
    """Return what staff call a stage."""
    if name == "anonymous":
        return _("本人確認なしのお知らせ")
    stage = Stage.named(name)
    if stage.days == 0:
        return _("納期限の当日")
    if stage.phase is Phase.BEFORE:
        return _("納期限の%(days)s日前", days=stage.days)
    return _("納期限の%(days)s日後", days=stage.days)


def state_badge(state: str) -> tuple[str, str]:
    """Return a notice's state in words, and its tone."""
    return {
        State.OPEN: (_("未確認"), "warning"),
        State.SAID_PAID: (_("本人の連絡あり"), "busy"),
        State.PAID: (_("納付を確認"), "good"),
    }[State(state)]


def send_badge(state: str) -> tuple[str, str]:
    """Return a send's state in words, and its tone."""
    return {
        Send.PLANNED: (_("予定"), "busy"),
        Send.DONE: (_("送信済み"), "good"),
        Send.MISSED: (_("送らずに終了"), "warning"),
        Send.STOPPED: (_("取りやめ"), ""),
    }[Send(state)]


def obstacle_text(obstacle: Obstacle | None) -> str:
    """Return why a send does not leave."""
    return {
        None: _("送れる状態です。"),
        Obstacle.APPROVAL: _("別の職員の承認がまだありません。"),
        Obstacle.PAID_LIST: _("必要な日までの収納の一覧が、まだ届いていません。"),
        Obstacle.WORDING: _("文面が決まりに合っていません。flows check で確かめてください。"),
    }[obstacle]


def reason_text(reason: str) -> str:
    """Return what a difference means."""
    return {
        Reason.UNKNOWN: _("この通知は取り込まれていません"),
        Reason.AMOUNT: _("金額が通知と違います"),
        Reason.TWICE: _("二度納められています"),
        Reason.REVERSED: _("納付が取り消されました（ほかに納付がなければ、お知らせを再開します）"),
    }[Reason(reason)]


WORDS: dict[str, Any] = {
    "stage_title": stage_title,
    "state_badge": state_badge,
    "send_badge": send_badge,
    "obstacle_text": obstacle_text,
    "reason_text": reason_text,
}
"""For the templates."""
