"""What a condition or a text with places to fill says, for people who read no code."""

from __future__ import annotations

import pytest

from bot.flow import model
from bot.flow.inwords import Reader
from bot.flow.load import load_texts

FLOW = """flow: words
title: ことば
steps:
  - {ask: kind, text: 種類は何ですか。, label: 種類, type: choice, choices: {car: 乗用車, kei: 軽自動車}}
  - {ask: signs, text: 症状は？, type: choices, choices: {fever: 熱, none: どれもない}}
  - {ask: sure, text: 元に戻せません。よろしいですか。, type: yes_no}
  - {ask: days, text: 何日前ですか。, label: 日数, type: number}
  - {ask: born, text: 生年月日, type: date}
  - set: {risk: sure or days > 3, twice: days * 2}
"""


@pytest.fixture(scope="module")
def reader() -> Reader:
    flow: model.Flow = load_texts({"flows/x.yaml": FLOW}).book.programs["words"].flow
    return Reader(flow)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ('kind == "kei"', "「種類」が「軽自動車」のとき"),
        ('kind != "kei"', "「種類」が「軽自動車」以外のとき"),
        ('kind in ["car", "kei"]', "「種類」が「乗用車」か「軽自動車」のとき"),
        ('kind not in ["car"]', "「種類」が「乗用車」以外のとき"),
        ('"none" in signs', "「症状は」に「どれもない」を含むとき"),
        ('"none" not in signs', "「症状は」に「どれもない」を含まないとき"),
        ("sure", "「よろしいですか」が「はい」のとき"),
        ("not sure", "「よろしいですか」が「いいえ」のとき"),
        ("days", "「日数」に答えがあるとき"),
        ("not days", "「日数」に答えがないとき"),
        ("days is defined", "「日数」に答えがあるとき"),
        ("days is not defined", "「日数」に答えがないとき"),
        ("days is not undefined", "「日数」に答えがあるとき"),
        ("days > 3", "「日数」が3より大きいとき"),
        ("days <= 1 + 2", "「日数」が1＋2以下のとき"),
        ("3 < days", "「日数」が3より大きいとき"),
        ("town.open <= now|clock", "いまの時刻が町の設定「open」以上のとき"),
        ("today|workday", "今日が平日（土日・祝日・年末年始でない日）のとき"),
        ('sure and kind == "car"', "「よろしいですか」が「はい」、かつ「種類」が「乗用車」のとき"),
        (
            "sure and (days > 1 or days == 0)",
            "「よろしいですか」が「はい」、かつ（「日数」が1より大きい、または「日数」が0）のとき",
        ),
        ("not (sure and days)", "（「よろしいですか」が「はい」、かつ「日数」に答えがある）ではないとき"),
        ("risk", "「risk」が成り立つとき"),
        ("twice", "「twice」があるとき"),
        ("born|age >= 65", "「生年月日」からの年齢が65以上のとき"),
        ("days ==", "〈days ==〉のとき"),
    ],
)  # fmt: skip
def test_a_condition_is_said_as_the_moment_at_which_it_holds(reader: Reader, condition: str, words: str) -> None:
    assert reader.when(condition) == words


@pytest.mark.parametrize(
    ("name", "condition", "words"),
    [
        ("kind", "answer|length == 8", "この答えの文字数が8"),
        (
            "signs",
            'answer|length > 0 and "none" not in answer',
            "この答えで選んだ数が0より大きい、かつこの答えに「どれもない」を含まない",
        ),
        ("kind", 'answer != "kei"', "この答えが「軽自動車」以外"),
    ],
)  # fmt: skip
def test_a_constraint_is_said_as_a_rule_for_its_answer(reader: Reader, name: str, condition: str, words: str) -> None:
    assert reader.must(name, condition) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plain", "plain"),
        ("{{ due|jdate('曜日') }}まで", "〈due〉まで"),
        ("{{ days }}日前\n{{ labels.kind }}", "〈日数〉日前 〈「種類」の答え〉"),
        ("{{ town.name }}", "〈町の設定「name」〉"),
        ("{{ today|plus_days(7)|jdate }}", "〈今日の7日後〉"),
        (
            "{% if sure %}あ{% elif days > 1 %}い{% else %}う{% endif %}",
            "〔「よろしいですか」が「はい」のとき：あ／「日数」が1より大きいとき：い／それ以外：う〕",
        ),
        ("{% for r in reminders %}・{{ r.days }}{% endfor %}", "〔「reminders」の一つずつに：・〈「r」の「days」〉〕"),
        ("{{ 'あ' if kind == 'car' else 'い' }}", "〈「種類」が「乗用車」のときは「あ」、それ以外は「い」〉"),
        ("{{ broken", "{{ broken"),
    ],
)  # fmt: skip
def test_a_text_is_said_in_one_line_with_its_places_named(reader: Reader, text: str, words: str) -> None:
    assert reader.text(text) == words


@pytest.mark.parametrize(
    "source", ["{{ [1] * 9 }}", "{% set x = 1 %}", "{{ name[0] }}", "{{ a(1) }}", "{{ -1 }}", "{{ none }}"]
)
def test_anything_else_is_said_somehow(reader: Reader, source: str) -> None:
    assert isinstance(reader.text(source), str)
    assert reader.when(source.strip("{} ")).endswith("とき")


def test_what_the_desk_fills_in_has_a_name_of_its_own() -> None:
    handoff = """  - handoff: words
    waiting: いま{{ ahead }}人、{{ number }}番
    outside: "{{ opens|jdate }}の{{ opens|clock }}"
"""
    flow: model.Flow = load_texts({"flows/x.yaml": FLOW + handoff}).book.programs["words"].flow
    with_desk = Reader(flow)
    assert with_desk.text("いま{{ ahead }}人、{{ number }}番") == "いま〈前に待つ人数〉人、〈受付番号〉番"
    assert with_desk.text("{{ opens|jdate }}の{{ opens|clock }}") == "〈次に開く日時〉の〈次に開く日時の時刻〉"
    assert with_desk.when("ahead > 0") == "「前に待つ人数」が0より大きいとき"


def test_without_a_desk_the_same_names_are_the_authors_own(reader: Reader) -> None:
    assert reader.text("{{ number }}") == "〈number〉"
