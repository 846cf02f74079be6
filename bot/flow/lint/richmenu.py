"""The rich menu: each area does one thing, that thing exists, and its words fit in every language of the town."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.flow.load import Loaded
from bot.flow.problems import Problem, Sentence
from bot.flow.richmenu import Area
from bot.flow.sentences import meant_language
from bot.flow.source import Path, Source
from bot.flow.words import word_in
from bot.line.limits import LABEL_GRAPHEMES, RICH_MENU_BAR_GRAPHEMES, URI_SCHEMES, URI_UTF16, graphemes, utf16

MARK_GRAPHEMES = 3
"""So much stands in the circle above a label."""


def check(loaded: Loaded) -> Iterator[Problem]:
    """Yield what is wrong with the rich menu, if there is one."""
    if loaded.richmenu is None:
        return
    menu, source = loaded.richmenu
    yield from _written(loaded, source, ("bar",), menu.bar, RICH_MENU_BAR_GRAPHEMES)
    for number, area in enumerate(menu.areas):
        path = ("areas", number)
        yield from _written(loaded, source, (*path, "label"), area.label, LABEL_GRAPHEMES)
        yield from _written(loaded, source, (*path, "mark"), area.mark, MARK_GRAPHEMES)
        yield from _does(loaded, source, path, area)


def _written(loaded: Loaded, source: Source, path: Path, texts: Mapping[str, str], most: int) -> Iterator[Problem]:
    """Yield what is wrong with a text that is seen: too long, empty, or not there in a language of the town."""
    yield from _fits(source, path, texts, most)
    yield from _translated(loaded, source, path, texts)


def _fits(source: Source, path: Path, texts: Mapping[str, str], most: int) -> Iterator[Problem]:
    for language, text in texts.items():
        here = (*path, language) if language else path
        if not text.strip():
            yield source.problem(
                "empty_text", here, Sentence("文字が空です。書いてください。", "Nothing is written here.")
            )
        elif (size := graphemes(text)) > most:
            what = Sentence(
                f"ここは{most}文字までです（いま{size}文字）。短くしてください。",
                f"At most {most} characters (now {size}): shorten it.",
            )
            yield source.problem("label_too_long", here, what)


def _translated(loaded: Loaded, source: Source, path: Path, texts: Mapping[str, str]) -> Iterator[Problem]:
    languages = loaded.book.town.languages
    for code in texts.keys() - languages.keys() - {""}:
        meant = meant_language(code)
        what = Sentence(
            f"「{code}」は town.yaml の言語（{'、'.join(languages)}）にありません。{meant[0]}",
            f"“{code}” is not among the languages of town.yaml ({', '.join(languages)}).{meant[1]}",
        )
        yield source.problem("unknown_language", (*path, code), what, key=True)
    missing = [] if "" in texts else [code for code in languages if code not in texts]
    if missing:
        what = Sentence(f"{'、'.join(missing)} の文章がありません。", f"The text has no {', '.join(missing)}.")
        yield source.problem("untranslated", path, what, severity="warning")


def _does(loaded: Loaded, source: Source, path: Path, area: Area) -> Iterator[Problem]:
    if (area.say is None) == (area.open is None):
        what = Sentence("say と open のどちらか一つを書きます。", "Write either say or open.")
        yield source.problem("richmenu_action", path, what)
    elif area.say is not None and word_in(area.say) is None and loaded.book.flow_for(area.say) is None:
        what = Sentence(
            f"「{area.say}」と送っても、始まるフローがありません。",
            f"“{area.say}” begins no flow and is no word of help.",
        )
        remedy = Sentence(
            "フローの start: keywords: にある言葉を書いてください。", "Use a word under start: keywords: of a flow."
        )
        yield source.problem("unknown_keyword", (*path, "say"), what, remedy)
    elif area.open is not None and not _opens(area.open):
        what = Sentence(
            f"「{area.open}」は開けません。https:// か tel: で始めてください。",
            f"“{area.open}” cannot be opened: begin with https:// or tel:.",
        )
        yield source.problem("bad_address", (*path, "open"), what)


def _opens(uri: str) -> bool:
    scheme, _, rest = uri.partition(":")
    return scheme in URI_SCHEMES and bool(rest) and uri.isascii() and utf16(uri) <= URI_UTF16
