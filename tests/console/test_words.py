"""Every word that the console's templates show can be translated: none stands in a template outside `_()`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment

from tests.product import ROOT

TEMPLATES = sorted(
    path
    for place in ("bot/console/templates", *(f"handlers/{one.name}/templates" for one in (ROOT / "handlers").iterdir()))
    for path in (ROOT / place).rglob("*.html")
    if "public" not in path.parts  # pages for residents and facilities have their own languages
)
JAPANESE = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_template_writes_no_japanese_by_itself(path: Path) -> None:
    tokens = Environment(autoescape=True).lex(path.read_text(encoding="utf-8"))
    left = "".join(value for _line, kind, value in tokens if kind == "data")
    lines = [line.strip() for line in left.splitlines() if JAPANESE.search(line) and 'lang="ja"' not in line]
    assert lines == []
