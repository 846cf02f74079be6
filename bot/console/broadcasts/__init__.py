"""Broadcasts in the console: composed in steps, looked at on a telephone, tried on staff, approved by a second person, followed."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask_babel import lazy_gettext
from sqlalchemy import Connection, func, select

from bot.campaigns import standstill
from bot.campaigns.states import State
from bot.console.access import Person
from bot.console.broadcasts import compose, overview, pictures, progress, rights, segments, testers
from bot.console.console import Console, Figure, console
from bot.delivery.quota import Gauge, gauges
from bot.models import Campaign


def pages(there: Console) -> Blueprint:
    """Return the pages of broadcasts, and enter them in navigation and home page."""
    blueprint = Blueprint("broadcasts", __name__, url_prefix="/broadcasts")
    for part in (overview, compose, progress, pictures, segments, testers):
        part.add_to(blueprint)
    there.navigate("send", lazy_gettext("一斉配信"), "broadcasts.campaigns", rights.VIEW, "megaphone", 10, _waiting)
    there.tile(lazy_gettext("止まっている一斉配信"), rights.VIEW, _standing, 35)
    there.tile(lazy_gettext("今月送れる残り"), rights.VIEW, _quota, 60)
    return blueprint


def _waiting(connection: Connection, who: Person) -> int:
    return _count_asked(connection, who) if who.may(rights.APPROVE) else 0


def _count_asked(connection: Connection, who: Person) -> int:
    asked = select(func.count()).select_from(Campaign).where(Campaign.state == State.ASKED.value)
    return connection.execute(asked.where(*rights.within(who, rights.APPROVE))).scalar_one()


def _standing(connection: Connection, who: Person) -> Figure | None:
    """Return how many wait for a decision; nothing where none does."""
    found = standstill.standing(connection).values()
    mine = {row.id for _kind, row in found if rights.reaches(who, rights.VIEW, row.department_id)}
    if not mine:
        return None
    return Figure(len(mine), lazy_gettext("上限か、時刻を過ぎたため"), url_for("broadcasts.campaigns"), "danger")


def _quota(connection: Connection, who: Person) -> Figure | None:
    del who
    found = gauges(connection, console().settings.quota_reserve)
    if not found:
        return None
    gauge = min(found.values(), key=lambda one: one.left if one.left is not None else 1 << 60)
    return Figure(
        _left(gauge), lazy_gettext("通（LINEの月の上限まで）") if gauge.left is not None else "", None, _tone(gauge)
    )


def _left(gauge: Gauge) -> str:
    return str(lazy_gettext("上限なし")) if gauge.left is None else f"{gauge.left:,}"


def _tone(gauge: Gauge) -> str:
    if gauge.full:
        return "danger"
    return "warning" if gauge.left is not None and gauge.left < (gauge.allowed or 0) // 5 else ""
