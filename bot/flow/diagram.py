"""A flow as a Mermaid flowchart: text that draws itself in a review or in the console."""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow.program import FALLBACK, AskOp, BeginOp, DoOp, EndOp, GotoOp, JumpOp, Op, Program, SayOp, Shown, Words
from bot.line.limits import cut_graphemes

_LABEL = 28
_ENTITIES = str.maketrans({"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "{": "#123;", "}": "#125;"})


def mermaid(program: Program) -> str:
    """Return the flowchart of a program, from its first step to its ends."""
    drawing = _Drawing(program)
    return "\n".join(["flowchart TD", *drawing.nodes(), *drawing.edges()])


class _Drawing:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.ops = program.ops

    def nodes(self) -> Iterator[str]:
        yield f"  start([{_quoted(_plain(self.program.title))}])"
        for index, op in enumerate(self.ops):
            if self.drawn(op):
                yield f"  s{index}{self.shape(op)}"
        yield "  finish([終了])"

    def edges(self) -> Iterator[str]:
        yield f"  start --> {self.node(0)}"
        for index, op in enumerate(self.ops):
            if self.drawn(op):
                yield from (f"  s{index} {arrow} {target}" for arrow, target in self.ways(op, index))

    def drawn(self, op: Op) -> bool:
        """Say whether a step is drawn; plain jumps are only the arrows between others."""
        return not (isinstance(op, GotoOp | EndOp) or (isinstance(op, JumpOp) and op.unless is None))

    def node(self, index: int) -> str:
        """Return the node that is come to at `index`, through plain jumps."""
        seen = set()
        while index < len(self.ops) and index not in seen:
            seen.add(index)
            match self.ops[index]:
                case EndOp():
                    return "finish"
                case GotoOp(target=name):
                    index = self.program.places.get(name, len(self.ops))
                case JumpOp(unless=None, target=target):
                    index = target
                case _:
                    return f"s{index}"
        return "finish"

    def shape(self, op: Op) -> str:
        match op:
            case AskOp():
                text = _plain(op.text) if op.text else "、".join(op.confirmed)
                return f"[/{_quoted(text)}/]"
            case SayOp():
                text = next((_plain(item) for item in op.items if not isinstance(item, Shown)), "〔画像など〕")
                return f"[{_quoted(text)}]"
            case JumpOp():
                return f"{{{_quoted(op.unless.source if op.unless else '')}}}"
            case DoOp():
                return f"[[{_quoted(op.action)}]]"
            case BeginOp():
                return f"([{_quoted(op.flow)}])"
        return f"[{_quoted(op.name)}]"

    def ways(self, op: Op, index: int) -> Iterator[tuple[str, str]]:
        match op:
            case JumpOp():
                yield "-- はい -->", self.node(index + 1)
                yield "-- いいえ -->", self.node(op.target)
            case DoOp():
                for outcome, place in op.outcomes.items():
                    yield f"-- {_quoted(outcome)} -->", self.node(place)
                if not op.outcomes:
                    yield "-->", self.node(op.after)
            case BeginOp():
                return
            case AskOp():
                yield from self.answers(op, index)
            case SayOp():
                yield "-->", self.node(index + 1)
                for button in op.buttons:
                    for name in (button.goto, *button.outcomes.values()):
                        if name is not None:
                            yield f"-. {_quoted(_plain(button.label))} .->", self.named(name)
            case _:
                yield "-->", self.node(index + 1)

    def answers(self, op: AskOp, index: int) -> Iterator[tuple[str, str]]:
        jumping = [option for option in op.options if option.goto is not None]
        for option in jumping:
            yield f"-- {_quoted(_plain(option.label))} -->", self.named(option.goto or "end")
        if op.type == "consent":
            yield '-- "同意しない" -->', self.named(op.refused or "end")
        if op.on_fail is not None:
            yield '-- "読み取れない" -->', self.named(op.on_fail)
        if len(jumping) < len(op.options) or not jumping or not op.required:
            yield "-->", self.node(index + 1)

    def named(self, name: str) -> str:
        return self.node(self.program.places.get(name, len(self.ops)))


def _plain(words: Words) -> str:
    texts = words.by_language
    found = texts.get(FALLBACK) or texts.get("") or next(iter(texts.values()))
    return " ".join(found.source.split())


def _quoted(text: str) -> str:
    return f'"{cut_graphemes(text, _LABEL).translate(_ENTITIES)}"'
