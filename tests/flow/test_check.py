"""A clerk's typical mistakes: the first line of each problem alone must let them mend it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.flow import lint, report
from bot.flow.action import ActionSpec, Argument, Registry
from bot.flow.cli import group
from bot.flow.load import load_texts
from bot.flow.problems import Problem

TOWN = "languages: {ja: 日本語, ja-easy: やさしい日本語, en: English}\ntown: {name: 見本町, phone: '110'}\n"
ACTIONS = Registry(
    [
        ActionSpec(
            "tax.register",
            ("registered", "full"),
            {"kind": Argument("text", choices=("car", "kei")), "days": Argument("number", required=False)},
            {"registered": ("due",)},
        )
    ]
)
SOUND = """flow: tax
title: {ja: 納税, ja-easy: ぜいきん, en: Tax}
start: {keywords: [納税]}
steps:
  - ask: kind
    text: {ja: 種類は何ですか。, ja-easy: なんですか。, en: Which kind?}
    type: choice
    choices:
      - {value: car, label: {ja: 乗用車, ja-easy: 車, en: Car}}
      - {value: kei, label: {ja: 軽自動車, ja-easy: 小さい車, en: Light vehicle}}
  - do: tax.register
    with: {kind: kind}
    on: {registered: done, full: sorry}
  - id: done
    say: {ja: "{{ due|jdate }}です。", ja-easy: "{{ due|jdate }}です。", en: "It is {{ due|jdate }}."}
  - end
  - id: sorry
    say: {ja: 満員です。, ja-easy: もう 入れません。, en: It is full.}
"""


def problems(text: str, town: str = TOWN) -> list[Problem]:
    return lint.check(load_texts({"flows/town.yaml": town, "flows/tax.yaml": text}, ACTIONS), ACTIONS)


def first_line(text: str, language: str = "ja") -> str:
    found = problems(text)
    assert found, "nothing was found"
    worst = [problem for problem in found if problem.severity == "error"] or found
    return report.text(worst, language).splitlines()[0]


def change(old: str, new: str) -> str:
    assert SOUND.count(old) == 1, old
    return SOUND.replace(old, new)


def test_a_sound_flow_has_no_problems() -> None:
    assert problems(SOUND) == []


MISTAKES = {
    "indent": (
        change("    type: choice\n", "   type: choice\n"),
        ("flows/tax.yaml:7:4:", "半角スペース3個", "6行目と同じ半角スペース4個"),
    ),
    "first step without a dash": (
        change("  - ask: kind\n", "    ask: kind\n"),
        ("flows/tax.yaml:5:5:", "「- 」で始まっていません"),
    ),
    "no space after a dash": (
        change("  - do: tax.register\n", "  -do: tax.register\n"),
        ("flows/tax.yaml:11:3:", "「-」のあとに半角スペース"),
    ),
    "full-width dash": (
        change("  - do: tax.register\n", "  － do: tax.register\n"),
        ("flows/tax.yaml:11:3:", "「－」が半角ではありません"),
    ),
    "full-width comma": (
        change("ja: 種類は何ですか。, ja-easy", "ja: 種類は何ですか。、ja-easy"),
        ("flows/tax.yaml:6:24:", "全角の「、」"),
    ),
    "full-width braces": (
        change("text: {ja: 種類は何ですか。,", "text: ｛ja: 種類は何ですか。,"),
        ("flows/tax.yaml:6:11:", "全角の「｛」"),
    ),
    "full-width quotation marks": (
        change("ja: 満員です。", "ja: ”満員です。”"),
        ("flows/tax.yaml:18:15:", "全角の引用符"),
    ),
    "brace left open": (
        change("en: Which kind?}", "en: Which kind?"),
        ("flows/tax.yaml:6:11:", "「{」が閉じていません", "終わりに「}」"),
    ),
    "colon in a text": (
        change("say: {ja: 満員です。, ja-easy: もう 入れません。, en: It is full.}", "say: Sorry: full"),
        ("flows/tax.yaml:18:15:", "文章の中に「: 」", "引用符"),
    ),
    "text that begins with a number sign": (
        change("say: {ja: 満員です。, ja-easy: もう 入れません。, en: It is full.}", "say: #1です"),
        ("flows/tax.yaml:18:5:", "「#」から後ろは読まれない"),
    ),
    "unquoted date in a condition": (
        change("    type: choice\n", "    type: choice\n    relevant: today > 2026-05-31\n"),
        ("flows/tax.yaml:8:15:", '"2026-05-31" と引用符で囲んで'),
    ),
    "date in another form": (
        change("    type: choice\n", "    type: choice\n    min: 2026/5/31\n"),
        ("flows/tax.yaml:8:10:", '"2026-05-31" と引用符で囲んで', "「2026/5/31」"),
    ),
    "one value where several stand": (
        change("keywords: [納税]", "keywords: 納税"),
        ("flows/tax.yaml:3:19:", "「keywords」", "[納税] のように"),
    ),
    "a word where a number stands": (
        change("    type: choice\n", "    type: choice\n    retries: 三\n    on_fail: sorry\n"),
        ("flows/tax.yaml:8:14:", "「retries」には数", "「三」"),
    ),
    "number out of bounds": (
        change("    type: choice\n", "    type: choice\n    retries: 99\n    on_fail: sorry\n"),
        ("flows/tax.yaml:8:14:", "「retries」は 20 以下", "いま 99"),
    ),
    "button that does nothing": (
        change("It is full.}\n", "It is full.}\n    buttons: [{label: {ja: あ, ja-easy: あ, en: A}}]\n"),
        ("flows/tax.yaml:19:15:", "押しても何も起きません", "goto"),
    ),
    "button that does two things": (
        change(
            "It is full.}\n",
            "It is full.}\n    buttons: [{label: {ja: あ, ja-easy: あ, en: A}, goto: done, open: 'tel:189'}]\n",
        ),
        ("flows/tax.yaml:19:15:", "「goto」「open」"),
    ),
    "unknown key": (
        change("    text: {ja: 種類", "    txet: {ja: 種類"),
        ("flows/tax.yaml:6:5:", "「txet」", "「text」ではありませんか"),
    ),
    "missing colon": (
        change("flow: tax\n", "flow tax\n"),
        ("flows/tax.yaml:1:5:", "「flow」のあとに「:」がありません"),
    ),
    "missing colon in a step": (
        change("    type: choice\n", "    type choice\n"),
        ("flows/tax.yaml:7:", "「type」のあとに「:」がありません"),
    ),
    "full-width colon": (change("    type: choice\n", "    type：choice\n"), ("flows/tax.yaml:7:9:", "全角の「：」")),
    "full-width space": (change("    type: choice\n", "　　type: choice\n"), ("flows/tax.yaml:7:1:", "全角スペース")),
    "no space after a colon": (
        change("    type: choice\n", "    type:choice\n"),
        ("flows/tax.yaml:7:", "「type:」のあとに半角スペース"),
    ),
    "label too long": (
        change("軽自動車", "四輪の軽自動車（農耕作業用の特殊なものを含みます）"),
        ("flows/tax.yaml:10:", "20文字まで", "いま25文字"),
    ),
    "unknown goto": (
        change("full: sorry}", "full: sory}"),
        ("flows/tax.yaml:13:", "「sory」", "「sorry」ではありませんか"),
    ),
    "missing outcome": (change(", full: sorry}", "}"), ("flows/tax.yaml:13:", "「tax.register」", "「full」", "on:")),
    "unknown outcome": (
        change("full: sorry}", "ful: sorry, full: sorry}"),
        ("flows/tax.yaml:13:", "「ful」", "「full」ではありませんか"),
    ),
    "unquoted date as an answer": (
        change("value: car,", "value: 2026-05-31x,").replace("kind: kind", "kind: 2026-05-31"),
        ("flows/tax.yaml:12:", "car、kei"),
    ),
    "duplicate id": (
        change("  - id: sorry", "  - id: done").replace("full: sorry", "full: done"),
        ("flows/tax.yaml:17:", "「done」", "二つ"),
    ),
    "duplicate key": (
        change("    type: choice\n", "    type: choice\n    type: text\n"),
        ("flows/tax.yaml:8:5:", "「type」が二回", "7 行目"),
    ),
    "untranslated text": (change(", en: Which kind?}", "}"), ("flows/tax.yaml:6:11:", "en の文章がありません")),
    "undeclared variable": (
        change("kind: kind", "kind: kinds"),
        ("flows/tax.yaml:12:", "「kinds」", "「kind」ではありませんか"),
    ),
    "unreachable step": (
        change("  - end\n", "  - goto: sorry\n  - say: {ja: あ, ja-easy: あ, en: a}\n"),
        ("flows/tax.yaml:17:5:", "どこからも進めません"),
    ),
    "endless loop": (change("  - end\n", "  - goto: done\n"), ("flows/tax.yaml:14:5:", "終わりません")),
    "bad constraint": (
        change("    type: choice\n", "    type: choice\n    constraint: answer = 'car'\n"),
        ("flows/tax.yaml:8:17:", "「=」ではなく「==」"),
    ),
    "wrong type of value": (
        change("    type: choice\n", "    type: choice\n    required: たぶん\n"),
        ("flows/tax.yaml:8:15:", "true か false"),
    ),
    "unknown type": (
        change("type: choice", "type: choise"),
        ("flows/tax.yaml:7:11:", "「choise」", "「choice」ではありませんか"),
    ),
    "tab": (change("    type: choice\n", "\ttype: choice\n"), ("flows/tax.yaml:7:1:", "タブ")),
    "missing text": (
        change("    text: {ja: 種類は何ですか。, ja-easy: なんですか。, en: Which kind?}\n", ""),
        ("flows/tax.yaml:5:5:", "「text」がありません"),
    ),
    "empty text": (change("text: {ja: 種類は何ですか。,", "text: {ja: ,"), ("flows/tax.yaml:6:", "文章がありません")),
    "empty choices": (SOUND[: SOUND.index("    choices:")] + "    choices: []\n", ("flows/tax.yaml:7:", "choices")),
    "too many choices": (
        SOUND.replace(
            "      - {value: kei",
            "".join(f"      - {{value: k{n}, label: {{ja: 車, ja-easy: 車, en: Car}}}}\n" for n in range(51))
            + "      - {value: kei",
        ),
        ("flows/tax.yaml:8:5:", "50個まで", "53個"),
    ),
    "comma in a text between braces": (
        change("en: Which kind?}", "en: Which kind, or class?}"),
        ("flows/tax.yaml:6:", "「,」で文章が切れています（「or class?」）"),
    ),
    "bad language code": (
        change("en: Which kind?", "english: Which kind?"),
        ("flows/tax.yaml:6:", "「english」", "「en」ではありませんか"),
    ),
    "a language the town has not": (
        change("en: Which kind?", "jp: どれ"),
        ("flows/tax.yaml:6:", "「jp」", "town.yaml", "「ja」ではありませんか"),
    ),
    "misspelt step": (
        change("  - do: tax.register\n", "  - doo: tax.register\n"),
        ("flows/tax.yaml:11:5:", "「doo」", "「do」ではありませんか"),
    ),
    "no step at all": (change("  - end\n", "  - おわり\n"), ("flows/tax.yaml:16:5:", "ステップになっていません")),
    "unknown action": (
        change("do: tax.register", "do: tax.regist"),
        ("flows/tax.yaml:11:", "「tax.regist」", "「tax.register」ではありませんか"),
    ),
    "unknown argument": (
        change("{kind: kind}", "{kind: kind, day: 3}"),
        ("flows/tax.yaml:12:", "「day」", "「days」ではありませんか"),
    ),
    "missing argument": (change("    with: {kind: kind}\n", ""), ("flows/tax.yaml:11:", "「kind」が必要")),
    "unknown filter": (
        change('ja: "{{ due|jdate }}です。"', 'ja: "{{ due|jdat }}です。"'),
        ("flows/tax.yaml:15:", "「|jdate」ではありませんか"),
    ),
    "unclosed place": (
        change('ja: "{{ due|jdate }}です。"', 'ja: "{{ due|jdate です。"'),
        ("flows/tax.yaml:15:", "「{{」と「}}」"),
    ),
    "unknown town value": (
        change('ja: "{{ due|jdate }}です。"', 'ja: "{{ town.phon }}"'),
        ("flows/tax.yaml:15:", "town.phon", "「phone」ではありませんか"),
    ),
    "one text begins with braces": (
        change('ja: "{{ due|jdate }}です。"', "ja: {{ due|jdate }}です。"),
        ("flows/tax.yaml:15:", "「{{」で始まる文章"),
    ),
    "step beside an if": (
        change("  - end\n", "  - if: kind == 'car'\n    goto: done\n  - end\n"),
        ("flows/tax.yaml:17:5:", "「goto」を並べて", "「then:」の行を加え"),
    ),
    "today in Japanese": (
        change("    type: choice\n", "    type: choice\n    relevant: 今日 > '2026-05-31'\n"),
        ("flows/tax.yaml:8:15:", "「今日」は「today」と書きます"),
    ),
    "a word without quotation marks": (
        change("  - end\n", "  - if: kind == 軽\n    then: kind\n  - end\n"),
        ("flows/tax.yaml:16:9:", "「軽」が引用符で囲まれていません", """'"軽"'"""),
    ),
    "braces inside braces": (
        change('ja: "{{ due|jdate }}です。", ja-easy', "ja: 日は{{due}}です。, ja-easy"),
        ("flows/tax.yaml:15:15:", "{ } の中の、「{{」のある文章", "引用符"),
    ),
    "quotation mark left open above another": (
        change(
            "    text: {ja: 種類は何ですか。, ja-easy: なんですか。, en: Which kind?}\n",
            '    text:\n      ja: "種類は何ですか。\n      ja-easy: "なんですか。"\n      en: Which kind?\n',
        ),
        ("flows/tax.yaml:7:11:", "引用符が閉じていません"),
    ),
    "quotation mark left open": (
        change('en: "It is {{ due|jdate }}."}', 'en: "It is {{ due|jdate }}.}'),
        ("flows/tax.yaml:15:", "引用符が閉じていません"),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_first_line_of_a_problem_lets_a_clerk_mend_it(mistake: str) -> None:
    text, expected = MISTAKES[mistake]
    line = first_line(text)
    assert all(part in line for part in expected), line
    assert first_line(text, "en").startswith(expected[0])


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


def test_every_problem_is_said_in_japanese_and_english() -> None:
    for text, _ in MISTAKES.values():
        for problem in problems(text):
            assert problem.what.ja
            assert problem.what.en
            assert problem.what.ja != problem.what.en
            assert 1 <= problem.place.line <= text.count("\n") + 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "flows"
    home.mkdir()
    (home / "town.yaml").write_text(TOWN, encoding="utf-8")
    (home / "tax.yaml").write_text(MISTAKES["unknown key"][0], encoding="utf-8")
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
