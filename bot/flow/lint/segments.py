"""Segments: nothing open, secret or sensitive becomes a mark by which residents are chosen, and nothing without their consent."""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import AskOp
from bot.flow.segments import CLOSED


def check(page: Page) -> Iterator[Problem]:
    """Yield questions whose answers may not be used for choosing recipients."""
    consents = any(isinstance(op, AskOp) and op.type == "consent" for op in page.ops)
    for index, op in enumerate(page.ops):
        if isinstance(op, AskOp) and op.segment is not None:
            for code, ja, en in _reasons(page, op, consents=consents):
                yield page.problem(code, (*page.notes.spots[index], "segment"), ja, en, key=True)


def _reasons(page: Page, op: AskOp, *, consents: bool) -> Iterator[tuple[str, str, str]]:
    if op.type not in CLOSED:
        ja = f"segment は choice、yes_no、date（年代になります）の質問だけに使えます（いまは {op.type}）。"
        yield "open_segment", ja, f"segment is for choice, yes_no and date (as an age band) only; this is {op.type}."
    if op.secret:
        ja = "secret の答えを配信の区分に使うことはできません。"
        yield "secret_segment", ja, "A secret answer cannot be used for a segment."
    if page.program.flow.sensitive:
        ja = "sensitive のフローの答えを配信の区分に使うことはできません。"
        yield "sensitive_segment", ja, "No answer of a sensitive flow can be used for a segment."
    if not consents:
        ja = "区分に使うには、このフローで consent（同意）をもらってください。"
        yield "segment_without_consent", ja, "Ask for consent in this flow before an answer is used for a segment."
