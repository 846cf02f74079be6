"""What `madoguchi flows check` finds beyond slips of the pen, and how the command tells it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.flow import lint
from bot.flow.cli import group
from bot.flow.load import load_texts
from tests.flow.checking import ACTIONS, SOUND, TOWN, change, first_line, problems


def test_a_sound_flow_has_no_problems() -> None:
    assert problems(SOUND) == []


def codes(text: str, town: str = TOWN) -> list[str]:
    return [problem.code for problem in problems(text, town)]


def test_two_steps_in_one_are_told_apart() -> None:
    line = first_line(change("  - end\n", "  - say: {ja: あ, ja-easy: あ, en: a}\n    goto: sorry\n"))
    assert line.startswith("flows/tax.yaml:17:5: エラー: 一つのステップに「say」と「goto」が両方あります。")


@pytest.mark.parametrize("value", ["", "''", "要設定", "（要設定）"])
def test_a_value_the_town_has_to_fill_in_is_a_warning_in_its_file(value: str) -> None:
    (problem,) = problems(SOUND, TOWN.replace("phone: '110'", f"office: {{phone: {value}}}"))
    assert (problem.code, problem.severity, str(problem.place)) == ("unfilled", "warning", "flows/town.yaml:2:28")
    assert "「office.phone」" in problem.what.ja


def test_two_flows_cannot_begin_with_the_same_word_nor_with_one_that_works_everywhere() -> None:
    other = SOUND.replace("flow: tax", "flow: other").replace("[納税]", "[ﾉｳｾｲ, 納税, 戻る]")
    found = lint.check(
        load_texts({"flows/town.yaml": TOWN, "flows/a.yaml": SOUND, "flows/b.yaml": other}, ACTIONS), ACTIONS
    )
    assert [(problem.code, str(problem.place)) for problem in found] == [
        ("duplicate_keyword", "flows/b.yaml:3:26"),
        ("reserved_word", "flows/b.yaml:3:30"),
    ]


def test_one_broken_file_is_not_blamed_on_the_others() -> None:
    other = "flow: other\ntitle: {ja: ほか, ja-easy: ほか, en: Other}\nsteps:\n  - start: tax\n"
    menu = "name: メニュー\nbar: メニュー\nsize: large\ncolumns: 1\nareas: [{label: 税, mark: 税, say: 納税}]\n"
    texts = {"flows/other.yaml": other, "flows/richmenu.yaml": menu, "flows/tax.yaml": SOUND, "flows/town.yaml": TOWN}

    def errors() -> set[str]:
        return {one.code for one in lint.check(load_texts(texts, ACTIONS), ACTIONS) if one.severity == "error"}

    assert errors() == set()
    texts["flows/tax.yaml"] = change("title:", "titel:")
    assert errors() == {"unknown_key"}
    del texts["flows/tax.yaml"]
    assert errors() == {"unknown_flow", "unknown_keyword"}


def test_habits_that_surprise_residents_are_warned_of() -> None:
    assert codes(change("value: car, label: {ja: 乗用車", "value: car, label: {ja: 戻る")) == ["reserved_word"]
    assert codes(change("    type: choice\n", "    type: choice\n    retries: 3\n")) == ["tries"]
    assert codes(change("    type: choice\n", "    type: choice\n    min: 3\n")) == ["wrong_bound"]
    assert codes(change("say: {ja: 満員です。, ja-easy: もう 入れません。, en: It is full.}", "goto: end")) == [
        "silent_end"
    ]
    confirmed = SOUND + "  - confirm: [kind]\n  - say: {ja: あ, ja-easy: あ, en: a}\n"
    assert codes(confirmed) == ["done_twice"]


GROUP = """flow: children
title: {ja: 子ども, ja-easy: こども, en: Children}
start: {keywords: [子ども]}
steps:
  - ask: people
    text: {ja: 何人ですか。, ja-easy: なんにん いますか。, en: How many?}
    type: number
  - repeat: children
    END
    steps:
      - {ask: name, text: {ja: お名前は。, ja-easy: なまえは。, en: Name?}}
  - say: {ja: "{{ children|length }}人です。", ja-easy: "{{ children|length }}にんです。", en: "{{ children|length }}."}
"""
MORE = 'more: {ja: "{{ children|length }}人目のほかは。", ja-easy: ほかには。, en: Another?}'


@pytest.mark.parametrize("end", [MORE, "count: people"])
def test_a_group_knows_its_own_list(end: str) -> None:
    assert problems(GROUP.replace("END", end)) == []


@pytest.mark.parametrize(
    ("count", "said"),
    [("peopel", "「people」ではありませんか"), ("people = 2", "「people = 2」"), ("people|lenth", "「people|lenth」")],
)
def test_a_count_that_cannot_be_read_is_told_once_as_it_was_written(count: str, said: str) -> None:
    (problem,) = problems(GROUP.replace("END", f"count: {count}"))
    assert str(problem.place) == "flows/tax.yaml:9:12"
    assert said in problem.what.ja


def test_yaml_traps_mean_what_was_written() -> None:
    text = """flow: traps
title: 罠
steps:
  - ask: answer1
    text: 2026-05-31
    type: choice
    choices: {no: いいえ, yes: はい, 0123: 0123, 1:30: 1:30, 1.10: 1.10, 2026-05-31: 2026-05-31}
"""
    flow = load_texts({"flows/x.yaml": text}).book.programs["traps"].flow
    choices = flow.model_dump()["steps"][0]["choices"]
    assert [choice["value"] for choice in choices] == ["no", "yes", "0123", "1:30", "1.10", "2026-05-31"]
    assert [choice["label"][""] for choice in choices][2:] == ["0123", "1:30", "1.10", "2026-05-31"]


def test_easy_japanese_may_use_hard_kanji_with_their_reading() -> None:
    easy = "ja-easy: もう 入れません。"
    assert codes(change(easy, "ja-easy: 予約（よやく）を 消しました（けしました）。")) == []
    assert codes(change(easy, "ja-easy: 予約を とりけしました。")) == ["easy_kanji"]
    assert codes(change(easy, "ja-easy: 満員です。")) == ["easy_copied"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("来られない時は、前の日までに電話でお知らせください。", ["easy_copied"]),
        ("わからない。来られない時は前の日までにお知らせください。", ["easy_copied"]),
        ("来られない 時は、前の 日までに 電話で 知らせてください。", []),
        ("わかりました。どうしますか。", []),
        ("{{ town.name }}の{{ town.phone }}です。", []),
        ("https://example.jp/notice/2026", []),
    ],
)
def test_a_long_copy_without_spaces_is_no_easy_japanese_even_in_easy_kanji(text: str, found: list[str]) -> None:
    both = change("{ja: 満員です。, ja-easy: もう 入れません。,", f'{{ja: "{text}", ja-easy: "{text}",')
    assert codes(both) == found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "flows"
    home.mkdir()
    (home / "town.yaml").write_text(TOWN, encoding="utf-8")
    (home / "tax.yaml").write_text(change("    text:", "    txet:"), encoding="utf-8")
    return home


def test_the_command_tells_people_json_and_github_apart_and_fails_on_errors(folder: Path) -> None:
    command = group(lambda: ACTIONS)
    plain = CliRunner().invoke(command, ["check", str(folder)])
    assert plain.exit_code == 1
    lines = plain.output.splitlines()
    assert lines[0].startswith("flows/tax.yaml:6:5: エラー: 「txet」")
    assert lines[1].strip().startswith("txet:")
    assert lines[2] == "        ^"
    rows = json.loads(CliRunner().invoke(command, ["check", str(folder), "--format", "json"]).output)
    assert rows[0]["file"] == "flows/tax.yaml"
    assert (rows[0]["line"], rows[0]["column"], rows[0]["severity"]) == (6, 5, "error")
    annotations = CliRunner().invoke(command, ["check", str(folder), "--format", "github", "--language", "en"]).output
    assert annotations.startswith("::error file=flows/tax.yaml,line=6,col=5,title=unknown_key::“txet” is not known")


def test_errors_stand_before_warnings(folder: Path) -> None:
    (folder / "tax.yaml").write_text(
        change(", en: Which kind?}", "}").replace("do: tax.register", "do: tax.regist"), encoding="utf-8"
    )
    lines = CliRunner().invoke(group(lambda: ACTIONS), ["check", str(folder)]).output.splitlines()
    assert [line.split(": ")[1] for line in lines if line.startswith("flows/")] == ["エラー", "注意"]


def test_the_command_is_content_with_sound_flows(folder: Path) -> None:
    (folder / "tax.yaml").write_text(SOUND, encoding="utf-8")
    done = CliRunner().invoke(group(lambda: ACTIONS), ["check", str(folder)])
    assert (done.exit_code, done.output) == (0, "フロー1件：エラー 0件、注意 0件\n")
