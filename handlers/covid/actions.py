"""What the flows about the disease can do: advise, follow up, take in answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.flow.action import ActionSpec, Argument
from bot.flow.problems import Sentence
from bot.flow.talk import ActionResult
from bot.service import Action, ActionContext
from handlers.covid import centres, followups
from handlers.covid.centres import Turned
from handlers.covid.followups import Person, Told
from handlers.covid.rules import HOME, WEEKLY, cadences, settings, triage
from handlers.covid.triage import Advice, Condition, at_risk
from handlers.covid.triage import advise as advise_by
from handlers.covid.visiting import VISITING

_CENTRE = ("centre_name", "centre_phone", "centre_hours")
NONE = "none"
"""What a flow hands over for "no symptoms"."""


def advise(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Advise by today's guidance, name the centre of the postal code, and keep the answer for as long as the town says."""
    rules = triage(context.book, context.now)
    symptoms = {str(each) for each in arguments["symptoms"]} - {NONE}
    age_band, chronic = str(arguments["age_band"]), bool(arguments["chronic"])
    vulnerable = at_risk(age_band, chronic=chronic)
    days = int(arguments.get("days") or 1)
    advice = advise_by(rules, symptoms, days, vulnerable=vulnerable)
    turned = centres.find(context.connection, _text(arguments.get("postal_code")), context.town)
    told = Told(
        context.resident.id, "support", turned.area, age_band, advice,
        answers={"symptoms": sorted(symptoms), "days": days, "chronic": chronic, "postal_code": arguments.get("postal_code")},
    )  # fmt: skip
    followups.keep(context.connection, context.vault, told, settings(context.book, context.now), context.now)
    enough = min(rules.days, rules.days_at_risk) if vulnerable else rules.days
    return ActionResult(advice.value, {**_centre(turned), "enough_days": max(enough, 1)})


def follow(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Begin to ask a resident how they are; somebody at home is not put back to once a week by the weekly question."""
    name = str(arguments["cadence"])
    cadence = cadences(context.book, context.now).get(name)
    if cadence is None:
        return ActionResult("unknown")
    before = followups.of_resident(context.connection, context.resident.id)
    if name != HOME and followups.at_home(before):
        return ActionResult("at_home", {"ends_on": before.ends_on.isoformat()})
    postal_code, phone = _text(arguments.get("postal_code")), _text(arguments.get("phone"))
    turned = centres.find(context.connection, postal_code, context.town)
    person = Person(
        context.resident.id, str(arguments["age_band"]), bool(arguments["chronic"]), turned.area, postal_code, phone
    )
    due, ends_on = followups.begin(context.connection, context.vault, person, name, cadence, context.now)
    return ActionResult("begun", {"first_on": due.at.isoformat(), "ends_on": ends_on.isoformat(), **_centre(turned)})


def followed(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Tell whether and how a resident is followed up."""
    row = followups.of_resident(context.connection, context.resident.id)
    if row is None or row.state != followups.ACTIVE:
        return ActionResult("no")
    return ActionResult(HOME if row.cadence == HOME else "yes", {"ends_on": row.ends_on.isoformat()})


def report(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Take in how somebody is; deterioration at home is on the call list and told to staff when this commits."""
    row = followups.of_resident(context.connection, context.resident.id, locked=True)
    if row is None or row.state != followups.ACTIVE:
        return ActionResult("no")
    rules = settings(context.book, context.now)
    cadence = cadences(context.book, context.now).get(row.cadence)
    if cadence is None:
        return ActionResult("no")
    heard = followups.hear(
        context.connection, context.vault, row, Condition.read(arguments), cadence, rules, context.now
    )
    profile = followups.profile_of(context.vault, row)
    turned = centres.find(context.connection, profile.get("postal_code"), context.town)
    values = {
        **_centre(turned),
        "change": heard.change.value,
        "called": heard.called,
        "has_phone": bool(profile["phone"]),
    }
    return ActionResult(heard.advice.value, {**values, "ends_on": row.ends_on.isoformat()})


def stop(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """End a resident's follow-up because they say so."""
    row = followups.of_resident(context.connection, context.resident.id, locked=True)
    if row is None or row.state != followups.ACTIVE:
        return ActionResult("none")
    followups.end(context.connection, row, "resident", context.now)
    return ActionResult("stopped")


def _centre(turned: Turned) -> dict[str, Any]:
    return {"centre_name": turned.name, "centre_phone": turned.phone, "centre_hours": turned.hours}


def _text(value: Any) -> str | None:
    return None if value in {None, ""} else str(value)


_ADVICE = tuple(each.value for each in Advice)
_CONDITION = {
    "temperature": Argument("number"),
    "breathless": Argument("any"),
    "fatigue": Argument("any"),
    "throat": Argument("yes_no"),
    "nausea": Argument("yes_no"),
}
ACTIONS = [
    Action(
        ActionSpec(
            "covid.advise",
            _ADVICE,
            arguments={
                "symptoms": Argument("list"),
                "days": Argument("number", required=False),
                "age_band": Argument("text"),
                "chronic": Argument("yes_no"),
                "postal_code": Argument("text", required=False),
            },
            values={"*": (*_CENTRE, "enough_days")},
            title=Sentence("症状から目安を案内する", "advise on symptoms"),
        ),
        advise,
    ),
    Action(
        ActionSpec(
            "covid.follow",
            ("begun", "at_home", "unknown"),
            arguments={
                "cadence": Argument("text", choices=(HOME, WEEKLY)),
                "age_band": Argument("text"),
                "chronic": Argument("yes_no"),
                "postal_code": Argument("text", required=False),
                "phone": Argument("text", required=False),
            },
            values={"begun": ("first_on", "ends_on", *_CENTRE), "at_home": ("ends_on",)},
            title=Sentence("体調の見守りを始める", "begin the follow-up"),
        ),
        follow,
    ),
    Action(
        ActionSpec(
            "covid.followed",
            ("home", "yes", "no"),
            values=dict.fromkeys(("home", "yes"), ("ends_on",)),
            repeatable=True,
            title=Sentence("見守り中かどうかを見る", "look whether they are followed up"),
        ),
        followed,
    ),
    Action(
        ActionSpec(
            "covid.report",
            (*_ADVICE, "no"),
            arguments=_CONDITION,
            values=dict.fromkeys(_ADVICE, (*_CENTRE, "change", "called", "has_phone", "ends_on")),
            title=Sentence("体調の返事を受け取る", "take in how they are"),
        ),
        report,
    ),
    Action(
        ActionSpec("covid.stop", ("stopped", "none"), title=Sentence("体調の見守りをやめる", "end the follow-up")), stop
    ),
    *VISITING,
]
