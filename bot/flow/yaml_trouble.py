"""What YAML's parser complains about, said so that a clerk can mend it from the first line alone."""

from __future__ import annotations

from ruamel.yaml.error import MarkedYAMLError

from bot.flow.problems import Place, Problem, Sentence
from bot.flow.yaml_slips import Slip, slip


def explain(error: MarkedYAMLError, file: str, lines: list[str]) -> Problem:
    """Return the problem behind `error`, placed where the clerk has to look."""
    if "unknown escape" not in str(error.problem) and _in_quotes(error) and error.context_mark is not None:
        number, at = error.context_mark.line, error.context_mark.column + 1
        what = Sentence("引用符が閉じていません。", "The quotation mark is never closed.")
        remedy = Sentence("文の終わりにも同じ引用符を付けてください。", "Put the same mark at the end of the text.")
        return Problem("open_quote", Place(file, number + 1, at), what, remedy, source=lines[number])
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    if (quoted := _quotes_inside(lines, line, column)) is not None:
        return Problem("quote_inside", Place(file, line, quoted[0]), *quoted[1:], source=lines[line - 1])
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
    elsewhere = (
        _unclosed(error, lines)
        or _dashless(lines, line)
        or _no_steps(lines, line)
        or _no_then(lines, line)
        or _alone(lines, line)
        or _indented(lines, line)
    )
    if elsewhere is not None:
        number, (code, at, what, remedy) = elsewhere
        return Problem(code, Place(file, number, at), what, remedy, source=lines[number - 1])
    if "another document" in str(error.problem):
        what = Sentence("ファイルの途中に「---」があります。", "There is a “---” in the middle of the file.")
        remedy = Sentence("消すか、別のファイルに分けてください。", "Remove it, or make two files.")
        return Problem("two_documents", Place(file, line, column), what, remedy, source=here)
    what = Sentence(
        "字下げか記号が正しくありません。", f"The indentation or punctuation is not right ({error.problem})."
    )
    remedy = Sentence(
        "上の行と字下げ（半角スペース）をそろえ、「:」のあとに半角スペースがあるか、引用符が閉じているかを確かめてください。",
        "Line it up with the line above (with spaces), put a space after each colon, and close quotation marks.",
    )
    return Problem("yaml", Place(file, line, column), what, remedy, source=here)


def _in_quotes(error: MarkedYAMLError) -> bool:
    return "quoted scalar" in str(error.context)


def _quotes_inside(lines: list[str], line: int, column: int) -> tuple[int, Sentence, Sentence] | None:
    """Return the quotation mark that ended a text too early: something follows it at once."""
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    sign = text[column - 2 : column - 1]
    if sign not in {'"', "'"} or text[: column - 1].count(sign) < 2:
        return None
    what = Sentence(
        f"引用符「{sign}」で囲んだ文章の中に「{sign}」があり、そこで文章が切れています。",
        f"The text between {sign} and {sign} holds a {sign}, which ends it too early.",
    )
    if sign == '"':
        return column - 1, what, Sentence("中の「\"」を「'」に直してください。", "Write ' instead of the inner \".")
    ja, en = '文章全体を「"」で囲み直してください。', 'Put the whole text between " and " instead.'
    return column - 1, what, Sentence(ja, en)


def _no_steps(lines: list[str], line: int) -> tuple[int, Slip] | None:
    """Return the first step when the line above the steps is missing."""
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    above = [text for text in lines[: line - 1] if text.strip() and not text.lstrip().startswith("#")]
    if not here.lstrip().startswith("- ") or not above or any(text[0] in " -" for text in above):
        return None
    if above[-1].rstrip().endswith(":"):
        return None
    what = Sentence("「steps:」の行がありません。", "The line “steps:” is missing.")
    remedy = Sentence("この行の上に「steps:」と書いてください。", "Write “steps:” above this line.")
    return line, ("no_steps", _indent(here) + 1, what, remedy)


def _no_then(lines: list[str], line: int) -> tuple[int, Slip] | None:
    """Return the first step of a branch when the line “then:” above it is missing."""
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    above = lines[line - 2] if line > 1 else ""
    if (
        not here.lstrip().startswith("- ")
        or not above.lstrip(" -").startswith("if:")
        or _indent(here) <= _indent(above)
    ):
        return None
    what = Sentence("「then:」の行がありません。", "The line “then:” is missing.")
    remedy = Sentence(
        "「if」と同じ字下げで、この行の上に「then:」と書いてください。",
        "Write “then:” above this line, in line with “if”.",
    )
    return line, ("no_then", _indent(here) + 1, what, remedy)


def _dashless(lines: list[str], line: int) -> tuple[int, Slip] | None:
    """Return a line in line with the dashes above it that has none of its own."""
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    indent = _indent(here)
    if not here.strip() or here.lstrip().startswith(("-", "#")):
        return None
    open_, _ = _levels(lines[: line - 1], indent)
    if indent not in open_ or not lines[open_[indent] - 1].startswith(" " * indent + "- "):
        return None
    what = Sentence("この行は「- 」で始まっていません。", "This line does not begin with “- ”.")
    remedy = Sentence(
        "新しいステップなら「- 」を付け、上のステップの続きなら半角スペース2個ぶん右に下げてください。",
        "Begin a new step with “- ”; indent by two more spaces what belongs to the step above.",
    )
    return line, ("missing_dash", indent + 1, what, remedy)


def _alone(lines: list[str], line: int) -> tuple[int, Slip] | None:
    """Return a line that is neither “name: value” nor an entry: a text left of where it belongs, an entry without its dash."""
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if here.lstrip()[:1] in {"{", "["}:
        what = Sentence("この行は「- 」で始まっていません。", "This line does not begin with “- ”.")
        remedy = Sentence("上の行と同じように「- 」を付けてください。", "Begin it with “- ” like the line above.")
        return line, ("missing_dash", _indent(here) + 1, what, remedy)
    number = line if ":" not in here else line - 1
    while number > 1 and _bare(lines[number - 1]) and _bare(lines[number - 2]):
        number -= 1
    if number < 2 or not _bare(lines[number - 1]):
        return None
    what = Sentence("この行は「項目: 値」の形になっていません。", "This line has no “name: ”.")
    remedy = Sentence(
        "上の文章の続きなら、上の行より右に字下げしてください。",
        "If it goes on with the text above, indent it further than the line above.",
    )
    return number, ("line_alone", _indent(lines[number - 1]) + 1, what, remedy)


def _bare(text: str) -> bool:
    return bool(text.strip()) and ":" not in text and text.lstrip()[0] not in "-#{["


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
