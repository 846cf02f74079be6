"""What reviewers and editors see of a flow: an outline in Japanese, a diagram, a schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from bot.flow import model
from bot.flow.action import ActionSpec, Registry
from bot.flow.called import Called
from bot.flow.cli import group
from bot.flow.diagram import mermaid
from bot.flow.load import load_texts
from bot.flow.outline import outline
from bot.flow.problems import Sentence
from bot.flow.schema import schema
from bot.flow.source import read
from tests.flow.checking import SOUND
from tests.flow.test_language import ADDRESS, CHILDREN, CONFIRMED
from tests.flow.test_properties import EVERYTHING
from tests.flow.town import GREETING, TAX


def program(text: str) -> Any:
    return load_texts({"flows/x.yaml": text, "flows/part.yaml": "flow: part\ntitle: 部分\nsteps:\n  - say: あ\n"}).book


def test_the_outline_reads_without_yaml() -> None:
    assert outline(program(TAX).programs["tax.register"].flow) == (
        "■ 納税のお知らせ（tax.register）\n"
        "  はじまり：「自動車税」「vehicle tax」と送る、メニューの「自動車税」\n"
        "  途中でやめたとき：30分で終了\n"
        "  答えの保存：30日\n"
        "  1. たずねる（一つ選ぶ）：車の種類を選んでください。\n"
        "      ・乗用車\n"
        "      ・軽自動車\n"
        "      ・その他\n"
        "  2. たずねる（数）：「〈「車の種類を選んでください」の答え〉」ですね。何日前にお知らせしますか。\n"
        "      ・範囲：1から60まで\n"
        "      ・「なぜ？」への答え：お知らせを送る日を決めるためです。\n"
        "  3. たずねる（文章、答えなくてもよい）：メモはありますか。\n"
        "  4. 「車の種類を選んでください」が「軽自動車」のとき：\n"
        "      ・はい：\n"
        "        4a.1. 伝える：軽自動車税は町の税金です。\n"
        "  5. 処理する：tax.register（kind、days）\n"
        "      ・結果 registered → 「〈due〉の〈何日前にお知らせ…」［done］へ\n"
        "      ・結果 full：\n"
        "        5.full.1. 伝える：受付は終了しました。\n"
        "  6. 終了\n"
        "  7. ［done］伝える：〈due〉の〈何日前にお知らせしますか〉日前にお知らせします。\n"
        "      ・ボタン 「納めました」 → tax.mark_paid\n"
        "      ・ボタン 「くわしく」 → https://example.jp/tax\n"
        "  8. 終了\n"
        "  9. ［thanks］伝える：ありがとうございました。"
    )


def test_the_diagram_shows_every_question_and_branch() -> None:
    drawing = mermaid(program(SOUND).programs["tax"])
    assert drawing.splitlines() == [
        "flowchart TD",
        '  start(["納税"])',
        '  s0[/"種類は何ですか。"/]',
        '  s1[["tax.register"]]',
        '  s6["〈due〉です。"]',
        '  s8["満員です。"]',
        '  finish(["終了"])',
        "  start --> s0",
        "  s0 --> s1",
        '  s1 -- "registered" --> s6',
        '  s1 -- "full" --> s8',
        "  s6 --> finish",
        "  s8 --> finish",
    ]


@pytest.mark.parametrize("text", [TAX, SOUND, EVERYTHING, CHILDREN, CONFIRMED, GREETING, ADDRESS])
def test_the_schema_accepts_what_the_engine_accepts(text: str) -> None:
    jsonschema.validate(YAML(typ="safe", pure=True).load(text.replace("2026-04\n", "v1\n")), schema())


def test_the_schema_accepts_the_shipped_flows() -> None:
    validator = jsonschema.validators.validator_for(schema())(schema())
    for path in Path("flows").rglob("*.yaml"):
        if not path.name.endswith(".talk.yaml"):
            # Read as the product reads it: an unquoted day is a text, as in the YAML 1.2 of editors.
            validator.validate(read(path.read_text(encoding="utf-8"), path.name).value)


def test_the_schema_knows_every_step_and_refuses_a_misspelt_one() -> None:
    found = schema()
    titles = {kind.__name__ for kind in model.VERBS.values()}
    assert titles <= set(found["$defs"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"flow": "a", "title": "A", "steps": [{"sya": "x"}]}, found)


def test_the_command_shows_and_writes_the_schema(tmp_path: Path) -> None:
    home = tmp_path / "flows"
    home.mkdir()
    (home / "tax.yaml").write_text(SOUND, encoding="utf-8")
    command = group()
    assert CliRunner().invoke(command, ["show", str(home)]).output.startswith("■ 納税（tax）")
    assert CliRunner().invoke(command, ["show", str(home), "--format", "mermaid"]).output.startswith("flowchart TD")
    assert CliRunner().invoke(command, ["show", str(home), "--flow", "x"]).exit_code == 2
    assert '"$defs"' in CliRunner().invoke(command, ["schema"]).output


WAYS = """flow: ways
title: 道
start: {keywords: [道]}
steps:
  - ask: people
    text: 何人でお越しですか。人数をお知らせください。
    type: choice
    choices:
      - {value: one, label: ひとり, goto: alone}
      - {value: more, label: ふたり以上}
  - {do: tax.register, with: {kind: people}, on: {registered: other, full: people}}
  - id: other
    start: part
  - id: alone
    call: part
  - say: おわりです。
    buttons: [{label: はじめから, goto: people}, {label: 部分, start: part}, {label: 登録, do: tax.register}]
"""


def test_the_outline_calls_steps_by_their_words_and_flows_and_actions_by_their_titles() -> None:
    actions = Registry([ActionSpec("tax.register", ("registered",), title=Sentence("登録する", "register"))])
    book = program(WAYS)
    shown = outline(book.programs["ways"].flow, Called.of(book.programs, actions))
    for line in (
        "1. ［people］たずねる（一つ選ぶ）：何人でお越しですか。",
        "・ひとり → 「部分」［alone］へ",
        "2. 処理する：登録する［tax.register］（kind）",
        "・結果 registered → 「部分」［other］へ",
        "・結果 full → 「何人でお越しですか。人数をお知…」［people］へ",
        "3. ［other］終了し、「部分」（part）を始める",
        "4. ［alone］「部分」（part）を行って、ここに戻る",
        "・ボタン 「はじめから」 → 「何人でお越しですか。人数をお知…」［people］へ",
        "・ボタン 「部分」 → 「部分」（part）を始める",
        "・ボタン 「登録」 → 登録する［tax.register］",
    ):
        assert line in shown, shown
    drawn = mermaid(book.programs["ways"], Called.of(book.programs, actions))
    assert "登録する［tax.register］" in drawn
    assert "「部分」（part）" in drawn


def test_what_has_no_title_is_called_by_its_id() -> None:
    shown = outline(program(WAYS).programs["ways"].flow)
    assert "処理する：tax.register（kind）" in shown
    assert "終了し、「part」を始める" in shown
    assert "・結果 registered → ［other］へ" in shown


def test_the_command_knows_the_titles_of_actions(tmp_path: Path) -> None:
    home = tmp_path / "flows"
    home.mkdir()
    (home / "tax.yaml").write_text(SOUND, encoding="utf-8")
    titled = Registry([ActionSpec("tax.register", ("registered",), title=Sentence("登録する", "register"))])
    command = group(lambda: titled)
    for form in ("outline", "mermaid", "svg"):
        assert "登録する" in CliRunner().invoke(command, ["show", str(home), "--flow", "tax", "--format", form]).output
