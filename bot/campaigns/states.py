"""Where a campaign stands, where it may go from there, and what is said to who asks for something else."""

from __future__ import annotations

from enum import StrEnum

from bot import approvals
from bot.said import Said


class State(StrEnum):
    """Where a campaign stands. `started`: no time is left to come, its broadcasts say how they fare; `stale`: it came too late."""

    DRAFT = "draft"
    ASKED = "asked"
    SCHEDULED = "scheduled"
    SUSPENDED = "suspended"
    STALE = "stale"
    STARTED = "started"
    STOPPED = "stopped"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.ASKED, State.STOPPED}),
    State.ASKED: frozenset({State.DRAFT, State.SCHEDULED}),
    State.SCHEDULED: frozenset({State.DRAFT, State.SUSPENDED, State.STALE, State.STARTED, State.STOPPED}),
    State.SUSPENDED: frozenset({State.SCHEDULED, State.STOPPED}),
    State.STALE: frozenset({State.DRAFT, State.STOPPED}),
    State.STARTED: frozenset(),
    State.STOPPED: frozenset(),
}


class CannotDo(Said):
    """いまはできません。 / It cannot be done now."""


class NoCampaign(CannotDo):
    """この配信はありません。 / There is no such broadcast."""


class NotNow(CannotDo):
    """いまの状態ではできません。ページを開きなおしてください。 / It cannot be done as things stand: open the page again."""


class Outdated(CannotDo):
    """ほかの人が先に変更しました。開きなおして、もう一度入力してください。 / Somebody else has changed it: open it again."""


class Unsound(CannotDo):
    """直すところがあります。 / Something has to be mended first."""


class AlikeSent(CannotDo):
    """同じ内容を同じ人たちに、最近送ったか、これから送ります。 / The same goes, or went, to the same people these days."""


class TooManyKinds(CannotDo):
    """me.… で分かれる文面は200通りまでです。項目を減らしてください。 / me.… may make 200 different texts at most."""


class UnknownTold(CannotDo):
    """me.… のうしろに、まだだれも答えていない項目があります。 / me.… names something that nobody has told yet."""


class StillGoing(CannotDo):
    """訂正する配信がまだ続いています。先に停止するか、終わるのを待ってください。 / Stop it first, or wait until it is over."""


class InThePast(CannotDo):
    """送る日時が過ぎています。日時を直してください。 / The time to send it has passed: choose another."""


class OwnWork(approvals.CannotApprove):
    """自分が書いた配信は承認できません。別の人が確認してください。 / Whoever wrote it cannot approve it: let somebody else look."""
