"""Slips of the pen that YAML stumbles over: full-width signs, tabs, missing spaces and colons, quotation marks left open."""

from __future__ import annotations

import re

from bot.flow.problems import Sentence

_FULL_COLON = re.compile(r"^(\s*(?:-\s*)?[A-Za-z_]+)：")
_NO_SPACE = re.compile(r"^\s*(?:-\s*)?([A-Za-z_]+):(?=[^\s/])")
_NO_COLON = re.compile(r"^\s*(?:-\s*)?([a-z_]+)\s+\S")
_TIGHT_DASH = re.compile(r"^\s*-(?=[A-Za-z_]+:)")
_WIDE_DASH = re.compile(r"^\s*([－ー−–—‐])\s*[A-Za-z_]+:")
_WIDE_COMMA = re.compile(r"\{[^}]*([、，])\s*[A-Za-z_][A-Za-z0-9_-]*:(?=\s)")
_WIDE_BRACE = re.compile(r"(?:^\s*-|:)\s*([｛［])|([｝］])\s*$")
_BRACES_INSIDE = re.compile(r"[{,]\s*[A-Za-z_-]+:\s+(?![\"'])([^\"',{}]*\{\{)")
_ODD_SPACE = re.compile(r"(?:^|:|-) *([\u00a0\u1680\u2000-\u200b\u202f\u205f\ufeff])")
_REMARK = re.compile(r"^\s*(＃|//|/\*|<!--)")
_WIDE_AFTER = re.compile(r"^\s*(?:-\s*)?(?:[A-Za-z_]+:|-)(　+)")
_OTHER_COLON = re.compile(r"^\s*(?:-\s*)?([A-Za-z_]+)\s*([;；=＝])\s")
_STEP_BESIDE = re.compile(r"^\s*(?:then|else):\s+(?:-\s+)?(say|ask|do|goto|end|set|call):?\s")
_BULLET = re.compile(r"^\s*([・•●○◯■□◆◇→※])")
_SIGN_FIRST = re.compile(
    r"(?:^\s*-|:)\s+([@`%!?]|[|>](?=\s*[^\s\d+-])|\[(?=[^\[\]]*\]\s*[^\s,\]}#])|(?<=: )-(?=\s+\S))"
)
_BACKSLASH = re.compile(r"\"[^\"]*?(\\)[^\"\\/abefnrtvxuUNLP_0 ]")
_SECOND_COLON = re.compile(r"^\s*(?:-\s*)?[A-Za-z_-]+:\s+[^\s\"'{\[|>][^#]*?(: )")
_COLON_INSIDE = re.compile(r"[{,]\s*[A-Za-z_-]+:\s+(?![\"'\[{])[^\"',{}]*?(: )")

Slip = tuple[str, int, Sentence, Sentence]
"""A code, the column from 1, what is wrong and how to mend it."""


def slip(text: str) -> Slip | None:
    """Return what is typed wrongly in this line."""
    return _white(text) or _remark(text) or _wide(text) or _beside(text) or _signs(text)


def _remark(text: str) -> Slip | None:
    if (remark := _REMARK.match(text)) is None:
        return None
    what = Sentence(f"行が「{remark.group(1)}」で始まっています。", f"The line begins with “{remark.group(1)}”.")
    remedy = Sentence("覚え書きは、半角の「# 」で始めてください。", "Begin a remark with “# ”.")
    return "remark", remark.start(1) + 1, what, remedy


def _beside(text: str) -> Slip | None:
    """Return what stands on one line with its key and belongs below, or stands after another sign than a colon."""
    if (step := _STEP_BESIDE.match(text)) is not None:
        key, verb = text.split(":", maxsplit=1)[0].strip(), step.group(1)
        what = Sentence(f"「{key}:」と同じ行に「{verb}」があります。", f"“{verb}” stands on the line of “{key}:”.")
        remedy = Sentence(
            f"次の行に字下げして「- {verb}: …」と書いてください。", f"Write “- {verb}: …” on the next line, indented."
        )
        return "step_beside", step.start(1) + 1, what, remedy
    if (sign := _OTHER_COLON.match(text)) is not None and ":" not in text:
        key = sign.group(1)
        what = Sentence(f"「{key}」のあとが「{sign.group(2)}」です。", f"“{key}” is followed by “{sign.group(2)}”.")
        return "missing_colon", sign.start(2) + 1, what, Sentence(f"「{key}: 」と書いてください。", f"Write “{key}: ”.")
    return None


def _white(text: str) -> Slip | None:
    if "\t" in text:
        what = Sentence("タブ文字があります。", "There is a tab character.")
        remedy = Sentence("タブを消し、半角スペースで字下げしてください。", "Delete the tab and indent with spaces.")
        return "tab", text.index("\t") + 1, what, remedy
    if (leading := re.match(r"^[ ]*(　+)", text)) is not None:
        what = Sentence("全角スペースで字下げされています。", "The line is indented with a full-width space.")
        remedy = Sentence("半角スペースに直してください。", "Use ordinary spaces.")
        return "full_width_space", leading.start(1) + 1, what, remedy
    if (after := _WIDE_AFTER.match(text)) is not None:
        what = Sentence("全角スペースがあります。", "There is a full-width space.")
        remedy = Sentence("半角スペースに直してください。", "Use ordinary spaces.")
        return "full_width_space", after.start(1) + 1, what, remedy
    if (odd := _ODD_SPACE.search(text)) is not None:
        what = Sentence("半角スペースに見える別の空白があります。", "There is a space that is no ordinary one.")
        remedy = Sentence("消して、半角スペースを打ち直してください。", "Delete it and type an ordinary space.")
        return "odd_space", odd.start(1) + 1, what, remedy
    return None


def _wide(text: str) -> Slip | None:
    """Return a full-width sign where YAML wants an ordinary one."""
    if (colon := _FULL_COLON.match(text)) is not None:
        key = colon.group(1).strip().removeprefix("-").strip()
        what = Sentence(f"「{key}」のあとが全角の「：」です。", f"“{key}” is followed by a full-width colon.")
        remedy = Sentence(
            f"半角にして「{key}: 」と書いてください。", f"Write “{key}: ” with an ordinary colon and a space."
        )
        return "full_width_colon", colon.end(), what, remedy
    if (dash := _WIDE_DASH.match(text)) is not None:
        sign = dash.group(1)
        what = Sentence(
            f"行のはじめの「{sign}」が半角ではありません。", f"The “{sign}” at the beginning is no ordinary dash."
        )
        remedy = Sentence("半角の「- 」に直してください。", "Write “- ”.")
        return "full_width_dash", dash.start(1) + 1, what, remedy
    if (bullet := _BULLET.match(text)) is not None:
        sign = bullet.group(1)
        what = Sentence(f"行が「{sign}」で始まっています。", f"The line begins with “{sign}”.")
        remedy = Sentence(
            "並べるときは「- 」で始め、文章なら引用符で囲んでください。",
            "Begin an entry with “- ”; put a text in quotation marks.",
        )
        return "bullet", bullet.start(1) + 1, what, remedy
    if (comma := _WIDE_COMMA.search(text)) is not None:
        sign = comma.group(1)
        what = Sentence(f"{{ }} の中が全角の「{sign}」で区切られています。", f"Inside {{ }} stands a “{sign}”.")
        remedy = Sentence("半角の「, 」に直してください。", "Write an ordinary comma and a space.")
        return "full_width_comma", comma.start(1) + 1, what, remedy
    if (brace := _WIDE_BRACE.search(text)) is not None:
        sign = brace.group(1) or brace.group(2)
        what = Sentence(f"全角の「{sign}」があります。", f"There is a full-width “{sign}”.")
        remedy = Sentence("半角に直してください。", "Use the ordinary one.")
        return "full_width_brace", brace.start(1 if brace.group(1) else 2) + 1, what, remedy
    return None


def _signs(text: str) -> Slip | None:
    """Return a sign of YAML's that is missing, or one of a text's that YAML takes for its own."""
    if (dash := _TIGHT_DASH.match(text)) is not None:
        what = Sentence("「-」のあとに半角スペースがありません。", "There is no space after “-”.")
        remedy = Sentence("「- 」のようにスペースを入れてください。", "Write “- ” with a space.")
        return "no_space_after_dash", dash.end(), what, remedy
    if (tight := _NO_SPACE.match(text)) is not None:
        key = tight.group(1)
        what = Sentence(f"「{key}:」のあとに半角スペースがありません。", f"There is no space after “{key}:”.")
        remedy = Sentence(f"「{key}: 」のようにスペースを入れてください。", f"Write “{key}: ” with a space.")
        return "no_space_after_colon", tight.end(), what, remedy
    if (escape := _BACKSLASH.search(text)) is not None:
        what = Sentence('「"」で囲んだ文章の中に「\\」があります。', 'A text between " and " holds a “\\”.')
        remedy = Sentence(
            "「\\」を「\\\\」と二つ書くか、「'」で囲んでください。", "Write “\\\\”, or put it between ' and '."
        )
        return "backslash", escape.start(1) + 1, what, remedy
    if (braces := re.search(r"(?:^\s*-|:)\s+(\{\{|\{%)", text)) is not None:
        what = Sentence(
            "「{{」で始まる文章が引用符で囲まれていません。", "A text that begins with {{ has no quotation marks."
        )
        remedy = Sentence('文章全体を " と " で囲んでください。', 'Put the whole text between " and ".')
        return "bare_braces", braces.start(1) + 1, what, remedy
    if (inside := _BRACES_INSIDE.search(text)) is not None:
        what = Sentence(
            "{ } の中の、「{{」のある文章が引用符で囲まれていません。",
            "A text with {{ inside { } has no quotation marks.",
        )
        remedy = Sentence('その文章を引用符（" と "）で囲んでください。', 'Put that text between " and ".')
        return "bare_braces", inside.start(1) + 1, what, remedy
    if (first := _SIGN_FIRST.search(text)) is not None:
        sign = first.group(1)
        what = Sentence(f"文章が「{sign}」で始まっています。", f"The text begins with “{sign}”, a sign of YAML's own.")
        remedy = Sentence('文章全体を " と " で囲んでください。', 'Put the whole text between " and ".')
        return "sign_first", first.start(1) + 1, what, remedy
    if text.count('"') % 2:
        # The text ran on to the next line's first mark, so YAML stumbles only there.
        what = Sentence("引用符が閉じていません。", "The quotation mark is never closed.")
        remedy = Sentence("文の終わりにも同じ引用符を付けてください。", "Put the same mark at the end of the text.")
        return "open_quote", text.index('"') + 1, what, remedy
    for sign, other in (("}", "{"), ("]", "[")):
        if sign in text and other not in text:
            what = Sentence(
                f"「{sign}」に合う「{other}」がありません。", f"There is no “{other}” before this “{sign}”."
            )
            remedy = Sentence(f"はじめに「{other}」を付けてください。", f"Put “{other}” at the beginning.")
            return "unopened_brace", text.index(sign) + 1, what, remedy
    if (second := _SECOND_COLON.match(text) or _COLON_INSIDE.search(text)) is not None:
        what = Sentence("文章の中に「: 」があります。", "The text holds “: ”.")
        remedy = Sentence('その文章を引用符（" と "）で囲んでください。', 'Put that text between " and ".')
        return "colon_in_text", second.start(1) + 1, what, remedy
    if (word := _NO_COLON.match(text)) is not None and ":" not in text:
        key = word.group(1)
        what = Sentence(f"「{key}」のあとに「:」がありません。", f"There is no colon after “{key}”.")
        remedy = Sentence(f"「{key}: 」と書いてください。", f"Write “{key}: ”.")
        return "missing_colon", word.end(1) + 1, what, remedy
    return None
