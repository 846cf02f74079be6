"""What YAML's parser complains about, said so that a clerk can mend it from the first line alone."""

from __future__ import annotations

from ruamel.yaml.error import MarkedYAMLError

from bot.flow.problems import Place, Problem, Sentence
from bot.flow.yaml_slips import Slip, slip


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
        if (found := slip(lines[number - 1])) is not None:
            code, at, what, remedy = found
            return Problem(code, Place(file, number, at), what, remedy, source=lines[number - 1])
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if "found undefined alias" in str(error.problem) or "anchor" in str(error.problem):
        what = Sentence(
            "「*」や「&」で始まる値は引用符で囲みます。", "A value that begins with * or & needs quotation marks."
        )
        return Problem("yaml_anchor", Place(file, line, column), what, source=here)
    if (elsewhere := _indented(lines, line) or _unclosed(error, lines)) is not None:
        number, (code, at, what, remedy) = elsewhere
        return Problem(code, Place(file, number, at), what, remedy, source=lines[number - 1])
    what = Sentence(
        "字下げか記号が正しくありません。", f"The indentation or punctuation is not right ({error.problem})."
    )
    remedy = Sentence(
        "上の行と字下げ（半角スペース）をそろえ、「:」のあとに半角スペースがあるか、引用符が閉じているかを確かめてください。",
        "Line it up with the line above (with spaces), put a space after each colon, and close quotation marks.",
    )
    return Problem("yaml", Place(file, line, column), what, remedy, source=here)


def _indented(lines: list[str], line: int) -> tuple[int, Slip] | None:
    """Return how the line stands out of line with those above it, with the number of the line to mend."""
    if not 1 < line <= len(lines) or not (text := lines[line - 1]).strip():
        return None
    here = _indent(text)
    open_, first = _levels(lines[: line - 1], here)
    if text.lstrip().startswith("- ") and first is not None and not lines[first - 1].lstrip().startswith("-"):
        what = Sentence("この行は「- 」で始まっていません。", "This line does not begin with “- ”.")
        remedy = Sentence("下の行と同じように「- 」を付けてください。", "Begin it with “- ” like those below.")
        return first, ("missing_dash", _indent(lines[first - 1]) + 1, what, remedy)
    if not open_ or here in open_:
        return None
    nearest = min(open_, key=lambda indent: (abs(indent - here), -indent))
    what = Sentence(
        f"字下げがそろっていません（半角スペース{here}個）。", f"The indentation is out of line ({here} spaces)."
    )
    remedy = Sentence(
        f"{open_[nearest]}行目と同じ半角スペース{nearest}個にしてください。",
        f"Use {nearest} spaces, as in line {open_[nearest]}.",
    )
    return line, ("indentation", here + 1, what, remedy)


def _levels(above: list[str], here: int) -> tuple[dict[int, int], int | None]:
    """Return the indentations still open below `above` with a line of each, and the first line deeper than `here`."""
    open_: dict[int, int] = {}
    least, first = 10_000, None
    for number in range(len(above), 0, -1):
        text = above[number - 1]
        if not text.strip() or text.lstrip().startswith("#") or (indent := _indent(text)) > least:
            continue
        if indent < least:
            if text.lstrip().startswith("- "):
                open_.setdefault(indent + 2, number)
            open_.setdefault(indent, number)
            least = indent
        if least > here:
            first = number
    return open_, first


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _unclosed(error: MarkedYAMLError, lines: list[str]) -> tuple[int, Slip] | None:
    """Return the brace that was never closed."""
    mark = error.context_mark
    if mark is None or "flow" not in str(error.context) or not 0 <= mark.line < len(lines):
        return None
    text = lines[mark.line]
    sign, other = ("[", "]") if "sequence" in str(error.context) else ("{", "}")
    if text.count(sign) <= text.count(other):
        return None
    what = Sentence(f"「{sign}」が閉じていません。", f"“{sign}” is never closed.")
    remedy = Sentence(f"終わりに「{other}」を付けてください。", f"Put “{other}” at the end.")
    return mark.line + 1, ("open_brace", mark.column + 1, what, remedy)
