"""Lists in a CSV: read as spreadsheets write them, searched as residents ask, chosen only from what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.flow import lint
from bot.flow.load import load, load_texts
from bot.flow.problems import Problem
from tests.flow.talking import TOWN, Resident

CSV = """name,name:en,words,fee,how,how:en
ソファー（2人以上）,Sofa (two seats or more),ソファ・長いす,1500,玄関先に出します。,Leave it at your door.
ソファー（1人用）,Armchair,ソファ・いす,700,玄関先に出します。,Leave it at your door.
布団,Futon,ふとん・毛布,300,"ひもで、しばります。",Tie it with string.
自転車,Bicycle,じてんしゃ・チャリ,500,防犯登録を消します。,Cancel its registration.
"""
FLOW = """flow: garbage
title: {ja: ごみ, ja-easy: ごみ, en: Waste}
steps:
  - ask: item
    type: lookup
    from: items.csv
    text: {ja: 何を捨てますか。, ja-easy: なにを すてますか。, en: What do you throw away?}
  - say:
      ja: "{{ labels.item }}は{{ rows.item.fee|yen }}。{{ rows.item.how }}"
      ja-easy: "{{ rows.item.name }}"
      en: "{{ labels.item }}: {{ rows.item.fee|yen }}. {{ rows.item.how }}"
"""


def resident(csv: str = CSV, language: str | None = None) -> Resident:
    loaded = load_texts({"flows/town.yaml": TOWN, "flows/g/garbage.yaml": FLOW, "flows/g/items.csv": csv})
    assert not loaded.errors, loaded.errors
    person = Resident(loaded.book)
    person.language = language
    person.begin("garbage")
    return person


def problems(flow: str = FLOW, csv: str = CSV) -> list[Problem]:
    texts = {"flows/town.yaml": TOWN, "flows/garbage.yaml": flow, "flows/items.csv": csv}
    return [problem for problem in lint.check(load_texts(texts)) if problem.severity == "error"]


@pytest.mark.parametrize("said", ["布団", "ふとん", "ﾌﾄﾝ", "毛布", " Futon "])
def test_an_entry_is_found_by_any_of_its_names(said: str) -> None:
    assert resident().say(said).startswith("布団は300円。ひもで、しばります。")


def test_what_several_entries_may_mean_is_chosen_from_the_nearest() -> None:
    person = resident()
    heard = person.say("ソファを捨てたい")
    assert "1. ソファー（2人以上）\n2. ソファー（1人用）" in heard
    assert person.labels[:2] == ["ソファー（2人以上）", "ソファー（1人用）"]
    assert person.say("２").startswith("ソファー（1人用）は700円。")


def test_a_misspelt_name_is_asked_back_and_yes_is_enough() -> None:
    person = resident()
    assert "1. 自転車" in person.say("じてんしや1台")
    assert person.say("はい").startswith("自転車は500円。")


def test_only_what_is_in_the_list_can_be_the_answer() -> None:
    person = resident()
    assert person.say("ピアノ").startswith("一覧に見つかりませんでした。")
    assert "何を捨てますか。" in person.heard
    person.say("ソファ")
    assert "1. 自転車" in person.say("自転車のタイヤ")
    person.press("自転車")
    assert person.state is None


def test_columns_come_in_the_residents_language() -> None:
    assert resident(language="en").say("bicycle").startswith("Bicycle: 500 yen. Cancel its registration.")


def test_a_list_saved_by_a_japanese_spreadsheet_is_read(tmp_path: Path) -> None:
    home = tmp_path / "flows"
    home.mkdir()
    (home / "town.yaml").write_text(TOWN, encoding="utf-8")
    (home / "garbage.yaml").write_text(FLOW, encoding="utf-8")
    for encoding in ("cp932", "utf-8-sig", "utf-8"):
        (home / "items.csv").write_bytes(CSV.replace("\n", "\r\n").encode(encoding))
        loaded = load(home)
        assert not loaded.problems
        assert [row["name"] for row in loaded.book.lists["items.csv"].rows][2:] == ["布団", "自転車"]


@pytest.mark.parametrize(
    ("old", "new", "line", "part"),
    [
        ("name,name:en", "品名,name:en", 1, "「name」の列がありません"),
        ("fee,how", "料金,how", 1, "「料金」は使えません"),
        ("words,fee", "fee,fee", 1, "同じ見出し"),
        ("布団,Futon", "自転車,Futon", 5, "「自転車」が二回あります（一回目は 4 行目）"),
        ('"ひもで、しばります。"', "ひもで,しばります。", 4, "列が7個あります（見出しは6個）"),
        ("布団,Futon", ",Futon", 4, "「name」が空です"),
    ],
)
def test_what_is_wrong_in_a_list_is_said_with_its_line(old: str, new: str, line: int, part: str) -> None:
    assert CSV.count(old) == 1
    found = next(problem for problem in problems(csv=CSV.replace(old, new)) if problem.place.file == "flows/items.csv")
    assert found.place.line == line
    assert part in found.what.ja


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("from: items.csv", "from: item.csv", "「items.csv」ではありませんか"),
        ("    from: items.csv\n", "", "from: に CSV のファイル名"),
        ("type: lookup", "type: text", "from は type: lookup か choice の質問に使います"),
        ('en: "{{ labels.item }}: {{ rows.item.fee|yen }}', 'en: "{{ rows.item.fees|yen }}', "「fee」ではありませんか"),
        ('ja-easy: "{{ rows.item.name }}"', 'ja-easy: "{{ rows.itme.name }}"', "「item」ではありませんか"),
    ],
)
def test_a_question_and_its_list_fit_together(old: str, new: str, part: str) -> None:
    assert FLOW.count(old) == 1
    assert any(part in problem.what.ja for problem in problems(FLOW.replace(old, new)))
