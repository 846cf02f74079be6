"""The operators' guide is followed as it is written: its commands exist, its settings are read, its one machine answers."""

from __future__ import annotations

import configparser
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.config import read_settings
from tests.product import ROOT, Product

GUIDE = (ROOT / "OPERATING.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", GUIDE, re.DOTALL)
COMMANDS = sorted(set(re.findall(r"madoguchi ((?:[a-z]+)(?: [a-z]+)?(?: --[a-z-]+)*)", GUIDE)) - {"processes"})


def block(language: str) -> str:
    [found] = [text for name, text in BLOCKS if name == language]
    return str(found)


def command(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that these words name, and what is left of them."""
    found: click.Command = main
    while words and isinstance(found, click.Group):
        following = found.get_command(click.Context(found), words[0])
        if following is None:
            break
        found, words = following, words[1:]
    return found, words


def test_the_guide_names_commands() -> None:
    assert len(COMMANDS) > 15


@pytest.mark.parametrize("written", COMMANDS)
def test_a_command_of_the_guide_exists_with_its_options(written: str) -> None:
    found, left = command(shlex.split(written))
    assert found is not main, written
    known = {option for one in found.params for option in one.opts}
    assert {word for word in left if word.startswith("--")} <= known
    assert not isinstance(found, click.Group) or written in {"jobs", "alerts", "deliveries", "broadcasts", "keys"}


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:[A-Z]+_)+[A-Z]+)`", GUIDE))))
def test_a_setting_of_the_guide_is_read(name: str) -> None:
    config = (ROOT / "bot" / "config.py").read_text(encoding="utf-8")
    assert name in config or name.removeprefix("LINE_CHANNEL_") in {"SECRET", "ID", "FORWARD_URL"}


def test_every_section_of_the_contents_is_there() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line[3:].lower()).replace(" ", "-")
        for line in GUIDE.splitlines()
        if line.startswith("## ")
    }
    assert set(re.findall(r"^\d+\. \[.*\]\(#(.*)\)", GUIDE, re.MULTILINE)) == headings


def test_the_unit_starts_what_exists_and_waits_longer_than_a_stop_takes() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep capitals
    unit.read_string(block("ini"))
    service = unit["Service"]
    for line in (service["ExecStartPre"], service["ExecStart"]):
        program, *words = line.split()
        assert Path(program).name == "madoguchi"
        assert command(words)[1] == []
    serve = (ROOT / "bot" / "serve.py").read_text(encoding="utf-8")
    [graceful] = re.findall(r"^graceful_timeout = (\d+)", serve, re.MULTILINE)
    assert int(service["TimeoutStopSec"]) > int(graceful)


def test_the_keys_and_settings_of_the_guide_start_one_machine_that_answers(tmp_path: Path) -> None:
    """Followed step by step: keys, settings, upgrade, web, the first reply."""
    keys = [CliRunner().invoke(main, ["keys", "new"]).output.strip() for _ in range(2)]
    lines = [line.split("=", 1) for line in block("env").splitlines() if line]
    settings = dict(lines)
    database = tmp_path / "madoguchi.db"
    with Product(f"sqlite:///{database}", tmp_path) as product:
        own = {
            **settings,
            "DATABASE_URL": f"sqlite:///{database}",
            "ENCRYPTION_KEYS": keys[0],
            "LOOKUP_KEYS": keys[1],
            "MADOGUCHI_FLOWS": str(ROOT / "flows"),
            **{name: product.environment[name] for name in ("LINE_CHANNEL_SECRET", "PORT", "LINE_API_BASE")},
        }
        del own["LINE_CHANNEL_ID"]
        own["LINE_CHANNEL_ACCESS_TOKEN"] = product.environment["LINE_CHANNEL_ACCESS_TOKEN"]
        assert read_settings(own).on_sqlite
        upgraded = CliRunner().invoke(main, ["db", "upgrade"], env=own)
        assert upgraded.exit_code == 0, upgraded.output
        product.start(own)
        hanako = product.line.resident("花子")
        hanako.say("こんにちは")
        assert hanako.wait_for()
