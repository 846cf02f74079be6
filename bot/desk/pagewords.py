"""The secure page's own words, in the languages residents choose from."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

_WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "lang": "ja", "title": "お知らせページ", "door": "ページをひらく",
        "door_text": "下のボタンを押すと、ページがひらきます。リンクは1回だけ使えます。",
        "gone": "このページはひらけません",
        "gone_text": "リンクは時間がたつか、1回使うと使えなくなります。LINEのトークで「新しいリンクをもらう」を押してください。",
        "heading": "やりとり", "me": "あなた", "bot": "案内", "staff": "担当者", "text": "書く", "send": "送る",
        "choose": "えらぶ", "leave": "画面を変える", "reload": "新しいお返事を見る",
        "writes": "担当者が書いています…",
        "lost": "送れませんでした。電波を確かめて、もう一度「送る」を押してください。", "calls": "電話する",
        "emergency": "命の危険があるときは、すぐに110か119へ電話してください。",
    },
    "ja-easy": {
        "lang": "ja", "title": "おしらせの ページ", "door": "ページを ひらく",
        "door_text": "下の ボタンを おすと ページが ひらきます。1回だけ つかえます。",
        "gone": "この ページは ひらけません",
        "gone_text": "じかんが すぎたか、1回 つかいました。LINEで「あたらしい リンク」を おしてください。",
        "heading": "はなし", "me": "あなた", "bot": "あんない", "staff": "かかりの人", "text": "書く", "send": "おくる",
        "choose": "えらぶ", "leave": "がめんを かえる", "reload": "あたらしい へんじを 見る",
        "writes": "かかりの人が 書いています…",
        "lost": "おくれませんでした。もう一度「おくる」を おしてください。", "calls": "でんわする",
        "emergency": "いのちが あぶないときは、110か 119に でんわしてください。",
    },
    "en": {
        "lang": "en", "title": "Information page", "door": "Open the page",
        "door_text": "Press the button to open the page. The link works once.",
        "gone": "This page cannot be opened",
        "gone_text": "A link ends after a while, or once it was used. Press “Get a fresh link” in the chat on LINE.",
        "heading": "Messages", "me": "You", "bot": "Information", "staff": "Staff", "text": "Write", "send": "Send",
        "choose": "Choose", "leave": "Leave now", "reload": "Look for new replies",
        "writes": "Somebody is writing…",
        "lost": "It could not be sent. Check your connection and press “Send” again.", "calls": "Call",
        "emergency": "If someone is in danger, call 110 or 119 at once.",
    },
}  # fmt: skip


def words_in(language: str | None) -> Mapping[str, str]:
    """Return the page's words in `language`, else in Japanese."""
    return _WORDS.get(language or "ja") or _WORDS["ja"]


def is_exit(text: str) -> bool:
    """Tell whether somebody wrote (or a flow's button says) what the page's own quick exit is called, in any language.

    >>> is_exit("画面を変える"), is_exit(" がめんを　かえる。"), is_exit("leave NOW"), is_exit("画面")
    (True, True, True, False)
    """
    return _plain(text) in _EXITS


def _plain(text: str) -> str:
    kept = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in kept if letter.isalnum())


_EXITS = frozenset(_plain(words["leave"]) for words in _WORDS.values())
