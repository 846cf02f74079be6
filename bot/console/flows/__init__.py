"""Flows in the console: read as an outline and a drawing, tried on a phone, paused, and published by two people."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import lazy_gettext, lazy_pgettext

from bot.console.console import Console
from bot.console.flows import publishing, reading, trying
from bot.console.flows.rights import SEE


def pages(console: Console) -> Blueprint:
    """Return the pages about flows."""
    blueprint = Blueprint("flows", __name__, url_prefix="/flows")
    blueprint.add_url_rule("/", view_func=reading.listing)
    blueprint.add_url_rule("/<flow>", view_func=reading.one)
    blueprint.add_url_rule("/<flow>/difference/<int:number>", view_func=reading.difference)
    blueprint.add_url_rule("/<flow>/pause", view_func=reading.pause_flow, methods=["POST"])
    blueprint.add_url_rule("/<flow>/resume", view_func=reading.resume_flow, methods=["POST"])
    blueprint.add_url_rule("/<flow>/try", view_func=trying.sandbox)
    blueprint.add_url_rule("/<flow>/try/turn", view_func=trying.take_turn, methods=["POST"])
    blueprint.add_url_rule("/<flow>/propose", view_func=publishing.propose, methods=["POST"])
    blueprint.add_url_rule("/publications/", view_func=publishing.publications)
    blueprint.add_url_rule("/publications/folder", view_func=publishing.propose_folder, methods=["POST"])
    blueprint.add_url_rule("/publications/<int:number>", view_func=publishing.publication)
    blueprint.add_url_rule("/publications/<int:number>/ask", view_func=publishing.ask, methods=["POST"])
    blueprint.add_url_rule("/publications/<int:number>/decide", view_func=publishing.decide, methods=["POST"])
    console.navigate("watch", lazy_pgettext("menu", "会話"), "flows.listing", SEE, icon="chat-square-text", order=20)
    publishing.name_actions(lazy_gettext)
    reading.count_talks(console)
    return blueprint
