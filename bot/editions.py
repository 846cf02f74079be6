"""Editions of the flows: which one is in force, which older ones running talks still need, and what is paused.

The database says it for all processes; each of them looks every few seconds. Files on disk become an edition only by being
published.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, insert, select

from bot import audience
from bot.db import Database
from bot.flow import lint, state
from bot.flow.action import ActionSpec
from bot.flow.book import Book
from bot.flow.load import Loaded, load_texts, read_file
from bot.flow.problems import Problem
from bot.flow.program import AskOp, HandoffOp, Program
from bot.flow.state import Talk
from bot.flow.steps import asks_the_same
from bot.models import Activation, Conversation, FlowRevision, Pause, Publication
from bot.now import Now
from bot.service import Services
from bot.upsert import insert_into


class FlowsBroken(Exception):
    """The flows have errors; `madoguchi flows check` explains each of them. `problems` are those found in the files."""

    def __init__(self, said: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(said)
        self.problems = tuple(problems)

    @property
    def first(self) -> str:
        """Return the first problem as its author reads it: where, what, and how to mend it."""
        problem = next(iter(self.problems), None)
        remedy = "" if problem is None or problem.remedy is None else problem.remedy.ja
        return str(self) if problem is None else f"{problem.place}: {problem.what.ja}{remedy}"


class NothingPublished(Exception):
    """No flows are in force: publish them with `madoguchi flows publish`."""


UNFILLED = frozenset({"unfilled"})
"""Codes of warnings that stop a publication: what every town must fill in itself."""

EDITIONS_AT_HAND = 3
"""So many earlier publications stay loaded, for talks that other processes began just before they saw the latest."""

EXAMINED_AT_HAND = 3
READ_AT_HAND = 4
STATES_AT_ONCE = 500
OpenState = Callable[[int, bytes], bytes]
"""Opens the sealed state of a resident's conversation: the resident's id, what is stored."""

Texts = Mapping[str, str]
"""Flow files by name, as `flows/tax/remind.yaml`."""


def read_folder(folder: Path) -> dict[str, str]:
    """Return the flow files below `folder`: flows, town, tables, snippets and what they refer to, without transcripts."""
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in {".yaml", ".csv"} and not path.name.endswith(".talk.yaml") and path.is_file()
    )
    return {path.relative_to(folder.parent).as_posix(): read_file(path) for path in files}


def newest_change(folder: Path) -> float:
    """Return when anything below `folder` was last changed, in seconds since 1970."""
    return max((path.stat().st_mtime for path in [folder, *folder.rglob("*")]), default=0.0)


@dataclass(frozen=True, slots=True)
class Change:
    """What publishing does to one flow: `kind` is new, changed, removed or same.

    Of the talks under way in it, so many go on as they began, are taken over into the new version because it still asks
    what they wait at, and begin anew with a polite word (or end with one, where the flow is gone).
    """

    flow: str
    kind: str
    going_on: int = 0
    taken_over: int = 0
    begun_anew: int = 0

    @property
    def running(self) -> int:
        """Return how many talks are under way in it."""
        return self.going_on + self.taken_over + self.begun_anew


class Editions:
    """The flows of one process. `book` is what conversations use; `refresh` follows what the database says."""

    def __init__(self, database: Database, services: Services, folder: Path, now: Now) -> None:
        self._database = database
        self._services = services
        self._folder = folder
        self._now = now
        self._book: Book | None = None
        self._current: Book | None = None
        self._state: tuple[object, ...] = ()
        self._activation: int | None = None
        self._compiled: dict[int, Loaded] = {}
        self._published: int | None = None
        self._examined: dict[bytes, tuple[Loaded, tuple[Problem, ...]]] = {}

    def book(self) -> Book:
        """Return the flows in force. Raises NothingPublished before the first ones are."""
        if self._book is None:
            raise NothingPublished("no flows are in force: run `madoguchi flows publish`")
        return self._book

    def published(self) -> tuple[int, Loaded]:
        """Return the number of the publication that `book` is of, and it as it was read. Raises NothingPublished."""
        if self._published is None:
            raise NothingPublished("no flows are in force: run `madoguchi flows publish`")
        return self._published, self._compiled[self._published]

    def begin(self) -> None:
        """Load what is in force; where nothing ever was, publish the folder."""
        with self._database.read() as connection:
            empty = connection.execute(select(func.max(Activation.id))).scalar_one() is None
        if empty:
            self.publish(read_folder(self._folder), "first start")
        self.refresh()

    def refresh(self) -> bool:
        """Look whether something was published, paused or resumed; return whether anything changed."""
        with self._database.read() as connection:
            latest = connection.execute(_LATEST).one_or_none()
            pauses = {row.service: row.texts for row in connection.execute(select(Pause.service, Pause.texts))}
            found = (latest and latest.id, sorted((name, sorted(texts.items())) for name, texts in pauses.items()))
            if latest is None or found == self._state:
                return False
            if latest.id != self._activation:
                current = self._compile(connection, latest.publication_id)
                older = self._older(connection, current, latest.publication_id)
                self._current = current.book.with_older(older)
                self._activation, self._published = latest.id, latest.publication_id
        if self._current is not None:
            self._book, self._state = self._current.with_pauses(pauses), found
        return True

    def check(self, texts: Texts, *, strict: bool = False) -> Loaded:
        """Read flows and return them. Raises FlowsBroken for errors, when `strict` for values the town must still fill too."""
        loaded, problems = self.examined(texts)
        errors = [one for one in problems if one.severity == "error" or (strict and one.code in UNFILLED)]
        if errors:
            raise FlowsBroken(
                f"the flows have {len(errors)} errors, see `madoguchi flows check`; the first: {errors[0]}", errors
            )
        if lacking := self._services.check(loaded.book):
            raise FlowsBroken("the flows lack: " + "; ".join(lacking))
        return loaded

    def examined(self, texts: Texts) -> tuple[Loaded, tuple[Problem, ...]]:
        """Read flows and return them with every problem.

        It takes a second of computing, so the latest few are kept: who proposes flows has them looked at again and again.
        """
        key = hashlib.sha256(orjson.dumps(dict(texts), option=orjson.OPT_SORT_KEYS)).digest()
        found = self._examined.get(key)
        if found is None:
            loaded = self._read(texts)
            found = loaded, tuple(lint.check(loaded, self._services.registry))
            for old in list(self._examined)[: -EXAMINED_AT_HAND + 1 or None]:
                self._examined.pop(old, None)
            self._examined[key] = found
        return found

    def changes(self, texts: Texts, open_state: OpenState | None = None) -> list[Change]:
        """Return what publishing `texts` would do, flow by flow.

        Whether a talk is taken over depends on what it was asked before, which only `open_state` can tell; without it the question
        it waits at decides.
        """
        coming = self.check(texts).book.programs
        fates: Counter[tuple[str, str]] = Counter()
        with self._database.read() as connection:
            latest = connection.execute(_LATEST).one_or_none()
            going = self._compile(connection, latest.publication_id).book.programs if latest else {}
            sound = {number: self._sound(connection, number) for number in connection.execute(_IN_USE).scalars()}
            for row in connection.execute(_RUNNING):
                kept, new = sound.get(row.publication_id, {}).get(row.flow), coming.get(row.flow)
                fate = _fate(kept, new, row.revision, row.step)
                waits = None if new is None else new.op(row.step or "")
                if fate == "taken_over" and new is not None and isinstance(waits, AskOp) and open_state is not None:
                    same = sum(asks_the_same(new, talk) for talk in _talks(connection, row, open_state))
                    fates[row.flow, "begun_anew"] += row.talks - same
                    fates[row.flow, fate] += same
                else:
                    fates[row.flow, fate] += row.talks
        flows = sorted({*coming, *going, *(flow for flow, _ in fates)})
        return [
            Change(flow, _kind(going.get(flow), coming.get(flow)), *(fates[flow, fate] for fate in _FATES))
            for flow in flows
        ]

    def publish(self, texts: Texts, by: str, *, strict: bool = False) -> int:
        """Put `texts` in force for all processes and return the publication's number. Raises FlowsBroken."""
        loaded = self.check(texts, strict=strict)
        with self._database.write() as connection:
            number = self._enter(connection, texts, loaded)
            self._activate(connection, number, by, loaded)
        return number

    def propose(self, texts: Texts) -> int:
        """Keep `texts` as a publication that is not in force yet, and return its number. Raises FlowsBroken."""
        loaded = self.check(texts)
        with self._database.write() as connection:
            return self._enter(connection, texts, loaded)

    def activate(self, number: int, by: str) -> None:
        """Put an earlier publication in force again. Raises LookupError when there is none of that number."""
        with self._database.write() as connection:
            if connection.execute(select(Publication.id).where(Publication.id == number)).one_or_none() is None:
                raise LookupError(f"there is no publication {number}: see `madoguchi flows history`")
            self._activate(connection, number, by, self.check(texts_of(connection, number)))

    def _enter(self, connection: Connection, texts: Texts, loaded: Loaded) -> int:
        """Return the number of these files, entering them when they are new; of two processes that do, one waits for the other."""
        files = orjson.dumps(dict(texts), option=orjson.OPT_SORT_KEYS)
        digest = hashlib.sha256(files).hexdigest()
        row = {"digest": digest, "files": zlib.compress(files), "published_at": self._now()}
        statement = insert_into(connection, Publication).on_conflict_do_nothing(index_elements=["digest"])
        number: int | None = connection.execute(statement.returning(Publication.id), row).scalar_one_or_none()
        if number is not None:
            self._enter_revisions(connection, loaded.book.programs.values(), number)
            return number
        return connection.execute(select(Publication.id).where(Publication.digest == digest)).scalar_one()

    def _activate(self, connection: Connection, number: int, by: str, loaded: Loaded) -> None:
        for topic, titles in loaded.book.town.topics.items():
            audience.offer(connection, topic, {language or "ja": title for language, title in titles.items()})
        latest = connection.execute(_LATEST).one_or_none()
        if latest is None or latest.publication_id != number:
            row = {"publication_id": number, "activated_at": self._now(), "activated_by": by[:80]}
            connection.execute(insert(Activation), row)

    def _enter_revisions(self, connection: Connection, programs: Iterable[Program], number: int) -> None:
        rows = [{"flow": one.id, "revision": one.revision, "publication_id": number} for one in programs]
        connection.execute(insert_into(connection, FlowRevision).on_conflict_do_nothing(), rows)

    def _compile(self, connection: Connection, number: int) -> Loaded:
        if number not in self._compiled:
            self._compiled[number] = self._read(texts_of(connection, number))
        return self._compiled[number]

    def _read(self, texts: Texts) -> Loaded:
        return _read(tuple(sorted(texts.items())), tuple(sorted(self._services.registry.items())))

    def _older(self, connection: Connection, current: Loaded, number: int) -> list[Program]:
        """Return the programs of other revisions that talks may still be in and that today's actions can still carry.

        A revision left out here is met with a polite restart, or goes on in the new one where that asks the same.
        """
        older: dict[tuple[str, str], Program] = {}
        recent = connection.execute(_RECENT.limit(EDITIONS_AT_HAND + 1)).scalars().all()
        for each in {*recent, *connection.execute(_IN_USE).scalars()} - {number}:
            older |= {(program.id, program.revision): program for program in self._sound(connection, each).values()}
        return [program for key, program in older.items() if current.book.program(*key) is None]

    def _sound(self, connection: Connection, number: int) -> Mapping[str, Program]:
        """Return the programs of a publication, none of them when today's actions can no longer carry it."""
        loaded = self._compile(connection, number)
        broken = any(problem.severity == "error" for problem in lint.check(loaded, self._services.registry))
        return {} if broken else loaded.book.programs


@lru_cache(maxsize=READ_AT_HAND)
def _read(files: tuple[tuple[str, str], ...], actions: tuple[tuple[str, ActionSpec], ...]) -> Loaded:
    """Return what the files say. Kept for the process and those it forks: gunicorn's workers find read what their parent has."""
    return load_texts(dict(files), dict(actions))


def pause(connection: Connection, service: str, texts: Texts, by: str, now: Now) -> None:
    """Pause a service (`tax`) or a flow; all processes obey within seconds."""
    statement = insert_into(connection, Pause)
    changed = {name: statement.excluded[name] for name in ("texts", "paused_at", "paused_by")}
    row = {"service": service, "texts": dict(texts), "paused_at": now(), "paused_by": by[:80]}
    connection.execute(statement.on_conflict_do_update(index_elements=["service"], set_=changed), row)


def resume(connection: Connection, service: str) -> bool:
    """End a pause; return whether there was one."""
    ended = connection.execute(delete(Pause).where(Pause.service == service).returning(Pause.service))
    return ended.first() is not None


def history(connection: Connection) -> list[tuple[int, dt.datetime, str]]:
    """Return activations, newest first: publication number, moment, by whom."""
    columns = (Activation.publication_id, Activation.activated_at, Activation.activated_by)
    rows = connection.execute(select(*columns).order_by(Activation.id.desc()).limit(50))
    return [(row[0], row[1], row[2]) for row in rows]


def in_force(connection: Connection) -> int | None:
    """Return the number of the publication in force, None before the first."""
    latest = connection.execute(_LATEST).one_or_none()
    return None if latest is None else latest.publication_id


def texts_of(connection: Connection, number: int) -> dict[str, str]:
    """Return the files of a publication by name."""
    files = connection.execute(select(Publication.files).where(Publication.id == number)).scalar_one()
    texts: dict[str, str] = orjson.loads(zlib.decompress(files))
    return texts


def _talks(connection: Connection, group: Any, open_state: OpenState) -> Iterator[Talk]:
    """Yield the talks under way at one step of one revision."""
    at = (Conversation.flow == group.flow, Conversation.revision == group.revision, Conversation.step == group.step)
    rows = connection.execute(select(Conversation.resident_id, Conversation.state).where(*at))
    for row in rows.yield_per(STATES_AT_ONCE):
        yield from state.load(open_state(row.resident_id, row.state))[-1:]


_FATES = ("going_on", "taken_over", "begun_anew")


def _fate(kept: Program | None, new: Program | None, revision: str, step: str | None) -> str:
    """Return what becomes of a talk on `revision` that waits at `step`: the engine decides the same way at its next turn."""
    if (kept is not None and kept.revision == revision) or (new is not None and new.revision == revision):
        return "going_on"
    return "taken_over" if new is not None and isinstance(new.op(step or ""), AskOp | HandoffOp) else "begun_anew"


def _kind(old: Program | None, new: Program | None) -> str:
    if old is None:
        return "new"
    if new is None:
        return "removed"
    return "same" if old.revision == new.revision else "changed"


_LATEST = select(Activation.id, Activation.publication_id).order_by(Activation.id.desc()).limit(1)
_RECENT = select(Activation.publication_id).order_by(Activation.id.desc())
_ITS_REVISION = (Conversation.flow == FlowRevision.flow) & (Conversation.revision == FlowRevision.revision)
_RUNNING = (
    select(
        Conversation.flow,
        Conversation.revision,
        Conversation.step,
        FlowRevision.publication_id,
        func.count().label("talks"),
    )
    .outerjoin(FlowRevision, _ITS_REVISION)
    .where(Conversation.flow.is_not(None))
    .group_by(Conversation.flow, Conversation.revision, Conversation.step, FlowRevision.publication_id)
)
_IN_USE = select(FlowRevision.publication_id).join(Conversation, _ITS_REVISION).distinct()
