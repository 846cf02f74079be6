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
from bot.flow.compile import Shelf, compile_flow, compile_words
from bot.flow.fields import Part
from bot.flow.leaves import Notes, Report
from bot.flow.lists import SUFFIX as CSV
from bot.flow.lists import Listing, decode, read_list
from bot.flow.model import Flow, Snippets, Table, Town
from bot.flow.offices import Danger, Office, Offices
from bot.flow.problems import Problem, Sentence
from bot.flow.program import Words
from bot.flow.revision import revision
from bot.flow.richmenu import RichMenu, all_pressed
from bot.flow.source import Path, Source, read
from bot.flow.wording import problems_of

TOWN = "town.yaml"
RICH_MENU = "richmenu.yaml"
"""Lies among the flows; `madoguchi richmenu` makes the menu below the chat of it."""


@dataclass(frozen=True)
class Loaded:
    """What was read: the book of all sound flows, every problem, the files, and per flow its file and notes."""

    book: Book
    problems: tuple[Problem, ...]
    sources: Mapping[str, Source]
    origins: Mapping[str, Source] = field(default_factory=dict)
    notes: Mapping[str, Notes] = field(default_factory=dict)
    richmenu: tuple[RichMenu, Source] | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that stop a start."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def load(folder: File, actions: Mapping[str, ActionSpec] | None = None) -> Loaded:
    """Read every `*.yaml` below `folder` except transcripts (`*.talk.yaml`), and the lists beside them (`*.csv`)."""
    found = (*folder.rglob("*.yaml"), *folder.rglob(f"*{CSV}"))
    files = sorted(path for path in found if not path.name.endswith(".talk.yaml"))
    texts = {}
    problems = []
    for path in files:
        name = path.relative_to(folder.parent).as_posix()
        try:
            texts[name] = read_file(path)
        except (UnicodeDecodeError, OSError) as error:
            what = Sentence("UTF-8 の文書として読めません。", f"The file cannot be read as UTF-8 text: {error}")
            remedy = Sentence("文字コードに UTF-8 を選んで保存し直してください。", "Save the file again as UTF-8.")
            problems.append(Source(name).problem("encoding", (), what, remedy))
    loaded = load_texts(texts, actions)
    return replace(loaded, problems=(*problems, *loaded.problems))


def read_file(path: File) -> str:
    """Return the text of a flow file or a list; raises UnicodeDecodeError when it is none."""
    return decode(path.read_bytes()) if path.suffix == CSV else path.read_text(encoding="utf-8-sig")


def load_texts(texts: Mapping[str, str], actions: Mapping[str, ActionSpec] | None = None) -> Loaded:
    """Read flow files given as text by file name."""
    sources = {name: read(text, name) for name, text in texts.items() if not name.endswith(CSV)}
    problems = [problem for source in sources.values() for problem in source.problems]
    town = Town()
    flows: dict[str, tuple[Flow, Source]] = {}
    snippets: dict[str, dict[str, str]] = {}
    shared: dict[str, Words] = {}
    tables: list[Table] = []
    richmenu: tuple[RichMenu, Source] | None = None
    offices: dict[str, Office] = {}
    dangers: dict[str, Danger] = {}
    for name, source in sources.items():
        part = None if source.value is None else _model(_kind(name, source.value), source, problems)
        match part:
            case Town():
                town = part
            case Flow():
                _take(part, source, flows, problems)
            case RichMenu():
                richmenu = part, source
            case Table():
                tables.append(part)
            case Offices():
                _take_offices(part, source, offices, problems)
            case Danger():
                dangers[part.danger] = part
            case Snippets():
                snippets |= part.snippets
                shared |= {each: _shared(source, each, texts, problems) for each, texts in part.snippets.items()}
    shelf = Shelf(actions or {}, {name: flow for name, (flow, _) in flows.items()}, shared)
    notes: dict[str, Notes] = {name: Notes() for name in flows}
    programs = {
        name: compile_flow(flow, revision(flow, shelf.flows, snippets), _reporter(source, problems), shelf, notes[name])
        for name, (flow, source) in flows.items()
    }
    lists = _lists(texts, problems)
    book = replace(
        Book.of([*builtin.programs(programs), *programs.values()], town, tables, lists),
        offices=offices,
        dangers=dangers,
        areas=all_pressed(richmenu[0]) if richmenu else (),
    )
    return Loaded(
        book, tuple(problems), sources, {name: source for name, (_, source) in flows.items()}, notes, richmenu
    )


def _lists(texts: Mapping[str, str], problems: list[Problem]) -> dict[str, Listing]:
    """Return the lists by the name of their file, as `from:` knows them."""
    found: dict[str, Listing] = {}
    for file in sorted(name for name in texts if name.endswith(CSV)):
        listing, wrong = read_list(texts[file], file)
        problems.extend(wrong)
        name = file.rsplit("/", 1)[-1]
        if (other := found.get(name)) is not None:
            what = Sentence(
                f"同じ名前の一覧が {other.file} にもあります。", f"There is another list of this name: {other.file}."
            )
            problems.append(Source(file).problem("duplicate_list", (), what))
            continue
        found[name] = listing
    return found


def _take(flow: Flow, source: Source, flows: dict[str, tuple[Flow, Source]], problems: list[Problem]) -> None:
    if flow.flow in flows:
        other = flows[flow.flow][1].file
        what = Sentence(
            f"「{flow.flow}」というフローは {other} にもあります。", f"The flow “{flow.flow}” is also in {other}."
        )
        problems.append(source.problem("duplicate_flow", ("flow",), what))
        return
    flows[flow.flow] = flow, source


def _take_offices(part: Offices, source: Source, offices: dict[str, Office], problems: list[Problem]) -> None:
    for name, office in part.offices.items():
        if name in offices:
            what = Sentence(f"「{name}」という窓口が二つあります。", f"Two offices are called “{name}”.")
            problems.append(source.problem("duplicate_office", ("offices", name), what, key=True))
        offices[name] = office


def _kind(name: str, value: Any) -> type[Part]:
    alone: dict[str, type[Part]] = {TOWN: Town, RICH_MENU: RichMenu}
    if (kind := alone.get(name.rsplit("/", 1)[-1])) is not None:
        return kind
    keys = value if isinstance(value, dict) else {}
    known: tuple[tuple[str, type[Part]], ...] = (
        ("flow", Flow), ("snippets", Snippets), ("table", Table), ("offices", Offices), ("danger", Danger)
    )  # fmt: skip
    return next((kind for key, kind in known if key in keys), Flow)


def _reporter(source: Source, problems: list[Problem]) -> Report:
    def report(code: str, path: Path, ja: str, en: str, *, key: bool = False) -> None:
        problems.append(source.problem(code, path, Sentence(ja, en), key=key))

    return report


def _shared(source: Source, name: str, texts: Mapping[str, str], problems: list[Problem]) -> Words:
    report = _reporter(source, problems)
    words = compile_words(texts, ("snippets", name), report)
    if any("snippets" in template.names for template in words.by_language.values()):
        ja, en = "共有の文章の中で snippets は使えません。", "A shared text cannot use snippets itself."
        report("snippet_loop", ("snippets", name), ja, en)
    return words


def _model(kind: type[Part], source: Source, problems: list[Problem]) -> Part | None:
    try:
        return kind.model_validate(source.value)
    except ValidationError as error:
        problems.extend(problems_of(error, source, kind))
        return None
