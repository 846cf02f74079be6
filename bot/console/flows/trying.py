"""The sandbox: a phone beside the flow's text, on the pure engine. Nothing is stored, nothing is sent, no action runs.

The talk lives in the page: a signed text that goes along with every turn. What actions would answer is chosen beside the phone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, request
from itsdangerous import BadSignature, URLSafeSerializer

from bot.console import audit
from bot.console.access import allow, person, service_of
from bot.console.console import console
from bot.console.flows.reading import examined, file_of, program_of
from bot.console.flows.rights import PROPOSE, SEE
from bot.console.titles import flow_title
from bot.editions import in_force, texts_of
from bot.flow.book import Book
from bot.flow.engine import start, turn
from bot.flow.problems import Problem
from bot.flow.program import DoOp
from bot.flow.talk import (
    ActionResult,
    Buttons,
    Choice,
    Json,
    LanguageChosen,
    Message,
    Pressed,
    Rich,
    Said,
    Surroundings,
    Text,
    Turn,
)
from bot.now import TOKYO

LONGEST = 60
"""Bubbles kept on the phone."""

TEXT = 2000
YAML_MOST = 100_000
"""Characters of a flow's file that are tried: four times the longest that is shipped, read within a second or two."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What is in the box of the flow's text."""

    text: str

    @property
    def too_long(self) -> bool:
        """Tell whether it is more than is read here."""
        return len(self.text) > YAML_MOST


def typed() -> Typed:
    """Return what the request sends in the box."""
    return Typed(request.form.get("yaml", "").replace("\r\n", "\n"))


@allow(SEE)
def sandbox(flow: str) -> str:
    """Show the flow's text and an empty phone."""
    program_of(flow)
    audit.viewed("flow.try", f"flow:{flow}", service_of(flow))
    return page(flow)


def page(flow: str, written: Typed | None = None, problems: Sequence[Problem] = ()) -> str:
    """Show the flow's text, or what was `written` in its place with the problems in it, and an empty phone."""
    program = program_of(flow)
    with console().database.read() as connection:
        name, text = file_of(connection, flow)
    return render_template(
        "console/flows/try.html", flow=flow, title=flow_title(console(), flow), file=name,
        text=text if written is None else written.text, talk="", bubbles=[], choices=[], problems=problems,
        refused=bool(problems), too_long=written is not None and written.too_long, most=YAML_MOST,
        actions=_actions_of(program.ops), languages_of_town=console().book().town.languages,
        may_propose=person().may(PROPOSE, service_of(flow)),
    )  # fmt: skip


@allow(SEE)
def take_turn(flow: str) -> str:
    """Answer as the flow in the text beside the phone would."""
    program_of(flow)
    written = typed()
    book, problems = (None, []) if written.too_long else _book(flow, written.text)
    talk = _opened(request.form.get("talk", ""))
    if book is None or flow not in book.programs:
        return render_template(
            "console/flows/phone.html", talk="", bubbles=[], choices=[], problems=problems, flow=flow,
            too_long=written.too_long, most=YAML_MOST,
        )  # fmt: skip
    talk["language"] = request.form.get("language") or None
    said = request.form.get("said", "").strip()[:TEXT]
    pressed = request.form.get("pressed", "")
    answer = _answer(book, flow, talk, said, pressed)
    talk["state"] = None if answer.state is None else answer.state.decode()
    echo = (
        next((one.get("echo") or one["label"] for one in talk["choices"] if one["data"] == pressed), "")
        if pressed
        else said
    )
    bubbles = [*talk["bubbles"], *([["resident", echo]] if echo else []), *_bubbles(answer.messages)]
    talk["bubbles"] = bubbles[-LONGEST:]
    talk["choices"] = [_plain(one) for one in _choices(answer)]
    return render_template(
        "console/flows/phone.html", talk=_signer().dumps(talk), bubbles=talk["bubbles"], choices=talk["choices"],
        problems=problems, flow=flow, ended=answer.state is None,
    )  # fmt: skip


def _answer(book: Book, flow: str, talk: dict[str, Any], said: str, pressed: str) -> Turn:
    state = talk["state"].encode() if talk["state"] else None

    def act(name: str, _arguments: Mapping[str, Json]) -> ActionResult:
        spec = console().services.registry[name]
        chosen = request.form.get(f"outcome-{name}")
        outcome = chosen if chosen in spec.outcomes else spec.outcomes[0]
        talk["bubbles"].append(["note", f"{name} → {outcome}"])
        return ActionResult(outcome, {value: f"〔{value}〕" for value in spec.values_for(outcome)})

    around = Surroundings(console().now().astimezone(TOKYO), act, talk["language"])
    if pressed:
        picked = request.form.get("picked") or None
        answer = turn(book, state, Pressed(pressed, picked), around)
    elif said:
        answer = turn(book, state, Said(said), around)
    else:
        talk["bubbles"] = []
        answer = start(book, flow, around)
    for effect in answer.effects:
        if isinstance(effect, LanguageChosen):
            talk["language"] = effect.language
    return answer


def _book(flow: str, text: str) -> tuple[Book | None, list[Problem]]:
    """Return the flows in force with this text in place of the flow's own, and what is wrong with it."""
    with console().database.read() as connection:
        name, _old = file_of(connection, flow)
        number = in_force(connection)
        texts = {} if number is None else texts_of(connection, number)
    loaded, found = examined({**texts, name: text})
    problems = [one for one in found if one.place.file == name]
    return (None if any(one.severity == "error" for one in problems) else loaded.book), problems


def _opened(signed: str) -> dict[str, Any]:
    try:
        talk: dict[str, Any] = _signer().loads(signed)
    except BadSignature:
        return {"state": None, "bubbles": [], "choices": [], "language": None}
    return talk


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="sandbox")


def _bubbles(messages: tuple[Message, ...]) -> list[list[str]]:
    found = []
    for message in messages:
        match message:
            case Text(text) | Buttons(text, _):
                found.append(["bot", text])
            case Rich():
                found.append(["bot", message.alt])
    return found


def _choices(answer: Turn) -> list[Choice]:
    of_messages = [choice for message in answer.messages if isinstance(message, Buttons) for choice in message.choices]
    return [*of_messages, *answer.quick]


def _plain(choice: Choice) -> dict[str, str | None]:
    return {"label": choice.label, "data": choice.data, "kind": choice.kind, "echo": choice.echo}


def _actions_of(ops: tuple[Any, ...]) -> list[tuple[str, tuple[str, ...]]]:
    registry = console().services.registry
    names = dict.fromkeys(op.action for op in ops if isinstance(op, DoOp))
    return [(name, registry[name].outcomes) for name in names if name in registry]
