"""The marks that Git leaves in a file that two people changed at the same place."""

from __future__ import annotations

import re

from bot.flow.problems import Place, Problem, Sentence

_MARK = re.compile(r"(<{7}|\|{7}|={7}|>{7})(?: .*)?")


def unmerged(lines: list[str], file: str) -> Problem | None:
    """Return the first mark of a conflict, None when there is none; no line of a flow or a list begins so."""
    for number, line in enumerate(lines, 1):
        if (mark := _MARK.fullmatch(line.rstrip())) is not None:
            what = Sentence(
                f"ほかの人の変更とぶつかった印「{mark.group(1)}」が残っています（Git の競合）。",
                f"“{mark.group(1)}” marks a conflict with someone else's change (of Git).",
            )
            remedy = Sentence(
                "「<<<<<<<」から「>>>>>>>」までのうち、正しい行だけを残し、印の行（<<<<<<<、=======、>>>>>>>）を消してください。",
                "From <<<<<<< to >>>>>>> keep the right lines only, and remove the marks <<<<<<<, ======= and >>>>>>>.",
            )
            return Problem("merge_conflict", Place(file, number), what, remedy, source=line)
    return None
