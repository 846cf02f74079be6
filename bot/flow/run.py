"""One turn while it happens: the talks under way, what was said so far, and the values texts may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.flow import phrases
from bot.flow.book import Book
from bot.flow.program import HandoffOp, Program, Words
from bot.flow.sandbox import Lazy
from bot.flow.show import show
from bot.flow.state import HISTORY, TALKS, Talk
from bot.flow.talk import Answered, Choice, Counted, Effect, Message, Surroundings, Text

STEPS_PER_TURN = 200
GIVEN_MOST = 50
GIVEN_CHARACTERS = 120
"""What an action may hand over to choose from; a value must fit on a button."""
TEXTS_PER_TURN = 30

Trace = Callable[[Program, int, int], None]
"""Is told each step run and the one after it, by index (transcripts measure what they visit)."""


class Labels(Lazy):
    """`labels.kind`: what the chosen answer is called, in the resident's language."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def look(self, name: str) -> Any:
        """Return the label of the answer to the question `name`."""
        talk = self.run.talk
        program = None if talk is None else self.run.program(talk)
        if talk is None or program is None:
            return None
        asked = program.questions.get(name)
        return None if asked is None else show(self.run, asked, talk.answers.get(name))


class SnippetTexts(Lazy):
    """`snippets.hours`: a text that several flows share, filled like any other (but not from snippets again)."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def look(self, name: str) -> Any:
        """Return the shared text `name`, of the revision the talk is on."""
        program = None if self.run.talk is None else self.run.program(self.run.talk)
        words = None if program is None else program.snippets.get(name)
        return None if words is None else words.in_(self.run.language, {**self.run.values(), "snippets": {}})


class Rows(Lazy):
    """`rows.item`: the row of a list that was chosen at the question `item`, its columns in the resident's language."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def look(self, name: str) -> Any:
        """Return the columns of the chosen row, None without one."""
        talk = self.run.talk
        program = None if talk is None else self.run.program(talk)
        if talk is None or program is None or (asked := program.questions.get(name)) is None:
            return None
        listing = self.run.book.lists.get(asked.listing or "")
        chosen = talk.answers.get(name)
        return listing.in_(chosen, self.run.language) if listing and isinstance(chosen, str) else None


class DatedTables(Lazy):
    """`tables.triage`: the row of a table that holds today."""

    def __init__(self, book: Book, today: str) -> None:
        self.book = book
        self.today = today

    def look(self, name: str) -> Any:
        """Return the values that hold today, None before the first row."""
        rows = self.book.tables.get(name, ())
        return next((values for day, values in rows if day <= self.today), None)


@dataclass
class Run:
    """The working table of one turn; `steps` is what may still be done in it. It is `quiet` when a person will answer instead."""

    book: Book
    around: Surroundings
    talks: list[Talk]
    language: str = "ja"
    drafts: list[Message] = field(default_factory=list)
    quick: list[Choice] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    came_from: tuple[str, str] | None = None
    """Flow and step at which the turn found the resident."""

    steps: int = STEPS_PER_TURN
    base: dict[str, Any] = field(default_factory=dict)
    trace: Trace | None = None
    quiet: bool = False

    def __post_init__(self) -> None:
        self.language = self.around.language or "ja"
        self.seconds = int(self.around.now.timestamp())
        self.today = self.around.now.date().isoformat()
        self.base = {
            "town": self._town(),
            "today": self.today,
            "now": self.around.now.isoformat(timespec="minutes"),
            "tables": DatedTables(self.book, self.today),
        }

    @property
    def talk(self) -> Talk | None:
        """Return the running talk."""
        return self.talks[-1] if self.talks else None

    def values(self) -> dict[str, Any]:
        """Return what texts and conditions may use now."""
        answers = self.talks[-1].answers if self.talks else {}
        # Made anew each time: kept in `base` they would be a cycle, and every turn work for the garbage collector.
        return {
            **answers,
            **self.base,
            "language": self.language,
            "labels": Labels(self),
            "rows": Rows(self),
            "snippets": SnippetTexts(self),
        }

    def program(self, talk: Talk) -> Program | None:
        """Return the program of the revision `talk` began with, None when it is no longer kept."""
        return self.book.program(talk.flow, talk.revision)

    def words(self, words: Words) -> str:
        """Return a text of a flow in the resident's language."""
        return words.in_(self.language, self.values())

    def given(self, name: str) -> list[tuple[str, str]]:
        """Return the choices an action handed over under `name`, as value and label: texts, or `{value, label}` each."""
        found = self.talks[-1].answers.get(name)
        entries = found if isinstance(found, list) else []
        pairs = (
            (str(one.get("value", "")), str(one.get("label", ""))) if isinstance(one, dict) else (str(one), str(one))
            for one in entries[:GIVEN_MOST]
        )
        return [(value[:GIVEN_CHARACTERS], shown) for value, shown in pairs if value and shown]

    def title(self, flow: str) -> str:
        """Return what a flow is called."""
        program = self.book.programs.get(flow)
        return self.words(program.title) if program else flow

    def say(self, text: str) -> None:
        """Say a text; an empty one is left out."""
        if text.strip() and len(self.drafts) < TEXTS_PER_TURN:
            self.drafts.append(Text(text))

    def phrase(self, name: str, **values: Any) -> None:
        """Say one of the engine's own sentences."""
        self.say(phrases.phrase(name, self.language, values))

    def _town(self) -> Mapping[str, Any]:
        own = self.book.town_in(self.language)
        return {**own, **self.around.town} if self.around.town else own

    def speak(self, language: str) -> None:
        """Go on in another language."""
        self.language = language
        self.base["town"] = self._town()

    def push(self, program: Program, answers: dict[str, Any] | None = None, *, beside: bool = False) -> Talk:
        """Put a new talk of `program` on top; an older one of the same flow is given up unless this runs `beside` it.

        When there are too many the oldest goes, but none in which a person listens.
        """
        self.talks[:] = [talk for talk in self.talks if beside or talk.flow != program.id]
        while len(self.talks) >= TALKS:
            idle = (talk for talk in self.talks if not self.hears(talk))
            self.talks.remove(next(idle, self.talks[0]))
        talk = Talk(program.id, program.revision, self.seconds, self.seconds + program.flow.expires_after)
        talk.answers.update(answers or {})
        self.talks.append(talk)
        self.counted.append(Counted("begun", program.id))
        return talk

    def hears(self, talk: Talk) -> bool:
        """Tell whether a person listens in `talk`."""
        program = self.program(talk)
        return program is not None and isinstance(program.op(talk.step), HandoffOp)

    def keep(self, name: str, value: Any) -> None:
        """Keep a value of the running talk, remembering what to put back when the resident goes back."""
        talk = self.talks[-1]
        if talk.history:
            undo = talk.history[-1][1]
            if name not in undo:
                undo[name] = [talk.answers[name]] if name in talk.answers else []
        if value is None:
            talk.answers.pop(name, None)
        else:
            talk.answers[name] = value

    def forget(self) -> None:
        """Give up all talks but the running one, and what this turn had to be done and taken for an answer so far."""
        del self.talks[:-1]
        self.effects.clear()
        self.answered.clear()

    def remember(self, step: str) -> None:
        """Note that the question `step` is being answered, so that 戻る leads to it."""
        talk = self.talks[-1]
        talk.history.append([step, {}, talk.replay])
        del talk.history[:-HISTORY]
