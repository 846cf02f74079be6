"""What the flow 自分のデータ can do: show, hand over, withdraw consent, erase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from bot.flow.action import ActionSpec, Argument
from bot.flow.problems import Sentence
from bot.flow.talk import ActionResult
from bot.models import Consent
from bot.owndata import link
from bot.owndata.collect import OwnData, collect
from bot.owndata.erase import erase
from bot.service import Action, ActionContext

CHAT_CHARACTERS = 9000
"""What is handed over in the chat itself; five messages hold more, but nobody reads it there."""


def show(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Return an overview: kinds and dates, no answers."""
    found = collect(context)
    values = {
        "language_chosen": found.language is not None,
        "reference": context.resident.reference,
        "known_since": found.known_since,
        "consents": [
            {name: each[name] for name in ("title", "given", "on", "withdrawn_on")} for each in found.consents
        ],
        "submissions": [{name: each[name] for name in ("title", "on", "held")} for each in found.submissions],
        "held": _held(found),
        "files": len(found.files),
        "entries": list(found.entries),
        "may_withdraw": any(_in_force(each) for each in found.consents),
    }
    return ActionResult("none" if found.empty else "some", values)


def hand_over(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Return the address of a download where the town has a page, otherwise everything as one text."""
    if context.public_url is not None:
        url = link.make(context.connection, context.lookup, context.resident.id, context.public_url, context.now)
        return ActionResult("link", {"url": url, "minutes": int(link.VALID.total_seconds() // 60)})
    text = _as_text(collect(context))
    return ActionResult("text", {"text": text[:CHAT_CHARACTERS], "cut": len(text) > CHAT_CHARACTERS})


def withdraw(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Withdraw one consent, or all that are in force."""
    statement = update(Consent).where(
        Consent.resident_id == context.resident.id, Consent.given.is_(True), Consent.withdrawn_at.is_(None)
    )
    if arguments.get("name"):
        statement = statement.where(Consent.name == str(arguments["name"]))
    withdrawn = context.connection.execute(statement.values(withdrawn_at=context.now)).rowcount
    return ActionResult("withdrawn" if withdrawn else "none")


def erase_all(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Delete everything but what is under a legal hold (`held` counts it); the talks under way are forgotten too."""
    held = _held(collect(context))
    erase(context.connection, context.resident.id)
    return ActionResult("erased", {"held": held}, forget=True)


def _held(found: OwnData) -> int:
    return sum(bool(each["held"]) for each in found.submissions)


def _in_force(consent: Mapping[str, Any]) -> bool:
    return bool(consent["given"]) and consent["withdrawn_on"] is None


def _as_text(found: OwnData) -> str:
    blocks = ["\n".join([f"■ {each['title']}（{each['on']}）", *each["lines"]]) for each in found.submissions]
    blocks += [
        f"■ {each['on']} {each['title']}（{'○' if _in_force(each) else '×'}）\n{each['text']}"
        for each in found.consents
    ]
    if found.entries:
        blocks.append("\n".join(f"・{line}" for line in found.entries))
    return "\n\n".join(blocks) or "-"


_OVERVIEW = ("language_chosen", "known_since", "consents", "submissions", "held", "files", "entries", "may_withdraw")

ACTIONS = [
    Action(
        ActionSpec(
            "self.show",
            ("some", "none"),
            values={"*": _OVERVIEW},
            repeatable=True,
            title=Sentence("預かっているデータの概要を出す", "show what is kept"),
        ),
        show,
    ),
    Action(
        ActionSpec(
            "self.hand_over",
            ("link", "text"),
            values={"link": ("url", "minutes"), "text": ("text", "cut")},
            title=Sentence("預かっているデータを渡す", "hand over what is kept"),
        ),
        hand_over,
    ),
    Action(
        ActionSpec(
            "self.withdraw",
            ("withdrawn", "none"),
            arguments={"name": Argument("text", required=False)},
            title=Sentence("同意を取り消す", "withdraw a consent"),
        ),
        withdraw,
    ),
    Action(
        ActionSpec(
            "self.erase",
            ("erased",),
            values={"erased": ("held",)},
            title=Sentence("預かっているデータを消す", "erase what is kept"),
        ),
        erase_all,
    ),
]
