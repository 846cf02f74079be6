"""What authors write in texts and conditions that cannot be understood, said so that they can mend it."""

from __future__ import annotations

import difflib
import re
from typing import Final

from jinja2 import nodes

from bot.flow.answers.dates import read_date
from bot.flow.answers.reading import Question, Understood
from bot.flow.filters import FILTERS
from bot.flow.problems import Sentence

QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_STATEMENTS: Final[dict[type[nodes.Node], str]] = {
    nodes.Assign: "{% set %}", nodes.Include: "{% include %}", nodes.Import: "{% import %}", nodes.Pow: "**",
}  # fmt: skip
_BARE_DAY: Final = re.compile(r"(?<![\d.])(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?(?![\d.])")
_ERA_DAY: Final = re.compile(r"(?:令和|平成|昭和|大正|明治)(?:\d{1,2}|元)年\d{1,2}月\d{1,2}日?")
_NO_WORD: Final = re.compile(r"^\s*if\b|\bthen\s*$|;\s*$|。\s*$", re.IGNORECASE)
_UNIT: Final = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*(人|名|円|歳|才|日|回|個|台|枚|件|つ|年|月|%|kg|cm|m)(?!\w)")
_BETWEEN: Final = re.compile(r"\bbetween\b", re.IGNORECASE)
_SIGN_FIRST: Final = re.compile(r"(?:^|\band\b|\bor\b|\bnot\b|\()\s*([<>]=?|[=!]=)")


class Refused(Exception):
    """This text or condition is not allowed or not understood; `what` says why, for authors."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.what = Sentence(ja, en)


def no_filter(name: str) -> Refused:
    """Return what to say to a filter that there is not."""
    known = "、".join(sorted(FILTERS))
    meant = next(iter(difflib.get_close_matches(name, FILTERS, n=1, cutoff=0.6)), None)
    if meant:
        return Refused(
            f"「|{name}」はありません。「|{meant}」ではありませんか",
            f"there is no filter “{name}”: did you mean “{meant}”?",
        )
    return Refused(f"「|{name}」はありません（使えるもの：{known}）", f"there is no filter “{name}”")


def not_allowed(node: nodes.Node) -> Refused:
    """Return what to say to a part of Jinja that flows do without."""
    if isinstance(node, nodes.Call):
        called = node.node.name if isinstance(node.node, nodes.Name) else ""
        if called in FILTERS:
            return Refused(
                f"「{called}( )」ではなく、「名前|{called}」と「|」のあとに書きます",
                f"“{called}( )” is written after the name: “name|{called}”",
            )
        return Refused("「( )」で呼び出す書き方は使えません", "nothing can be called with ( ) here")
    kind = _STATEMENTS.get(type(node), type(node).__name__.lower())
    return Refused(f"「{kind}」は使えません", f"“{kind}” cannot be used here")


def bare_day(source: str) -> Refused | None:
    """Return what to say to a date without quotation marks, None without any."""
    bare = QUOTED.sub('""', source)
    if (day := _BARE_DAY.search(bare) or _ERA_DAY.search(bare)) is None:
        return None
    read = read_date(day.group(), Question("2000-01-01"))
    quoted = f'"{read.value}"' if isinstance(read, Understood) else '"2026-05-31"'
    return Refused(
        f"日付は {quoted} と引用符で囲んで書きます（いまは「{day.group()}」）",
        f"a date is written {quoted}, in quotation marks (now “{day.group()}”)",
    )


_OTHER_SIGNS: Final = (
    (re.compile(r"\{\{|\}\}|\{%"), "{{ }}", ""),
    (re.compile(r"==="), "===", "=="),
    (re.compile(r"=>"), "=>", ">="),
    (re.compile(r"=<"), "=<", "<="),
    (re.compile(r"<>"), "<>", "!="),
    (re.compile(r"&&?"), "&&", "and"),
    (re.compile(r"\|\|"), "||", "or"),
    (re.compile(r"!(?!=)"), "!", "not"),
    (re.compile(r"≧|≥"), "≧", ">="),
    (re.compile(r"≦|≤"), "≦", "<="),
    (re.compile(r"≠"), "≠", "!="),
    (re.compile(r"×"), "×", "*"),
    (re.compile(r"÷"), "÷", "/"),
    (re.compile(r"\bAND\b"), "AND", "and"),
    (re.compile(r"\bOR\b"), "OR", "or"),
    (re.compile(r"(?<!\w)(?:かつ)(?!\w)"), "かつ", "and"),
    (re.compile(r"(?<!\w)(?:または|又は)(?!\w)"), "または", "or"),
)
"""How other languages write what is written otherwise here."""


def other_sign(source: str) -> Refused | None:
    """Return what to say to another language's sign, None without any."""
    bare = QUOTED.sub('""', source)
    for pattern, sign, ours in _OTHER_SIGNS:
        if pattern.search(bare) is None:
            continue
        if not ours:
            return Refused(f"ここでは {sign} はいりません。中身だけを書いてください", f"write it without {sign} here")
        return Refused(f"「{sign}」ではなく「{ours}」と書きます", f"“{sign}” is written “{ours}” here")
    return None


def headless(source: str) -> Refused | None:
    """Return what to say to a comparison of nothing, None when it is none."""
    first = _SIGN_FIRST.search(QUOTED.sub('""', source))
    if first is None:
        return None
    sign = first.group(1)
    return Refused(
        f"「{sign}」の前に、比べる名前がありません（答えなら「answer {sign} …」）",
        f"“{sign}” has nothing before it: the answer is called “answer {sign} …”",
    )


def leftover(source: str, found: str) -> Refused:
    """Return what to say to a condition after which `found` still stands."""
    if (other := other_sign(source)) is not None:
        return other
    if re.search(r"[^=!<>]=[^=]", f" {source} "):
        return Refused("等しいかどうかは「=」ではなく「==」で比べます", "“=” compares nothing: write “==”")
    if (unit := _UNIT.search(QUOTED.sub('""', source))) is not None:
        ja = f"「{unit.group()}」の「{unit.group(2)}」はいりません。「{unit.group(1)}」とだけ書きます"
        return Refused(ja, f"leave out “{unit.group(2)}” and write “{unit.group(1)}”")
    if (word := _NO_WORD.search(QUOTED.sub('""', source))) is not None:
        return Refused(
            f"「{word.group()}」はいりません。条件だけを書いてください",
            f"leave out “{word.group()}”: write only the condition",
        )
    if _BETWEEN.search(source):
        ja = "「between」ではなく「answer >= 1 and answer <= 3」のように、二つの条件で書きます"
        return Refused(ja, "“between” is written as two conditions: “answer >= 1 and answer <= 3”")
    return Refused(f"「{found}」の前に and、or、== などが足りません", f"something is missing before “{found}”")
