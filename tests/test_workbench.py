"""From the files to a published flow and back, by the commands of the authors' guide."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.now import TOKYO, Now
from tests.product import ROOT

GUIDE = (ROOT / "flows" / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\| `madoguchi ([^`]+)` \|", GUIDE, re.MULTILINE)
NOTHING = "まだ何も公開されていません。"


class Desk:
    """A clerk at the command line of an installation of their own."""

    def __init__(self, folder: Path) -> None:
        self.flows = folder / "flows"
        shutil.copytree(ROOT / "flows", self.flows)
        self.url = f"sqlite:///{folder / 'town.db'}"

    def types(self, *words: str) -> Result:
        return CliRunner().invoke(main, words, env={"DATABASE_URL": self.url})

    def says(self, *words: str) -> str:
        done = self.types(*words)
        assert done.exit_code == 0, done.output
        return done.output

    def fill_in(self) -> None:
        """Write what only the town knows into town.yaml."""
        town = self.flows / "town.yaml"
        empty = re.compile(r"^(  \w+:) *$(?=\n(?:  \S|\Z|$))", re.MULTILINE)
        town.write_text(empty.sub(r"\1 見本", town.read_text(encoding="utf-8")), encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.says("db", "upgrade")
    return desk


def test_before_anything_is_published_the_commands_say_so(desk: Desk) -> None:
    assert NOTHING in desk.says("flows", "history")
    refused = desk.types("flows", "pause", "tax", "--text", "ja=お休みです")
    assert (refused.exit_code, NOTHING in refused.output) == (1, True)


def test_a_trial_run_says_what_would_keep_it_from_being_published(desk: Desk) -> None:
    refused = desk.types("flows", "publish", str(desk.flows), "--dry-run")
    assert refused.exit_code == 1
    assert "tax.remind" in refused.output
    assert "町の値「tax_office_phone」がまだ書かれていません" in refused.output
    assert "公開していません" in refused.output
    desk.fill_in()
    assert "このまま公開できます" in desk.says("flows", "publish", str(desk.flows), "--dry-run")
    assert NOTHING in desk.says("flows", "history")


def test_every_command_about_publishing_works_as_the_guide_writes_it(desk: Desk) -> None:
    desk.fill_in()
    assert "公開 1 にしました" in desk.says("flows", "publish", str(desk.flows))
    wanted = {"flows history", "flows rollback 番号", "flows schema > flows.schema.json", "flows resume サービス名"}
    assert wanted <= set(COMMANDS)
    for command in COMMANDS:
        if command.startswith("flows ") and command != "flows publish":
            plain = command.partition(" > ")[0].replace("番号", "1").replace("サービス名", "tax")
            desk.says(*shlex.split(plain))


def test_the_history_is_told_in_the_towns_time(desk: Desk) -> None:
    desk.fill_in()
    desk.says("flows", "publish", str(desk.flows), "--by", "見本")
    found = re.fullmatch(r" +1  (\S+ \S+)  見本\n", desk.says("flows", "history"))
    assert found
    told = dt.datetime.fromisoformat(found.group(1)).replace(tzinfo=TOKYO)
    assert abs(Now()() - told) < dt.timedelta(minutes=5)
