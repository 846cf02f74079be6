"""What a transcript file (`*.talk.yaml`) may hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bot.flow.fields import FlowName, Part, Plain, Seconds, TimeOfDay, as_json


class Answer(Part):
    """What an action answers in this talk."""

    outcome: Plain
    values: Annotated[dict[str, Any], BeforeValidator(as_json)] = Field(default_factory=dict)
    forget: bool = False


def _answers(value: Any) -> Any:
    entries = value if isinstance(value, list) else [value]
    return [entry if isinstance(entry, dict) else {"outcome": entry} for entry in entries]


def _lines(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class Move(Part):
    """One line of a talk: exactly one of these."""

    resident: Plain | None = None
    press: Plain | None = None
    picked: Plain | None = None
    send: Plain | None = None
    detail: Annotated[dict[str, Any], BeforeValidator(as_json)] = Field(default_factory=dict)
    follow: Literal["new", "again"] | None = None
    overtaken: Literal[True] | None = None
    wait: Seconds | None = None
    start: FlowName | None = None
    with_: Annotated[dict[str, Any], BeforeValidator(as_json)] = Field(default_factory=dict, alias="with")
    counsellor: Plain | None = None
    closed: Literal[True] | None = None
    desk: Annotated[list[Plain], BeforeValidator(_lines)] | None = None
    bot: Annotated[list[Plain], BeforeValidator(_lines)] | None = None
    buttons: list[Plain] | None = None
    called: Annotated[dict[str, dict[str, Any]], BeforeValidator(as_json)] | None = None
    ended: bool | None = None


class AtDesk(Part):
    """How the desk stands in this talk."""

    takes: bool = True
    closed: bool = False
    ahead: int = 0
    number: int = 1


class Scenario(Part):
    """One `*.talk.yaml`."""

    talk: Plain
    now: Plain = "2026-04-01 09:00"
    language: Plain | None = None
    time_of_day: TimeOfDay | None = None
    actions: dict[str, Annotated[list[Answer], BeforeValidator(_answers)]] = Field(default_factory=dict)
    desk: AtDesk = Field(default_factory=AtDesk)
    moves: Annotated[list[Move], Field(min_length=1)]
