"""What flows, steps and actions are called in Japanese, for people who review a flow and know none of their ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.flow import model
from bot.flow.action import ActionSpec
from bot.flow.content import Content
from bot.flow.inwords import Reader, in_japanese
from bot.flow.program import Program
from bot.flow.revision import steps_within
from bot.line.limits import cut_graphemes

BEGINNING = 16
"""So many characters of a step's text are enough to find it."""


@dataclass(frozen=True)
class Called:
    """The titles of flows and actions by their ids; what has none is called by its id."""

    flows: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, ActionSpec] = field(default_factory=dict)

    @classmethod
    def of(cls, programs: Mapping[str, Program], actions: Mapping[str, ActionSpec] | None = None) -> Called:
        """Return what is called how among these flows and actions."""
        return cls({name: in_japanese(program.flow.title) for name, program in programs.items()}, actions or {})

    def flow(self, name: str) -> str:
        """Return a flow's title with its id."""
        return f"「{self.flows[name]}」（{name}）" if name in self.flows else f"「{name}」"

    def action(self, name: str) -> str:
        """Return what an action does, with its id."""
        spec = self.actions.get(name)
        return name if spec is None or spec.title is None else f"{spec.title.ja}［{name}］"


def beginnings(flow: model.Flow, reader: Reader, called: Called) -> dict[str, str]:
    """Return the first words of each step that can be gone to, by its name; of one without a text, what it does."""
    found: dict[str, str] = {}
    for step in steps_within(flow.steps):
        name = step.ask if isinstance(step, model.Ask) else step.id
        if name is not None and (words := _words(step, reader, called)):
            found.setdefault(name, cut_graphemes(words, BEGINNING))
    return found


def _words(step: model.Step, reader: Reader, called: Called) -> str:
    match step:
        case model.Say():
            first = step.say[0]
            said = first.alt if isinstance(first, Content) else first
            return reader.text(in_japanese(said)) if said else ""
        case model.Ask(text=text) | model.Consent(text=text) | model.Handoff(waiting=text):
            return reader.text(in_japanese(text))
        case model.Begin(start=name) | model.Call(call=name):
            return called.flows.get(name, "")
        case model.Do(do=name) if (spec := called.actions.get(name)) is not None and spec.title is not None:
            return spec.title.ja
    return ""


def targets(flow: model.Flow) -> frozenset[str]:
    """Return the names of the steps that something in the flow leads to."""
    return frozenset(_targets(flow))


def _targets(flow: model.Flow) -> Iterator[str]:
    yield from (button.goto for button in flow.always if button.goto)
    for step in steps_within(flow.steps):
        match step:
            case model.Goto(goto=name):
                yield name
            case model.Ask():
                yield from (option.goto for option in step.choices if option.goto)
                yield from [step.on_fail] if step.on_fail else []
            case model.Consent(refused=str() as name):
                yield name
            case model.Handoff():
                yield from (name for name in (step.nowhere, step.on_close) if name)
            case model.Say(buttons=buttons) | model.Remind(buttons=buttons):
                for button in buttons:
                    yield from (name for name in (button.goto, *button.on.values()) if name)
