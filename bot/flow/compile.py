"""From the model of a flow to its program: blocks become jumps, texts and conditions are compiled once."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from bot.flow import model
from bot.flow.action import ActionSpec
from bot.flow.program import (
    AskOp,
    BeginOp,
    DoOp,
    EndOp,
    Given,
    GotoOp,
    JumpOp,
    Op,
    OptionOp,
    Pressable,
    Program,
    SayOp,
    SetOp,
    Words,
)
from bot.flow.sandbox import Expression, Refused, Template, expression, template
from bot.flow.source import Path

REVISION_CHARACTERS = 12
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


class Report(Protocol):
    """Takes a problem found at a path of the file."""

    def __call__(self, code: str, path: Path, ja: str, en: str, *, key: bool = False) -> None: ...


@dataclass
class Notes:
    """What the check needs besides the program: where each step, text and condition stands in the file."""

    spots: list[Path] = field(default_factory=list)
    texts: list[tuple[Path, int, Words]] = field(default_factory=list)
    conditions: list[tuple[Path, int, Expression]] = field(default_factory=list)
    targets: list[tuple[str, Path]] = field(default_factory=list)


def revision(flow: model.Flow, others: Mapping[str, model.Flow]) -> str:
    """Return the revision: a hash of the canonical model of `flow` and of every flow it calls."""
    called = {name: others[name] for name in sorted(called_by(flow, others)) if name in others}
    canonical = {name: part.model_dump(mode="json", exclude_defaults=True) for name, part in called.items()}
    canonical[flow.flow] = flow.model_dump(mode="json", exclude_defaults=True)
    packed = orjson.dumps(canonical, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(packed).hexdigest()[:REVISION_CHARACTERS]


def called_by(flow: model.Flow, others: Mapping[str, model.Flow]) -> frozenset[str]:
    """Return the names of the flows that `flow` calls, and those call, and so on."""
    del flow, others
    return frozenset()


def compile_flow(
    flow: model.Flow, rev: str, actions: Mapping[str, ActionSpec] | None, report: Report, notes: Notes | None = None
) -> Program:
    """Return the program of `flow`; texts that are refused are reported and left empty."""
    compiler = _Compiler(actions or {}, report, Notes() if notes is None else notes)
    compiler.steps(flow.steps, ("steps",), "")
    places: dict[str, int] = {}
    for index, op in enumerate(compiler.ops):
        places.setdefault(op.name, index)
    places["end"] = len(compiler.ops)
    title = compiler.words(flow.title, ("title",))
    compiler.check_names(places)
    return Program(flow, rev, title, tuple(compiler.ops), places)


class _Compiler:
    def __init__(self, actions: Mapping[str, ActionSpec], report: Report, notes: Notes) -> None:
        self.ops: list[Op] = []
        self.actions = actions
        self.report = report
        self.notes = notes
        self.at = 0
        self.here: Path = ()
        self.named: dict[str, Path] = {}

    def steps(self, steps: list[Any], path: Path, prefix: str) -> None:
        for index, step in enumerate(steps):
            here = (*path, index)
            name = step.id or (step.ask if isinstance(step, model.Ask) else None)
            if name is not None:
                if name in self.named:
                    self.report(
                        "duplicate_step",
                        here,
                        f"「{name}」という名前のステップが二つあります。片方の id を変えてください。",
                        f"Two steps are called “{name}”: give one of them another id.",
                    )
                self.named[name] = here
            self.step(step, here, name or f"{prefix}{index + 1}")

    def step(self, step: Any, path: Path, name: str) -> None:
        outer = self.at, self.here
        self.mark()
        self.at, self.here = len(self.ops), path
        relevant = self.condition(step.relevant, (*path, "relevant"))
        match step:
            case model.Say():
                texts = tuple(
                    self.words(text, (*path, "say") if len(step.say) == 1 else (*path, "say", number))
                    for number, text in enumerate(step.say)
                )
                buttons = tuple(
                    self.button(button, (*path, "buttons", number)) for number, button in enumerate(step.buttons)
                )
                self.ops.append(SayOp(name, relevant, texts, buttons))
            case model.Ask():
                self.ops.append(self.ask(step, path, name, relevant))
            case model.If():
                self.branch(step, path, name, relevant)
            case model.Goto():
                self.want(step.goto, (*path, "goto"))
                self.ops.append(GotoOp(name, relevant, step.goto))
            case model.Set():
                self.ops.append(SetOp(name, relevant, self.givens(step.set, (*path, "set"))))
            case model.Do():
                self.do(step, path, name, relevant)
            case model.Begin():
                self.ops.append(BeginOp(name, relevant, step.start))
            case model.End():
                self.ops.append(EndOp(name, relevant))
        self.mark()
        self.at, self.here = outer

    def mark(self) -> None:
        """Note the step all new operations come from."""
        self.notes.spots.extend([self.here] * (len(self.ops) - len(self.notes.spots)))

    def branch(self, step: model.If, path: Path, name: str, relevant: Expression | None) -> None:
        # A block that is not relevant is passed over whole, so its relevance is a jump of its own.
        before = len(self.ops)
        self.ops.append(JumpOp(name))
        at = len(self.ops)
        self.ops.append(JumpOp(f"{name}-if"))
        self.steps(step.then or [], (*path, "then"), f"{name}-then-")
        over = len(self.ops)
        self.ops.append(JumpOp(f"{name}-over"))
        no = len(self.ops)
        self.steps(step.else_ or [], (*path, "else"), f"{name}-else-")
        condition = self.condition(step.if_, (*path, "if"))
        self.ops[before] = JumpOp(name, None, at if relevant is None else len(self.ops), relevant)
        self.ops[at] = JumpOp(f"{name}-if", None, no, condition)
        self.ops[over] = JumpOp(f"{name}-over", None, len(self.ops))

    def do(self, step: model.Do, path: Path, name: str, relevant: Expression | None) -> None:
        at = len(self.ops)
        self.ops.append(DoOp(name, relevant))
        spec = self.actions.get(step.do)
        outcomes: dict[str, int] = {}
        overs = []
        for outcome, branch in step.on.items():
            outcomes[outcome] = len(self.ops)
            self.steps(branch, (*path, "on", outcome), f"{name}-{outcome}-")
            overs.append(len(self.ops))
            self.ops.append(JumpOp(f"{name}-{outcome}-over"))
        for over in overs:
            self.ops[over] = JumpOp(self.ops[over].name, None, len(self.ops))
        arguments = self.givens(step.with_, (*path, "with"))
        repeatable = spec.repeatable if spec else False
        self.ops[at] = DoOp(name, relevant, step.do, arguments, outcomes, len(self.ops), repeatable)

    def ask(self, step: model.Ask, path: Path, name: str, relevant: Expression | None) -> AskOp:
        options = tuple(
            OptionOp(
                option.value,
                self.words(option.label, (*path, "choices", number, "label")),
                self.want(option.goto, (*path, "choices", number, "goto")),
                self.condition(option.relevant, (*path, "choices", number, "relevant")),
            )
            for number, option in enumerate(step.choices)
        )
        return AskOp(
            name,
            relevant,
            variable=step.ask,
            text=self.words(step.text, (*path, "text")),
            type=step.type,
            options=options,
            required=step.required,
            constraint=self.condition(step.constraint, (*path, "constraint")),
            constraint_message=self.maybe(step.constraint_message, (*path, "constraint_message")),
            hint=self.maybe(step.hint, (*path, "hint")),
            why=self.maybe(step.why, (*path, "why")),
            secret=step.secret,
            min=self.given(step.min, (*path, "min")),
            max=self.given(step.max, (*path, "max")),
        )

    def button(self, button: model.Button, path: Path) -> Pressable:
        for outcome, target in button.on.items():
            self.want(target, (*path, "on", outcome))
        return Pressable(
            self.words(button.label, (*path, "label")),
            self.want(button.goto, (*path, "goto")),
            button.do,
            self.givens(button.with_, (*path, "with")),
            button.on,
            button.start,
            self.maybe(button.open, (*path, "open")),
            self.maybe(button.copy_, (*path, "copy")),
            button.only_while_running,
        )

    def want(self, target: str | None, path: Path) -> str | None:
        if target is not None:
            self.notes.targets.append((target, path))
        return target

    def check_names(self, places: Mapping[str, int]) -> None:
        for target, path in self.notes.targets:
            if target in places:
                continue
            meant = next(iter(difflib.get_close_matches(target, self.named, n=1, cutoff=0.5)), None)
            ja, en = (f"「{meant}」ではありませんか。", f" Did you mean “{meant}”?") if meant else ("", "")
            self.report(
                "unknown_step",
                path,
                f"「{target}」という名前のステップがありません。{ja}",
                f"There is no step called “{target}”.{en}",
            )

    def words(self, texts: Mapping[str, str], path: Path) -> Words:
        compiled: dict[str, Template] = {}
        for language, text in texts.items():
            here = (*path, language) if language else path
            try:
                compiled[language] = template(text)
            except Refused as error:
                compiled[language] = template("")
                self.report("template", here, f"文章の中の式：{error.what.ja}。", f"In this text: {error}.")
        words = Words(compiled)
        self.notes.texts.append((path, self.at, words))
        return words

    def maybe(self, texts: Mapping[str, str] | None, path: Path) -> Words | None:
        return None if texts is None else self.words(texts, path)

    def condition(self, source: str | None, path: Path) -> Expression | None:
        if source is None:
            return None
        try:
            found = expression(source)
        except Refused as error:
            self.report("expression", path, f"「{source}」：{error.what.ja}。", f"“{source}”: {error}.")
            return expression("none")
        self.notes.conditions.append((path, self.at, found))
        return found

    def given(self, value: Any, path: Path) -> Given | None:
        if value is None:
            return None
        if isinstance(value, str) and not _ISO.fullmatch(value):
            return Given(self.condition(value, path))
        return Given(None, _json(value))

    def givens(self, values: Mapping[str, Any], path: Path) -> dict[str, Given]:
        return {name: self.given(value, (*path, name)) or Given() for name, value in values.items()}


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _json(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_json(entry) for entry in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return int(value) if isinstance(value, int) else float(value)
