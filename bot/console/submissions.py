"""Where the pages of submissions stand, and how one gets there."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import lazy_gettext

from bot.console.console import Console
from bot.console.filing import case, entering, listing, templates
from bot.console.filing.rights import ENTER, SEE, TEMPLATES


def pages(there: Console) -> Blueprint:
    """Return the pages."""
    blueprint = Blueprint("submissions", __name__, url_prefix="/submissions")
    blueprint.add_url_rule("/", view_func=listing.listing)
    blueprint.add_url_rule("/table.csv", view_func=listing.table)
    blueprint.add_url_rule("/<int:number>", view_func=case.one)
    blueprint.add_url_rule("/<int:number>/print", endpoint="printed", view_func=case.printed)
    blueprint.add_url_rule("/<int:number>/files/<int:file_number>", view_func=case.file)
    blueprint.add_url_rule("/<int:number>/files/<int:file_number>/picture", view_func=case.picture)
    for name in ("status", "assign", "note", "hold", "message"):
        view = getattr(case, name)
        blueprint.add_url_rule(f"/<int:number>/{name}", endpoint=name, view_func=view, methods=["POST"])
    blueprint.add_url_rule("/new", view_func=entering.choose)
    blueprint.add_url_rule("/new/<flow>", view_func=entering.enter, methods=["GET", "POST"])
    blueprint.add_url_rule("/templates/", view_func=templates.templates)
    form = ["GET", "POST"]
    blueprint.add_url_rule("/templates/new", endpoint="new_template", view_func=templates.template, methods=form)
    blueprint.add_url_rule("/templates/<int:number>", endpoint="template", view_func=templates.template, methods=form)
    blueprint.add_url_rule("/templates/<int:number>/drop", view_func=templates.drop_template, methods=["POST"])
    title = lazy_gettext("申請・通報")
    there.navigate("work", title, "submissions.listing", SEE, icon="inbox", order=10, count=listing.waiting)
    there.navigate("work", lazy_gettext("電話の受付"), "submissions.choose", ENTER, icon="telephone", order=15)
    there.navigate(
        "send", lazy_gettext("メッセージの文例"), "submissions.templates", TEMPLATES, icon="chat-left-text", order=60
    )
    there.tile(lazy_gettext("未対応の申請・通報"), SEE, listing.figure, order=20)
    return blueprint
