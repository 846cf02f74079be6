"""The flow language as types: what a flow file may hold, validated by pydantic, from which its JSON Schema is exported too."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})*")
_NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,39}$"
_STEP = r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,39}$"
_FLOW = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$"
_DURATION = re.compile(r"(\d{1,4})\s*(minutes?|hours?|days?|weeks?|分|時間|日|週間)")
_SECONDS = {"分": 60, "時": 3600, "日": 86400, "週": 604800, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(getattr(value, "written", value))
    if isinstance(value, bool):
        raise PydanticCustomError("text_is_bool", "true and false need quotation marks to be a text")
    if value is None:
        raise PydanticCustomError("text_missing", "the text is missing")
    raise PydanticCustomError("text_wrong", "a text was expected here")


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {"": _text(value)}
    if not value:
        raise PydanticCustomError("text_missing", "the text is missing")
    for language in value:
        if language and not LANGUAGE.fullmatch(str(language)):
            raise PydanticCustomError("language_code", "{code} is no language code", {"code": str(language)})
    return {str(language): _text(text) for language, text in value.items()}


def _duration(value: Any) -> int:
    if isinstance(value, int) and type(value) is int:
        return value
    found = _DURATION.fullmatch(str(value).strip())
    if found is None:
        raise PydanticCustomError("duration", "{value} is no span of time such as “30 minutes”", {"value": str(value)})
    return int(found.group(1)) * _SECONDS[found.group(2)[0]]


Plain = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[
    dict[str, str],
    BeforeValidator(_texts),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}),
]
"""A text: one for all languages (under the key "") or one per language code."""
Seconds = Annotated[
    int,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": _DURATION.pattern}),
]
Condition = Annotated[
    str, BeforeValidator(lambda value: str(value).lower() if isinstance(value, bool) else _text(value))
]
Value = Any
Name = Annotated[str, Field(pattern=_NAME)]
StepName = Annotated[str, BeforeValidator(_text), Field(pattern=_STEP)]
FlowName = Annotated[str, Field(pattern=_FLOW, max_length=60)]


class Part(BaseModel):
    """What all parts of a flow share: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Button(Part):
    """One thing to press under a text: it stays in the chat and can be pressed later too."""

    label: Texts
    goto: StepName | None = None
    do: str | None = None
    with_: dict[str, Value] = Field(default_factory=dict, alias="with")
    on: dict[str, StepName] = Field(default_factory=dict)
    start: FlowName | None = None
    open: Texts | None = None
    copy_: Texts | None = Field(default=None, alias="copy")
    only_while_running: bool = False


class Option(Part):
    """One answer to choose from."""

    value: Plain
    label: Texts
    goto: StepName | None = None
    relevant: Condition | None = None


def _options(value: Any) -> Any:
    if isinstance(value, dict):
        return [{"value": key, "label": label} for key, label in value.items()]
    if isinstance(value, list):
        return [entry if isinstance(entry, dict) else {"value": _text(entry), "label": _text(entry)} for entry in value]
    return value


class Step(Part):
    """What every step may carry."""

    id: StepName | None = None
    relevant: Condition | None = None


def _says(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class Say(Step):
    """Say one to five texts."""

    say: Annotated[list[Texts], BeforeValidator(_says), Field(min_length=1, max_length=5)]
    buttons: Annotated[list[Button], Field(max_length=4)] = Field(default_factory=list)


AnswerType = Literal["text", "number", "digits", "date", "choice", "yes_no", "language", "services"]


class Ask(Step):
    """Ask for one answer and wait for it."""

    ask: Name
    text: Texts
    type: AnswerType = "text"
    choices: Annotated[list[Option], BeforeValidator(_options)] = Field(default_factory=list)
    required: bool = True
    constraint: Condition | None = None
    constraint_message: Texts | None = None
    hint: Texts | None = None
    why: Texts | None = None
    secret: bool = False
    min: Value = None
    max: Value = None


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


class Begin(Step):
    """End here and begin another flow in its place."""

    start: FlowName


class End(Step):
    """End the talk."""

    end: Literal[True] | None = None


VERBS: dict[str, type[Step]] = {
    "say": Say,
    "ask": Ask,
    "if": If,
    "goto": Goto,
    "set": Set,
    "do": Do,
    "start": Begin,
    "end": End,
}
"""Every kind of step by the word it begins with."""


def verb_of(value: Any) -> str | None:
    """Return the word a step begins with, or None when it has none or two."""
    if isinstance(value, Step):
        return next(verb for verb, kind in VERBS.items() if isinstance(value, kind))
    found = [key for key in value if key in VERBS] if isinstance(value, dict) else []
    return found[0] if found else None


def _step(value: Any) -> Any:
    return {"end": True} if value == "end" else value


AnyStep = Annotated[
    Annotated[Say, Tag("step:say")]
    | Annotated[Ask, Tag("step:ask")]
    | Annotated[If, Tag("step:if")]
    | Annotated[Goto, Tag("step:goto")]
    | Annotated[Set, Tag("step:set")]
    | Annotated[Do, Tag("step:do")]
    | Annotated[Begin, Tag("step:start")]
    | Annotated[End, Tag("step:end")],
    Discriminator(lambda value: f"step:{verb_of(value)}"),
    BeforeValidator(_step),
]
Steps = Annotated[list[AnyStep], Field(min_length=1)]


def _branch(value: Any) -> Any:
    if isinstance(value, str):
        return [{"end": True} if value == "end" else {"goto": value}]
    return [value] if isinstance(value, dict) else value


Branch = Annotated[Steps, BeforeValidator(_branch)]
"""The name of a step to go to, one step, or a list of steps."""


class Start(Part):
    """What begins a flow."""

    keywords: list[Plain] = Field(default_factory=list)
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
    menu: Annotated[MenuEntry, BeforeValidator(_menu)] | None = None
    expires_after: Seconds = 86400
    retain_answers: Seconds = 0
    variables: list[Name] = Field(default_factory=list)
    steps: Steps


class Town(Part):
    """`town.yaml`: what a town sets once for all flows."""

    languages: dict[str, Plain] = Field(default_factory=lambda: {"ja": "日本語"})
    list_choices: bool = True
    town: dict[str, Any] = Field(default_factory=dict)


If.model_rebuild()
Do.model_rebuild()
Flow.model_rebuild()
