"""Nobody reads the clock but `bot/now.py`, and the stand-in for LINE at its own entrance."""

from __future__ import annotations

import ast

import pytest

from tests.product import ROOT

READERS = {"bot/now.py", "bot/simulator/cli.py"}
READING = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime", "time.ctime"),
}
SOURCES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for folder in ("bot", "handlers")
    for path in (ROOT / folder).rglob("*.py")
}


def readings(source: str) -> list[str]:
    """Return where `source` reads the clock, called or handed on."""
    attributes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    names = [(node.lineno, ".".join(ast.unparse(node).split(".")[-2:])) for node in attributes]
    return [f"line {line}: {name}" for line, name in names if name in READING]


def test_the_time_is_handed_in() -> None:
    found = {name: readings(source) for name, source in SOURCES.items() if name not in READERS}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("name", sorted(READERS))
def test_the_named_readers_are_still_the_readers(name: str) -> None:
    assert readings(SOURCES[name])


@pytest.mark.parametrize(
    "source", ["now = dt.datetime.now(dt.UTC)", "then = time.time()", "read = time.time", "day = datetime.date.today()"]
)
def test_every_way_to_read_the_clock_is_seen(source: str) -> None:
    assert readings(source)
