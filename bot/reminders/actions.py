"""What the flow 「通知の設定」 can do: show what a resident is told of and when, and stop or take up each of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from bot import audience
from bot.flow.action import ActionSpec, Argument
from bot.flow.book import Book
from bot.flow.problems import Sentence
from bot.flow.segments import described
from bot.flow.talk import ActionResult, Json
from bot.flow.timing import MORNING, NIGHT, TOKYO, USUAL
from bot.models import Attribute, Topic
from bot.reminders import store
from bot.service import Action, ActionContext, Ahead, Upcoming

MOST = 20
"""So many reminders are listed; nobody chooses among more in a chat."""


def show(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Return topics, reminders and areas, and the time of day."""
    spoken = context.resident.language or "ja"
    time = store.time_of_day(context.connection, context.resident.id)
    ahead = _ahead(context, spoken)[:MOST]
    found: dict[str, Json] = {
        "topics": _topics(context, spoken),
        "reminders": [_as_choice(each) for each in ahead],
        "stoppable": [_as_choice(each) for each in ahead if each.key],
        "areas": _areas(context, spoken),
        "time": time or USUAL.strftime("%H:%M"),
    }
    return ActionResult("shown", found)


def switch(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Stop a topic, or take it up when it is stopped or was never wanted."""
    topic, mine = str(arguments["topic"]), context.resident.id
    titles = _titles(context).get(topic)
    if titles is None:
        return ActionResult("unknown")
    title = {"title": _in(titles, context.resident.language or "ja", topic)}
    if _wanted(context, topic):
        audience.stop(context.connection, mine, topic, context.now)
        return ActionResult("stopped", title)
    audience.offer(context.connection, topic, titles)
    audience.subscribe(context.connection, mine, topic, context.now)
    return ActionResult("taken_up", title)


def stop(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Stop one reminder, as `show` listed it."""
    key, mine = str(arguments["reminder"]), context.resident.id
    service, _, name = key.partition("/")
    if store.forget(context.connection, mine, service, name):
        return ActionResult("stopped")
    own = next((one.ahead for one in context.services if one.name == service and one.ahead), None)
    stopped = own is not None and own.stop(context.connection, mine, name)
    return ActionResult("stopped" if stopped else "unknown")


def set_time(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Remind at another time of day."""
    try:
        wanted = dt.time.fromisoformat(str(arguments["time"]))
    except ValueError:
        return ActionResult("refused")
    if not MORNING <= wanted < NIGHT:
        return ActionResult("refused")
    store.set_time_of_day(context.connection, context.resident.id, f"{wanted:%H:%M}", context.now)
    return ActionResult("set")


def _topics(context: ActionContext, language: str) -> list[Json]:
    return [
        {"value": name, "label": _in(titles, language, name), "on": _wanted(context, name)}
        for name, titles in _titles(context).items()
    ]


def _titles(context: ActionContext) -> dict[str, Mapping[str, str]]:
    """Return what a topic is called, of those the town names and those offered otherwise."""
    rows = context.connection.execute(select(Topic.name, Topic.titles).order_by(Topic.name))
    named = {} if context.book is None else context.book.town.topics
    return {**{row.name: row.titles for row in rows}, **named}


def _wanted(context: ActionContext, topic: str) -> bool:
    """Tell whether a resident hears of a topic: they subscribed, or a flow reminds them of it and they did not stop it."""
    mine = context.resident.id
    if topic in audience.topics_of(context.connection, mine):
        return True
    reminded = any(row.topic == topic for row in store.pending(context.connection, mine))
    reminded = reminded or any(each.topic == topic for each in _of_services(context, context.resident.language or "ja"))
    reminded = reminded or any(topic in ahead.topics(context.connection, mine) for ahead in _aheads(context))
    return reminded and topic not in audience.stopped_by(context.connection, mine)


def _ahead(context: ActionContext, language: str) -> list[Upcoming]:
    mine = context.resident.id
    stopped = audience.stopped_by(context.connection, mine)
    found = [
        Upcoming(f"{row.service}/{row.name}", _title(context.book, row.flow, language), row.due_at)
        for row in store.pending(context.connection, mine)
        if row.topic not in stopped
    ]
    found += [each for each in _of_services(context, language) if each.topic not in stopped]
    return sorted(found, key=lambda each: each.at)


def _of_services(context: ActionContext, language: str) -> list[Upcoming]:
    """Return what services will tell from tables of their own, each under a key that names its service."""
    return [
        replace(each, key=f"{service.name}/{each.key}" if each.key else "")
        for service in context.services
        if service.ahead is not None
        for each in service.ahead.tell(context.connection, context.resident.id, language)
    ]


def _aheads(context: ActionContext) -> list[Ahead]:
    return [service.ahead for service in context.services if service.ahead is not None]


def _as_choice(each: Upcoming) -> Json:
    at = each.at.astimezone(TOKYO)
    label = f"{at.month}/{at.day} {each.title}"
    return {"value": each.key, "label": label, "title": each.title, "on": at.date().isoformat(), "at": f"{at:%H:%M}"}


def _areas(context: ActionContext, language: str) -> list[Json]:
    known = select(Attribute).where(Attribute.resident_id == context.resident.id).order_by(Attribute.name)
    if context.book is None:
        return []
    pairs = (described(context.book, row.name, row.value, language) for row in context.connection.execute(known))
    return [{"title": title, "value": value} for title, value in pairs]


def _title(book: Book | None, flow: str, language: str) -> str:
    program = None if book is None else book.programs.get(flow)
    return flow if program is None else program.title.in_(language, {})


def _in(titles: Mapping[str, str], language: str, name: str) -> str:
    return titles.get(language) or titles.get("") or titles.get("ja") or name


_SHOWN = ("topics", "reminders", "stoppable", "areas", "time")

ACTIONS = [
    Action(
        ActionSpec(
            "notices.show",
            ("shown",),
            values={"*": _SHOWN},
            repeatable=True,
            title=Sentence("届くお知らせの一覧を出す", "list the notices to come"),
        ),
        show,
    ),
    Action(
        ActionSpec(
            "notices.switch",
            ("taken_up", "stopped", "unknown"),
            arguments={"topic": Argument("text")},
            values=dict.fromkeys(("taken_up", "stopped"), ("title",)),
            title=Sentence("お知らせの種類を止める・再開する", "stop or take up a topic"),
        ),
        switch,
    ),
    Action(
        ActionSpec(
            "notices.stop",
            ("stopped", "unknown"),
            arguments={"reminder": Argument("text")},
            title=Sentence("お知らせを一つ止める", "stop one reminder"),
        ),
        stop,
    ),
    Action(
        ActionSpec(
            "notices.set_time",
            ("set", "refused"),
            arguments={"time": Argument("text")},
            title=Sentence("お知らせの時間を変える", "change the time of day"),
        ),
        set_time,
    ),
]
