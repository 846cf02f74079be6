"""The leaves of a flow, compiled: texts, conditions, buttons, questions; what is wrong in them is reported with its path."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.flow import model
from bot.flow.content import Button, Card, Content
from bot.flow.program import AskOp, CardShown, Given, OptionOp, Pressable, RemindOp, SayOp, Shown, Words
from bot.flow.sandbox import Expression, Template, expression, template
from bot.flow.source import Path
from bot.flow.spoken import as_a_flow_writes
from bot.flow.template_trouble import Refused
from bot.flow.timing import weekdays
from bot.flow.words import fold, means_end

UNREAD = Expression("none")
"""Stands for a condition that was reported because it cannot be read."""

UNREADABLE = Template("…")
"""Stands for a text that was reported because it cannot be read; it is not empty, which would be another mistake."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2})?")


class Report(Protocol):
    """Takes a problem found at a path of the file."""

    def __call__(self, code: str, path: Path, ja: str, en: str, *, key: bool = False) -> None: ...


@dataclass
class Notes:
    """What the check needs besides the program: where each step, text and condition stands in the file."""

    spots: list[Path] = field(default_factory=list)
    texts: list[tuple[Path, int, Words]] = field(default_factory=list)
    conditions: list[tuple[Path, int, Expression]] = field(default_factory=list)
    targets: list[tuple[str, Path]] = field(default_factory=list)
    confirmed: list[tuple[str, Path, int]] = field(default_factory=list)
    calls: list[tuple[str, Path, int, frozenset[str]]] = field(default_factory=list)
    stopped: list[tuple[str, Path]] = field(default_factory=list)


def near_step(target: str, known: Iterable[str], flows: Iterable[str]) -> tuple[str, str]:
    """Return “did you mean …?” for a step to go to, which may be `end`, or one of the `flows`."""
    if target in flows:
        return (
            f"フローなら「start: {target}」か「call: {target}」と書きます。",
            f" For the flow write “start: {target}” or “call: {target}”.",
        )
    return close("end", ["end"]) if means_end(target) else close(target, known)


def close(word: str, known: Iterable[str]) -> tuple[str, str]:
    """Return “did you mean …?” in both languages, empty when nothing is near."""
    meant = next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)), None)
    return (f"「{meant}」ではありませんか。", f" Did you mean “{meant}”?") if meant else ("", "")


def _answers_in(used: Template | Expression) -> Iterator[str]:
    """Yield the answers that a text or condition uses, also those it only names: `labels.kind`, `rows.item.fee`."""
    yield from used.names
    yield from (name for root, name in used.fields if root in {"labels", "rows"})


def _closed(error: Refused) -> str:
    said = error.what.en.rstrip(".")
    return said if said.endswith("?") else f"{said}."


class Leaves:
    """Compiles what steps are made of; `at` is the step under way and `prefix` the call it is in."""

    def __init__(self, report: Report, notes: Notes) -> None:
        self.report = report
        self.notes = notes
        self.prefix = ""
        self.at = 0

    def say(self, step: model.Say, path: Path, name: str, relevant: Expression | None) -> SayOp:
        return SayOp(name, relevant, self.items(step.say, path), self.buttons(step.buttons, path))

    def items(self, said: Sequence[Mapping[str, str] | Content], path: Path) -> tuple[Words | Shown, ...]:
        items: list[Words | Shown] = []
        for number, item in enumerate(said):
            here = (*path, "say") if len(said) == 1 else (*path, "say", number)
            items.append(self.shown(item, here) if isinstance(item, Content) else self.words(item, here))
        return tuple(items)

    def buttons(self, buttons: Sequence[Button], path: Path) -> tuple[Pressable, ...]:
        return tuple(self.button(button, (*path, "buttons", number)) for number, button in enumerate(buttons))

    def remind(self, step: model.Remind, path: Path, name: str, relevant: Expression | None) -> RemindOp:
        texts, conditions = len(self.notes.texts), len(self.notes.conditions)
        items, buttons = self.items(step.say or (), path), self.buttons(step.buttons, path)
        used: list[Template | Expression] = [found for _, _, found in self.notes.conditions[conditions:]]
        used += [found for _, _, words in self.notes.texts[texts:] for found in words.by_language.values()]
        return RemindOp(
            name,
            relevant,
            items,
            buttons,
            reminder=step.remind,
            at=self.given(step.at, (*path, "at")),
            after=step.after,
            every=step.every,
            on=None if step.on is None else self.weekdays(step.on, (*path, "on")),
            time=step.time,
            until=self.given(step.until, (*path, "until")),
            quiet=step.quiet,
            holiday=step.holiday,
            flow=step.start,
            arguments=self.givens(step.with_, (*path, "with")),
            topic=step.topic,
            needs=frozenset(name for found in used for name in _answers_in(found)),
        )

    def shown(self, item: Content, path: Path) -> Shown:
        alt = self.maybe(item.alt, (*path, "alt"))
        if item.image is not None:
            return Shown("image", alt, {"url": item.image, "preview": item.preview or item.image})
        if item.location is not None:
            place = item.location
            words = {key: self.words(getattr(place, key), (*path, "location", key)) for key in ("title", "address")}
            return Shown("location", alt, {"latitude": place.latitude, "longitude": place.longitude}, words)
        if item.sticker is not None:
            return Shown("sticker", alt, {"package": item.sticker.package, "sticker": item.sticker.sticker})
        if item.flex is not None:
            return Shown("flex", alt, item.flex)
        if item.card is not None:
            return Shown("cards", alt, cards=(self.card(item.card, (*path, "card")),))
        cards = (self.card(card, (*path, "cards", number)) for number, card in enumerate(item.cards or ()))
        return Shown("cards", alt, cards=tuple(cards))

    def card(self, card: Card, path: Path) -> CardShown:
        buttons = tuple(self.button(button, (*path, "buttons", number)) for number, button in enumerate(card.buttons))
        return CardShown(
            self.maybe(card.title, (*path, "title")), self.words(card.text, (*path, "text")), card.image, buttons
        )

    def ask(self, step: model.Ask, path: Path, name: str, relevant: Expression | None) -> AskOp:
        options = tuple(
            OptionOp(
                option.value,
                self.words(option.label, (*path, "choices", number, "label")),
                frozenset({fold(option.value), *map(fold, option.label.values())} - {""}),
                self.want(option.goto, (*path, "choices", number, "goto")),
                self.condition(option.relevant, (*path, "choices", number, "relevant")),
            )
            for number, option in enumerate(step.choices)
        )
        return AskOp(
            name,
            relevant,
            variable=step.ask,
            text=self.words(step.text, (*path, "text")),
            type=step.type,
            label=self.maybe(step.label, (*path, "label")),
            options=options,
            listing=step.from_,
            required=step.required,
            constraint=self.condition(step.constraint, (*path, "constraint")),
            constraint_message=self.maybe(step.constraint_message, (*path, "constraint_message")),
            hint=self.maybe(step.hint, (*path, "hint")),
            why=self.maybe(step.why, (*path, "why")),
            secret=step.secret,
            segment=step.segment,
            min=self.bound(step, step.min, (*path, "min")),
            max=self.bound(step, step.max, (*path, "max")),
            retries=step.retries,
            on_fail=self.want(step.on_fail, (*path, "on_fail")),
        )

    def consent(self, step: model.Consent, path: Path, name: str, relevant: Expression | None) -> AskOp:
        return AskOp(
            name,
            relevant,
            variable=step.consent,
            text=self.words(step.text, (*path, "text")),
            type="consent",
            why=self.maybe(step.why, (*path, "why")),
            version=step.version,
            refused=self.want(step.refused, (*path, "refused")),
        )

    def button(self, button: Button, path: Path) -> Pressable:
        outcomes = {outcome: self.target(target, (*path, "on", outcome)) for outcome, target in button.on.items()}
        return Pressable(
            self.words(button.label, (*path, "label")),
            self.want(button.goto, (*path, "goto")),
            button.do,
            self.givens(button.with_, (*path, "with")),
            outcomes,
            button.start,
            self.maybe(button.open, (*path, "open")),
            self.maybe(button.copy_, (*path, "copy")),
            button.only_while_running,
        )

    def want(self, target: str | None, path: Path) -> str | None:
        return None if target is None else self.target(target, path)

    def target(self, target: str, path: Path) -> str:
        self.notes.targets.append((target, path))
        return self.prefix + target

    def words(self, texts: Mapping[str, str], path: Path) -> Words:
        compiled: dict[str, Template] = {}
        for language, text in texts.items():
            here = (*path, language) if language else path
            try:
                compiled[language] = template(text)
            except Refused as error:
                compiled[language] = UNREADABLE
                self.report("template", here, f"文章の中の式：{error.what.ja}。", f"In this text: {_closed(error)}")
        words = Words(compiled)
        self.notes.texts.append((path, self.at, words))
        return words

    def maybe(self, texts: Mapping[str, str] | None, path: Path) -> Words | None:
        return None if texts is None else self.words(texts, path)

    def condition(self, source: str | None, path: Path) -> Expression | None:
        if source is None:
            return None
        try:
            found = expression(source)
        except Refused as error:
            self.report("expression", path, f"「{source}」：{error.what.ja}。", f"“{source}”: {_closed(error)}")
            return UNREAD
        self.notes.conditions.append((path, self.at, found))
        return found

    def weekdays(self, value: Any, path: Path) -> Given | None:
        """Return days of the week: their names stand for themselves, anything else is worked out."""
        return Given(None, value) if weekdays(value) else self.given(value, path)

    def given(self, value: Any, path: Path) -> Given | None:
        if value is None:
            return None
        if isinstance(value, str) and not _ISO.fullmatch(value):
            return Given(self.condition(value, path))
        return Given(None, value)

    def bound(self, step: model.Ask, value: Any, path: Path) -> Given | None:
        """Return what an answer is measured by; a fixed one written as people write it is told of."""
        if (plain := as_a_flow_writes(value, step.type)) is None:
            clock = step.type == "time" and re.fullmatch(r"\d{2}:\d{2}", str(value))
            return Given(None, value) if clock else self.given(value, path)
        self.report(
            "wrong_bound",
            path,
            f"「{path[-1]}: {plain}」と書きます（いまは「{value}」）。",
            f"Write “{path[-1]}: {plain}” (now “{value}”).",
        )
        return None

    def givens(self, values: Mapping[str, Any], path: Path) -> dict[str, Given]:
        return {name: self.given(value, (*path, name)) or Given() for name, value in values.items()}
