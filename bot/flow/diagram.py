"""A flow as a drawing of steps and ways, and that drawing as Mermaid text, which draws itself in a review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.flow.called import Called
from bot.flow.inwords import Reader, in_japanese
from bot.flow.program import (
    AskOp,
    BeginOp,
    CollectOp,
    DoOp,
    EndOp,
    GotoOp,
    HandoffOp,
    JumpOp,
    Op,
    Pressable,
    Program,
    RemindOp,
    SayOp,
    SetOp,
    Shown,
    StopReminderOp,
    Words,
)  # fmt: skip
from bot.line.limits import cut_graphemes

Shape = Literal["edge", "ask", "say", "if", "do", "other"]

START, FINISH = "start", "finish"
_LABEL = 40
_ENTITIES = str.maketrans({'"': "#quot;", **{letter: f"#{ord(letter)};" for letter in "#<>{}[]()`"}})
_MERMAID = {"edge": "([{}])", "ask": "[/{}/]", "say": "[{}]", "if": "{{{}}}", "do": "[[{}]]", "other": "[{}]"}


@dataclass(frozen=True, slots=True)
class Box:
    """A step as it is drawn; `edge` is a beginning or an end."""

    name: str
    shape: Shape
    text: str


@dataclass(frozen=True, slots=True)
class Way:
    """What leads from one step to another; `pressed` is a button, which may also be pressed later."""

    source: str
    target: str
    label: str = ""
    pressed: bool = False


@dataclass(frozen=True, slots=True)
class Diagram:
    """The drawing of a flow, its first step first."""

    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]


def diagram(program: Program, called: Called | None = None) -> Diagram:
    """Return the drawing of a program, from its first step to its ends; `called` names other flows, and actions."""
    drawing = _Drawing(program, called or Called())
    return Diagram(tuple(drawing.boxes()), tuple(dict.fromkeys(drawing.ways())))


def mermaid(program: Program, called: Called | None = None) -> str:
    """Return the drawing as a Mermaid flowchart."""
    drawn = diagram(program, called)
    boxes = [f"  {box.name}{_MERMAID[box.shape].format(_quoted(box.text))}" for box in drawn.boxes]
    ways = [f"  {way.source} {_arrow(way)} {way.target}" for way in drawn.ways]
    return "\n".join(["flowchart TD", *boxes, *ways])


class _Drawing:
    def __init__(self, program: Program, called: Called) -> None:
        self.program = program
        self.called = called
        self.ops = program.ops
        self.reader = Reader(program.flow)

    def boxes(self) -> Iterator[Box]:
        yield Box(START, "edge", self.text(self.program.title))
        for index, op in enumerate(self.ops):
            if self.drawn(op):
                shape, text = self.shape(op)
                when = "" if op.relevant is None else f"（{self.reader.when(op.relevant.source)}だけ）"
                yield Box(f"s{index}", shape, when + text)
        yield Box(FINISH, "edge", "終了")

    def ways(self) -> Iterator[Way]:
        yield Way(START, self.node(0))
        yield from self.buttons(self.program.always, START)
        for index, op in enumerate(self.ops):
            if self.drawn(op):
                yield from self.leaving(op, index)

    def drawn(self, op: Op) -> bool:
        """Say whether a step is drawn; plain jumps, and what a group does by itself, are only the arrows between others."""
        jumps = isinstance(op, GotoOp | EndOp) or (isinstance(op, JumpOp) and op.unless is None)
        return not (jumps or self.passed(op))

    def passed(self, op: Op) -> bool:
        return isinstance(op, CollectOp) or op.name in self.program.groups.values()

    def node(self, index: int) -> str:
        """Return the box that is come to at `index`, through plain jumps."""
        seen = set()
        while index < len(self.ops) and index not in seen:
            seen.add(index)
            match self.ops[index]:
                case EndOp():
                    return FINISH
                case GotoOp(target=name):
                    index = self.program.places.get(name, len(self.ops))
                case JumpOp(unless=None, target=target):
                    index = target
                case op if self.passed(op):
                    index += 1
                case _:
                    return f"s{index}"
        return FINISH

    def shape(self, op: Op) -> tuple[Shape, str]:
        match op:
            case AskOp(type="confirm"):
                return "ask", "確認：" + "、".join(map(self.reader.called, op.confirmed))
            case AskOp():
                return "ask", self.text(op.text) if op.text else op.variable
            case RemindOp():
                return "other", f"あとで知らせる：{op.reminder}"
            case StopReminderOp():
                return "other", f"お知らせをやめる：{op.reminder}"
            case SayOp():
                texts = (self.text(item) for item in op.items if not isinstance(item, Shown))
                return "say", next(texts, "〔画像など〕")
            case JumpOp():
                return "if", self.reader.holds(op.unless.source) if op.unless else ""
            case DoOp():
                return "do", self.called.action(op.action)
            case HandoffOp():
                return "do", f"担当者につなぐ（{op.queue}）"
            case BeginOp():
                return "edge", self.called.flow(op.flow)
            case SetOp():
                return "other", f"決める：{'、'.join(op.values)}"
        return "other", op.name

    def leaving(self, op: Op, index: int) -> Iterator[Way]:
        here = f"s{index}"
        match op:
            case JumpOp():
                yield Way(here, self.node(index + 1), "はい")
                yield Way(here, self.node(op.target), "いいえ")
            case DoOp():
                for outcome, place in op.outcomes.items():
                    yield Way(here, self.node(place), outcome)
                if not op.outcomes:
                    yield Way(here, self.node(op.after))
            case BeginOp():
                return
            case HandoffOp():
                for way, label in ((op.on_close, "終わったら"), (op.nowhere, "窓口なし")):
                    yield Way(here, self.node(index + 1) if way is None else self.named(way), label)
            case AskOp():
                yield from self.answers(op, here, index)
            case SayOp():
                yield Way(here, self.node(index + 1))
                yield from self.buttons(op.buttons, here)
            case _:
                yield Way(here, self.node(index + 1))

    def buttons(self, buttons: Sequence[Pressable], here: str) -> Iterator[Way]:
        for button in buttons:
            for name in (button.goto, *button.outcomes.values()):
                if name is not None:
                    yield Way(here, self.named(name), self.text(button.label), pressed=True)

    def answers(self, op: AskOp, here: str, index: int) -> Iterator[Way]:
        jumping = [option for option in op.options if option.goto is not None]
        for option in jumping:
            yield Way(here, self.named(option.goto or "end"), self.text(option.label))
        if op.type == "consent":
            yield Way(here, self.named(op.refused or "end"), "同意しない")
        if op.on_fail is not None:
            yield Way(here, self.named(op.on_fail), "読み取れない")
        if len(jumping) < len(op.options) or not jumping or not op.required:
            yield Way(here, self.node(index + 1))

    def named(self, name: str) -> str:
        return self.node(self.program.places.get(name, len(self.ops)))

    def text(self, words: Words) -> str:
        return self.reader.text(in_japanese({code: template.source for code, template in words.by_language.items()}))


def _arrow(way: Way) -> str:
    label = _quoted(way.label) if way.label else ""
    if way.pressed:
        return f"-. {label} .->" if label else "-.->"
    return f"-- {label} -->" if label else "-->"


def _quoted(text: str) -> str:
    return f'"{cut_graphemes(text or "…", _LABEL).translate(_ENTITIES)}"'
