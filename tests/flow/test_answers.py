"""Answers as people give them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow.answers.readers import READERS
from bot.flow.answers.reading import Maybe, NotUnderstood, Offer, Question, Understood
from bot.flow.words import fold, word_in

LABELS = {"car": "乗用車", "kei": "軽自動車", "bike": "バイク（125cc以下）", "two": "2"}
QUESTION = Question(
    "2026-05-01", [Offer(value, label, frozenset({fold(label), fold(value)})) for value, label in LABELS.items()]
)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("number", "３０代", 30),
        ("number", "30歳", 30),
        ("number", "12,000円", 12000),
        ("number", "１万円", 10000),
        ("number", "36.8℃", 36.8),
        ("number", "３７．５度", 37.5),
        ("number", "-3", -3),
        ("number", "5人ぐらい", 5),
        ("digits", "１２３４－５６７８", "12345678"),
        ("digits", "00 12", "0012"),
        ("date", "2026-05-31", "2026-05-31"),
        ("date", "２０２６／５／３１", "2026-05-31"),
        ("date", "2026年5月31日（日）", "2026-05-31"),
        ("date", "20260531", "2026-05-31"),
        ("date", "令和8年5月31日", "2026-05-31"),
        ("date", "R8.5.31", "2026-05-31"),
        ("date", "ｓ５０年４月１日", "1975-04-01"),
        ("date", "昭和元年12月25日生まれ", "1926-12-25"),
        ("date", "平成31年4月30日です", "2019-04-30"),
        ("date", "㍻31.4.30", "2019-04-30"),
        ("date", "今日", "2026-05-01"),
        ("date", "あした", "2026-05-02"),
        ("date", "昨日", "2026-04-30"),
        ("time", "10:30", "10:30"),
        ("time", "１０時半", "10:30"),
        ("time", "午後3時", "15:00"),
        ("time", "午前12時5分", "00:05"),
        ("time", "3pm", "15:00"),
        ("time", "正午", "12:00"),
        ("datetime", "2026-05-31 10:30", "2026-05-31T10:30"),
        ("datetime", "明日の午後3時", "2026-05-02T15:00"),
        ("datetime", "令和8年5月31日10時", "2026-05-31T10:00"),
        ("yes_no", "うん", True),
        ("yes_no", "はい。", True),
        ("yes_no", "１", True),
        ("yes_no", "いいえ", False),
        ("yes_no", "No!", False),
        ("yes_no", "×", False),
        ("phone", "０４５（２１０）１１１１", "0452101111"),
        ("phone", "+81 90-0000-0000", "09000000000"),
        ("postal_code", "〒231-8588", "231-8588"),
        ("postal_code", "２３１８５８８", "231-8588"),
        ("email", "Ｔａｒｏ＠Example.JP", "Taro@example.jp"),
        ("kana", "やまだ　たろう", "ヤマダ タロウ"),
        ("kana", "ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ"),
        ("choice", "２", "two"),
        ("choice", "３番", "bike"),
        ("choice", "バイク", "bike"),
        ("choice", "けい自動車", Maybe("kei", "軽自動車")),
        ("choice", "軽自動車でお願いします", "kei"),
        ("choice", "乗用車ではない", Maybe("car", "乗用車")),
        ("choice", "自動車", Maybe("kei", "軽自動車")),
        ("choices", "1、3", ["car", "bike"]),
        ("choices", "軽自動車と乗用車", ["car", "kei"]),
        ("text", " こんにちは\x00 ", "こんにちは"),
    ],
)
def test_what_was_meant_is_understood(kind: str, typed: str, value: Any) -> None:
    found = READERS[kind](typed, QUESTION)
    assert found == (value if isinstance(value, Maybe) else Understood(value))


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("number", "たくさん"),
        ("number", "1-2"),
        ("digits", "12a"),
        ("digits", ""),
        ("date", "2026-02-30"),
        ("date", "5月31日"),
        ("date", "令和8年13月1日"),
        ("date", "昭和100年1月1日x"),
        ("time", "25:00"),
        ("time", "10:99"),
        ("datetime", "2026-05-31"),
        ("yes_no", "たぶん"),
        ("phone", "110"),
        ("phone", "12345678901"),
        ("postal_code", "123-456"),
        ("email", "a@b"),
        ("email", "a b"),
        ("kana", "山田"),
        ("choice", "9"),
        ("choice", "車"),
        ("choice", "飛行機"),
        ("choices", "1と9"),
        ("text", " 　\n"),
        ("text", "あ" * 1001),
    ],
)
def test_what_is_not_clear_is_asked_again(kind: str, typed: str) -> None:
    assert isinstance(READERS[kind](typed, QUESTION), NotUnderstood)


@given(st.sampled_from(sorted(READERS)), st.text(max_size=60))
def test_no_text_breaks_a_reader(kind: str, typed: str) -> None:
    assert isinstance(READERS[kind](typed, QUESTION), Understood | Maybe | NotUnderstood)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("ﾒﾆｭｰ", "menu"),
        ("めにゅー", "menu"),
        ("ＭＥＮＵ", "menu"),
        ("もどる", "back"),
        ("「戻る」", "back"),
        ("なぜ？", "why"),
        ("ｽｷｯﾌﾟ", "skip"),
        ("やめる。", "stop"),
        ("ことば", "language"),
        ("自分のデータ", "my_data"),
        ("戻るボタンがない", None),
        ("", None),
    ],
)
def test_everywhere_words_are_known_however_they_are_typed(typed: str, word: str | None) -> None:
    assert word_in(typed) == word


def test_a_beginning_that_stands_in_another_choice_too_is_asked_back() -> None:
    labels = {"car": "自動車税（普通車など）", "light": "軽自動車税（軽・バイク）"}
    question = Question(
        "2026-05-01", [Offer(value, label, frozenset({fold(label)})) for value, label in labels.items()]
    )
    assert isinstance(READERS["choice"]("自動車税", question), NotUnderstood)
    assert READERS["choice"]("軽自動車", question) == Understood("light")
