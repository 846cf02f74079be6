"""A sound flow, slips made in it, and what `madoguchi flows check` says to them."""

from __future__ import annotations

from bot.flow import lint, report
from bot.flow.action import ActionSpec, Argument, Registry
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


ASK = """  - ask: people
    text: {ja: 何人ですか。, ja-easy: なん人ですか。, en: How many?}
    label: {ja: 人数, ja-easy: なん人, en: People}
    type: """


def asked(type_: str, after: str = "") -> str:
    """Return the sound flow with one more question (its type in line 14, a bound after it), and what follows it."""
    lines = type_.replace(", ", "\n    ")
    return change("  - do: tax.register\n", f"{ASK}{lines}\n{after}  - do: tax.register\n")


def step(written: str) -> str:
    """Return the sound flow with a step instead of its first end."""
    return change("  - end\n", written)


Slip = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""A flow with a slip, its line (and column), and what the first line says of it in Japanese and in English."""


def assert_told(slip: Slip) -> None:
    """Check that the first line says where the slip is and what was meant, in both languages."""
    text, place, japanese, english = slip
    for language, expected in (("ja", japanese), ("en", english)):
        line = first_line(text, language)
        assert line.startswith(f"flows/tax.yaml{place}"), line
        assert all(part in line for part in expected), line
