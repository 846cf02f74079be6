"""The poll that keeps queue and talk fresh on an open page: nearly nothing to do, and nothing to send, while nothing changes."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, render_template, request

from bot.console import audit
from bot.console.access import allow
from bot.console.console import console
from bot.console.desk import boards, parts, tickets, words
from bot.console.desk.rights import TALK, Opened, desk_in, my_offices, named, opened
from bot.desk import marks, talk


@allow(TALK)
def poll() -> Response:
    """Return what has changed since the marks that the page names, as JSON."""
    number = request.args.get("talk", type=int)
    ticket = {} if number is None else _ticket(number)
    with console().database.read() as connection:
        desk = desk_in(connection)
        mine = my_offices(desk)
        shown = boards.lately(desk, mine)
        news: dict[str, Any] = {"mark": shown.mark}
        if shown.mark != request.args.get("mark"):
            news |= {"queue": shown.ready, "counts": shown.counts}
        if number is not None:
            news["talk"] = _news_of(opened(desk, number, mine), marks.read(request.args.get("seen", ""))) | ticket
    return Response(orjson.dumps(news, option=orjson.OPT_NON_STR_KEYS), mimetype="application/json")


def _ticket(number: int) -> dict[str, str]:
    """Have the view recorded of a page that shows no ticket of an earlier one, and return one for it."""
    if tickets.holds(request.args.get("ticket", ""), named(number)):
        return {}
    with console().database.read() as connection:
        found = opened(desk_in(connection), number)
    audit.viewed("desk.view", found.subject, found.service)
    return {"ticket": tickets.ticket(found.subject)}


def _news_of(found: Opened, seen: marks.Marks) -> dict[str, Any]:
    names = words.for_templates()["travels"]
    travels = talk.deliveries(found.desk, found.entry.id)
    news: dict[str, Any] = {"travels": {number: [state, *names[state]] for number, state in travels.items()}}
    now = marks.marks(found.desk, found.entry)
    if now != seen:
        news |= {"seen": str(now), "state": parts.state_of(found.entry), **_changed(found, seen, now)}
    return news


def _changed(found: Opened, seen: marks.Marks, now: marks.Marks) -> dict[str, str]:
    """Return the parts of the page that have changed, drawn anew; `more` is what comes after the messages there are."""
    drawn = {}
    if now.top != seen.top:
        drawn["top"] = _drawn("top", found, parts.top(found))
    if now.messages != seen.messages or (now.latest != seen.latest and not seen.latest):
        drawn["messages"] = _drawn("messages", found, parts.messages(found))
    elif now.latest != seen.latest:
        drawn["more"] = _drawn("messages", found, parts.messages(found, seen.latest))
    if now.beside != seen.beside:
        drawn["beside"] = _drawn("beside", found, parts.beside(found))
    return drawn


def _drawn(part: str, found: Opened, shown: dict[str, Any]) -> str:
    named = words.for_templates()
    return render_template(
        f"console/desk/{part}.html", office_names=boards.office_names([found.office]), **shown, **named
    )
