"""The drawing of a flow: Mermaid text that is sound whatever the texts hold, and a picture in which nothing covers anything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow.diagram import Diagram, diagram, mermaid
from bot.flow.layout import arrange
from bot.flow.load import load, load_texts
from bot.flow.outline import outline
from bot.flow.picture import svg
from bot.flow.program import Program
from tests.flow.checking import SOUND
from tests.flow.test_language import ADDRESS, CHILDREN, CONFIRMED
from tests.flow.test_properties import EVERYTHING
from tests.flow.town import GREETING, TAX

PART = "flow: part\ntitle: 部分\nsteps:\n  - say: あ\n"
WORDS = r'"[^"\[\](){}<>`]+"'
BOX = re.compile(rf"  (\w+)(?:\(\[{WORDS}\]\)|\[/{WORDS}/\]|\[\[{WORDS}\]\]|\[{WORDS}\]|\{{{WORDS}\}})")
WAY = re.compile(rf"  (\w+) (?:-->|-- {WORDS} -->|-\.->|-\. {WORDS} \.->) (\w+)")
SVG = "{http://www.w3.org/2000/svg}"


def programs(*texts: str) -> list[Program]:
    files = {f"flows/{number}.yaml": text for number, text in enumerate((*texts, PART))}
    return list(load_texts(files).book.programs.values())


def shipped() -> Iterable[Program]:
    return load(Path("flows")).book.programs.values()


def check_mermaid(text: str) -> None:
    """Hold every line to the part of Mermaid's grammar that is used, and every way to boxes that are there."""
    head, *lines = text.splitlines()
    assert head == "flowchart TD"
    boxes = {match[1] for line in lines if (match := BOX.fullmatch(line))}
    ways = [match for line in lines if (match := WAY.fullmatch(line))]
    assert len(boxes) + len(ways) == len(lines), [
        line for line in lines if not BOX.fullmatch(line) and not WAY.fullmatch(line)
    ]
    assert {name for way in ways for name in way.groups()} <= boxes
    assert "end" not in boxes


def check_picture(picture: str, drawn: Diagram) -> None:
    """The picture is sound XML, without script, style or address, and shows every box and way."""
    root = ET.fromstring(picture)  # noqa: S314 - our own picture
    tags = [part.tag.removeprefix(SVG) for part in root.iter()]
    assert set(tags) <= {"svg", "title", "path", "rect", "polygon", "text", "tspan"}
    assert not [name for part in root.iter() for name in part.attrib if name.startswith("on") or "href" in name]
    assert tags.count("rect") + tags.count("polygon") == len(drawn.boxes)
    for part in root.iter(f"{SVG}text"):
        words = "".join(part.itertext())
        assert words


@pytest.mark.parametrize("text", [EVERYTHING, CHILDREN, CONFIRMED, GREETING, ADDRESS, TAX, SOUND])
def test_every_flow_can_be_shown_in_every_way(text: str) -> None:
    for shown in programs(text):
        assert outline(shown.flow).startswith("■ ")
        check_mermaid(mermaid(shown))
        check_picture(svg(diagram(shown), "図"), diagram(shown))


def test_every_shipped_flow_is_drawn_without_one_box_upon_another() -> None:
    for shown in shipped():
        drawn = diagram(shown)
        check_mermaid(mermaid(shown))
        check_picture(svg(drawn, shown.id), drawn)
        sizes = {box.name: (220.0, 80.0) for box in drawn.boxes}
        layout = arrange(sizes, [(way.source, way.target) for way in drawn.ways])
        apart(layout.middles, sizes)


def apart(middles: dict[str, tuple[float, float]], sizes: dict[str, tuple[float, float]]) -> None:
    for one, other in combinations(middles, 2):
        (x, y), (to_x, to_y) = middles[one], middles[other]
        (width, height), (other_width, other_height) = sizes[one], sizes[other]
        covered = (
            abs(x - to_x) < (width + other_width) / 2 - 0.01 and abs(y - to_y) < (height + other_height) / 2 - 0.01
        )
        assert not covered, (one, other)


NAMES = st.integers(0, 11).map(str)


@settings(max_examples=150, deadline=None)
@given(
    sizes=st.dictionaries(NAMES, st.tuples(st.floats(20, 300), st.floats(20, 150)), min_size=1),
    edges=st.lists(st.tuples(NAMES, NAMES), max_size=30),
)
def test_any_steps_and_ways_are_laid_out_downwards_and_apart(
    *, sizes: dict[str, tuple[float, float]], edges: list[tuple[str, str]]
) -> None:
    known = [edge for edge in edges if edge[0] in sizes and edge[1] in sizes]
    layout = arrange(sizes, known)
    apart(layout.middles, sizes)
    for source, target in known:
        if source != target and (source, target) not in layout.back:
            assert layout.middles[source][1] < layout.middles[target][1]
    for name, (x, y) in layout.middles.items():
        assert x - sizes[name][0] / 2 >= -0.01
        assert x + sizes[name][0] / 2 <= layout.width + 0.01
        assert y + sizes[name][1] / 2 <= layout.height + 0.01


@pytest.mark.parametrize(
    "nasty",
    [
        '"]; click x',
        "a`b",
        "<script>",
        "{{ name }}",
        "end",
        "subgraph",
        "%%{init}%%",
        "-->",
        "#quot;",
        "]])}",
        "&amp;",
        "|x|",
        "\\",
    ],
)
def test_no_text_breaks_out_of_its_box(nasty: str) -> None:
    text = (
        f"flow: a\ntitle: {nasty!r}\nsteps:\n  - {{ask: x, text: {nasty!r}, type: choice, choices: {{a: {nasty!r}}}}}\n"
    )
    text += f"  - if: x == {nasty!r}\n    then: end\n"
    for shown in programs(text):
        check_mermaid(mermaid(shown))
        check_picture(svg(diagram(shown), nasty), diagram(shown))


def test_a_loop_leads_up_again_at_the_side() -> None:
    text = "flow: a\ntitle: A\nsteps:\n  - {ask: x, text: もう一度？, type: yes_no}\n  - if: x\n    then: x\n"
    (shown, *_) = [program for program in programs(text) if program.id == "a"]
    drawn = diagram(shown)
    back = arrange(
        {box.name: (100.0, 40.0) for box in drawn.boxes}, [(way.source, way.target) for way in drawn.ways]
    ).back
    assert len(back) == 1
    assert "もう一度？" in svg(drawn, "A")
