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
