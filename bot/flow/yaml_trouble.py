"""What YAML's parser complains about, said so that a clerk can mend it from the first line alone."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError

from bot.flow.problems import Place, Problem, Sentence

_FULL_COLON = re.compile(r"^(\s*(?:-\s*)?[A-Za-z_]+)：")
_NO_SPACE = re.compile(r"^\s*(?:-\s*)?([A-Za-z_]+):(?=[^\s/])")
_NO_COLON = re.compile(r"^\s*(?:-\s*)?([a-z_]+)\s+\S")


def explain(error: MarkedYAMLError, file: str, lines: list[str]) -> Problem:
    """Return the problem behind `error`, placed where the clerk has to look."""
    if "quoted scalar" in str(error.context) and error.context_mark is not None:
        number, at = error.context_mark.line, error.context_mark.column + 1
        what = Sentence("引用符が閉じていません。", "The quotation mark is never closed.")
        remedy = Sentence("文の終わりにも同じ引用符を付けてください。", "Put the same mark at the end of the text.")
        return Problem("open_quote", Place(file, number + 1, at), what, remedy, source=lines[number])
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    suspects = [number for number in (line, line - 1) if 0 < number <= len(lines)]
    for number in suspects:
        if (found := _suspect(lines[number - 1])) is not None:
            code, at, what, remedy = found
            return Problem(code, Place(file, number, at), what, remedy, source=lines[number - 1])
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if "found undefined alias" in str(error.problem) or "anchor" in str(error.problem):
        what = Sentence(
            "「*」や「&」で始まる値は引用符で囲みます。", "A value that begins with * or & needs quotation marks."
        )
        return Problem("yaml_anchor", Place(file, line, column), what, source=here)
    what = Sentence(
        "字下げか記号が正しくありません。", f"The indentation or punctuation is not right ({error.problem})."
    )
    remedy = Sentence(
        "上の行と字下げ（半角スペース）をそろえ、「:」のあとに半角スペースがあるか、引用符が閉じているかを確かめてください。",
        "Line it up with the line above (with spaces), put a space after each colon, and close quotation marks.",
    )
    return Problem("yaml", Place(file, line, column), what, remedy, source=here)


def _suspect(text: str) -> tuple[str, int, Sentence, Sentence] | None:
    if "\t" in text:
        return (
            "tab",
            text.index("\t") + 1,
            Sentence("タブ文字があります。", "There is a tab character."),
            Sentence("タブを消し、半角スペースで字下げしてください。", "Delete the tab and indent with spaces."),
        )
    if (leading := re.match(r"^[ ]*(　+)", text)) is not None:
        return (
            "full_width_space",
            leading.start(1) + 1,
            Sentence("全角スペースで字下げされています。", "The line is indented with a full-width space."),
            Sentence("半角スペースに直してください。", "Use ordinary spaces."),
        )
    if (colon := _FULL_COLON.match(text)) is not None:
        key = colon.group(1).strip().removeprefix("-").strip()
        return (
            "full_width_colon",
            colon.end(),
            Sentence(f"「{key}」のあとが全角の「：」です。", f"“{key}” is followed by a full-width colon."),
            Sentence(
                f"半角にして「{key}: 」と書いてください。", f"Write “{key}: ” with an ordinary colon and a space."
            ),
        )
    if (tight := _NO_SPACE.match(text)) is not None:
        key = tight.group(1)
        return (
            "no_space_after_colon",
            tight.end(),
            Sentence(f"「{key}:」のあとに半角スペースがありません。", f"There is no space after “{key}:”."),
            Sentence(f"「{key}: 」のようにスペースを入れてください。", f"Write “{key}: ” with a space."),
        )
    if (braces := re.search(r"(?:^\s*-|:)\s+(\{\{|\{%|%)", text)) is not None:
        return (
            "bare_braces",
            braces.start(1) + 1,
            Sentence(
                "「{{」で始まる文章が引用符で囲まれていません。", "A text that begins with {{ has no quotation marks."
            ),
            Sentence('文章全体を " と " で囲んでください。', 'Put the whole text between " and ".'),
        )
    if text.count('"') % 2:
        # The text ran on to the next line's first mark, so YAML stumbles only there.
        return (
            "open_quote",
            text.index('"') + 1,
            Sentence("引用符が閉じていません。", "The quotation mark is never closed."),
            Sentence("文の終わりにも同じ引用符を付けてください。", "Put the same mark at the end of the text."),
        )
    if (word := _NO_COLON.match(text)) is not None and ":" not in text:
        key = word.group(1)
        return (
            "missing_colon",
            word.end(1) + 1,
            Sentence(f"「{key}」のあとに「:」がありません。", f"There is no colon after “{key}”."),
            Sentence(f"「{key}: 」と書いてください。", f"Write “{key}: ”."),
        )
    return None
