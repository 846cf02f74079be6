"""Offices and danger words: every queue has an office, every office can open, and what residents read is there in all languages."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from bot.flow.load import Loaded
from bot.flow.offices import Office, Span, sounds
from bot.flow.problems import Problem, Sentence
from bot.flow.program import FALLBACK, HandoffOp
from bot.flow.source import Path, Source
from bot.line.limits import LABEL_GRAPHEMES, TEXT_UTF16, utf16

SHORTEST_WORD = 2
"""Letters of a danger word: a single one would be in nearly everything."""


def check(loaded: Loaded) -> Iterator[Problem]:
    """Yield what is wrong with offices, danger words, and the steps that hand over."""
    for source in loaded.sources.values():
        value = source.value if isinstance(source.value, Mapping) else {}
        if isinstance(value.get("offices"), Mapping):
            for name in value["offices"]:
                if (office := loaded.book.offices.get(str(name))) is not None:
                    yield from _office(loaded, source, str(name), office)
        elif (danger := loaded.book.dangers.get(str(value.get("danger")))) is not None:
            yield from _translated(loaded, source, ("text",), danger.text)
            yield from _long(source, ("text",), danger.text, TEXT_UTF16)
            yield from _short(source, danger.words)
    yield from _queues(loaded)


def _office(loaded: Loaded, source: Source, name: str, office: Office) -> Iterator[Problem]:
    path: Path = ("offices", name)
    yield from _translated(loaded, source, (*path, "name"), office.name)
    if office.sorry is not None:
        yield from _translated(loaded, source, (*path, "sorry"), office.sorry)
        yield from _long(source, (*path, "sorry"), office.sorry, TEXT_UTF16)
    if not office.hours and not office.special:
        what = Sentence(
            "受付時間（hours）がないため、この窓口は開きません。", "Without hours this office is never open."
        )
        yield source.problem("never_open", path, what, severity="warning", key=True)
    groups: list[tuple[Path, list[Span]]] = [
        *(((*path, "hours", number), list[Span]([span])) for number, span in enumerate(office.hours)),
        *(((*path, "special", day), list(spans)) for day, spans in office.special.items()),
    ]
    for here, spans in groups:
        for span in spans:
            if span.from_ >= span.to:
                what = Sentence(
                    f"「{span.from_}」から「{span.to}」までは時間になりません。",
                    f"{span.from_} to {span.to} is no stretch of time.",
                )
                remedy = Sentence("日をまたぐときは、24:00 で二つに分けてください。", "Split it at 24:00.")
                yield source.problem("wrong_hours", here, what, remedy)
            elif _minutes(span) * 60 <= office.last_admission:
                what = Sentence(
                    "受付の締め切りのほうが、開いている時間より長くなっています。",
                    "Nobody is admitted in so short a time.",
                )
                yield source.problem("wrong_hours", here, what, severity="warning")
    if not office.answer_within <= office.supervisor_after <= office.apologise_after:
        what = Sentence(
            "answer_within、supervisor_after、apologise_after の順に長くしてください。",
            "answer_within, supervisor_after and apologise_after must follow one another.",
        )
        yield source.problem("wrong_order", path, what, key=True)


def _minutes(span: Span) -> int:
    (from_hour, from_minute), (to_hour, to_minute) = (
        tuple(map(int, clock.split(":"))) for clock in (span.from_, span.to)
    )
    return (to_hour - from_hour) * 60 + to_minute - from_minute


def _queues(loaded: Loaded) -> Iterator[Problem]:
    queues = sorted({office.queue for office in loaded.book.offices.values()})
    for name, source in loaded.origins.items():
        for index, op in enumerate(loaded.book.programs[name].ops):
            if not isinstance(op, HandoffOp) or "." in op.name:
                continue
            path = loaded.notes[name].spots[index]
            if op.queue not in queues:
                yield _unknown_queue(source, (*path, "handoff"), op.queue, queues)
            elif op.route is None and loaded.book.office_for(op.queue, "") is None:
                what = Sentence(
                    "どの窓口につなぐか決まりません。office: を書くか、serves に「*」のある窓口を作ってください。",
                    "No office takes this: write office:, or give one office “*” in serves.",
                )
                yield source.problem("no_office", path, what)


def _unknown_queue(source: Source, path: Path, queue: str, known: list[str]) -> Problem:
    meant = next(iter(difflib.get_close_matches(queue, known, n=1, cutoff=0.5)), None)
    ja = f"「{meant}」ではありませんか。" if meant else "offices: のファイルに、この queue の窓口を書いてください。"
    en = f"Did you mean “{meant}”?" if meant else "Write an office of this queue under offices:."
    what = Sentence(f"「{queue}」という窓口の列がありません。{ja}", f"No office has the queue “{queue}”. {en}")
    return source.problem("unknown_queue", path, what)


def _translated(loaded: Loaded, source: Source, path: Path, texts: Mapping[str, str]) -> Iterator[Problem]:
    languages = loaded.book.town.languages
    missing = [code for code in languages if code not in texts] if "" not in texts else []
    if "" in texts and not texts[""].isascii():
        missing = [code for code in languages if not code.startswith(FALLBACK)]
    if missing:
        codes = "、".join(missing)
        what = Sentence(
            f"{codes} の文章がありません（日本語のまま表示されます）。",
            f"The text has no {', '.join(missing)}; Japanese will be shown.",
        )
        yield source.problem("untranslated", path, what, severity="warning")


def _long(source: Source, path: Path, texts: Mapping[str, str], most: int) -> Iterator[Problem]:
    for language, text in texts.items():
        if (size := utf16(text)) > most:
            what = Sentence(f"ここの文章は{most}文字までです（いま{size}文字）。", f"At most {most} (now {size}).")
            yield source.problem("text_too_long", (*path, language) if language else path, what)


def _short(source: Source, words: list[str]) -> Iterator[Problem]:
    for number, word in enumerate(words):
        if not SHORTEST_WORD <= len(sounds(word)) <= LABEL_GRAPHEMES * 2:
            what = Sentence(
                f"「{word}」は短すぎるか長すぎます。2文字以上の言葉にしてください。",
                f"“{word}” is too short or too long: write words of two letters or more.",
            )
            yield source.problem("danger_word", ("words", number), what)
