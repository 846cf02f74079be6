"""What a message about a tax may say: checked on the finished messages, when flows are published and again before they leave.

A lock screen shows neither amount nor plate nor arrears. Nothing before the due date sounds like dunning. Every message says that
it may have crossed with the payment. Dunning carries no link, which nobody could tell from a fraud (DOMAIN.md §3).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.flow.book import Book
from bot.flow.problems import Sentence
from bot.notice import notice
from bot.now import TOKYO
from handlers.tax.schedule import Phase

TEMPLATES = {Phase.BEFORE: "tax.before_due", Phase.AFTER: "tax.after_due"}
"""The flows in which staff write what is sent: two, so that no dunning gets into a reminder."""

ANONYMOUS = "tax.reminder"
"""The flow in which staff write what those are told who have linked nothing."""

_DUNNING = re.compile(
    "督促|催告|滞納|差押|差し押|延滞|未納|処分|強制|法的|支払われていません|納付が確認できて|納付の確認ができて|期限を過ぎ|期限が過ぎ"
    "|至急|警告|最終通知|final notice|last warning|urgent"
    "|とくそく|さいこく|たいのう|さしおさえ|えんたい|みのう|はらって いません|すぎて"
    "|overdue|arrears|seiz|dunning|penalt|unpaid|late charge|enforce|not been paid|not received|passed",
    re.IGNORECASE,
)
_MONEY = re.compile(r"[\d０-９][\d０-９,，]*\s*(?:円|えん|yen)|[¥￥]\s*[\d０-９]", re.IGNORECASE)
_PLATE = re.compile(r"ナンバー|車の番号|登録番号|number ?plate|plate number", re.IGNORECASE)
_CROSSED = {"ja": "行き違い", "ja-easy": "もう はらった", "en": "already paid"}
"""The words by which each language says that the message may have crossed with the payment; others must have one of them."""

_MIDDAY = dt.datetime(2026, 5, 25, 12, 0, tzinfo=TOKYO)
_DAYS_LEFT = (30, 7, 1, 0)
_SAMPLES: list[dict[str, Any]] = [
    {"tax": "自動車税種別割", "due_on": "2026-06-01", "days_left": days_left, "count": count}
    for days_left in _DAYS_LEFT
    for count in (1, 2)
]
"""What templates may branch on: a word of dunning must not hide in the text of one day."""


LINK = Sentence("納期限後のお知らせに、リンクがあります。", "A message after the due date carries a link.")
CROSSED = Sentence("「行き違い」の一文がありません。", "The sentence that the payment may have crossed is missing.")
AMOUNT = Sentence("金額が書かれています。", "An amount of money is written.")
PLATE = Sentence("車の番号のことが書かれています。", "A number plate is mentioned.")
DUNNING = Sentence(
    "納期限の前のお知らせに、督促の言葉があります。", "A message before the due date uses words of dunning."
)
PREVIEW = Sentence("通知の画面に出る文章から、未納のことがわかります。", "What a lock screen shows tells of arrears.")


def check(book: Book) -> list[str]:
    """Return what is wrong with the town's templates, one English sentence each."""
    anonymous: list[dict[str, Any]] = [
        {"kind": kind, "due_on": "2026-06-01", "days_left": days_left}
        for kind in book.town.town.get("vehicle_tax") or {}
        for days_left in _DAYS_LEFT
    ]
    found = _check_flow(book, ANONYMOUS, Phase.BEFORE, anonymous)
    for phase, flow in TEMPLATES.items():
        found += _check_flow(book, flow, phase, _SAMPLES)
    return found


def _check_flow(book: Book, flow: str, phase: Phase, samples: Sequence[Mapping[str, Any]]) -> list[str]:
    if flow not in book.programs:
        return [f"there is no flow called {flow}: it holds the words of the messages {phase.value} the due date"]
    found = []
    for language in book.town.languages:
        said = [notice(book, flow, language, sample, _MIDDAY) for sample in samples]
        wrong = [fault.en for messages in said for fault in faults(messages, phase, language, book.town.town)]
        found += [f"{flow} ({language}): {sentence}" for sentence in dict.fromkeys(wrong)]
    return found


def faults(
    messages: Sequence[Mapping[str, Any]], phase: Phase, language: str | None, town: Mapping[str, Any]
) -> list[Sentence]:
    """Return what such LINE messages may not say."""
    everything = "\n".join(_texts(messages))
    previews = "\n".join(str(message.get("text") or message.get("altText") or "") for message in messages)
    rules = [
        (AMOUNT, _MONEY.search(everything)),
        (PLATE, _PLATE.search(everything)),
        (CROSSED, not _says_crossed(everything, language)),
        (DUNNING, phase is Phase.BEFORE and _DUNNING.search(everything)),
        (PREVIEW, phase is Phase.AFTER and _DUNNING.search(previews)),
        (LINK, phase is Phase.AFTER and town.get("tax_links_after_due") is not True and _links(messages)),
    ]
    return [sentence for sentence, broken in rules if broken]


def _says_crossed(text: str, language: str | None) -> bool:
    wanted = [_CROSSED[language]] if language in _CROSSED else _CROSSED.values()
    return any(words in text for words in wanted)


def _texts(part: Any) -> Iterator[str]:
    """Yield every text a resident can read anywhere in the messages."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name in {"text", "altText", "label", "title", "displayText"} and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
    elif isinstance(part, Sequence) and not isinstance(part, str):
        for each in part:
            yield from _texts(each)


def _links(messages: Sequence[Mapping[str, Any]]) -> bool:
    def addresses(part: Any) -> Iterator[str]:
        if isinstance(part, Mapping):
            if part.get("type") == "uri":
                yield str(part.get("uri"))
            for value in part.values():
                yield from addresses(value)
        elif isinstance(part, Sequence) and not isinstance(part, str):
            for each in part:
                yield from addresses(each)

    written = re.search(r"https?://|www\.", "\n".join(_texts(messages)), re.IGNORECASE)
    return bool(written) or any(not address.startswith("tel:") for address in addresses(messages))
