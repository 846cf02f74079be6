"""The authors' guide tells the truth: nothing of the language is left out, its example works, its mistakes are said as it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.flow import content, lint, model, offices, report, richmenu, scenario
from bot.flow.fields import Part
from bot.flow.filters import FILTERS
from bot.flow.load import load_texts
from bot.flow.words import Word, word_in

FLOWS = Path(__file__).parents[2] / "flows"
GUIDE = (FLOWS / "README.md").read_text(encoding="utf-8")
EMPTY = re.compile(r"^(  \w+:) *\n(?=  \S|$|\Z)", re.MULTILINE)
TOWN = EMPTY.sub("\\1 見本\n", (FLOWS / "town.yaml").read_text(encoding="utf-8"))
EXAMPLES = dict(re.findall(r"```yaml\n# (flows/\S+)\n(.*?)```", GUIDE, re.DOTALL))
EXAMPLE = "flows/event/health_day.yaml"
MISTAKES = [
    tuple(cell.strip(" ").replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:5])
    for line in GUIDE.splitlines()
    if re.match(r"\| \d+ ", line)
]
PLACES: dict[str, list[type[Part]]] = {
    "共通": [model.Step],
    "フローのファイル": [model.Flow],
    "始まり方": [model.Start],
    "メニュー": [model.MenuEntry],
    "ボタン": [content.Button],
    "たずねる": [content.Option],
    "見せるもの": [content.Content, content.Card, content.Place, content.Sticker],
    "町の設定": [model.Town],
    "日付つきの表": [model.Table, model.Row],
    "共有の文章": [model.Snippets],
    "リッチメニュー": [richmenu.RichMenu, richmenu.Area],
    "窓口": [offices.Offices, offices.Office, offices.Hours],
    "危険な言葉": [offices.Danger],
    "会話のテスト": [scenario.Scenario, scenario.Answer, scenario.Move, scenario.AtDesk],
}


def sections() -> dict[str, str]:
    parts = re.split(r"^(#{2,3} .*)$", GUIDE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def section(start: str) -> str:
    named = ((heading.strip("# "), text) for heading, text in sections().items())
    return next(text for name, text in named if name == start or name.startswith((f"{start} ", f"{start}（")))


def rows(text: str) -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


def fields(part: type[Part]) -> set[str]:
    return {info.alias or name for name, info in part.model_fields.items()}


@pytest.mark.parametrize("verb", sorted(model.VERBS))
def test_every_kind_of_step_has_its_section_with_all_its_fields(verb: str) -> None:
    text = next(
        text for heading, text in sections().items() if heading.endswith(f"`{verb}`") and "始まり" not in heading
    )
    assert fields(model.VERBS[verb]) - fields(model.Step) <= rows(text)


@pytest.mark.parametrize("place", sorted(PLACES))
def test_every_field_is_explained(place: str) -> None:
    told = rows(section(place))
    assert all(fields(part) <= told for part in PLACES[place])


def test_every_answer_type_is_explained_and_none_that_does_not_exist() -> None:
    assert rows(section("答えの種類")) == set(get_args(model.AnswerType))


def test_every_filter_is_explained_and_none_that_does_not_exist() -> None:
    assert rows(section("加工")) == set(FILTERS)


def test_the_words_that_work_everywhere_are_those_of_the_guide() -> None:
    told = re.findall(r"^\| ([^|`-]+?) \|", section("いつでも使える言葉"), re.MULTILINE)[1:]
    assert len(told) == len(get_args(Word))
    assert {word_in(word) for word in told} == set(get_args(Word))


def test_every_command_of_the_guide_exists() -> None:
    for group, command in set(re.findall(r"madoguchi (\w+) (\w+)", GUIDE)):
        done = CliRunner().invoke(main, [group, command, "--help"])
        assert done.exit_code == 0, (group, command)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of flows with the guide's examples and nothing else."""
    (tmp_path / "flows" / "event").mkdir(parents=True)
    (tmp_path / "flows" / "town.yaml").write_text(TOWN, encoding="utf-8")
    for name, text in EXAMPLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "flows"


def test_the_example_is_sound_and_its_talk_comes_true(home: Path) -> None:
    assert EXAMPLE in EXAMPLES
    checked = CliRunner().invoke(main, ["flows", "check", str(home)])
    assert (checked.exit_code, checked.output) == (0, "フロー2件：エラー 0件、注意 0件\n")
    tested = CliRunner().invoke(main, ["flows", "test", str(home)])
    assert tested.exit_code == 0, tested.output
    assert "OK  3人で申し込む" in tested.output
    shown = CliRunner().invoke(main, ["flows", "show", str(home), "--flow", "event.health_day"])
    assert "健康相談の日" in shown.output


def test_there_are_twenty_mistakes() -> None:
    assert [int(cells[0].split()[0]) for cells in MISTAKES] == list(range(1, 21))


@pytest.mark.parametrize("cells", MISTAKES, ids=lambda cells: cells[0])
def test_a_mistake_is_answered_as_the_guide_says(cells: tuple[str, ...]) -> None:
    right, wrong = (cell.strip("`").replace("⇥", "\t") for cell in cells[1:3])
    assert EXAMPLES[EXAMPLE].count(right) == 1, right
    text = EXAMPLES[EXAMPLE].replace(right, wrong)
    found = lint.check(load_texts({"flows/town.yaml": TOWN, EXAMPLE: text}))
    worst = [problem for problem in found if problem.severity == "error"] or found
    assert cells[3] in report.text(worst, "ja").splitlines()[0]
