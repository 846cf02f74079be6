"""The flow language as types: what a flow file may hold, validated by pydantic, from which its JSON Schema is exported too."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from bot.flow.content import Button, Buttons, Items, Options
from bot.flow.fields import (
    TEXTS_SCHEMA,
    Also,
    Condition,
    FlowName,
    Name,
    Part,
    Plain,
    Seconds,
    StepName,
    Texts,
    TimeOfDay,
    Value,
    as_json,
)
from bot.flow.timing import Every, Shift

AnswerType = Literal[
    "text", "number", "digits", "date", "time", "datetime", "yes_no", "choice", "choices", "phone", "postal_code",
    "email", "kana", "location", "photo", "file", "lookup", "language", "services",
]  # fmt: skip


ALWAYS_MOST = 3
"""Buttons of a flow below each of its questions; with the words that are always there they leave room for answers."""


class Step(Part):
    """What every step may carry."""

    id: StepName | None = None
    relevant: Condition | None = None


class Say(Step):
    """Say one to five texts, pictures, cards …; buttons go under the last text."""

    say: Items
    buttons: Buttons = Field(default_factory=list)


class Ask(Step):
    """Ask for one answer and wait for it."""

    ask: Name
    text: Texts
    label: Texts | None = None
    type: AnswerType = "text"
    choices: Options = Field(default_factory=list)
    from_: Plain | None = Field(default=None, alias="from")
    required: bool = True
    constraint: Condition | None = None
    constraint_message: Texts | None = None
    hint: Texts | None = None
    why: Texts | None = None
    secret: bool = False
    segment: Name | None = None
    min: Value = None
    max: Value = None
    retries: Annotated[int, Field(ge=1, le=20)] | None = None
    on_fail: StepName | None = None


class Consent(Step):
    """Ask for consent to a versioned text; who refuses goes on at `refused`, or the talk ends."""

    consent: Name
    version: Plain
    text: Texts
    why: Texts | None = None
    refused: StepName | None = None


class Confirm(Step):
    """Show the answers and let one be changed without losing the rest."""

    confirm: Annotated[list[Name], Field(min_length=1)]
    text: Texts | None = None


class If(Step):
    """Go one way or the other; a branch is the name of a step or a list of steps."""

    if_: Condition = Field(alias="if")
    then: Branch | None = None
    else_: Branch | None = Field(default=None, alias="else")


class Goto(Step):
    """Go on at another step."""

    goto: StepName


class Set(Step):
    """Work out values and keep them under a name."""

    set: dict[Name, Value]


class Do(Step):
    """Have a service do something, and go on by its outcome."""

    do: str
    with_: dict[str, Value] = Field(default_factory=dict, alias="with")
    on: dict[str, Branch] = Field(default_factory=dict)


class Call(Step):
    """Go through the steps of another flow, then come back; its answers are kept here."""

    call: FlowName
    with_: dict[Name, Value] = Field(default_factory=dict, alias="with")


class Repeat(Step):
    """Ask the same for several (children, vehicles): a list of answers under one name."""

    repeat: Name
    steps: Steps
    more: Texts | None = None
    count: Condition | None = None
    most: Annotated[int, Field(ge=1, le=20)] = 10


class Begin(Step):
    """End here and begin another flow in its place."""

    start: FlowName


class Remind(Step):
    """Tell the resident something later, once or again and again; a reminder of the same name is replaced."""

    remind: Name
    at: Value = None
    after: Seconds | None = None
    every: Every | None = None
    on: Value = None
    time: TimeOfDay | None = None
    until: Value = None
    quiet: Shift | None = None
    holiday: Shift | None = None
    say: Items | None = None
    buttons: Buttons = Field(default_factory=list)
    start: FlowName | None = None
    with_: dict[Name, Value] = Field(default_factory=dict, alias="with")
    topic: Name | None = None


class StopReminder(Step):
    """Stop a reminder that this service set: what it was for is done."""

    stop_reminder: Name


class Handoff(Step):
    """Hand over to a person: the resident's words go to the desk until it closes the consultation."""

    handoff: Name
    office: Condition | None = None
    carry: list[Name] = Field(default_factory=list)
    waiting: Texts
    outside: Texts
    full: Texts | None = None
    nowhere: StepName | None = None
    on_close: StepName | None = None


class End(Step):
    """End the talk."""

    end: Literal[True] | None = None


VERBS: dict[str, type[Step]] = {
    "remind": Remind,
    "stop_reminder": StopReminder,
    "say": Say,
    "ask": Ask,
    "consent": Consent,
    "confirm": Confirm,
    "if": If,
    "goto": Goto,
    "set": Set,
    "do": Do,
    "call": Call,
    "repeat": Repeat,
    "handoff": Handoff,
    "start": Begin,
    "end": End,
}
"""Every kind of step by the word it begins with; `remind` before `say` and `start`, which may stand in it."""


def verb_of(value: Any) -> str | None:
    """Return the word a step begins with, or None when it has none."""
    if isinstance(value, Step):
        return next(verb for verb, kind in VERBS.items() if isinstance(value, kind))
    found = [key for key in VERBS if key in value] if isinstance(value, dict) else []
    return found[0] if found else None


AnyStep = Annotated[
    Annotated[Remind, Tag("step:remind")]
    | Annotated[StopReminder, Tag("step:stop_reminder")]
    | Annotated[Say, Tag("step:say")]
    | Annotated[Ask, Tag("step:ask")]
    | Annotated[Consent, Tag("step:consent")]
    | Annotated[Confirm, Tag("step:confirm")]
    | Annotated[If, Tag("step:if")]
    | Annotated[Goto, Tag("step:goto")]
    | Annotated[Set, Tag("step:set")]
    | Annotated[Do, Tag("step:do")]
    | Annotated[Call, Tag("step:call")]
    | Annotated[Repeat, Tag("step:repeat")]
    | Annotated[Handoff, Tag("step:handoff")]
    | Annotated[Begin, Tag("step:start")]
    | Annotated[End, Tag("step:end")],
    Discriminator(lambda value: f"step:{verb_of(value)}"),
    BeforeValidator(lambda value: {"end": True} if value == "end" else value),
    Also({"const": "end"}),
]
Steps = Annotated[list[AnyStep], Field(min_length=1)]


def _branch(value: Any) -> Any:
    if isinstance(value, str):
        return [{"end": True} if value == "end" else {"goto": value}]
    return [value] if isinstance(value, dict) else value


Branch = Annotated[
    Steps,
    BeforeValidator(_branch),
    Also({"type": "string"}, single=True),
]
"""The name of a step to go to, one step, or a list of steps."""


class Start(Part):
    """What begins a flow."""

    keywords: list[Plain] = Field(default_factory=list)
    code: list[Plain] = Field(default_factory=list)
    follow: bool = False


class MenuEntry(Part):
    """How a flow appears in the menu."""

    label: Texts
    order: int = 100


def _menu(value: Any) -> Any:
    return value if isinstance(value, dict) and "label" in value else {"label": value}


class Flow(Part):
    """One flow file."""

    flow: FlowName
    title: Texts
    description: Texts | None = None
    start: Start = Field(default_factory=Start)
    menu: Annotated[MenuEntry, BeforeValidator(_menu), Also(TEXTS_SCHEMA)] | None = None
    expires_after: Seconds = 86400
    retain_answers: Seconds = 0
    sensitive: bool = False
    variables: list[Name] = Field(default_factory=list)
    topic: Name | None = None
    always: Annotated[list[Button], Field(max_length=ALWAYS_MOST)] = Field(default_factory=list)
    steps: Steps


def _languages(value: Any) -> Any:
    return {code: code for code in value} if isinstance(value, list) else value


_CODES: dict[str, Any] = {"type": "array", "items": {"type": "string"}}


class Town(Part):
    """`town.yaml`: what a town sets once for all flows."""

    languages: Annotated[dict[str, Plain], BeforeValidator(_languages), Field(min_length=1), Also(_CODES)] = Field(
        default_factory=lambda: {"ja": "日本語"}
    )
    list_choices: bool = True
    topics: dict[Name, Texts] = Field(default_factory=dict)
    town: Annotated[dict[str, Any], BeforeValidator(as_json)] = Field(default_factory=dict)


class Snippets(Part):
    """A file of texts that several flows share (`{{ snippets.hours }}`)."""

    snippets: dict[Name, Texts]


Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"}), Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Row(Part):
    """One state of a table and the day from which it holds."""

    from_: Day = Field(alias="from")
    values: Annotated[dict[Name, Any], BeforeValidator(as_json)]


class Table(Part):
    """Dated rules as data (rates, thresholds): `{{ tables.triage.fever }}` is what holds today."""

    table: Name
    rows: Annotated[list[Row], Field(min_length=1)]


for _kind in (If, Do, Repeat, Flow):
    _kind.model_rebuild()
