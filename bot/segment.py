"""Segments: which residents a message is for, as "all of" and "any of" conditions over topics, attributes, language and friendship.

As JSON: `{"all": [{"topic": "garbage"}, {"any": [{"attribute": "ward", "in": ["north"]}, {"language": ["en"]}]}]}`; an empty
`all` means everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true

from bot.models import Attribute, Resident, Subscription

MOST_CONDITIONS = 100
MOST_VALUES = 500
DEEPEST = 6
DEFAULT_LANGUAGE = "ja"


class SegmentWrong(Exception):
    """The segment cannot be understood; the message says which part and how it is written."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Those who receive a topic."""

    name: str


@dataclass(frozen=True, slots=True)
class Attributed:
    """Those of whom a flow learnt one of these values."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Speaks:
    """Those who chose one of these languages; who chose none counts as `ja`."""

    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Friend:
    """Those known to be friends (or, with False, known to have blocked the account)."""

    yes: bool


@dataclass(frozen=True, slots=True)
class All:
    """Those whom every part means; without parts everybody."""

    parts: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - `Any` is typing's
    """Those whom at least one part means; without parts nobody."""

    parts: tuple[Segment, ...]


Segment = Topic | Attributed | Speaks | Friend | All | Any_

EVERYBODY = All()


def read(written: Any) -> Segment:
    """Return the segment that JSON describes. Raises SegmentWrong."""
    budget = [MOST_CONDITIONS]
    return _read(written, budget, 0)


def write(segment: Segment) -> dict[str, Any]:
    """Return a segment as JSON."""
    match segment:
        case Topic(name):
            return {"topic": name}
        case Attributed(name, values):
            return {"attribute": name, "in": list(values)}
        case Speaks(languages):
            return {"language": list(languages)}
        case Friend(yes):
            return {"friend": yes}
        case All(parts):
            return {"all": [write(part) for part in parts]}
        case Any_(parts):
            return {"any": [write(part) for part in parts]}


def topic_of(segment: Segment) -> str | None:
    """Return the one topic that everybody whom a segment means receives, None where there is none or more than one."""
    topics = {
        each.name for each in (segment.parts if isinstance(segment, All) else (segment,)) if isinstance(each, Topic)
    }
    return topics.pop() if len(topics) == 1 else None


def condition(segment: Segment, *, whole: bool = False) -> ColumnElement[bool]:
    """Return the segment as a condition on rows of `residents`.

    With `whole` it is written for a question about all residents at once, which then begins with those it means; without it each
    resident is looked at in turn, as is right for a window of them.
    """
    match segment:
        case Topic(name):
            return _of(Subscription, whole, Subscription.topic == name)
        case Attributed(name, values):
            return _of(Attribute, whole, Attribute.name == name, Attribute.value.in_(values))
        case Speaks(languages):
            return func.coalesce(Resident.language, DEFAULT_LANGUAGE).in_(languages)
        case Friend(yes):
            return Resident.friend.is_(yes)
        case All(parts):
            return and_(true(), *(condition(part, whole=whole) for part in parts))
        case Any_(parts):
            return or_(false(), *(condition(part, whole=whole) for part in parts))


def _of(model: Any, whole: bool, *meant: ColumnElement[bool]) -> ColumnElement[bool]:
    if whole:
        return Resident.id.in_(select(model.resident_id).where(*meant))
    return exists().where(model.resident_id == Resident.id, *meant)


def _read(written: Any, budget: list[int], depth: int) -> Segment:
    budget[0] -= 1
    if budget[0] < 0 or depth > DEEPEST:
        raise SegmentWrong(f"a segment has at most {MOST_CONDITIONS} conditions, {DEEPEST} deep")
    if not isinstance(written, Mapping):
        raise SegmentWrong(f"a condition is an object such as {{'topic': 'garbage'}}, not {type(written).__name__}")
    match dict(written):
        case {"topic": str(name), **rest} if not rest:
            return Topic(name)
        case {"attribute": str(name), "in": list(values), **rest} if not rest:
            return Attributed(name, _texts(values, "in"))
        case {"language": list(languages), **rest} if not rest:
            return Speaks(_texts(languages, "language"))
        case {"friend": bool(yes), **rest} if not rest:
            return Friend(yes)
        case {"all": list(parts), **rest} if not rest:
            return All(tuple(_read(part, budget, depth + 1) for part in parts))
        case {"any": list(parts), **rest} if not rest:
            return Any_(tuple(_read(part, budget, depth + 1) for part in parts))
    keys = ", ".join(sorted(str(key) for key in written)) or "nothing"
    raise SegmentWrong(
        f"no condition is written with {keys}: use topic, attribute and in, language, friend, all or any"
    )


def _texts(values: Sequence[Any], key: str) -> tuple[str, ...]:
    if not 1 <= len(values) <= MOST_VALUES or not all(isinstance(value, str) for value in values):
        raise SegmentWrong(f"{key} is a list of 1 to {MOST_VALUES} texts")
    return tuple(values)
