"""What authors write in texts and conditions that cannot be understood, said so that they can mend it."""

from __future__ import annotations

import difflib
import re
from typing import Final

from jinja2 import TemplateSyntaxError

from bot.flow.filters import FILTERS
from bot.flow.problems import Sentence

_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_BARE_DAY: Final = re.compile(r"(?<![\d.])(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?(?![\d.])")
_ODD_SIGN: Final = re.compile(r"(?:unexpected|got) '([^']+)'$")
_PRINT_END: Final = re.compile(r"end of print statement', got '(.+)'$")
_OPEN_BLOCK: Final = re.compile(r"Unexpected end of template\..*'(end\w+)'", re.DOTALL)
_SIGN_FIRST: Final = re.compile(r"\s*([<>]=?|[=!]=)")


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


def bare_day(source: str) -> Refused | None:
    """Return what to say to a date without quotation marks, None without any."""
    if (day := _BARE_DAY.search(_QUOTED.sub('""', source))) is None:
        return None
    year, month, date = (int(part) for part in day.groups())
    quoted = f'"{year:04}-{month:02}-{date:02}"'
    return Refused(
        f"日付は {quoted} と引用符で囲んで書きます（いまは「{day.group()}」）",
        f"a date is written {quoted}, in quotation marks (now “{day.group()}”)",
    )


_OTHER_SIGNS: Final = (
    (re.compile(r"\{\{|\}\}|\{%"), "{{ }}", ""),
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
    bare = _QUOTED.sub('""', source)
    for pattern, sign, ours in _OTHER_SIGNS:
        if pattern.search(bare) is None:
            continue
        if not ours:
            return Refused(f"ここでは {sign} はいりません。中身だけを書いてください", f"write it without {sign} here")
        return Refused(f"「{sign}」ではなく「{ours}」と書きます", f"“{sign}” is written “{ours}” here")
    return None


def headless(source: str) -> Refused | None:
    """Return what to say to a comparison of nothing, None when it is none."""
    first = _SIGN_FIRST.match(source)
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
    return Refused(f"「{found}」の前に and、or、== などが足りません", f"something is missing before “{found}”")


def not_understood(source: str, error: TemplateSyntaxError) -> Refused:
    """Return what to say to what Jinja does not understand."""
    wide = next(
        (letter for letter in source if letter in "＝（）“”‘’＞＜！｛｝％＋－＊／｜　０１２３４５６７８９"), None
    )
    if wide is not None and re.search(r"\{[{%][^}]*" + re.escape(wide), source + " ") is None and "{" in source:
        wide = None
    if wide is not None:
        return Refused(
            f"式の中に全角の「{wide}」があります。半角で書いてください",
            f"“{wide}” is full-width: use the ordinary sign",
        )
    message = str(error.message)
    if source.count("{{") != source.count("}}"):
        return Refused("「{{」と「}}」が組になっていません", f"“{{{{” and “}}}}” do not match ({message})")
    if (print_end := _PRINT_END.search(message)) is not None:
        rest = print_end.group(1)
        return Refused(
            f"{{{{ }}}} の中の「{rest}」が読めません。名前と「|」の加工だけを書けます",
            f"“{rest}” inside {{{{ }}}} is not understood: write a name, and filters after “|”",
        )
    if message.startswith("Expected an expression, got 'end of print"):
        return Refused("{{ }} の中が空です。名前を書いてください", "there is no name inside {{ }}")
    if (open_block := _OPEN_BLOCK.search(message)) is not None:
        end = f"{{% {open_block.group(1)} %}}"
        return Refused(f"終わりの「{end}」がありません", f"its end is missing: {end}")
    odd = _ODD_SIGN.search(message)
    ja = f"「{odd.group(1)}」のあたり" if odd else "かっこ、引用符、記号"
    return Refused(f"式として読めません。{ja}を確かめてください", f"it is not understood ({message})")
