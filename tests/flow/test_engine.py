"""What a resident may rely on in any talk, whatever the flow."""

from __future__ import annotations

import pytest

from bot.flow import words
from bot.flow.state import HISTORY, load
from bot.flow.talk import Filed, Followed, LanguageChosen, Overtaken, Sent
from tests.flow.talking import Resident, book
from tests.flow.town import BOOK, OTHER, TAX, resident


def test_a_talk_goes_from_a_keyword_to_its_end() -> None:
    r = resident()
    assert "車の種類" in r.say("自動車税について知りたい")
    assert "「乗用車」ですね。" in r.say("１")
    r.say("30日")
    assert r.say("なし") == "2026年6月1日（月）の30日前にお知らせします。"
    assert r.calls == [("tax.register", {"kind": "car", "days": 30})]
    assert r.state is None
    filed = r.effects[-1]
    assert isinstance(filed, Filed)
    assert (filed.flow, filed.revision) == ("tax.register", BOOK.programs["tax.register"].revision)
    assert filed.answers == {"kind": "car", "days": 30, "note": "なし"}


def test_choices_are_listed_with_numbers_for_line_on_a_pc() -> None:
    assert "1. 乗用車\n2. 軽自動車\n3. その他" in resident().say("自動車税")


def test_a_choice_may_be_typed_in_any_language_and_width() -> None:
    for typed in ("軽自動車", "２", "2番", "②", "LIGHT VEHICLE", "ｌｉｇｈｔ　ｖｅｈｉｃｌｅ", "軽自動車です", "kei"):
        r = resident()
        r.say("自動車税")
        assert "「軽自動車」ですね。" in r.say(typed), typed


def test_a_near_miss_is_asked_back() -> None:
    r = resident()
    r.say("自動車税")
    assert r.say("けい自動車").startswith("「軽自動車」のことでしょうか。")
    assert "「軽自動車」ですね。" in r.press("はい")


def test_going_back_asks_the_question_before_and_forgets_its_answer() -> None:
    r = resident()
    r.say("自動車税")
    r.say("1")
    assert "車の種類" in r.say("もどる")
    assert "「軽自動車」" in r.say("2")
    r.say("10")
    assert "「軽自動車」ですね。何日前" in r.press("戻る")


def test_the_first_question_says_that_there_is_nothing_before_it() -> None:
    r = resident()
    r.say("自動車税")
    assert "戻れません" in r.say("戻る")


def test_why_explains_and_asks_again() -> None:
    r = resident()
    r.say("自動車税")
    r.say("1")
    for typed in ("なぜ？", "why?", "ナゼ", "なぜ。"):
        assert r.say(typed).startswith("お知らせを送る日を決めるためです。\n「乗用車」")


@pytest.mark.parametrize("language", ["ja", "ja-easy", "en"])
def test_the_help_names_every_word_that_works_here_and_no_other(language: str) -> None:
    own_data = "flow: my_data\ntitle: 自分のデータ\nsteps:\n  - say: あなたのデータです。\n"
    always: tuple[words.Word, ...] = ("back", "skip", "why", "stop", "menu", "language")
    for pages, may_see_data in (([TAX], False), ([TAX, own_data], True)):
        person = Resident(book(*pages))
        person.language = language
        person.begin("tax.register")
        heard = words.fold(person.say(words.label("help", language)))
        assert all(words.fold(words.label(word, language)) in heard for word in always)
        assert (words.fold(words.label("my_data", language)) in heard) is may_see_data
        assert words.fold(words.label("notices", language)) not in heard


def test_only_a_question_that_is_not_required_can_be_skipped() -> None:
    r = resident()
    r.say("自動車税")
    assert "スキップできません" in r.say("スキップ")
    r.say("1")
    r.say("10")
    assert "スキップ" in r.labels
    assert "お知らせします" in r.say("ｽｷｯﾌﾟ")


def test_stopping_ends_the_talk_and_says_that_nothing_was_kept() -> None:
    r = resident()
    r.say("自動車税")
    assert "「納税のお知らせ」をやめました" in r.say("やめる")
    assert r.state is None


def test_the_menu_interrupts_and_the_talk_can_be_continued() -> None:
    r = resident()
    r.say("自動車税")
    r.say("1")
    assert "1. 粗大ごみ\n2. 自動車税" in r.say("ﾒﾆｭｰ")
    assert "「納税のお知らせ」の続きです。\n「乗用車」ですね。" in r.press("続ける")


def test_a_service_chosen_in_the_menu_runs_first_and_the_earlier_talk_goes_on_after_it() -> None:
    r = resident()
    r.say("自動車税")
    r.say("メニュー")
    assert r.press("粗大ごみ") == "何を出しますか。"
    assert (
        r.say("いす")
        == "いすですね。\n「納税のお知らせ」の続きです。\n車の種類を選んでください。\n\n1. 乗用車\n2. 軽自動車\n3. その他"
    )


def test_a_talk_on_top_of_another_offers_to_stop_it_not_to_drop_it_silently() -> None:
    r = resident()
    r.say("自動車税")
    r.say("メニュー")
    r.press("粗大ごみ")
    assert "続ける" not in r.labels
    assert r.press("やめる").startswith(
        "「粗大ごみ」をやめました。入力された内容は保存していません。\n「納税のお知らせ」の続きです。"
    )


def test_a_language_the_engine_has_no_words_for_is_named_by_itself() -> None:
    r = Resident(book(OTHER, town="languages: {ja: 日本語, pt: Português}\n"))
    r.say("ことば")
    assert r.say("português") == "Português"


def test_a_lapsed_talk_is_told_at_the_next_message() -> None:
    r = resident()
    r.say("自動車税")
    r.say("1")
    r.wait(minutes=31)
    heard = r.say("30")
    assert heard.startswith("前回の「納税のお知らせ」は、時間がたったため終了しました。")
    assert "ご用件" in heard
    assert "車の種類" in r.press("はじめから")


def test_a_talk_in_which_nothing_was_answered_lapses_without_a_word() -> None:
    r = resident()
    r.say("メニュー")
    r.wait(days=3)
    assert "終了しました" not in r.say("自動車税")


def test_unknown_words_lead_to_the_menu() -> None:
    assert "わかりませんでした" in resident().say("あいうえお")


def test_a_wrong_answer_is_asked_again_with_the_reason() -> None:
    r = resident()
    r.say("自動車税")
    r.say("1")
    assert r.say("たくさん").startswith("数字で入力してください。")
    assert r.say("61").startswith("60以下で入力してください。")
    assert r.say("0").startswith("1以上で入力してください。")


def test_the_language_can_be_changed_in_the_middle_of_a_talk() -> None:
    r = resident()
    r.say("自動車税")
    r.say("ことば")
    heard = r.say("english")
    assert heard.startswith("We will continue in English.\nWhat kind of vehicle is it?")
    assert r.effects == [LanguageChosen("en")]


def test_following_greets_asks_for_the_language_and_shows_the_menu() -> None:
    r = resident()
    assert "ことば" in r.send(Followed())
    assert r.labels == ["日本語", "やさしい日本語", "English"]
    assert r.press("English").startswith("Hello.")
    assert "Vehicle tax" in r.labels


def test_going_back_stops_at_an_action_that_was_carried_out() -> None:
    pages = book("""
flow: one
title: 一
start: {keywords: [いち]}
steps:
  - ask: a
    text: A?
  - do: service.act
  - ask: b
    text: B?
""")
    r = Resident(pages)
    r.say("いち")
    r.say("x")
    assert "戻れません" in r.say("戻る")


def test_a_sticker_is_thanked_for_and_the_question_stands() -> None:
    r = resident()
    r.say("自動車税")
    assert r.send(Sent("sticker")).startswith("スタンプをありがとうございます。\n車の種類")
    assert "受け取れません" in r.send(Sent("image"))


def test_a_text_that_was_overtaken_is_never_taken_as_the_answer() -> None:
    r = resident()
    r.say("自動車税")
    before = r.state
    assert "もう一度お聞きします" in r.send(Overtaken())
    assert r.state == before


@pytest.mark.parametrize(
    "text", ["{{ nothing }}", "{{ nothing }} {{ nothing }}", "{% if nothing %}いつ？{% endif %}　"]
)
def test_a_question_whose_text_comes_out_empty_is_asked_all_the_same(text: str) -> None:
    r = Resident(book(f"flow: a\ntitle: あ\nstart: {{keywords: [あ]}}\nsteps:\n  - ask: x\n    text: '{text}'\n"))
    assert r.say("あ") == "次からお選びください。"
    assert r.state is not None


def test_going_back_takes_the_answer_back() -> None:
    r = resident()
    r.say("自動車税")
    r.say("1")
    assert load(r.state)[-1].answers == {"kind": "car"}
    r.say("戻る")
    assert load(r.state)[-1].answers == {}


def test_a_turn_has_five_messages_at_most_and_the_question_is_the_last() -> None:
    pictures = "".join(f"      - {{image: 'https://example.jp/{n}.png', alt: え}}\n" for n in range(4))
    flow = "flow: a\ntitle: あ\nstart: {keywords: [あ]}\nsteps:\n"
    flow += f"  - say:\n{pictures}  - say:\n{pictures}  - {{ask: x, text: どう？}}\n"
    r = Resident(book(flow))
    assert r.say("あ").endswith("どう？")
    assert r.last is not None
    assert len(r.last.messages) == 5


def test_a_talk_without_end_does_not_grow_without_end() -> None:
    r = Resident(book("flow: a\ntitle: あ\nstart: {keywords: [あ]}\nsteps:\n  - {ask: x, text: どう？}\n  - goto: x\n"))
    r.say("あ")
    for _ in range(60):
        r.say("はい")
    assert len(load(r.state)[-1].history) == HISTORY
