"""Segments as staff build them in a form: blocks of conditions, "all of" and "any of", over topics, attributes and language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, func, select

from bot import segment
from bot.flow.book import Book
from bot.flow.segments import described
from bot.models import Attribute
from bot.models import Topic as TopicRow
from bot.segment import All, Any_, Attributed, Segment, Speaks, Topic

TOPIC, LANGUAGE = "topic", "language"
MOST_BLOCKS, MOST_CONDITIONS = 6, 8
MOST_NAMES, MOST_VALUES = 60, 300

Join = Literal["all", "any"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One of these `values` of `subject`: TOPIC, LANGUAGE or the name of an attribute."""

    subject: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Conditions of which all, or any, must hold."""

    join: Join = "all"
    conditions: tuple[Condition, ...] = (Condition(""),)


@dataclass(frozen=True, slots=True)
class Builder:
    """Blocks of which all, or any, must hold; without a complete condition everybody."""

    join: Join = "all"
    blocks: tuple[Block, ...] = (Block(),)

    def segment(self) -> Segment:
        """Return what is meant; conditions without values are not finished and mean nothing."""
        blocks = [_block(block) for block in self.blocks]
        return _joined(self.join, [block for block in blocks if block is not None]) or All()


def _block(block: Block) -> Segment | None:
    parts = [_condition(one) for one in block.conditions if one.subject and one.values]
    return _joined(block.join, parts)


def _condition(one: Condition) -> Segment:
    if one.subject == LANGUAGE:
        return Speaks(one.values)
    if one.subject == TOPIC:
        topics: tuple[Segment, ...] = tuple(Topic(name) for name in one.values)
        return topics[0] if len(topics) == 1 else Any_(topics)
    return Attributed(one.subject, one.values)


def _joined(join: Join, parts: Sequence[Segment]) -> Segment | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else (All(tuple(parts)) if join == "all" else Any_(tuple(parts)))


def taken_apart(who: Segment) -> Builder | None:
    """Return the form that says `who`, None when a form cannot say it."""
    if who == All():
        return Builder()
    if (one := _as_block(who)) is not None:
        return Builder("all", (one,))
    if not isinstance(who, All | Any_):
        return None
    blocks = [_as_block(part) for part in who.parts]
    whole = [block for block in blocks if block is not None]
    return Builder("all" if isinstance(who, All) else "any", tuple(whole)) if len(whole) == len(blocks) else None


def _as_block(who: Segment) -> Block | None:
    if (one := _as_condition(who)) is not None:
        return Block("all", (one,))
    if not isinstance(who, All | Any_) or not who.parts:
        return None
    conditions = [_as_condition(part) for part in who.parts]
    whole = [one for one in conditions if one is not None]
    return Block("all" if isinstance(who, All) else "any", tuple(whole)) if len(whole) == len(conditions) else None


def _as_condition(who: Segment) -> Condition | None:
    match who:
        case Topic(name):
            return Condition(TOPIC, (name,))
        case Speaks(languages):
            return Condition(LANGUAGE, languages)
        case Attributed(name, values):
            return Condition(name, values)
        case Any_(parts) if parts and all(isinstance(part, Topic) for part in parts):
            return Condition(TOPIC, tuple(part.name for part in parts if isinstance(part, Topic)))
    return None


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen from: `subjects` by name, and the values of each as they are called."""

    subjects: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]

    def said(self, who: Segment, language: str) -> str:
        """Return a segment as a sentence for staff."""
        japanese = language.startswith("ja")
        match who:
            case Topic(name):
                return ("分野：" if japanese else "topic: ") + self._value(TOPIC, name)
            case Speaks(languages):
                return ("ことば：" if japanese else "language: ") + self._values(LANGUAGE, languages, japanese)
            case Attributed(name, values):
                title = self.subjects.get(name, name)
                return f"{title}{'：' if japanese else ': '}{self._values(name, values, japanese)}"
            case segment.Friend(yes):
                return ("友だち" if japanese else "friends") if yes else ("ブロック中" if japanese else "has blocked")
            case All(parts) if not parts:
                return "全員" if japanese else "everybody"
            case All(parts) | Any_(parts):
                word = ("かつ" if japanese else " and ") if isinstance(who, All) else ("または" if japanese else " or ")
                return word.join(self._inner(part, language) for part in parts)
        raise TypeError(type(who).__name__)

    def _inner(self, part: Segment, language: str) -> str:
        said = self.said(part, language)
        return f"（{said}）" if isinstance(part, All | Any_) and len(part.parts) > 1 else said

    def _values(self, subject: str, values: Sequence[str], japanese: bool) -> str:
        return ("・" if japanese else ", ").join(self._value(subject, value) for value in values)

    def _value(self, subject: str, value: str) -> str:
        return self.values.get(subject, {}).get(value, value)


def choices(connection: Connection, book: Book, language: str, used: Sequence[str] = ()) -> Choices:
    """Return what a segment can be built of here and now; the values of attributes only for those in `used`."""
    topics = connection.execute(select(TopicRow.name, TopicRow.titles).order_by(TopicRow.name)).all()
    subjects = {
        TOPIC: "受け取る分野" if language == "ja" else "Topic",
        LANGUAGE: "ことば" if language == "ja" else "Language",
    }
    values: dict[str, dict[str, str]] = {
        TOPIC: {row.name: row.titles.get(language) or row.titles.get("ja", row.name) for row in topics},
        LANGUAGE: dict(book.town.languages),
    }
    for name in _steps(connection, Attribute.name, (), MOST_NAMES):
        subjects[name] = described(book, name, "", language)[0]
        if name in used:
            found = values_of(connection, name)
            values[name] = {value: described(book, name, value, language)[1] for value in found}
    return Choices(subjects, values)


def values_of(connection: Connection, name: str) -> list[str]:
    """Return the different values of an attribute."""
    return _steps(connection, Attribute.value, (Attribute.name == name,), MOST_VALUES)


def _steps(connection: Connection, column: Any, within: tuple[Any, ...], most: int) -> list[str]:
    """Return the different values of an indexed column: from one to the next, a million rows in between are not looked at."""
    found: list[str] = []
    smallest = select(func.min(column)).where(*within)
    while len(found) < most:
        question = smallest.where(column > found[-1]) if found else smallest
        value = connection.execute(question).scalar_one()
        if value is None:
            break
        found.append(value)
    return found


def attributes_in(who: Segment) -> list[str]:
    """Return the names of the attributes that a segment asks for."""
    match who:
        case Attributed(name):
            return [name]
        case All(parts) | Any_(parts):
            return [name for part in parts for name in attributes_in(part)]
    return []
