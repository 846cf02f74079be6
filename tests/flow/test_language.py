"""Every step and what it promises, in talks."""

from __future__ import annotations

import pytest

from bot.flow.load import load_texts
from bot.flow.talk import ActionResult, Consented, Filed, Rich, Sent
from tests.flow.talking import TOWN, Resident, book


def flow(steps: str, head: str = "") -> str:
    return f"flow: one\ntitle: 届出\nstart: {{keywords: [届出]}}\n{head}steps:\n{steps}"


CONFIRMED = flow("""
  - ask: name
    text: お名前は？
    label: 名前
  - ask: has_car
    text: 車がありますか。
    type: yes_no
  - ask: plate
    text: 車の色は？
    label: 色
    relevant: has_car
  - ask: born
    text: 生年月日は？
    label: 生年月日
    type: date
    max: today
  - ask: code
    text: 暗証番号は？
    label: 暗証番号
    type: digits
    secret: true
  - confirm: [name, has_car, plate, born, code]
  - say: "{{ name }} / {{ labels.has_car }} / {{ plate }} / {{ born|age }}歳"
""")


def filled() -> Resident:
    r = Resident(book(CONFIRMED))
    for text in ("届出", "山田", "はい", "赤", "昭和50年4月1日", "１２３４"):
        r.say(text)
    return r


def test_a_confirmation_shows_all_answers_but_no_secret() -> None:
    assert filled().heard == (
        "次の内容でよろしいですか。直したいものは、番号でお選びください。\n\n"
        "1. 名前：山田\n2. 車がありますか：はい\n3. 色：赤\n4. 生年月日：1975年4月1日\n5. 暗証番号：（表示しません）"
    )


def test_a_confirmation_and_what_is_chosen_are_set_as_the_language_sets_them() -> None:
    steps = """
  - ask: needs
    text: 必要なものは？
    label: {ja: もの, en: Needs}
    type: choices
    choices: {a: {ja: 水, en: Water}, b: {ja: 毛布, en: Blanket}}
  - confirm: [needs]
"""
    r = Resident(book(flow(steps)))
    r.language = "en"
    r.say("届出")
    r.press("Blanket")
    assert r.press("Water").startswith("Chosen: Water, Blanket\n")
    assert r.press("Done").endswith("1. Needs: Water, Blanket")


def test_one_answer_can_be_changed_without_losing_the_rest() -> None:
    r = filled()
    assert r.say("1") == "お名前は？"
    assert "1. 名前：鈴木\n2. 車がありますか：はい\n3. 色：赤" in r.say("鈴木")
    assert r.press("これでよい") == "鈴木 / はい / 赤 / 51歳"


def test_a_changed_answer_drops_the_ones_that_no_longer_matter_and_asks_new_ones() -> None:
    r = filled()
    r.press("車がありますかを直す")
    assert "色" not in r.say("いいえ")
    r.say("車がありますか")
    assert r.say("はい") == "車の色は？"
    assert "3. 色：青" in r.say("青")


def test_back_while_changing_returns_to_the_confirmation_with_nothing_changed() -> None:
    r = filled()
    r.say("1")
    assert "1. 名前：山田" in r.say("戻る")


def test_a_consent_is_recorded_with_its_version_and_text() -> None:
    steps = """
  - consent: privacy
    version: 2026-04
    text: 個人情報の取扱いに同意しますか。
  - say: ありがとうございます。
"""
    r = Resident(book(flow(steps)))
    r.say("届出")
    assert r.labels[:2] == ["同意する", "同意しない"]
    assert r.press("同意する") == "ありがとうございます。"
    assert r.effects == [Consented("privacy", "2026-04", given=True, text="個人情報の取扱いに同意しますか。")]


def test_who_refuses_a_consent_is_told_that_nothing_was_kept() -> None:
    r = Resident(book(flow("  - consent: privacy\n    version: 1\n    text: 同意しますか。\n  - say: 次です。\n")))
    r.say("届出")
    assert "保存していません" in r.say("同意しない")
    assert r.state is None
    assert isinstance(r.effects[0], Consented)


CHILDREN = flow(
    """
  - repeat: children
    more: もう一人いますか。
    most: 3
    steps:
      - ask: name
        text: "{{ children|length + 1 }}人目のお名前は？"
      - ask: born
        text: 生年月日は？
        type: date
  - say: "{{ children|length }}人：{% for child in children %}{{ child.name }}（{{ child.born|age }}歳）{% endfor %}"
""",
    "retain_answers: 7 days\n",
)


def test_a_group_is_asked_for_as_many_times_as_there_are() -> None:
    r = Resident(book(CHILDREN))
    r.say("届出")
    for text in ("花", "令和2年1月1日", "はい", "太郎"):
        r.say(text)
    assert r.say("2024/5/2") == "もう一人いますか。"
    assert r.say("いいえ") == "2人：花（6歳）太郎（1歳）"
    filed = r.effects[-1]
    assert isinstance(filed, Filed)
    assert filed.answers["children"] == [{"name": "花", "born": "2020-01-01"}, {"name": "太郎", "born": "2024-05-02"}]


def test_a_group_ends_by_itself_when_it_is_full() -> None:
    r = Resident(book(CHILDREN))
    r.say("届出")
    for n in range(3):
        r.say(f"子{n}")
        heard = r.say("2020-01-01")
        if n < 2:
            r.say("はい")
    assert heard.startswith("3人：")


def corrected(count: str) -> Resident:
    """Two children and a colour, before the confirmation."""
    ends = f"count: {count}" if count else "more: もう一人いますか。"
    r = Resident(
        book(
            flow(f"""
  - {{ask: number, text: 何人ですか。, type: number}}
  - {{ask: colour, text: 色は？}}
  - repeat: children
    {ends}
    steps:
      - {{ask: name, text: お名前は？}}
  - confirm: [number, colour, children]
""")
        )
    )
    answers = ("届出", "2", "赤", "花", *([] if count else ["はい"]), "太郎", *([] if count else ["いいえ"]))
    for text in answers:
        r.say(text)
    return r


@pytest.mark.parametrize("count", ["", "number"])
def test_a_group_stands_while_another_answer_is_changed(count: str) -> None:
    r = corrected(count)
    assert "2. 色は：赤\n3. children：2件" in r.heard
    r.say("2")
    assert "2. 色は：青\n3. children：2件" in r.say("青")


def test_a_group_is_gathered_anew_when_its_number_is_changed_or_it_is_chosen_itself() -> None:
    r = corrected("number")
    r.say("1")
    assert r.say("1") == "お名前は？"
    assert "1. 何人ですか：1\n2. 色は：赤\n3. children：1件" in r.say("花")
    assert r.say("3") == "お名前は？"
    assert "3. children：1件" in r.say("戻る"), "nothing was changed"


def test_going_back_over_a_round_takes_its_entry_away() -> None:
    r = Resident(book(CHILDREN))
    r.say("届出")
    r.say("花")
    r.say("2020-01-01")
    assert r.say("戻る") == "生年月日は？"
    r.say("2021-01-01")
    assert r.say("いいえ") == "1人：花（5歳）"


def test_a_group_can_be_counted_beforehand() -> None:
    steps = """
  - ask: count
    text: 何台ですか。
    type: number
    max: 5
  - repeat: cars
    count: count
    steps:
      - ask: color
        text: 色は？
  - say: "{{ cars|length }}台です。"
"""
    r = Resident(book(flow(steps)))
    r.say("届出")
    r.say("2台")
    r.say("赤")
    assert r.say("青") == "2台です。"
    r.say("届出")
    assert r.say("0") == "0台です。"


ADDRESS = """
flow: common.address
title: 住所
variables: [who]
steps:
  - ask: postal
    text: "{{ who }}の郵便番号は？"
    type: postal_code
    required: false
  - if: not postal
    then: end
  - ask: street
    text: 住所は？
"""


def test_a_called_flow_comes_back_with_its_answers() -> None:
    steps = """
  - call: common.address
    with: {who: '"あなた"'}
  - say: "{{ postal }} {{ street }}"
"""
    r = Resident(book(flow(steps), ADDRESS))
    assert r.say("届出") == "あなたの郵便番号は？"
    assert r.say("〒２３１－８５８８") == "住所は？"
    assert r.say("戻る") == "あなたの郵便番号は？"
    r.say("2318588")
    assert r.say("日本大通1") == "231-8588 日本大通1"


def test_end_in_a_called_flow_goes_back_to_the_caller() -> None:
    r = Resident(book(flow("  - call: common.address\n    with: {who: '\"私\"'}\n  - say: 次です。\n"), ADDRESS))
    r.say("届出")
    assert r.say("スキップ") == "次です。"


def test_flows_that_call_each_other_forever_are_refused() -> None:
    loaded = load_texts({"a.yaml": "flow: a\ntitle: A\nsteps:\n  - call: a\n"})
    assert [problem.code for problem in loaded.errors] == ["call_loop"]


def test_the_revision_changes_with_a_called_flow_and_a_used_snippet() -> None:
    def revision(address: str, hours: str) -> str:
        used = flow("  - call: common.address\n    with: {who: '\"私\"'}\n  - say: '{{ snippets.hours }}'\n")
        texts = f"snippets:\n  hours: {hours}\n  other: x\n"
        loaded = load_texts({"a.yaml": used, "b.yaml": address, "s.yaml": texts})
        assert not loaded.errors
        return loaded.book.programs["one"].revision

    first = revision(ADDRESS, "9時から")
    assert first == revision(ADDRESS, "9時から")
    assert first != revision(ADDRESS.replace("住所は", "ご住所は"), "9時から")
    assert first != revision(ADDRESS, "10時から")


def test_snippets_tables_and_town_values_fill_texts() -> None:
    table = """
table: triage
rows:
  - {from: 2020-02-17, values: {fever: 37.5, days: 4}}
  - {from: 2026-05-02, values: {fever: 38, days: 2}}
"""
    snippets = "snippets:\n  hours: {ja: '{{ town.name }}は9時から', en: '{{ town.name }} opens at 9'}\n"
    town = "languages: {ja: 日本語, en: English}\ntown: {name: {ja: 見本町, en: Mihon Town}}\n"
    said = "  - say: '{{ snippets.hours }} {{ tables.triage.fever }} {{ tables.triage.days }}'\n"
    r = Resident(book(flow(said), table, snippets, town=town))
    assert r.say("届出") == "見本町は9時から 37.5 4"
    r.language = "en"
    r.wait(days=1)
    assert r.say("届出") == "Mihon Town opens at 9 38 2"


def test_a_list_in_a_text_leaves_no_empty_line_behind_it() -> None:
    said = """
  - set: {days: "['月', '木']"}
  - say: |
      燃やすごみの日
      {% for day in days %}・{{ day }}
      {% endfor %}
"""
    assert Resident(book(flow(said))).say("届出") == "燃やすごみの日\n・月\n・木"


def test_several_choices_are_pressed_one_by_one_or_typed_at_once() -> None:
    steps = """
  - ask: needs
    text: 必要なものは？
    type: choices
    max: 2
    choices: {a: 水, b: 毛布, c: 薬}
  - say: "{{ labels.needs }} {{ needs|length }}"
"""
    pages = book(flow(steps))
    r = Resident(pages)
    r.say("届出")
    r.press("毛布")
    assert r.press("水").startswith("選択中：水、毛布")
    assert r.press("決定") == "水、毛布 2"
    r.say("届出")
    assert r.say("1,2,3").startswith("2個までお選びください。")
    assert r.say("３と１") == "水、薬 2"


def test_after_so_many_tries_the_flow_goes_another_way() -> None:
    steps = """
  - ask: code
    text: 番号は？
    type: digits
    retries: 2
    on_fail: help
  - end
  - id: help
    say: 窓口へどうぞ。
"""
    r = Resident(book(flow(steps)))
    r.say("届出")
    r.say("あ")
    assert r.say("い").endswith("窓口へどうぞ。")


def test_a_location_and_a_photo_are_taken_where_they_are_asked_for() -> None:
    steps = """
  - ask: place
    text: 場所は？
    type: location
  - ask: picture
    text: 写真は？
    type: photo
  - say: "{{ place.address }}"
"""
    r = Resident(book(flow(steps)))
    r.say("届出")
    assert r.choice("位置情報を送る").kind == "location"
    assert "お送りください" in r.say("駅前")
    assert r.send(Sent("location", {"address": "日本大通1", "latitude": 35.4, "longitude": 139.6})) == "写真は？"
    assert {choice.kind for choice in r.choices} >= {"camera", "camera_roll"}
    assert r.send(Sent("image", {"id": "123"})) == "日本大通1"


def test_cards_pictures_and_places_are_shown() -> None:
    steps = """
  - say:
      - 次をご覧ください。
      - {image: 'https://example.jp/a.png', alt: 地図}
      - {location: {title: 役場, address: 日本大通1, latitude: 35.4, longitude: 139.6}}
      - cards:
          - {title: 一, text: いち, buttons: [{label: 開く, open: 'https://example.jp/'}]}
          - {text: に}
      - sticker: {package: 446, sticker: 1988}
"""
    r = Resident(book(flow(steps)))
    r.say("届出")
    assert r.last is not None
    kinds = [message.kind for message in r.last.messages if isinstance(message, Rich)]
    assert kinds == ["image", "location", "cards", "sticker"]


def test_a_talk_with_an_action_says_sorry_for_an_outcome_nobody_wrote_down() -> None:
    r = Resident(book(flow("  - do: a.b\n    on: {fine: end}\n")), {"a.b": ActionResult("strange")})
    assert "うまく進めることができませんでした" in r.say("届出")


def test_more_than_five_texts_are_joined_and_long_ones_split() -> None:
    r = Resident(book(flow("".join(f"  - say: 文{n}\n" for n in range(8)) + "  - ask: a\n    text: 質問\n")))
    r.say("届出")
    assert r.last is not None
    assert len(r.last.messages) == 5
    assert r.heard.replace("\n\n", "\n") == "\n".join([*(f"文{n}" for n in range(8)), "質問"])
    long = Resident(book(flow(f"  - say: {'あ' * 7000}\n")))
    long.say("届出")
    assert long.last is not None
    assert [len(message.text) for message in long.last.messages if not isinstance(message, Rich)] == [5000, 2000]


def test_the_town_can_leave_the_numbers_out() -> None:
    steps = "  - ask: a\n    text: どれ？\n    type: choice\n    choices: {x: い, y: ろ}\n"
    assert Resident(book(flow(steps), town=TOWN + "list_choices: false\n")).say("届出") == "どれ？"
