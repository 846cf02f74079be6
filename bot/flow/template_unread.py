"""Texts and conditions that Jinja does not understand, and what their authors have to mend."""

from __future__ import annotations

import difflib
import re
from typing import Final

from jinja2 import TemplateSyntaxError

from bot.flow.template_trouble import QUOTED, Refused

_ODD_SIGN: Final = re.compile(r"(?:unexpected|got) '([^']+)'$")
_PRINT_END: Final = re.compile(r"end of print statement', got '(.+)'$")
_OPEN_BLOCK: Final = re.compile(r"Unexpected end of template\..*'(end\w+)'", re.DOTALL)
_WIDE = "＝（）“”‘’＞＜！｛｝％＋－＊／｜　、，０１２３４５６７８９"
_UNKNOWN_TAG: Final = re.compile(r"Encountered unknown tag '(\w+)'")
_ODD_LETTER: Final = re.compile(r"unexpected char ['\"](.)['\"] at \d+$")
_TAGS: Final = ("if", "elif", "else", "endif", "for", "endfor")
_BRACKETS: Final = ("()", "[]")
_SAID_OTHERWISE: Final = (
    ("expected token 'in', got 'of'", "of", "in"),
    ("expected token 'end of statement block', got 'if'", "else if", "elif"),
    ("Missing end of comment tag", "{#", "#"),
)
"""What Jinja complains of, what was written then, and how it is written."""
_LAST_SIGN: Final = re.compile(r"([<>]=?|[=!]=|[-+*/|]|\b(?:and|or|not|in|is))\s*$")
_STOPS: Final = re.compile(r"(?:unexpected|got) '?end of (?:template|print statement|statement block)", re.IGNORECASE)


def not_understood(source: str, error: TemplateSyntaxError) -> Refused:
    """Return what to say to what Jinja does not understand."""
    wide = next((letter for letter in source if letter in _WIDE), None)
    if wide is not None and re.search(r"\{[{%][^}]*" + re.escape(wide), source + " ") is None and "{" in source:
        wide = None
    if wide is not None:
        return Refused(
            f"式の中に全角の「{wide}」があります。半角で書いてください",
            f"“{wide}” is full-width: use the ordinary sign",
        )
    message = str(error.message)
    if "{{{" in source or "}}}" in source:
        return Refused("「{{{ }}}」ではなく「{{ }}」と、かっこを二つずつ書きます", "write {{ }}, with two braces each")
    if source.count("{{") != source.count("}}"):
        return Refused("「{{」と「}}」が組になっていません", "“{{” and “}}” do not match")
    if source.count("{%") != source.count("%}"):
        return Refused("「{%」と「%}」が組になっていません", "“{%” and “%}” do not match")
    if (open_block := _OPEN_BLOCK.search(message)) is not None:
        end = f"{{% {open_block.group(1)} %}}"
        return Refused(f"終わりの「{end}」がありません", f"its end is missing: {end}")
    return _tag(message) or _unpaired(source) or _unfinished(source, message) or _odd(message)


def _tag(message: str) -> Refused | None:
    """Return what to say to a {% … %} that there is not, or that stands where it cannot."""
    if (unknown := _UNKNOWN_TAG.search(message)) is None:
        return None
    tag = unknown.group(1)
    if tag in _TAGS:
        opening = "for" if tag == "endfor" else "if"
        return Refused(
            f"「{{% {tag} %}}」の前に、組になる「{{% {opening} … %}}」がありません",
            f"there is no {{% {opening} … %}} before {{% {tag} %}}",
        )
    meant = next(iter(difflib.get_close_matches(tag, _TAGS, n=1, cutoff=0.5)), None)
    ja, en = (
        (f"「{meant}」ではありませんか", f"did you mean “{meant}”?") if meant else ("使えるのは if と for です", "")
    )
    return Refused(f"「{{% {tag} … %}}」はありません。{ja}", f"there is no {{% {tag} … %}}: {en or 'use if or for'}")


def _unpaired(source: str) -> Refused | None:
    """Return what to say to a quotation mark or a bracket that stands alone."""
    bare = QUOTED.sub('""', source)
    if bare.count('"') % 2 or bare.count("'") % 2:
        return Refused("引用符が組になっていません", "a quotation mark is missing at one end of a word")
    for opening, closing in _BRACKETS:
        if bare.count(opening) != bare.count(closing):
            return Refused(f"「{opening}」と「{closing}」の数が合いません", f"“{opening}” and “{closing}” do not match")
    return None


def _unfinished(source: str, message: str) -> Refused | None:
    """Return what to say to a condition or a place that stops too early."""
    if _STOPS.search(message) is None:
        return None
    if message.startswith("Expected an expression, got 'end of print"):
        return Refused("{{ }} の中が空です。名前を書いてください", "there is no name inside {{ }}")
    last = _LAST_SIGN.search(re.split(r"[}%]\}", source)[0] if "{" in source else source)
    if last is not None and last.group(1) == "|":
        return Refused("「|」のあとに加工の名前がありません", "no filter follows “|”")
    if last is not None:
        sign = last.group(1)
        return Refused(
            f"「{sign}」のあとに何もありません。名前か値を書いてください",
            f"nothing follows “{sign}”: write a name or a value",
        )
    return Refused("途中で終わっています。続きを書いてください", "it stops too early: write the rest")


def _odd(message: str) -> Refused:
    """Return what to say to a sign or word where none can stand."""
    if (print_end := _PRINT_END.search(message)) is not None:
        rest = print_end.group(1)
        return Refused(
            f"{{{{ }}}} の中の「{rest}」が読めません。名前と「|」の加工だけを書けます",
            f"“{rest}” inside {{{{ }}}} is not understood: write a name, and filters after “|”",
        )
    for said, wrong, right in _SAID_OTHERWISE:
        if message == said:
            return Refused(f"「{wrong}」ではなく「{right}」と書きます", f"“{wrong}” is written “{right}” here")
    odd = _ODD_SIGN.search(message) or _ODD_LETTER.search(message)
    if odd is None:
        return Refused(
            "式として読めません。かっこ、引用符、記号を確かめてください",
            "look at its brackets, quotation marks and signs",
        )
    return Refused(
        f"式として読めません。「{odd.group(1)}」のあたりを確かめてください",
        f"it is not understood: look around “{odd.group(1)}”",
    )
