"""Talks written down as tests: they pass, they fail readably, and they show what nobody tried."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from click.testing import CliRunner

from bot.flow.cli import group
from bot.flow.engine import turn
from bot.flow.load import load_texts
from bot.flow.recorder import Recorder
from bot.flow.rehearsals import Outcome, rehearse_text
from bot.flow.talk import ActionResult, Buttons, Choice, Input, Pressed, Said, Sent, Surroundings
from bot.flow.transcript import TOKYO

FLOW = """flow: tax
title: 納税
start: {keywords: [納税]}
steps:
  - ask: kind
    text: 種類は？
    type: choice
    choices: {car: 乗用車, kei: 軽自動車}
  - if: kind == "kei"
    then:
      - say: 軽です。
    else:
      - say: 普通です。
  - ask: day
    text: いつ？
    type: date
  - do: tax.register
    with: {kind: kind, day: day}
    on:
      registered: done
      full:
        - say: 満員です。
        - end
  - id: done
    say: "{{ due|jdate }}"
    buttons: [{label: 納めました, do: tax.paid, on: {marked: thanks}}]
  - end
  - id: thanks
    say: どうも。
"""
TALK = """talk: 登録する
now: 2026-05-01 09:00
actions:
  tax.register: {outcome: registered, values: {due: 2026-06-01}}
  tax.paid: marked
moves:
  - resident: 納税
    bot: 種類は？…
  - press: 軽自動車
    bot: [軽です。, いつ？]
    buttons: [カレンダー, 戻る, やめる]
  - press: カレンダー
    picked: 2026-05-20
    bot: 2026年6月1日
    called: {tax.register: {kind: kei, day: 2026-05-20}}
    ended: true
  - wait: 30 days
  - press: 納めました
    bot: どうも。
"""


def report(talk: str, *, coverage: bool = False) -> list[str]:
    outcome = Outcome(load_texts({"flows/tax.yaml": FLOW}))
    rehearse_text(outcome, "flows/tax.talk.yaml", talk)
    return list(outcome.report(coverage=coverage))


def test_a_talk_that_goes_as_written_is_ok() -> None:
    assert report(TALK) == ["OK  登録する（flows/tax.talk.yaml）", "会話1件：成功 1件、失敗 0件"]


def test_a_difference_is_shown_line_by_line_at_its_place() -> None:
    lines = report(TALK.replace("bot: [軽です。, いつ？]", "bot: [軽自動車です。, いつ？]"))
    assert lines[0].startswith("NG")
    assert lines[1].strip() == "flows/tax.talk.yaml:9: bot"
    assert [line.strip() for line in lines[3:6]] == ["- 軽自動車です。", "+ 軽です。", "いつ？"]


def test_a_button_that_is_not_there_stops_the_talk_and_names_those_that_are() -> None:
    lines = report(TALK.replace("press: 軽自動車", "press: 原付"))
    assert "「原付」というボタンはありません" in lines[1]
    assert "乗用車、軽自動車" in lines[1]


def test_an_action_without_an_answer_is_named() -> None:
    assert any("tax.paid" in line for line in report(TALK.replace("  tax.paid: marked\n", "")))


def test_wrong_arguments_and_a_wrong_end_are_told() -> None:
    lines = report(TALK.replace("day: 2026-05-20}", "day: 2026-05-21}").replace("ended: true", "ended: false"))
    assert any("called tax.register" in line for line in lines)
    assert any(line.strip() == "- day: 2026-05-21" for line in lines)
    assert any("ended" in line for line in lines)


def test_a_misspelt_line_of_a_talk_is_a_problem_with_its_place() -> None:
    lines = report(TALK.replace("  - resident: 納税", "  - residnt: 納税"))
    assert lines[0].startswith(
        "flows/tax.talk.yaml:7:5: 「residnt」という項目はここにはありません。「resident」ではありませんか。"
    )


def test_steps_and_branches_nobody_tried_are_listed() -> None:
    lines = [line for line in report(TALK, coverage=True) if line.startswith(("未確認", "ステップ"))]
    assert lines == [
        '未確認  flows/tax.yaml:9:5  2-if：else（kind == "kei"）',
        "未確認  flows/tax.yaml:13:9  2-else-1",
        "未確認  flows/tax.yaml:17:5  4：full",
        "未確認  flows/tax.yaml:22:11  4-full-1",
        "未確認  flows/tax.yaml:23:11  4-full-2",
        "ステップ12のうち9を確認（75%）",
    ]


def test_a_recorded_talk_is_a_transcript_that_passes() -> None:
    book = load_texts({"flows/tax.yaml": FLOW}).book
    now = dt.datetime(2026, 5, 1, 9, 0, tzinfo=TOKYO)
    recorder = Recorder("録音", now)
    results = {"tax.register": ActionResult("registered", {"due": "2026-06-01"}), "tax.paid": ActionResult("marked")}
    actions = recorder.watching(lambda name, _: results[name])
    state: bytes | None = None
    shown: list[Choice] = []

    def send(given: Input) -> None:
        nonlocal state
        answer = turn(book, state, given, Surroundings(now, actions))
        recorder.take(given, answer, now)
        state = answer.state
        shown[:] = [*answer.quick, *(c for m in answer.messages if isinstance(m, Buttons) for c in m.choices)]

    def press(label: str, picked: str | None = None) -> None:
        send(Pressed(next(choice.data for choice in shown if choice.label == label), picked))

    send(Said("納税"))
    press("乗用車")
    now += dt.timedelta(minutes=5)
    send(Sent("sticker"))
    press("カレンダー", "2026-05-20")
    now += dt.timedelta(days=2)
    press("納めました")
    written = recorder.text()
    assert "press: 乗用車" in written
    assert report(written) == ["OK  録音（flows/tax.talk.yaml）", "会話1件：成功 1件、失敗 0件"]


def test_the_command_runs_all_talks_of_a_folder_and_fails_with_them(tmp_path: Path) -> None:
    home = tmp_path / "flows"
    home.mkdir()
    (home / "tax.yaml").write_text(FLOW, encoding="utf-8")
    (home / "tax.talk.yaml").write_text(TALK, encoding="utf-8")
    command = group()
    assert CliRunner().invoke(command, ["test", str(home)]).exit_code == 0
    (home / "tax.talk.yaml").write_text(TALK.replace("どうも。", "さようなら。"), encoding="utf-8")
    done = CliRunner().invoke(command, ["test", str(home), "--no-coverage"])
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == "会話1件：成功 0件、失敗 1件"
