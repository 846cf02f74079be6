"""What a message about a tax may say, before the due date and after it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.flow.book import Book
from bot.flow.load import load
from bot.flow.problems import Sentence
from handlers.tax import wording
from handlers.tax.schedule import Phase
from tests.handlers.tax.conftest import SERVICES
from tests.product import ROOT

CROSSED = "すでにお納めの場合は、行き違いですのでご容赦ください。"


def text(words: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": words}]


def card(words: str, alt: str = "税についてのお知らせ", action: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    body = {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": words}]}
    bubble: dict[str, Any] = {"type": "bubble", "body": body}
    if action is not None:
        bubble["footer"] = {"type": "box", "layout": "vertical", "contents": [{"type": "button", "action": action}]}
    return [{"type": "flex", "altText": alt, "contents": bubble}]


def told(messages: list[dict[str, Any]], phase: Phase, language: str = "ja", **town: Any) -> list[Any]:
    return wording.faults(messages, phase, language, town)


def test_the_shipped_templates_keep_every_rule(shipped_book: Book) -> None:
    assert wording.check(shipped_book) == []


@pytest.mark.parametrize(
    "word",
    [
        "督促状をお送りします。",
        "差押えの対象です。",
        "延滞金がかかります。",
        "納期限を過ぎています。",
        "滞納",
        "至急お納めください。",
    ],
)
def test_nothing_before_the_due_date_sounds_like_dunning(word: str) -> None:
    assert wording.DUNNING in told(text(word + CROSSED), Phase.BEFORE)
    assert wording.DUNNING in told(card(word + CROSSED), Phase.BEFORE)


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("ja-easy", "とくそくの 紙です。もう はらった 人は、いいです。"),
        ("en", "Overdue! If you have already paid, ignore this."),
    ],
)
def test_that_holds_in_every_language(language: str, word: str) -> None:
    assert told(text(word), Phase.BEFORE, language) == [wording.DUNNING]


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("money", ["34,500円", "３４，５００円", "¥34,500", "34500 yen"])
def test_no_message_names_an_amount(phase: Phase, money: str) -> None:
    assert wording.AMOUNT in told(card(f"税額は{money}です。{CROSSED}"), phase)


def test_no_message_mentions_the_plate() -> None:
    assert wording.PLATE in told(card(f"ナンバー12-34の車の税です。{CROSSED}"), Phase.BEFORE)


@pytest.mark.parametrize("phase", Phase)
def test_every_message_says_that_it_may_have_crossed_with_the_payment(phase: Phase) -> None:
    assert told(text("税のお知らせです。"), phase) == [wording.CROSSED]
    assert told(text("税のお知らせです。" + CROSSED), phase) == []


def test_a_lock_screen_does_not_tell_of_arrears() -> None:
    said = "納付の確認ができていません。" + CROSSED
    assert told(card(said), Phase.AFTER) == []
    assert told(text(said), Phase.AFTER) == [wording.PREVIEW]
    assert told(card(said, alt="未納のお知らせ"), Phase.AFTER) == [wording.PREVIEW]


def test_dunning_carries_no_link_unless_the_town_wants_it() -> None:
    link = {"type": "uri", "label": "払う", "uri": "https://example.jp/pay"}
    assert told(card(CROSSED, action=link), Phase.AFTER) == [wording.LINK]
    assert told(text(CROSSED + " https://example.jp/"), Phase.AFTER) == [wording.LINK]
    assert told(card(CROSSED, action=link), Phase.BEFORE) == []
    assert told(card(CROSSED, action=link), Phase.AFTER, tax_links_after_due=True) == []
    assert told(card(CROSSED, action={"type": "uri", "label": "電話", "uri": "tel:110"}), Phase.AFTER) == []


def test_a_word_of_dunning_is_found_in_whichever_branch_of_a_template_it_stands(tmp_path: Path) -> None:
    flows = Path(shutil.copytree(ROOT / "flows", tmp_path / "flows"))
    template = flows / "tax" / "before_due.yaml"
    template.write_text(template.read_text(encoding="utf-8").replace("本日", "本日。過ぎると延滞金"), encoding="utf-8")
    assert wording.check(load(flows, SERVICES.registry).book) == [f"tax.before_due (ja): {wording.DUNNING.en}"]


@pytest.mark.parametrize(
    ("words", "instead", "fault"),
    [
        ("すでにお納めの場合は、行き違いですのでご容赦ください。", "", wording.CROSSED),
        ("（あと{{ days_left }}日）", "（あと{{ days_left }}日。過ぎると延滞金）", wording.DUNNING),
        ("お手元の納税通知書で", "34,500円を", wording.AMOUNT),
    ],
)
def test_who_has_linked_nothing_is_written_to_by_the_same_rules(
    tmp_path: Path, words: str, instead: str, fault: Sentence
) -> None:
    flows = Path(shutil.copytree(ROOT / "flows", tmp_path / "flows"))
    template = flows / "tax" / "reminder.yaml"
    text = template.read_text(encoding="utf-8")
    assert words in text
    template.write_text(text.replace(words, instead), encoding="utf-8")
    assert wording.check(load(flows, SERVICES.registry).book) == [f"tax.reminder (ja): {fault.en}"]
