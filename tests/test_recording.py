"""A chat with the demo becomes a transcript: `madoguchi flows test --record`, and `flows test` passes it unchanged."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.flow.load import load
from bot.flow.rehearsals import Outcome, rehearse_text
from bot.service import load_services
from bot.simulator.client import Person, Simulator, quote
from tests.product import ROOT, START_SECONDS, free_port, listens, wait_until

MADOGUCHI = str(Path(sys.executable).with_name("madoguchi"))


@pytest.fixture(scope="module")
def hanako(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """The first resident of a demo of its own."""
    port = free_port()
    command = [MADOGUCHI, "demo", "--port", str(port), "--folder", str(tmp_path_factory.mktemp("demo"))]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    line = Simulator(f"http://127.0.0.1:{port}/simulator")
    try:
        wait_until(lambda: listens(port), START_SECONDS, "the demo to listen")
        name = "山田 花子"
        yield Person(line, line.call("GET", f"residents/{quote(name)}")["id"], name)
    finally:
        line.close()
        process.terminate()
        process.wait(START_SECONDS)


def press(person: Person, label: str, heard: str) -> None:
    count = len(person.messages(sender="bot"))
    person.press_button(label)
    wait_until(lambda: len(person.messages(sender="bot")) > count, START_SECONDS, heard)
    person.wait_for(heard)


def command(person: Person, *options: str) -> subprocess.CompletedProcess[str]:
    whole = [MADOGUCHI, "flows", "test", "--record", person.name, "--from", person.line.url, *options]
    return subprocess.run(whole, cwd=ROOT, capture_output=True, text=True)


def test_a_talk_with_the_demo_is_recorded_and_rehearsed_unchanged(hanako: Person) -> None:
    hanako.wait_for("ことばを選んでください")
    press(hanako, "日本語", "ご用件をお選びください")
    press(hanako, "自動車税のお知らせ", "どの税のお知らせですか")
    press(hanako, "自動車税（普通車など）", "何日前にお知らせしますか")
    press(hanako, "7日前", "登録しました")
    press(hanako, "確認・変更する", "次のお知らせを登録しています")
    press(hanako, "このままでよい", "このまま登録しておきます")

    for options in ((), ("--flow", "tax.remind")):
        done = command(hanako, *options)
        assert (done.returncode, done.stderr) == (0, "")
        outcome = Outcome(load(ROOT / "flows", load_services("handlers").registry))
        rehearse_text(outcome, "flows/tax/recorded.talk.yaml", done.stdout)
        assert "\n".join(outcome.report(coverage=False)).endswith("会話1件：成功 1件、失敗 0件")

    lost = command(hanako, "--flow", "tax.stop")
    assert (lost.returncode, lost.stdout) == (1, "")
    assert "「tax.stop」の会話がありません" in lost.stderr


def test_without_a_simulator_or_such_a_resident_the_command_says_what_to_do(hanako: Person) -> None:
    nobody = command(Person(hanako.line, "", "花子"))
    nowhere = command(Person(Simulator(f"http://127.0.0.1:{free_port()}"), "", "花子"))
    assert (nobody.returncode, nowhere.returncode) == (1, 1)
    assert "「花子」という住民はシミュレーターにいません" in nobody.stderr
    assert "`madoguchi demo` を始めるか" in nowhere.stderr
