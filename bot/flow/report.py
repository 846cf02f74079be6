"""Problems as people and machines read them: text with the line itself, JSON, or annotations of a GitHub run."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import orjson

from bot.flow.problems import Problem


def text(problems: Sequence[Problem], language: str) -> str:
    """Return the problems for a terminal, errors before warnings; the first line of each says where, what and how to mend it."""
    urgent = sorted(problems, key=lambda problem: problem.severity)
    return "\n\n".join(_paragraph(problem, language) for problem in urgent)


def as_json(problems: Sequence[Problem], language: str) -> str:
    """Return the problems as a JSON list."""
    rows = [
        {
            "file": problem.place.file,
            "line": problem.place.line,
            "column": problem.place.column,
            "severity": problem.severity,
            "code": problem.code,
            "message": problem.what.in_(language),
            "remedy": problem.remedy.in_(language) if problem.remedy else None,
            "source": problem.source,
        }
        for problem in problems
    ]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode()


def github(problems: Sequence[Problem], language: str) -> str:
    """Return the problems as workflow commands, one a line."""
    return "\n".join(
        f"::{problem.severity} file={_escape(problem.place.file)},line={problem.place.line},"
        f"col={problem.place.column},title={problem.code}::{_escape(_message(problem, language))}"
        for problem in problems
    )


def summary(problems: Sequence[Problem], flows: int, language: str) -> str:
    """Return one closing line: how many flows, errors and warnings."""
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    if language == "ja":
        return f"フロー{flows}件：エラー {errors}件、注意 {warnings}件"
    return f"{flows} flows: {errors} errors, {warnings} warnings"


def _message(problem: Problem, language: str) -> str:
    remedy = "" if problem.remedy is None else problem.remedy.in_(language)
    between = "" if language == "ja" or not remedy else " "
    return f"{problem.what.in_(language)}{between}{remedy}"


def _paragraph(problem: Problem, language: str) -> str:
    severity = {"ja": {"error": "エラー", "warning": "注意"}}.get(language, {}).get(problem.severity, problem.severity)
    lines = [f"{problem.place}: {severity}: {_message(problem, language)} [{problem.code}]"]
    if problem.source:
        shown = problem.source.replace("\t", "→")
        before = shown[: problem.place.column - 1]
        lines += [f"    {shown}", f"    {' ' * _width(before)}^"]
    return "\n".join(lines)


def _width(written: str) -> int:
    """Return how many columns a terminal uses: full-width characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in written)


def _escape(written: str) -> str:
    return written.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
