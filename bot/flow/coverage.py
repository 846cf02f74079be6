"""What transcripts visit: steps and branches of the flows that no talk goes through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.flow.leaves import Notes
from bot.flow.program import AskOp, DoOp, JumpOp, Op, Program
from bot.flow.source import Source


@dataclass
class Coverage:
    """Steps run and ways taken, by flow."""

    ways: dict[str, set[tuple[int, int]]] = field(default_factory=dict)

    def trace(self, program: Program, index: int, next_: int) -> None:
        """Note that step `index` was run and `next_` came after it."""
        self.ways.setdefault(program.id, set()).add((index, next_))

    def visited(self, flow: str) -> set[int]:
        """Return the steps of a flow that were run."""
        return {index for index, _ in self.ways.get(flow, ())}


@dataclass(frozen=True, slots=True)
class Gap:
    """A step, or one way out of a step, that no transcript takes."""

    flow: str
    place: str
    step: str
    way: str = ""


def gaps(coverage: Coverage, program: Program, source: Source, notes: Notes) -> list[Gap]:
    """Return what no transcript visits in one flow, in the order of the file."""
    found: list[Gap] = []
    told: set[str] = set()
    seen = coverage.visited(program.id)
    ways = coverage.ways.get(program.id, set())
    for index, op in enumerate(program.ops):
        place = str(source.place(notes.spots[index]))
        if index not in seen:
            if place not in told and not _helper(op):
                told.add(place)
                found.append(Gap(program.id, place, op.name))
            continue
        for next_, way in _ways(program, op, index):
            if (index, next_) not in ways:
                found.append(Gap(program.id, place, op.name, way))
    return found


def _helper(op: Op) -> bool:
    return isinstance(op, JumpOp) and not op.name.endswith("-if")


def _ways(program: Program, op: Op, index: int) -> Iterator[tuple[int, str]]:
    if isinstance(op, JumpOp) and op.unless is not None and op.name.endswith("-if"):
        yield index + 1, f"then（{op.unless.source}）"
        yield op.target, f"else（{op.unless.source}）"
    elif isinstance(op, DoOp):
        for outcome, place in op.outcomes.items():
            yield place, outcome
    elif isinstance(op, AskOp):
        for option in op.options:
            if option.goto is not None:
                yield program.places.get(option.goto, len(program.ops)), option.value


def share(coverage: Coverage, programs: Mapping[str, Program]) -> tuple[int, int]:
    """Return how many steps were visited, and how many there are."""
    steps = {(name, index) for name, each in programs.items() for index, op in enumerate(each.ops) if not _helper(op)}
    seen = {(name, index) for name in programs for index in coverage.visited(name)}
    return len(steps & seen), len(steps)
