"""The tax service in the console: notices, what goes out, paid lists, locked accounts."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import lazy_gettext
from sqlalchemy import Connection, func, select

from bot.console.access import Person, require_service
from bot.console.actions import name_actions
from bot.console.console import Console, Figure, console
from bot.now import TOKYO
from handlers.tax.models import TaxDifference, TaxSend
from handlers.tax.sends import State
from handlers.tax.views import notices, outgoing, paid
from handlers.tax.views.rights import SEE

ACTIONS = {
    "tax.view": lazy_gettext("納税通知の閲覧"),
    "tax.unlink": lazy_gettext("納税通知の登録解除"),
    "tax.lock_reset": lazy_gettext("登録のロックの解除"),
    "tax.plan": lazy_gettext("お知らせの予定の作成"),
    "tax.ask_approval": lazy_gettext("税のお知らせの承認依頼"),
    "tax.decide": lazy_gettext("税のお知らせの承認・却下"),
    "tax.stop_send": lazy_gettext("税のお知らせの中止"),
    "tax.paid_until": lazy_gettext("収納の一覧の確認"),
    "tax.resolve": lazy_gettext("収納の一覧の差異の確認"),
}
"""What the audit log calls what staff do here."""


def pages(console: Console) -> Blueprint:
    """Return the pages."""
    blueprint = Blueprint("tax", __name__, url_prefix="/tax", template_folder="templates")
    blueprint.before_request(_only_for_taxes)
    for module in (notices, outgoing, paid):
        module.enter(blueprint)
    console.navigate(
        "work", lazy_gettext("自動車税"), "tax.overview", SEE, icon="car-front", order=40, count=_differences
    )
    name_actions(ACTIONS)
    console.figures.add(notices.GROUPS, notices.counted)
    console.tile(lazy_gettext("次の税のお知らせ"), SEE, _next_send, order=40)
    return blueprint


def _only_for_taxes() -> None:
    require_service("tax")


def _differences(connection: Connection, _person: Person) -> int:
    open_ones = select(func.count()).select_from(TaxDifference).where(TaxDifference.resolved_at.is_(None))
    found: int = connection.execute(open_ones).scalar_one()
    return found


def _next_send(connection: Connection, _person: Person) -> Figure | None:
    today = console().now().astimezone(TOKYO).date()
    coming = select(func.min(TaxSend.send_on)).where(TaxSend.state == State.PLANNED.value, TaxSend.last_on >= today)
    day = connection.execute(coming).scalar_one()
    return None if day is None else Figure(f"{max(day, today):%-m/%-d}", href="/console/tax/sends")
