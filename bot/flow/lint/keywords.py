"""The words that begin flows: each belongs to one flow only, and none is a word that works everywhere."""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow.lint.meant import WIDE_COMMA
from bot.flow.load import Loaded
from bot.flow.problems import Problem, Sentence
from bot.flow.words import fold, word_in


def check(loaded: Loaded) -> Iterator[Problem]:
    """Yield keywords that two flows claim, and those no flow may claim."""
    claimed: dict[str, str] = {}
    for name, source in loaded.origins.items():
        start = loaded.book.programs[name].flow.start
        words = [("keywords", number, word) for number, word in enumerate(start.keywords)]
        for key, number, word in [*words, *(("code", number, word) for number, word in enumerate(start.code))]:
            path = ("start", key, number)
            if WIDE_COMMA.search(word):
                what = Sentence(
                    f"「{word}」で一つの言葉になっています。", f"“{word}” is one single word to begin with."
                )
                remedy = Sentence(
                    "「、」を半角の「, 」に直してください。", "Put an ordinary comma and a space between words."
                )
                yield source.problem("wide_comma", path, what, remedy)
            other = claimed.setdefault(fold(word), name)
            if other != name:
                what = Sentence(
                    f"「{word}」は「{other}」の始まりの言葉でもあります。", f"“{word}” also begins the flow “{other}”."
                )
                remedy = Sentence("どちらか一方だけにしてください。", "Leave it to one of the two.")
                yield source.problem("duplicate_keyword", path, what, remedy)
            if word_in(word) is not None:
                what = Sentence(
                    f"「{word}」はいつでも使える言葉なので、始まりの言葉にはできません。",
                    f"“{word}” is a word that works everywhere, so it cannot begin a flow.",
                )
                yield source.problem("reserved_word", path, what)
