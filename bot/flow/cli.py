"""`madoguchi flows …`: the authors' workbench on the command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

Specs = Callable[[], Mapping[str, Any]]
"""Imports the services and returns the signatures of their actions by name."""

Chats = Callable[[str, str], Sequence[Mapping[str, Any]]]
"""Fetches the turns of a chat: the simulator's address, the resident's name. Raises LookupError saying what to do."""

Today = Callable[[], dt.date]

SIMULATOR = "http://localhost:8000/simulator"
"""Where `madoguchi demo` has its simulator."""

_FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default="flows")
_LANGUAGE = click.option(
    "--language", type=click.Choice(["ja", "en"]), default="ja", show_default=True, help="問題を説明する言語です。"
)


def group(specs: Specs | None = None, chats: Chats | None = None, today: Today | None = None) -> click.Group:
    """Return the command group; `specs` gives the actions that flows may call (None: actions stay unchecked).

    `chats` reaches a simulator, for transcripts recorded there; `today` tells which dates have passed.
    """

    @click.group("flows", help="フローの確認・テスト・表示（check, test and show flows）")
    def flows() -> None:
        pass

    _add_check(flows, specs, today)
    _add_test(flows, specs, chats)
    _add_show(flows, specs)
    _add_schema(flows)
    return flows


def _add_check(flows: click.Group, specs: Specs | None, today: Today | None) -> None:
    @flows.command("check", help="フローの間違いを行番号つきで示します。エラーがあれば終了コード1。")
    @_FOLDER
    @_LANGUAGE
    @click.option(
        "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True,
        help="結果の書き方です。",
    )  # fmt: skip
    @click.option("--strict", is_flag=True, help="注意もエラーとして扱います。")
    def check(folder: Path, language: str, form: str, *, strict: bool) -> None:
        _check(folder, specs, language, form, None if today is None else today(), strict=strict)


def _add_test(flows: click.Group, specs: Specs | None, chats: Chats | None) -> None:
    @flows.command("test", help="書かれた会話（*.talk.yaml）を試します。違いがあれば終了コード1。")
    @_FOLDER
    @click.option("--coverage/--no-coverage", default=True, help="どの会話も通らないステップを示します。")
    @click.option(
        "--record",
        "resident",
        metavar="RESIDENT",
        help="シミュレーターでこの住民が話した会話を、テストとして書き出します。",
    )
    @click.option("--from", "address", default=SIMULATOR, show_default=True, help="シミュレーターのアドレスです。")
    @click.option("--flow", help="書き出すフロー。その最後の会話だけになります。")
    def test(folder: Path, resident: str | None, address: str, flow: str | None, *, coverage: bool) -> None:
        if resident is None:
            _test(folder, specs, coverage=coverage)
        elif chats is not None:
            _record(folder, specs, chats, (address, resident), flow)


def _add_show(flows: click.Group, specs: Specs | None) -> None:
    @flows.command("show", help="フローを日本語の見出しや図（Mermaid）で示します。")
    @_FOLDER
    @click.option("--flow", "names", multiple=True, help="示すフロー（何度でも書けます。なければすべて）。")
    @click.option(
        "--format", "form", type=click.Choice(["outline", "mermaid", "svg"]), default="outline", show_default=True,
        help="見出し（outline）か、図の元（mermaid）か、図（svg、--flow は一つ）か。",
    )  # fmt: skip
    def show(folder: Path, names: tuple[str, ...], form: str) -> None:
        _show(folder, specs, names, form)


def _add_schema(flows: click.Group) -> None:
    @flows.command("schema", help="エディター用の JSON Schema を書き出します。")
    def schema() -> None:
        import orjson

        from bot.flow.schema import schema as flow_schema

        click.echo(orjson.dumps(flow_schema(), option=orjson.OPT_INDENT_2).decode())


def _show(folder: Path, specs: Specs | None, names: tuple[str, ...], form: str) -> None:
    from bot.flow.called import Called
    from bot.flow.diagram import diagram, mermaid
    from bot.flow.load import load
    from bot.flow.outline import outline
    from bot.flow.picture import svg

    loaded = load(folder)
    unknown = [name for name in names if name not in loaded.origins]
    if unknown:
        raise click.BadParameter(f"{'、'.join(unknown)}（あるもの：{'、'.join(loaded.origins)}）", param_hint="--flow")
    shown = [loaded.book.programs[name] for name in names or loaded.origins]
    if form == "svg" and len(shown) != 1:
        raise click.BadParameter("図にするフローを一つ書いてください。", param_hint="--flow")
    called = Called.of(loaded.book.programs, None if specs is None else specs())
    ways = {
        "outline": lambda program: outline(program.flow, called),
        "mermaid": lambda program: mermaid(program, called),
        "svg": lambda program: svg(diagram(program, called), program.id),
    }
    click.echo("\n\n".join(map(ways[form], shown)))


def _test(folder: Path, specs: Specs | None, *, coverage: bool) -> None:
    from bot.flow.load import load
    from bot.flow.rehearsals import rehearse

    loaded = load(folder, None if specs is None else specs())
    outcome = rehearse(loaded, folder)
    for line in outcome.report(coverage=coverage):
        click.echo(line)
    if outcome.failed:
        raise SystemExit(1)


def _record(folder: Path, specs: Specs | None, chats: Chats, whose: tuple[str, str], flow: str | None) -> None:
    from bot.flow.load import load
    from bot.flow.recording import NotFound, record

    loaded = load(folder, None if specs is None else specs())
    try:
        recording = record(loaded.book, chats(*whose), flow)
    except NotFound as error:
        what = f"「{flow}」の会話" if flow else "会話"
        raise click.ClickException(f"{whose[1]}さんのチャットに{what}がありません。") from error
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from error
    click.echo(recording.text, nl=False)
    for difference in recording.differences:
        click.echo(difference, err=True)
    if recording.differences:
        raise SystemExit(1)


def _check(folder: Path, specs: Specs | None, language: str, form: str, today: dt.date | None, *, strict: bool) -> None:
    from bot.flow import lint, report
    from bot.flow.load import load

    actions = None if specs is None else specs()
    loaded = load(folder, actions)
    problems = lint.check(loaded, actions, today)
    if form == "json":
        click.echo(report.as_json(problems, language))
    elif form == "github":
        if problems:
            click.echo(report.github(problems, language))
    else:
        if problems:
            click.echo(report.text(problems, language) + "\n")
        click.echo(report.summary(problems, len(loaded.origins), language))
    if any(strict or problem.severity == "error" for problem in problems):
        raise SystemExit(1)
