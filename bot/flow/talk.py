"""What goes into one turn of a conversation and what comes out: plain values that name no channel.

The chat on LINE and a page of our own are both rendered from these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any
"""A value that JSON can hold: None, bool, int, float, str, list, dict."""


@dataclass(frozen=True, slots=True)
class Said:
    """The resident typed `text` (as received, at most LINE's 5,000 UTF-16 units)."""

    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """The resident pressed a button of ours; `data` is the string the engine put on it (at most 300 characters).

    `picked` is what a date or time picker returned: `YYYY-MM-DD`, `hh:mm` or `YYYY-MM-DDThh:mm`, without a zone.
    """

    data: str
    picked: str | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """The resident became a friend; `again` when a block was lifted (LINE does not guarantee it)."""

    again: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """The resident sent something that is no text: `kind` is LINE's message type, `detail` its harmless properties."""

    kind: str
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A text older than the question it would answer: it is never taken as the answer, the question is asked again.

    `said` is what it was: a person at the desk may still read it.
    """

    said: Said | Sent | None = None


Input = Said | Pressed | Followed | Sent | Overtaken


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to press. `label` is at most 20 graphemes, `data` at most 300 characters (returned in `Pressed`).

    `kind` "pick_date"/"pick_time"/"pick_datetime" opens a picker (`initial`, `min`, `max` in the picker's own form),
    "open" follows `data` as a URI (https or tel), "say" sends it as the resident's own words, "copy" copies it,
    "location"/"camera"/"camera_roll" open the phone's own sheet.
    `echo` is what appears in the chat as the resident's own words when it is pressed.
    """

    label: str
    data: str = ""
    kind: Literal[
        "press", "pick_date", "pick_time", "pick_datetime", "open", "say", "copy", "location", "camera", "camera_roll"
    ] = "press"
    echo: str | None = None
    initial: str | None = None
    min: str | None = None
    max: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One text bubble, at most 5,000 UTF-16 units."""

    text: str


@dataclass(frozen=True, slots=True)
class Buttons:
    """A text with up to four buttons that stay in the chat; `text` at most 160 graphemes."""

    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Rich:
    """Something a channel shows in its own form; `alt` is what a notification and a screen reader say.

    `content` by `kind`: "image" has `url` and `preview` (https); "location" `title`, `address`, `latitude`, `longitude`;
    "sticker" `package` and `sticker`; "cards" a list `cards` of `title`, `text`, `image` (or None) and `choices` (at most
    three `Choice`); "flex" is a Flex container as it is.
    """

    kind: str
    content: Mapping[str, Json]
    alt: str


Message = Text | Buttons | Rich


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What an action of a service answers: one of its declared outcomes, and values the following texts may use.

    With `forget` all other talks under way are given up, as after an erasure.
    """

    outcome: str
    values: Mapping[str, Json] = field(default_factory=dict)
    forget: bool = False


Actions = Callable[[str, Mapping[str, Json]], ActionResult]
"""Runs the action of that name with those arguments, inside the caller's transaction."""


@dataclass(frozen=True, slots=True)
class Counter:
    """How an office's desk stands: whether it `takes` consultations at all, is `closed` by its staff for now, who waits `ahead`.

    `number` is the one the next in the queue gets, `answered` tells that a person has answered this resident already.
    """

    takes: bool = False
    closed: bool = False
    ahead: int = 0
    number: int = 1
    answered: bool = False


def no_desk(_office: str) -> Counter:
    """Tell that nobody is there: what speaks without residents (a notice) hands nobody over."""
    return Counter()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that a turn may know besides its state and its input.

    `now` is aware (Asia/Tokyo); `language` is the resident's choice, None before it was made; `town` holds the
    town's own variables; `time_of_day` looks up when the resident wants to be reminded ("18:00"), if they said so.
    `desk` tells how the desk of an office stands, `page` returns a fresh address where a flow is talked on a page of our own.
    """

    now: dt.datetime
    actions: Actions
    language: str | None = None
    town: Mapping[str, Json] = field(default_factory=dict)
    time_of_day: Callable[[], str | None] = lambda: None
    desk: Callable[[str], Counter] = no_desk
    page: Callable[[str], str | None] = lambda _flow: None


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """The resident chose a language: `ja`, `ja-easy`, `en`, …"""

    language: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What the resident said or sent was taken as the answer to the question `name`, with this value."""

    name: str
    value: Json


@dataclass(frozen=True, slots=True)
class Filed:
    """A flow ended with answers worth keeping; `answers` holds the kept ones by name."""

    flow: str
    revision: str
    answers: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Consented:
    """The resident agreed to, or refused, `version` of the consent `name`; `text` is what was shown to them."""

    name: str
    version: str
    given: bool
    text: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A flow that asks with `segment` ended: `value` of the attribute `name` may be used to choose whom a message is for.

    None when the talk ended without that answer, which takes back an earlier one.
    """

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Reminded:
    """Something is to be said at `due` (aware), instead of what the service wanted to say under this name before.

    It is what the flow `flow` says with `values`, or its one step `step`; `rule` says how it goes on (`timing.Plan` as JSON).
    """

    service: str
    name: str
    flow: str
    step: str | None
    topic: str | None
    due: dt.datetime
    rule: Mapping[str, Json]
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Unreminded:
    """What the service wanted to say under this name is not to be said."""

    service: str
    name: str


@dataclass(frozen=True, slots=True)
class TopicStopped:
    """The resident does not want to hear of this topic again."""

    topic: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A talk (`flow`, and `begun` in seconds since 1970) waits for a person at `office`; `carried` are the answers that go with it.

    `area` is what led to that office, `outside` tells that it is not open now, `number` is the one the resident was told.
    """

    flow: str
    revision: str
    begun: int
    office: str
    area: str
    carried: Mapping[str, Json]
    outside: bool
    number: int


@dataclass(frozen=True, slots=True)
class ToldDesk:
    """The resident said or sent something to the person: `kind` is LINE's message type, `dangers` the danger words in it."""

    flow: str
    begun: int
    kind: str
    text: str
    detail: Mapping[str, Json]
    dangers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftDesk:
    """The resident has turned away from a consultation: ended it, changed the screen, or was away for too long."""

    flow: str
    begun: int


@dataclass(frozen=True, slots=True)
class InDanger:
    """Somebody seems to be in danger before the talk has come to the desk; `answers` are those given so far."""

    flow: str
    revision: str
    begun: int
    office: str
    area: str
    answers: Mapping[str, Json]
    text: str
    dangers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overheard:
    """Danger words of `service` outside of every talk: for the desk only where somebody there looks after the resident already."""

    service: str
    text: str
    dangers: tuple[str, ...]


DeskEffect = HandedOver | ToldDesk | LeftDesk | InDanger | Overheard
Effect = LanguageChosen | Filed | Consented | Placed | Reminded | Unreminded | TopicStopped | DeskEffect


@dataclass(frozen=True, slots=True)
class Counted:
    """Something for the statistics: a talk of `flow` was begun, reached a step, was completed, stopped or expired there."""

    what: str
    flow: str
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome of one turn: the new state as JSON bytes (None when nothing is running), what to say, what to do.

    `messages` holds one to five, none where what was said went to a person; `quick` are the choices below the last of them,
    at most 13.
    `expires_at` is when the running talk lapses, None when nothing runs. `answered` is what the input was taken for.
    """

    state: bytes | None
    messages: tuple[Message, ...]
    quick: tuple[Choice, ...] = ()
    effects: tuple[Effect, ...] = ()
    flow: str | None = None
    revision: str | None = None
    step: str | None = None
    expires_at: dt.datetime | None = None
    answered: tuple[Answered, ...] = ()
    counted: tuple[Counted, ...] = ()
