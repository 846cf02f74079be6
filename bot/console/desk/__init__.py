"""The desk in the console: who waits, what is said, and everything a counsellor needs beside it."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import Connection

from bot.console.access import Person
from bot.console.console import Console, Figure
from bot.console.desk import doing, keeping, looking, polling, running
from bot.console.desk.rights import SETTINGS, TALK, count_waiting, desk_in, ids, offices_of
from bot.desk import queue

ROUTES = (
    ("/", looking.board, "GET"),
    ("/poll", polling.poll, "GET"),
    ("/closed", looking.closed, "GET"),
    ("/<int:number>", looking.one, "GET"),
    ("/<int:number>/send", doing.send, "POST"),
    ("/<int:number>/scratch", doing.scratch, "POST"),
    ("/<int:number>/drafts/<int:message>/<verb>", doing.drafted, "POST"),
    ("/<int:number>/talk/<verb>", doing.act, "POST"),
    ("/<int:number>/record/<verb>", doing.keep, "POST"),
    ("/<int:number>/office/<verb>", doing.decide, "POST"),
    ("/<int:number>/sheet", keeping.sheet, "GET"),
    ("/<int:number>/sheet", keeping.save, "POST"),
    ("/<int:number>/sheet/pick", keeping.pick, "POST"),
    ("/<int:number>/print", keeping.printed, "GET"),
    ("/<int:number>/export", keeping.exported, "GET"),
    ("/<int:number>/files/<int:attachment>", keeping.file, "GET"),
    ("/<int:number>/files/<int:attachment>/content", keeping.content, "GET"),
    ("/shift", running.shift, "GET"),
    ("/offices", running.listing, "GET"),
    ("/offices/<int:number>", running.office, "GET POST"),
    ("/offices/<int:number>/replies", running.add_reply, "POST"),
    ("/offices/<int:number>/replies/<int:reply>/remove", running.remove_reply, "POST"),
)


def pages(console: Console) -> Blueprint:
    """Return the pages of the desk."""
    blueprint = Blueprint("desk", __name__, url_prefix="/desk")
    for rule, view, methods in ROUTES:
        blueprint.add_url_rule(rule, view_func=view, methods=methods.split())
    console.navigate("work", lazy_gettext("相談"), "desk.board", TALK, icon="chat-dots", order=5, count=count_waiting)
    console.navigate("work", lazy_gettext("引き継ぎ"), "desk.shift", TALK, icon="arrow-left-right", order=6)
    console.navigate("manage", lazy_gettext("相談窓口の設定"), "desk.listing", SETTINGS, icon="door-open", order=30)
    console.tile(lazy_gettext("待っている相談"), TALK, _waiting, order=1)
    return blueprint


def _waiting(connection: Connection, person: Person) -> Figure | None:
    desk = desk_in(connection)
    mine = ids(offices_of(desk, person, TALK))
    if not mine:
        return None
    counted = queue.counts(desk, mine)
    note = (
        _("うち緊急 %(number)s件", number=counted["danger"])
        if counted["danger"]
        else _("対応中 %(number)s件", number=counted["active"])
    )
    tone = "danger" if counted["danger"] else "warning" if counted["waiting"] else ""
    return Figure(counted["waiting"], note, url_for("desk.board"), tone)
