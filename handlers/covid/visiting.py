"""What the flows about visits can do: check in with a poster's code, check out, show and delete one's own visits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.flow.action import ActionSpec, Argument
from bot.flow.problems import Sentence
from bot.flow.talk import ActionResult
from bot.now import TOKYO
from bot.service import Action, ActionContext
from handlers.covid import code, visits
from handlers.covid.rules import kinds, settings


def check_in(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Note a visit; a code that we did not sign is refused, one of an old poster or a closed facility is named as such."""
    scanned = code.read(context.lookup, str(arguments["code"]))
    if scanned is None:
        return ActionResult("refused")
    spot = visits.spot(context.connection, scanned.place_id)
    if spot is None or not spot.open or spot.version != scanned.version:
        return ActionResult("retired")
    known = kinds(context.book, context.now)
    new = visits.check_in(context.connection, known, context.resident.id, spot.id, context.now)
    kept = settings(context.book, context.now).visits_kept.days
    return ActionResult("in" if new else "already", {"place": spot.title, "kept_days": kept})


def check_out(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Close the latest visit."""
    left = visits.check_out(context.connection, context.resident.id, context.now)
    return ActionResult("none") if left is None else ActionResult("out", {"place": left.title})


def mine(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Return the resident's own visits, newest first."""
    rows = visits.visits_of(context.connection, context.resident.id)
    found = [
        {
            "number": number,
            "id": row.id,
            "place": f"{row.facility} {row.name}".strip(),
            "day": row.entered_at.astimezone(TOKYO).date().isoformat(),
            "from": row.entered_at.astimezone(TOKYO).strftime("%H:%M"),
            "to": None if row.left_at is None else row.left_at.astimezone(TOKYO).strftime("%H:%M"),
        }
        for number, row in enumerate(rows, 1)
    ]
    values = {
        "visits": found,
        "visits_kept": visits.count_of(context.connection, context.resident.id),
        "kept_days": settings(context.book, context.now).visits_kept.days,
    }
    return ActionResult("some" if found else "none", values)


def forget(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Delete one visit of the resident, or all of them; what is gone already is deleted too."""
    # Named but come out as nothing, it is none of them: only who names none at all means all.
    visit = int(arguments["visit"] or 0) if "visit" in arguments else None
    deleted = visits.delete_visits(context.connection, context.resident.id, visit)
    return ActionResult("deleted", {"deleted": deleted})


_MINE = ("visits", "visits_kept", "kept_days")
VISITING = [
    Action(
        ActionSpec(
            "covid.check_in",
            ("in", "already", "refused", "retired"),
            arguments={"code": Argument("text")},
            values=dict.fromkeys(("in", "already"), ("place", "kept_days")),
            title=Sentence("来館を記録する", "note a visit"),
        ),
        check_in,
    ),
    Action(
        ActionSpec(
            "covid.check_out",
            ("out", "none"),
            values={"out": ("place",)},
            title=Sentence("退館を記録する", "close the latest visit"),
        ),
        check_out,
    ),
    Action(
        ActionSpec(
            "covid.visits",
            ("some", "none"),
            values={"*": _MINE},
            repeatable=True,
            title=Sentence("来館の記録を出す", "list the visits"),
        ),
        mine,
    ),
    Action(
        ActionSpec(
            "covid.delete_visits",
            ("deleted",),
            arguments={"visit": Argument("number", required=False)},
            values={"*": ("deleted",)},
            title=Sentence("来館の記録を消す", "delete visits"),
        ),
        forget,
    ),
]
