"""From the model of a flow to its program: blocks become jumps, texts and conditions are compiled once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.flow import model
from bot.flow.action import ActionSpec
from bot.flow.leaves import UNREAD, Leaves, Notes, Report, close, near_step
from bot.flow.program import (
    AskOp,
    BeginOp,
    CollectOp,
    DoOp,
    EndOp,
    Given,
    GotoOp,
    HandoffOp,
    JumpOp,
    Op,
    Program,
    SetOp,
    StopReminderOp,
    Words,
)
from bot.flow.revision import steps_within
from bot.flow.sandbox import Expression
from bot.flow.source import Path

CALL_DEPTH = 3
STEP_CHARACTERS = 100


@dataclass(frozen=True)
class Shelf:
    """What a flow may lean on: actions, the other flows it can call, texts it can borrow."""

    actions: Mapping[str, ActionSpec] = field(default_factory=dict)
    flows: Mapping[str, model.Flow] = field(default_factory=dict)
    snippets: Mapping[str, Words] = field(default_factory=dict)


def compile_flow(
    flow: model.Flow, rev: str, report: Report, shelf: Shelf | None = None, notes: Notes | None = None
) -> Program:
    """Return the program of `flow`; texts that are refused are reported and stand as “…”."""
    shelf = shelf or Shelf()
    compiler = _Compiler(shelf, report, Notes() if notes is None else notes, (flow.flow,))
    compiler.steps(flow.steps, ("steps",), "")
    places: dict[str, int] = {}
    for index, op in enumerate(compiler.ops):
        places.setdefault(op.name, index)
    places["end"] = len(compiler.ops)
    title = compiler.words(flow.title, ("title",))
    if flow.menu is not None:
        compiler.words(flow.menu.label, ("menu", "label"))
    always = tuple(compiler.button(button, ("always", number)) for number, button in enumerate(flow.always))
    compiler.check_names(places)
    return Program(flow, rev, title, tuple(compiler.ops), places, shelf.snippets, always)


def compile_words(texts: Mapping[str, str], path: Path, report: Report) -> Words:
    """Return a text that stands alone (a snippet), compiled."""
    return Leaves(report, Notes()).words(texts, path)


class _Compiler(Leaves):
    def __init__(self, shelf: Shelf, report: Report, notes: Notes, calls: tuple[str, ...]) -> None:
        super().__init__(report, notes)
        self.ops: list[Op] = []
        self.shelf = shelf
        self.calls = calls
        self.here: Path = ()
        self.named: dict[str, Path] = {}

    def steps(self, steps: Sequence[Any], path: Path, prefix: str) -> None:
        for index, step in enumerate(steps):
            here = (*path, index)
            own = step.id or _own_name(step)
            name = self.prefix + (own or f"{prefix}{index + 1}")
            if own is not None:
                if name in self.named:
                    self.report(
                        "duplicate_step",
                        here,
                        f"「{own}」という名前のステップが二つあります。片方の id を変えてください。",
                        f"Two steps are called “{own}”: give one of them another id.",
                    )
                self.named[name] = here
            self.step(step, here, name)

    def step(self, step: Any, path: Path, name: str) -> None:
        outer = self.at, self.here
        self.mark()
        self.at, self.here = len(self.ops), path
        relevant = self.condition(step.relevant, (*path, "relevant"))
        match step:
            case model.Say():
                self.ops.append(self.say(step, path, name, relevant))
            case model.Remind() | model.StopReminder():
                self.ops.append(self.reminder(step, path, name, relevant))
            case model.Ask():
                self.ops.append(self.ask(step, path, name, relevant))
            case model.Consent():
                self.ops.append(self.consent(step, path, name, relevant))
            case model.Confirm():
                text = self.maybe(step.text, (*path, "text"))
                self.notes.confirmed.extend(
                    (each, (*path, "confirm", n), self.at) for n, each in enumerate(step.confirm)
                )
                self.ops.append(AskOp(name, relevant, text=text, type="confirm", confirmed=tuple(step.confirm)))
            case model.Goto():
                self.ops.append(GotoOp(name, relevant, self.target(step.goto, (*path, "goto"))))
            case model.Set():
                self.ops.append(SetOp(name, relevant, self.givens(step.set, (*path, "set"))))
            case model.Do():
                self.do(step, path, name, relevant)
            case model.Handoff():
                self.ops.append(self.handoff(step, path, name, relevant))
            case model.Begin():
                self.ops.append(BeginOp(name, relevant, step.start))
            case model.End():
                inside = GotoOp(name, relevant, f"{self.prefix}end")
                self.ops.append(inside if self.prefix else EndOp(name, relevant))
            case _:
                self.block(step, path, name, relevant)
        self.mark()
        self.at, self.here = outer

    def handoff(self, step: model.Handoff, path: Path, name: str, relevant: Expression | None) -> HandoffOp:
        self.notes.confirmed.extend((each, (*path, "carry", n), self.at) for n, each in enumerate(step.carry))
        return HandoffOp(
            name,
            relevant,
            queue=step.handoff,
            route=self.condition(step.office, (*path, "office")),
            carry=tuple(step.carry),
            waiting=self.words(step.waiting, (*path, "waiting")),
            outside=self.words(step.outside, (*path, "outside")),
            full=self.maybe(step.full, (*path, "full")),
            nowhere=self.want(step.nowhere, (*path, "nowhere")),
            on_close=self.want(step.on_close, (*path, "on_close")),
        )

    def mark(self) -> None:
        """Note the step all new operations come from."""
        self.notes.spots.extend([self.here] * (len(self.ops) - len(self.notes.spots)))

    def reminder(
        self, step: model.Remind | model.StopReminder, path: Path, name: str, relevant: Expression | None
    ) -> Op:
        if isinstance(step, model.StopReminder):
            self.notes.stopped.append((step.stop_reminder, (*path, "stop_reminder")))
            return StopReminderOp(name, relevant, step.stop_reminder)
        return self.remind(step, path, name, relevant)

    def block(self, step: Any, path: Path, name: str, relevant: Expression | None) -> None:
        # A block that is not relevant is passed over whole, so its relevance is a jump of its own.
        before = len(self.ops)
        self.ops.append(JumpOp(name))
        match step:
            case model.If():
                self.branch(step, path, name)
            case model.Call():
                self.call(step, path, name)
            case model.Repeat():
                self.repeat(step, path, name)
        self.ops[before] = JumpOp(name, None, before + 1 if relevant is None else len(self.ops), relevant)

    def branch(self, step: model.If, path: Path, name: str) -> None:
        if step.then is None and step.else_ is None:
            self.report(
                "if_empty",
                path,
                "if だけでは何も起きません。then:（そうならどうするか）の行を加えてください。",
                "An if alone does nothing: add a line then: (what to do).",
            )
        at = len(self.ops)
        condition = self.condition(step.if_, (*path, "if"))
        self.ops.append(JumpOp(f"{name}-if"))
        self.steps(step.then or [], (*path, "then"), f"{self.bare(name)}-then-")
        over = len(self.ops)
        self.ops.append(JumpOp(f"{name}-over"))
        self.ops[at] = JumpOp(f"{name}-if", None, len(self.ops), condition)
        self.steps(step.else_ or [], (*path, "else"), f"{self.bare(name)}-else-")
        self.ops[over] = JumpOp(f"{name}-over", None, len(self.ops))

    def bare(self, name: str) -> str:
        """Return a step's name without the prefix of the call it is in."""
        return name.removeprefix(self.prefix)

    def call(self, step: model.Call, path: Path, name: str) -> None:
        called = self.shelf.flows.get(step.call)
        if called is None:
            meant = close(step.call, self.shelf.flows)
            self.report(
                "unknown_flow",
                (*path, "call"),
                f"「{step.call}」というフローがありません。{meant[0]}",
                f"There is no flow “{step.call}”.{meant[1]}",
            )
            return
        if step.call in self.calls or len(self.calls) > CALL_DEPTH:
            self.report(
                "call_loop",
                (*path, "call"),
                f"「{step.call}」は自分自身を呼び出すことになります。",
                f"“{step.call}” would call itself.",
            )
            return
        self.ops.append(SetOp(f"{name}-with", None, self.givens(step.with_, (*path, "with"))))
        self.notes.calls.append((step.call, (*path, "call"), self.at, frozenset(step.with_)))
        inner = _Compiler(self.shelf, _silent, Notes(), (*self.calls, step.call))
        inner.ops, inner.prefix = self.ops, f"{name}."
        inner.steps(called.steps, ("steps",), "")
        self.ops.append(JumpOp(f"{name}.end", None, len(self.ops) + 1))

    def repeat(self, step: model.Repeat, path: Path, name: str) -> None:
        into = step.repeat
        inside = [each for each in steps_within(step.steps) if isinstance(each, model.Ask | model.Consent)]
        variables = tuple(each.ask if isinstance(each, model.Ask) else each.consent for each in inside)
        if (step.more is None) == (step.count is None):
            self.report(
                "repeat_end",
                path,
                "repeat には more:（もう一つありますか、の質問）か count:（回数）のどちらか一つが必要です。",
                "repeat needs either more: (the question whether there is another) or count: (how many).",
            )
        cleared = {each: Given() for each in (*variables, f"{into}_more")}
        self.ops.append(SetOp(f"{name}-begin", None, {into: Given(None, []), **cleared}))
        # A count that cannot be read is reported as the author wrote it, and is in no condition made of it.
        count = "0" if self.condition(step.count, (*path, "count")) is UNREAD else step.count
        any_at_all = self.condition(None if count is None else f"({count}) > 0", (*path, "count"))
        empty = len(self.ops)
        self.ops.append(JumpOp(f"{name}-any"))
        again = len(self.ops)
        self.steps(step.steps, (*path, "steps"), f"{self.bare(name)}-")
        self.ops.append(CollectOp(f"{name}-collect", None, into, variables))
        self.at = len(self.ops)  # what follows knows the list
        full = f"{into}|length >= {step.most}"
        enough = full if count is None else f"{full} or {into}|length >= ({count})"
        if step.more is not None:
            text, relevant = self.words(step.more, (*path, "more")), self.condition(f"not ({full})", path)
            self.ops.append(AskOp(f"{name}-more", relevant, f"{into}_more", text, "yes_no"))
            self.at = len(self.ops)
            enough = f"{full} or not {into}_more"
        self.ops.append(JumpOp(f"{name}-again", None, again, self.condition(enough, (*path, "count"))))
        self.ops[empty] = JumpOp(f"{name}-any", None, again if count is None else len(self.ops), any_at_all)

    def do(self, step: model.Do, path: Path, name: str, relevant: Expression | None) -> None:
        at = len(self.ops)
        self.ops.append(DoOp(name, relevant))
        arguments = self.givens(step.with_, (*path, "with"))
        spec = self.shelf.actions.get(step.do)
        outcomes: dict[str, int] = {}
        overs = []
        for outcome, branch in step.on.items():
            outcomes[outcome] = len(self.ops)
            self.steps(branch, (*path, "on", outcome), f"{self.bare(name)}-{outcome}-")
            overs.append(len(self.ops))
            self.ops.append(JumpOp(f"{name}-{outcome}-over"))
        for over in overs:
            self.ops[over] = JumpOp(self.ops[over].name, None, len(self.ops))
        repeatable = spec.repeatable if spec else False
        self.ops[at] = DoOp(name, relevant, step.do, arguments, outcomes, len(self.ops), repeatable)

    def check_names(self, places: Mapping[str, int]) -> None:
        for target, path in self.notes.targets:
            if target in places:
                continue
            ja, en = near_step(target, self.named, self.shelf.flows)
            self.report(
                "unknown_step",
                path,
                f"「{target}」という名前のステップがありません。{ja}",
                f"There is no step called “{target}”.{en}",
            )
        for op in self.ops:
            if len(op.name) > STEP_CHARACTERS:
                self.report("name_too_long", ("steps",), f"「{op.name}」が長すぎます。", f"“{op.name}” is too long.")


def _own_name(step: Any) -> str | None:
    match step:
        case model.Ask():
            return step.ask
        case model.Remind():
            return step.remind
    return None


def _silent(code: str, path: Path, ja: str, en: str, *, key: bool = False) -> None:
    """A called flow is checked as itself."""
    del code, path, ja, en, key
