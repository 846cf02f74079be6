"""Reads a folder of flow files into a book; what is wrong comes back as problems with file, line and column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from bot.flow import builtin
from bot.flow.action import ActionSpec
from bot.flow.book import Book
from bot.flow.compile import Notes, compile_flow, revision
from bot.flow.model import Flow, Town
from bot.flow.problems import Problem, Sentence
from bot.flow.program import Program
from bot.flow.source import Path, Source, read
from bot.flow.wording import problems_of

TOWN = "town.yaml"


@dataclass(frozen=True)
class Loaded:
    """What was read: the book of all sound flows, every problem, the files, and per flow its file and notes."""

    book: Book
    problems: tuple[Problem, ...]
    sources: Mapping[str, Source]
    origins: Mapping[str, Source] = field(default_factory=dict)
    notes: Mapping[str, Notes] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that stop a start."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def load(folder: File, actions: Mapping[str, ActionSpec] | None = None) -> Loaded:
    """Read every `*.yaml` below `folder` except transcripts (`*.talk.yaml`)."""
    files = sorted(path for path in folder.rglob("*.yaml") if not path.name.endswith(".talk.yaml"))
    texts = {}
    problems = []
    for path in files:
        name = path.relative_to(folder.parent).as_posix()
        try:
            texts[name] = path.read_text(encoding="utf-8-sig")
        except (UnicodeDecodeError, OSError) as error:
            what = Sentence("UTF-8 の文書として読めません。", f"The file cannot be read as UTF-8 text: {error}")
            problems.append(Source(name).problem("encoding", (), what))
    loaded = load_texts(texts, actions)
    return replace(loaded, problems=(*problems, *loaded.problems))


def load_texts(texts: Mapping[str, str], actions: Mapping[str, ActionSpec] | None = None) -> Loaded:
    """Read flow files given as text by file name."""
    sources = {name: read(text, name) for name, text in texts.items()}
    problems = [problem for source in sources.values() for problem in source.problems]
    town = Town()
    flows: dict[str, tuple[Flow, Source]] = {}
    for name, source in sources.items():
        if source.value is None:
            continue
        if name.rsplit("/", 1)[-1] == TOWN:
            town = _model(Town, source, problems) or town
        elif (flow := _model(Flow, source, problems)) is not None:
            _take(flow, source, flows, problems)
    notes: dict[str, Notes] = {name: Notes() for name in flows}
    programs = _compile(flows, actions, problems, notes)
    book = Book.of([*builtin.programs(programs), *programs.values()], town)
    return Loaded(book, tuple(problems), sources, {name: source for name, (_, source) in flows.items()}, notes)


def _take(flow: Flow, source: Source, flows: dict[str, tuple[Flow, Source]], problems: list[Problem]) -> None:
    if flow.flow in flows:
        other = flows[flow.flow][1].file
        what = Sentence(
            f"「{flow.flow}」というフローは {other} にもあります。", f"The flow “{flow.flow}” is also in {other}."
        )
        problems.append(source.problem("duplicate_flow", ("flow",), what))
        return
    flows[flow.flow] = flow, source


def _compile(
    flows: Mapping[str, tuple[Flow, Source]],
    actions: Mapping[str, ActionSpec] | None,
    problems: list[Problem],
    notes: Mapping[str, Notes],
) -> dict[str, Program]:
    models = {name: flow for name, (flow, _) in flows.items()}
    programs = {}
    for name, (flow, source) in flows.items():

        def report(code: str, path: Path, ja: str, en: str, *, key: bool = False, source: Source = source) -> None:
            problems.append(source.problem(code, path, Sentence(ja, en), key=key))

        programs[name] = compile_flow(flow, revision(flow, models), actions, report, notes[name])
    return programs


def _model(kind: Any, source: Source, problems: list[Problem]) -> Any:
    try:
        return kind.model_validate(source.value)
    except ValidationError as error:
        problems.extend(problems_of(error, source))
        return None
