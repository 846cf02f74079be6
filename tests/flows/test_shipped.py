"""The flows that come with Madoguchi: sound, in three languages, tried by transcripts in every step and branch."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest

from bot.desk.offices import KEEP_DAYS
from bot.flow import lint
from bot.flow.engine import start
from bot.flow.load import Loaded, load
from bot.flow.program import SayOp
from bot.flow.rehearsals import rehearse
from bot.flow.talk import ActionResult, Json, Surroundings
from bot.flow.transcript import choices_of
from bot.now import TOKYO
from bot.service import load_services

FLOWS = Path(__file__).parents[2] / "flows"
LANGUAGES = {"ja", "ja-easy", "en"}
NUMBERS = {"110", "119", "189"}
_EMPTY = re.compile(r"^(  \w+:) *$(?=\n(?:  \S|\Z|$))", re.MULTILINE)
_PHONE = re.compile(r"(?<![\d-])0\d{1,4}-?\d{1,4}-?\d{3,4}(?!\d)")


@pytest.fixture(scope="module")
def shipped() -> Loaded:
    return load(FLOWS, load_services("handlers").registry)


def test_nothing_is_wrong_but_what_each_town_has_to_fill_in(shipped: Loaded) -> None:
    found = lint.check(shipped, load_services("handlers").registry)
    assert {problem.code for problem in found} <= {"unfilled"}, [f"{each.place} {each.what.ja}" for each in found]
    assert any("covid_center_phone" in problem.what.ja for problem in found)


def test_every_transcript_comes_true_and_no_step_or_branch_is_untried(shipped: Loaded) -> None:
    report = list(rehearse(shipped, FLOWS).report(coverage=True))
    assert not [line for line in report if line.startswith(("NG", "未確認"))], "\n".join(report)


def test_every_action_says_what_it_does_in_both_languages() -> None:
    untitled = [spec.name for spec in load_services("handlers").registry.values() if spec.title is None]
    assert not untitled


def test_transcripts_come_true_in_a_town_that_has_filled_in_its_own_name_and_telephone_numbers(tmp_path: Path) -> None:
    """A town does so before it publishes; what it tests its flows with must not break by that."""
    own = tmp_path / "flows"
    shutil.copytree(FLOWS, own)
    town = (own / "town.yaml").read_text(encoding="utf-8")
    filled = _EMPTY.sub(r"\1 https://town.example/", town).replace("name: まどぐち町", "name: みどり市")
    filled = filled.replace("※見本の町「まどぐち町」の、見本の一覧と手数料です。", "令和8年4月からの手数料です。")
    (own / "town.yaml").write_text(filled, encoding="utf-8")
    loaded = load(own, load_services("handlers").registry)
    assert not [one for one in lint.check(loaded, load_services("handlers").registry) if one.code == "unfilled"]
    report = list(rehearse(loaded, own).report(coverage=True))
    assert not [line for line in report if line.startswith(("NG", "未確認"))], "\n".join(report)


def test_the_numbers_of_a_payment_slip_are_copied_by_a_tap(shipped: Loaded) -> None:
    numbers = {"agency": "13800", "payment": "12345678901234567890", "confirmation": "123456", "category": "1234567890"}
    notice: dict[str, Json] = {
        "number": 1, "id": 7, "tax": "自動車税種別割", "year": 2026, "due_on": "2026-06-01", "state": "open",
        "overdue": False, "family": False,
    }  # fmt: skip
    answers = {
        "tax.list_notices": ActionResult("some", {"notices": [notice], "unsettled": [notice], "unpaid": [notice]}),
        "tax.how_to_pay": ActionResult("payable", {**notice, "amount": 34_500, "electronic": False, **numbers}),
    }
    now = dt.datetime(2026, 5, 1, 9, tzinfo=TOKYO)
    said = start(shipped.book, "tax.pay", Surroundings(now, lambda name, _arguments: answers[name]))
    copied = [one.data for message in said.messages for one in choices_of(message) if one.kind == "copy"]
    assert copied == list(numbers.values())


def test_every_flow_that_residents_can_begin_has_a_transcript_beside_it(shipped: Loaded) -> None:
    talks = {path.parent for path in FLOWS.rglob("*.talk.yaml")}
    for flow, source in shipped.origins.items():
        assert FLOWS.parent / Path(source.file).parent in talks, flow


def test_everything_is_said_in_japanese_easy_japanese_and_english(shipped: Loaded) -> None:
    for flow, notes in shipped.notes.items():
        for path, _, words in notes.texts:
            assert set(words.by_language) in ({""}, LANGUAGES), (flow, path)


def test_no_telephone_number_is_made_up(shipped: Loaded) -> None:
    for source in shipped.sources.values():
        text = "\n".join(source.lines)
        assert not _PHONE.findall(text), source.file
        assert set(re.findall(r"tel:(\d+)", text)) <= NUMBERS, source.file


def test_what_is_told_of_children_and_of_health_is_sensitive(shipped: Loaded) -> None:
    programs = shipped.book.programs
    assert {name for name, program in programs.items() if program.flow.sensitive} == {
        "child_welfare.intake", "covid.condition", "covid.home", "covid.support",
    }  # fmt: skip


def test_help_by_telephone_and_a_way_out_are_below_every_question_about_children(shipped: Loaded) -> None:
    program = shipped.book.programs["child_welfare.intake"]
    numbers = [button.open.in_("ja", {}) for button in program.always if button.open]
    assert numbers == ["tel:189", "tel:110"]
    assert [button.goto for button in program.always if button.goto] == ["leave"]
    assert all(not asked.required for name, asked in program.questions.items() if name != "consultation")


def test_what_a_lock_screen_may_show_of_a_consultation_is_discreet(shipped: Loaded) -> None:
    program = shipped.book.programs["child_welfare.intake"]
    said = [item for op in program.ops if isinstance(op, SayOp) for item in op.items]
    texts = [template.source for item in said for template in getattr(item, "by_language", {}).values()]
    titles = [template.source for template in program.title.by_language.values()]
    assert not any(re.search("虐待|ぎゃくたい|abuse|通報", text) for text in (*texts, *titles))


def test_what_the_consultation_promises_to_keep_is_what_a_new_office_keeps(shipped: Loaded) -> None:
    """The record is the desk's; the talk itself leaves nothing behind."""
    assert shipped.book.programs["child_welfare.intake"].flow.retain_answers == 0
    promised = shipped.book.town.town["consultation_kept"]
    assert KEEP_DAYS == 5 * 365
    assert promised == {"ja": "5年", "ja-easy": "5年", "en": "five years"}
