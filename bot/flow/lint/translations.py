"""Every text in every language of the town, and やさしい日本語 that really is easy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import FALLBACK, Words
from bot.flow.sentences import meant_language
from bot.flow.source import Path
from bot.line.limits import graphemes

EASY = "ja-easy"
EASY_SENTENCE = 45
EASY_UNSPACED = 15
"""So many characters in a row are read without spaces between the words (わかち書き)."""
_FILLED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_READING = re.compile(r"(?:[\u4e00-\u9fff々]+[ぁ-ゖ]*)+[（(][ぁ-ゖー・ 、]+[）)]")
_KANJI = re.compile(r"[\u4e00-\u9fff]")
_JAPANESE = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[。！？\n]")

# The kanji of the first two school years (学年別漢字配当表), which やさしい日本語 may use without a reading.
EASY_KANJI = frozenset(
    "一右雨円王音下火花貝学気九休玉金空月犬見五口校左三山子四糸字耳七車手十出女小上森人水正生青夕石赤千川先早草足村大男竹中虫町"
    "天田土二日入年白八百文木本名目立力林六引羽雲園遠何科夏家歌画回会海絵外角楽活間丸岩顔汽記帰弓牛魚京強教近兄形計元言原戸古午"
    "後語工公広交光考行高黄合谷国黒今才細作算止市矢姉思紙寺自時室社弱首秋週春書少場色食心新親図数西声星晴切雪船線前組走多太体台"
    "地池知茶昼長鳥朝直通弟店点電刀冬当東答頭同道読内南肉馬売買麦半番父風分聞米歩母方北毎妹万明鳴毛門夜野友用曜来里理話"
)


def check(page: Page) -> Iterator[Problem]:
    """Yield texts that lack a language, and easy Japanese that is not."""
    languages = list(page.book.town.languages)
    for path, _, words in page.notes.texts:
        yield from _codes(page, path, words, languages)
        yield from _missing(page, path, words, languages)
        if EASY in words.by_language:
            yield from _easy(page, path, words)


def _codes(page: Page, path: Path, words: Words, languages: list[str]) -> Iterator[Problem]:
    for language in words.by_language:
        if language and language not in languages:
            meant = meant_language(language)
            yield page.problem(
                "unknown_language",
                (*path, language),
                f"「{language}」は town.yaml の言語（{'、'.join(languages)}）にありません。{meant[0]}",
                f"“{language}” is not among the languages of town.yaml ({', '.join(languages)}).{meant[1]}",
                (
                    "記号を直すか、town.yaml の languages に加えてください。",
                    "Mend it, or add it to languages in town.yaml.",
                ),
                key=True,
            )


def _missing(page: Page, path: Path, words: Words, languages: list[str]) -> Iterator[Problem]:
    texts = words.by_language
    if "" in texts:
        text = _FILLED.sub("", texts[""].source)
        missing = [] if not _JAPANESE.search(text) else [code for code in languages if not code.startswith(FALLBACK)]
        if any(letter > "\u3040" for letter in text) and re.search(r"[A-Za-z]{3}.*[A-Za-z]{3}", text, re.DOTALL):
            missing = []  # written in several languages at once, as the first greeting is
    else:
        missing = [code for code in languages if code not in texts]
    if FALLBACK in missing:
        missing.remove(FALLBACK)
        yield page.problem(
            "no_japanese",
            path,
            f"{FALLBACK}（日本語）の文章がありません。「{FALLBACK}: …」を加えてください。",
            f"The text has no {FALLBACK}, which stands in for every language that is missing: add “{FALLBACK}: …”.",
        )
    if missing:
        names = "、".join(missing)
        yield page.problem(
            "untranslated",
            path,
            f"{names} の文章がありません（日本語のまま表示されます）。",
            f"The text has no {', '.join(missing)}; Japanese will be shown.",
            severity="warning",
        )


def _easy(page: Page, path: Path, words: Words) -> Iterator[Problem]:
    easy = words.by_language[EASY].source
    plain = words.by_language.get(FALLBACK)
    here = (*path, EASY)
    hard = _hard_kanji(easy)
    if plain is not None and easy == plain.source and (hard or _unspaced(easy)):
        yield page.problem(
            "easy_copied",
            here,
            "ja-easy が ja と同じ文章です。短い文とやさしい言葉に直し、言葉のあいだに空白を入れてください。",
            "ja-easy is the same as ja: use short sentences, easy words and spaces between words.",
            severity="warning",
        )
        return
    if hard:
        yield page.problem(
            "easy_kanji",
            here,
            f"むずかしい漢字があります（{hard}）。ひらがなにするか、（かな）を付けてください。",
            f"Hard kanji ({hard}): write kana, or add the reading in brackets.",
            severity="warning",
        )
    longest = max((graphemes(part) for part in _SENTENCE.split(_FILLED.sub("", easy))), default=0)
    if longest > EASY_SENTENCE:
        yield page.problem(
            "easy_long",
            here,
            f"一文が{longest}文字あります。やさしい日本語では{EASY_SENTENCE}文字までにします。",
            f"A sentence has {longest} characters; easy Japanese keeps to {EASY_SENTENCE}.",
            severity="warning",
        )


def _unspaced(text: str) -> bool:
    """Tell whether a sentence runs on without a space: written for readers of Japanese, not for learners."""
    sentences = _SENTENCE.split(_FILLED.sub("", text))
    return any(
        graphemes(each) > EASY_UNSPACED and " " not in each.strip() and "　" not in each.strip()
        for each in sentences
        if _JAPANESE.search(each)
    )


def _hard_kanji(text: str) -> str:
    bare = _READING.sub("", _FILLED.sub("", text))
    return "".join(dict.fromkeys(letter for letter in _KANJI.findall(bare) if letter not in EASY_KANJI))
