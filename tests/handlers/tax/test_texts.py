"""What residents read before and after a due date, in every language: the texts as they ship, down to the words inside cards."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot.flow.book import Book
from bot.flow.engine import start
from bot.flow.talk import ActionResult, Json, Surroundings
from bot.line.messages import line_messages
from bot.notice import notice
from bot.now import TOKYO
from handlers.tax import wording
from handlers.tax.schedule import Phase

NOON = dt.datetime(2026, 6, 20, 12, tzinfo=TOKYO)
LANGUAGES = ("ja", "ja-easy", "en")
CROSSED = {"ja": "行き違い", "ja-easy": "もう はらった 人は、なにも しなくて いい", "en": "If you have already paid"}
DUE = {"ja": "2026年6月1日", "ja-easy": "2026年6月1日", "en": "1 June 2026"}
UNCONFIRMED = {"ja": "納付の確認ができていません", "ja-easy": "はらったか わかりません", "en": "could not confirm"}
HELD: dict[str, Json] = {
    "number": 1, "id": 7, "tax": "自動車税種別割", "year": 2026, "due_on": "2026-06-01", "state": "open", "overdue": True,
    "family": False,
}  # fmt: skip
LATE: dict[str, Json] = {
    "late_yen": 1300, "late_basis": 34000,
    "late_parts": [{"days": 30, "rate": 2.4, "since": "2026-06-02", "until": "2026-07-01"}],
}  # fmt: skip
NO_CHARGE: dict[str, Json] = {"late_yen": None, "late_basis": None, "late_parts": []}


def previews(messages: list[dict[str, Any]]) -> str:
    """Return what a lock screen shows."""
    return "\n".join(str(one.get("text") or one["altText"]) for one in messages)


def written(messages: list[dict[str, Any]]) -> str:
    """Return everything there is to read."""
    return json.dumps(messages, ensure_ascii=False)


def about(days_left: int, count: int) -> dict[str, Json]:
    return {"tax": "自動車税種別割", "due_on": "2026-06-01", "days_left": days_left, "count": count}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("days_left", [30, 7, 1, 0])
def test_before_the_due_date_residents_are_reminded_and_not_dunned(
    shipped_book: Book, language: str, days_left: int, count: int
) -> None:
    said = notice(shipped_book, "tax.before_due", language, about(days_left, count), NOON)
    assert wording.faults(said, Phase.BEFORE, language, {}) == []
    assert DUE[language] in written(said)
    assert CROSSED[language] in written(said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 3])
def test_after_the_due_date_only_who_opens_the_chat_reads_that_a_payment_is_missing(
    shipped_book: Book, language: str, count: int
) -> None:
    said = notice(shipped_book, "tax.after_due", language, about(0, count), NOON)
    assert wording.faults(said, Phase.AFTER, language, {}) == []
    for words in (DUE[language], CROSSED[language], UNCONFIRMED[language]):
        assert words in written(said)
        assert words not in previews(said)
    assert '"uri"' not in written(said), "nobody could tell a link from a fraud"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("charged", [False, True])
def test_who_asks_how_to_pay_too_late_is_sent_to_the_office(
    shipped_book: Book, language: str, *, charged: bool
) -> None:
    said = how_to_pay(shipped_book, language, LATE if charged else NO_CHARGE)
    for words in (DUE[language], CROSSED[language]):
        assert words in written(said)
        assert words not in previews(said)
    assert str(shipped_book.town.town["tax_office"][language]) in written(said)
    assert '"uri"' not in written(said)
    assert ("1,300" in written(said)) is charged
    assert ("34,000" in written(said)) is (charged and language != "ja-easy"), "the basis stands beside the charge"
    assert "1,300" not in previews(said)


def how_to_pay(book: Book, language: str, late: Mapping[str, Json]) -> list[dict[str, Any]]:
    """Return what somebody with one notice past its due date is told."""
    answers = {
        "tax.list_notices": ActionResult("some", {"notices": [HELD], "unsettled": [HELD], "unpaid": [HELD]}),
        "tax.how_to_pay": ActionResult("overdue", {**HELD, "amount": 34_500, "electronic": False, **late}),
    }
    said = start(book, "tax.pay", Surroundings(NOON, lambda name, _arguments: answers[name], language))
    return line_messages(said.messages, said.quick)
