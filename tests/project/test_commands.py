"""Every command explains itself."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from bot.cli import main
from tests.product import ROOT


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, f"{name} is listed and not there"
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = dict(commands(main))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_a_command_and_its_options_have_a_help_text(path: tuple[str, ...]) -> None:
    command = ALL[path]
    assert command.help
    assert [one.name for one in command.params if isinstance(one, click.Option) and not one.help] == []
    asked = CliRunner().invoke(main, [*path, "--help"])
    assert asked.exit_code == 0
    assert command.help.split("\n")[0].split(".")[0][:40] in " ".join(asked.output.split())


def test_the_list_of_commands_says_of_each_what_it_does() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    listed = [line.split(maxsplit=1) for line in shown.partition("Commands:")[2].splitlines() if line.strip()]
    assert {parts[0] for parts in listed if len(parts) == 2} >= {path[0] for path in ALL}


@pytest.mark.parametrize("name", sorted({path[0] for path in ALL}))
def test_the_readme_names_every_command(name: str) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("### Commands")[2].partition("\n#")[0]
    assert name in section.replace("·", " ").replace("`", " ").split()
