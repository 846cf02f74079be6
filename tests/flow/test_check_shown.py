"""What LINE would refuse to show is found in the file, for every language and with the longest values."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
import pytest

from bot.flow import lint
from bot.flow.engine import turn
from bot.flow.load import load_texts
from bot.flow.sizes import card_bytes, cards_fit
from bot.flow.talk import ActionResult, Choice, Rich, Said, Surroundings, Text
from bot.flow.transcript import TOKYO
from bot.line.acceptance import check
from bot.line.limits import FLEX_BUBBLE_BYTES, MEDIA_URL_UTF16
from bot.line.messages import line_messages
from tests.flow.talking import book

NOON = dt.datetime(2026, 5, 1, 12, 0, tzinfo=TOKYO)
TOWN = "languages: {ja: 日本語, en: English}\ntown: {name: 見本町, site: 'https://example.jp', phone: ''}\n"
HEAD = "flow: a\ntitle: {ja: あ, en: A}\nstart: {keywords: [あ]}\nsteps:\n"
CARD = "  - say: {card: {text: {ja: い, en: B}, image: 'https://example.jp/a.png'}, alt: {ja: う, en: C}}\n"


def found(steps: str) -> list[tuple[str, str]]:
    texts = {"flows/town.yaml": TOWN, "flows/a.yaml": HEAD + steps}
    others = {"unfilled", "untranslated"}
    return [(one.code, str(one.place)) for one in lint.check(load_texts(texts)) if one.code not in others]


def column(steps: str, part: str) -> str:
    """Return where `part` stands in the first line of `steps` that holds it."""
    number, line = next((at, line) for at, line in enumerate(steps.splitlines(), 5) if part in line)
    return f"flows/a.yaml:{number}:{line.index(part) + 1}"


def test_pictures_cards_places_and_buttons_that_fit_are_no_problem() -> None:
    steps = CARD + (
        "  - say:\n"
        "      - image: https://example.jp/a.png\n"
        "        alt: {ja: う, en: C}\n"
        "      - location: {title: 役場, address: 中央1, latitude: 35, longitude: 139}\n"
        "      - {ja: ええ, en: Text}\n"
        "    buttons:\n"
        "      - {label: {ja: 開く, en: Open}, open: '{{ town.site }}/x'}\n"
        "      - {label: {ja: 電話, en: Call}, open: 'tel:{{ town.phone }}'}\n"
        "      - {label: {ja: 電話, en: Call}, open: 'tel:189'}\n"
    )
    assert found(steps) == []


@pytest.mark.parametrize(
    "address",
    ["http://example.jp/a.png", "/a.png", "https://町.jp/a.png", "https:///a.png", "https://example.jp/a b.png",
     "https://example.jp/{{ name }}.png", "https://example.jp/" + "a" * MEDIA_URL_UTF16],
)  # fmt: skip
def test_a_picture_that_nobody_can_fetch_is_found_where_it_is_written(address: str) -> None:
    card = CARD.replace("https://example.jp/a.png", address)
    assert found(card) == [("bad_picture", column(card, f"'{address}"))]
    image = f"  - say: {{image: '{address}', preview: 'https://example.jp/b.png', alt: {{ja: う, en: C}}}}\n"
    assert found(image) == [("bad_picture", column(image, f"'{address}"))]
    preview = f"  - say: {{image: 'https://example.jp/b.png', preview: '{address}', alt: {{ja: う, en: C}}}}\n"
    assert found(preview) == [("bad_picture", column(preview, f"'{address}"))]


@pytest.mark.parametrize(
    "address", ["example.jp", "mailto:a@example.jp", "https://", "tel:０１２", "https://町.jp", "tel: 1"]
)
def test_a_button_that_opens_nothing_is_found(address: str) -> None:
    steps = f"  - say: {{ja: い, en: B}}\n    buttons: [{{label: {{ja: 開く, en: Open}}, open: '{address}'}}]\n"
    assert found(steps) == [("bad_address", column(steps, f"'{address}"))]


@pytest.mark.parametrize("copied", ["''", "' '", "{ja: '1', en: ''}"])
def test_a_button_that_copies_nothing_is_found(copied: str) -> None:
    steps = f"  - say: {{ja: い, en: B}}\n    buttons: [{{label: {{ja: 写す, en: Copy}}, copy: {copied}}}]\n"
    assert [code for code, _ in found(steps)] == ["text_missing"]


def test_a_button_that_turns_out_to_copy_nothing_is_left_out_and_the_answer_arrives() -> None:
    steps = "  - say: い\n    buttons: [{label: 写す, copy: '{{ town.phone }} '}, {label: 開く, open: 'tel:189'}]\n"
    answer = turn(book(HEAD + steps, town=TOWN), None, Said("あ"), Surroundings(NOON, lambda n, _: ActionResult(n)))
    messages = line_messages(answer.messages)
    check(messages)
    assert [action["label"] for action in messages[0]["template"]["actions"]] == ["開く"]


def test_texts_with_less_room_than_a_message_are_measured_by_their_own_limit() -> None:
    place = "  - say: {{location: {{title: {0}, address: 中央, latitude: 1, longitude: 1}}, alt: {{ja: う, en: {1}}}}}"
    for steps, part in (
        (place.format("町" * 101, "x"), "町町"),
        (place.format("町", "x" * 1501), "xx"),
        ("  - say: あ\n    buttons: [{label: 写す, copy: '" + "1" * 1001 + "'}]\n", "'11"),
    ):
        assert found(steps) == [("text_too_long", column(steps, part))]


LONG_CARDS = (
    "  - {ask: note, text: {ja: メモ, en: Note}}\n"
    "  - say:\n"
    "      cards:\n" + "        - text: {ja: い, en: '{{ note }}{{ note }}'}\n" * 9 + "      alt: {ja: う, en: C}\n"
)


def test_cards_are_measured_in_every_language_with_the_longest_answer() -> None:
    assert found(LONG_CARDS) == [("cards_too_large", "flows/a.yaml:7:7")]
    assert found(LONG_CARDS.replace("{{ note }}{{ note }}", "{{ note }}")) == []


def test_cards_that_are_too_large_all_the_same_arrive_as_texts() -> None:
    flows, around = book(HEAD + LONG_CARDS, town=TOWN), Surroundings(NOON, lambda name, _: ActionResult(name), "en")
    asked = turn(flows, None, Said("あ"), around).state
    assert {type(message) for message in turn(flows, asked, Said("字" * 1000), around).messages} == {Text}
    assert [type(message) for message in turn(flows, asked, Said("短い"), around).messages] == [Rich]


@pytest.mark.parametrize("length", [0, 3000, 9000])
def test_the_size_of_cards_is_never_guessed_too_small(length: int) -> None:
    data = "x" * 300
    card: dict[str, Any] = {
        "title": '"町"' * 20,
        "text": "字" * length,
        "image": "https://example.jp/a.png",
        "choices": tuple(Choice("押す", data, echo="押" * 300) for _ in range(3)),
    }
    (message,) = line_messages([Rich("cards", {"cards": [card]}, "…")])
    assert len(orjson.dumps(message["contents"])) <= card_bytes(card) < len(orjson.dumps(message["contents"])) + 700
    if cards_fit([card]):
        check([message])
    assert cards_fit([card]) == (length < 9000)


def bubble(text: str) -> str:
    return f'{{"type": "bubble", "body": {{"type": "text", "text": "{text}"}}}}'


def carousel(*bubbles: str) -> str:
    return f'{{"type": "carousel", "contents": [{", ".join(bubbles)}]}}'


FLEX = "  - say: {{flex: {}, alt: {{ja: う, en: C}}}}\n"


def pressed(action: str) -> str:
    return f'{{"type": "bubble", "body": {{"type": "button", "action": {{{action}}}}}}}'


@pytest.mark.parametrize(
    ("flex", "code"),
    [
        (bubble("あ"), None),
        (carousel(bubble("い"), bubble("う")), None),
        ('{"type": "box"}', "flex_type"),
        ("[]", "flex_type"),
        (carousel(), "flex_type"),
        (carousel(*[bubble("い")] * 13), "flex_too_many"),
        (bubble("x" * FLEX_BUBBLE_BYTES), "flex_too_large"),
        (carousel(*[bubble("x" * 10_000)] * 6), "flex_too_large"),
        (pressed(f'"type": "uri", "uri": "tel:189", "label": "{"x" * 41}"'), "label_too_long"),
        (pressed('"type": "uri", "label": "電話", "uri": "tel:189"'), None),
        (pressed('"type": "uri", "label": "電話", "uri": "189"'), "bad_address"),
        (pressed('"type": "uri", "label": "開く"'), "flex_action"),
        (pressed(f'"type": "uri", "label": "開く", "uri": "https://example.jp/{"a" * 1000}"'), "text_too_long"),
        (pressed('"type": "message", "label": "始める", "text": "あ"'), None),
        (pressed('"type": "message", "label": "メニュー", "text": "メニュー"'), None),
        (pressed('"type": "message", "label": "始める", "text": "ない言葉"'), "unknown_keyword"),
        (pressed(f'"type": "clipboard", "label": "写す", "clipboardText": "{"a" * 1001}"'), "text_too_long"),
        (pressed('"type": "postback", "label": "始める", "data": "x"'), "flex_action"),
        (pressed('"type": "open", "label": "開く"'), "flex_action"),
        (pressed('"label": "開く"'), "flex_action"),
    ],
)
def test_flex_that_line_would_refuse_is_found(flex: str, code: str | None) -> None:
    assert [one for one, _ in found(FLEX.format(flex))] == ([] if code is None else [code])


def test_buttons_under_a_long_text_count_as_a_message_of_their_own() -> None:
    steps = "  - say: [あ, い, う, え]\n  - say: {ja: {}, en: B}\n    buttons: [{label: {ja: 開く, en: Open}, open: 'tel:189'}]\n"
    assert "too_many_messages" not in [code for code, _ in found(steps.replace("{}", "お" * 160))]
    assert "too_many_messages" in [code for code, _ in found(steps.replace("{}", "お" * 161))]
