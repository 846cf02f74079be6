"""The console's pages about the disease: people and calls, facilities and exposures, statistics."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import Connection, func, select

from bot.console.access import Person, require_service
from bot.console.actions import name_actions
from bot.console.alerts import name_kinds
from bot.console.console import Console, Figure
from handlers.covid import centres, exposures, facilities
from handlers.covid.calls import OPEN
from handlers.covid.console import call, exposure, facility, people, statistics
from handlers.covid.console.rights import APPROVE, COUNT, EXPOSE, SERVICE, WORK
from handlers.covid.models import CallEntry, Exposure

ALERTS = {
    "covid.exposure": lazy_gettext("接触のお知らせの承認待ち"),
    "covid.worse": lazy_gettext("体調の悪化"),
    "covid.calls": lazy_gettext("電話する方"),
}
"""What staff are called out about."""

ACTIONS = {
    "covid.call.view": lazy_gettext("電話する方の閲覧"),
    "covid.call.record": lazy_gettext("電話の結果の記録"),
    "covid.call.put_off": lazy_gettext("電話を翌日にまわす"),
    "covid.person.view": lazy_gettext("健康観察の閲覧"),
    "covid.person.end": lazy_gettext("健康観察の終了"),
    "covid.facility.view": lazy_gettext("施設の閲覧"),
    "covid.facility.register": lazy_gettext("施設の登録"),
    "covid.facility.change": lazy_gettext("施設の変更"),
    "covid.facility.look": lazy_gettext("施設の確認"),
    "covid.facility.renew": lazy_gettext("QRコードの作り直し"),
    "covid.facility.retire": lazy_gettext("施設の登録の終了"),
    "covid.exposure.view": lazy_gettext("接触のお知らせの閲覧"),
    "covid.exposure.ask": lazy_gettext("接触のお知らせの依頼"),
    "covid.exposure.grant": lazy_gettext("接触のお知らせの承認"),
    "covid.exposure.refuse": lazy_gettext("接触のお知らせの却下"),
    "covid.exposure.take_back": lazy_gettext("接触のお知らせの依頼の取り下げ"),
    "covid.exposure.withdraw": lazy_gettext("接触のお知らせの訂正"),
    "covid.statistics.export": lazy_gettext("感染症の統計の書き出し"),
}
"""What the audit log calls what staff do here."""


def pages(console: Console) -> Blueprint:
    """Return the pages, and enter them in the navigation and on the home page."""
    blueprint = Blueprint(SERVICE, __name__, url_prefix="/covid", template_folder="templates")
    blueprint.before_request(_theirs)
    for module in (call, people, facility, exposure, statistics):
        module.add_to(blueprint)
    name_actions(ACTIONS)
    name_kinds(ALERTS)
    _navigate(console)
    console.tile(lazy_gettext("承認を待つ接触のお知らせ"), EXPOSE, _waiting_exposures, order=5)
    console.tile(lazy_gettext("電話する方（健康観察）"), WORK, _open_calls, order=15)
    console.tile(lazy_gettext("相談センターの一覧"), WORK, _no_centres, order=60)
    return blueprint


def _navigate(console: Console) -> None:
    console.navigate(
        "work", lazy_gettext("電話の一覧"), "covid.calls", WORK, icon="telephone-outbound", order=40, count=_calls
    )
    console.navigate("work", lazy_gettext("健康観察"), "covid.people", WORK, icon="thermometer-half", order=41)
    console.navigate(
        "work", lazy_gettext("施設と取組書"), "covid.facilities", WORK, icon="shop", order=42, count=_new_facilities
    )
    console.navigate(
        "send", lazy_gettext("接触のお知らせ"), "covid.exposures", EXPOSE, icon="exclamation-octagon", order=40,
        count=_waiting,
    )  # fmt: skip
    console.navigate("watch", lazy_gettext("感染症の統計"), "covid.statistics", COUNT, icon="bar-chart", order=40)


def _theirs() -> None:
    require_service(SERVICE)


def _calls(connection: Connection, _person: Person) -> int:
    number: int = connection.execute(select(func.count()).where(CallEntry.state == OPEN)).scalar_one()
    return number


def _waiting(connection: Connection, _person: Person) -> int:
    number: int = connection.execute(select(func.count()).where(Exposure.state == exposures.WAITING)).scalar_one()
    return number


def _new_facilities(connection: Connection, _person: Person) -> int:
    return facilities.count(connection, state=facilities.NEW)


def _waiting_exposures(connection: Connection, person: Person) -> Figure | None:
    if not person.may(EXPOSE, SERVICE):
        return None
    first = connection.execute(
        select(Exposure.id).where(Exposure.state == exposures.WAITING).order_by(Exposure.id).limit(1)
    ).scalar_one_or_none()
    if first is None:
        return None
    note = _("押すと内容を確かめて承認できます") if person.may(APPROVE, SERVICE) else _("承認する人を待っています")
    return Figure(_waiting(connection, person), note, url_for("covid.exposure", number=first), "danger")


def _open_calls(connection: Connection, person: Person) -> Figure | None:
    if not person.may(WORK, SERVICE):
        return None
    number = _calls(connection, person)
    return Figure(number, _("優先度の高い方から"), url_for("covid.calls"), "warning") if number else None


def _no_centres(connection: Connection, person: Person) -> Figure | None:
    if not person.may(WORK, SERVICE) or centres.count(connection):
        return None
    note = _("郵便番号ごとの相談センターを「取り込み」で入れてください")
    return Figure(_("要設定"), note, None, "warning")
