"""The words a resident may use anywhere (戻る, メニュー, なぜ？ …), in every language, however they are typed."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final, Literal

Word = Literal["back", "stop", "menu", "skip", "why", "language", "help", "resume", "my_data", "notices"]

_WORDS: Final[dict[Word, tuple[str, ...]]] = {
    "back": ("戻る", "もどる", "前に戻る", "まえに もどる", "ひとつ戻る", "back", "go back"),
    "stop": ("やめる", "やめます", "中止", "中断", "終了", "キャンセル", "cancel", "stop", "quit", "exit"),
    "menu": ("メニュー", "メニュ", "menu"),
    "skip": ("スキップ", "とばす", "飛ばす", "skip"),
    "why": ("なぜ", "なぜですか", "なんで", "どうして", "why"),
    "language": ("ことば", "言葉", "言語", "ことばをかえる", "language", "languages"),
    "help": ("ヘルプ", "使い方", "つかいかた", "help"),
    "resume": ("続き", "つづき", "続ける", "つづける", "continue", "resume"),
    "my_data": ("自分のデータ", "わたしのデータ", "じぶんの データ", "my data"),
    "notices": (
        "通知の設定",
        "お知らせの設定",
        "通知設定",
        "おしらせの せってい",
        "つうちの せってい",
        "notifications",
        "notification settings",
        "my notifications",
    ),
}
_LABELS: Final[dict[Word, dict[str, str]]] = {
    "back": {"ja": "戻る", "ja-easy": "もどる", "en": "Back"},
    "stop": {"ja": "やめる", "ja-easy": "やめる", "en": "Stop"},
    "menu": {"ja": "メニュー", "ja-easy": "メニュー", "en": "Menu"},
    "skip": {"ja": "スキップ", "ja-easy": "とばす", "en": "Skip"},
    "why": {"ja": "なぜ？", "ja-easy": "なぜ？", "en": "Why?"},
    "language": {"ja": "ことば", "ja-easy": "ことば", "en": "Language"},
    "help": {"ja": "使い方", "ja-easy": "つかいかた", "en": "Help"},
    "resume": {"ja": "続ける", "ja-easy": "つづける", "en": "Continue"},
    "my_data": {"ja": "自分のデータ", "ja-easy": "じぶんの データ", "en": "My data"},
    "notices": {"ja": "通知の設定", "ja-easy": "おしらせの せってい", "en": "My notifications"},
}
_STRIPPED: Final = " \t\r\n。．.、,，!?「」『』\"'”“‘’・…~〜"


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return `text` as words are compared: full and half width, capitals, katakana and spaces make no difference."""
    narrow = unicodedata.normalize("NFKC", text[:400]).casefold().strip(_STRIPPED)
    return "".join(
        chr(ord(letter) - 0x60) if "ァ" <= letter <= "ヶ" else letter for letter in narrow if not letter.isspace()
    )


_BY_FOLD: Final = {fold(text): word for word, texts in _WORDS.items() for text in texts}


_END: Final = frozenset(
    map(fold, ("end", "ends", "終了", "終わり", "おわり", "終わる", "おわる", "終", "finish", "fin"))
)


def means_end(text: str) -> bool:
    """Tell whether an author wrote the `end` of a talk in another way."""
    return fold(text) in _END


def word_in(text: str) -> Word | None:
    """Return the word `text` is, or None when it is none of them."""
    return _BY_FOLD.get(fold(text)) if len(text) <= 40 else None


def label(word: Word, language: str) -> str:
    """Return what the button for `word` says in `language`."""
    labels = _LABELS[word]
    return labels.get(language) or labels["ja"]


def as_word(name: str) -> Word | None:
    """Return the word of that name, as a pressed button carries it."""
    return next((word for word in _WORDS if word == name), None)
