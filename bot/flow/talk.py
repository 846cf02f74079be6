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
    """A text older than the question it would answer: it is never taken as the answer, the question is asked again."""


Input = Said | Pressed | Followed | Sent | Overtaken


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to press. `label` is at most 20 graphemes, `data` at most 300 characters (returned in `Pressed`).

    `kind` "pick_date"/"pick_time"/"pick_datetime" opens a picker (`initial`, `min`, `max` in the picker's own form),
    "open" follows `data` as a URI (https or tel), "copy" copies it, "location"/"camera"/"camera_roll" open the phone's own sheet.
    `echo` is what appears in the chat as the resident's own words when it is pressed.
    """

    label: str
    data: str = ""
    kind: Literal[
        "press", "pick_date", "pick_time", "pick_datetime", "open", "copy", "location", "camera", "camera_roll"
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
class Surroundings:
    """All that a turn may know besides its state and its input.

    `now` is aware (Asia/Tokyo); `language` is the resident's choice, None before it was made; `town` holds the
    town's own variables; `topics` what the resident receives now.
    """

    now: dt.datetime
    actions: Actions
    language: str | None = None
    town: Mapping[str, Json] = field(default_factory=dict)


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


Effect = LanguageChosen | Filed | Consented | Placed


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome of one turn: the new state as JSON bytes (None when nothing is running), what to say, what to do.

    `messages` holds one to five; `quick` are the choices below the last of them, at most 13.
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
