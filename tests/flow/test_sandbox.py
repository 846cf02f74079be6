"""No text or condition in a flow can hang the process, fill its memory or reach into the program."""

from __future__ import annotations

from typing import Any

import pytest

from bot.flow.sandbox import LOOP_ROUNDS, OUTPUT_CHARACTERS, SOURCE_CHARACTERS, Expression, Lazy, Template
from bot.flow.template_trouble import Refused

VALUES: dict[str, Any] = {
    "name": "山田",
    "many": list(range(100_000)),
    "long": "あ" * 5000,
    "n": 10**15,
    "map": {"items": 3},
}


@pytest.mark.parametrize(
    "source",
    [
        "{{ range(10**9) }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ name.__class__ }}",
        "{{ name['__class__'].__mro__ }}",
        "{{ ''.join(['a']) }}",
        "{{ name.format(1) }}",
        "{{ name|attr('x') }}",
        "{{ 'a'|center(1000000000) }}",
        "{{ '%s'|format(name) }}",
        "{% set x = 'a' %}{{ x }}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% for a in many %}{% for b in many %}x{% endfor %}{% endfor %}",
        "{% for a in many %}{% if a %}{% for b in many %}x{% endfor %}{% endif %}{% endfor %}",
        "{{ lipsum(100000) }}",
        "{{ joiner() }}",
        "{{ self.x() }}",
        "{{ self }}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ name",
        "{{ 99999999999999999999 }}",
        "{{ name }}" + "あ" * SOURCE_CHARACTERS,
        "{{ name|join(*many) }}",
        "{{ name|join(**map) }}",
    ],
)
def test_a_hostile_template_is_refused_when_it_is_read(source: str) -> None:
    with pytest.raises(Refused):
        Template(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'a' * 100000000 }}",
        "{{ [1] * 100000000 }}",
        "{{ '%100000000d' % 1 }}",
        "{{ n * n * n * n }}",
        "{{ 1 / 0 }}",
        "{{ many + many }}",
        "{{ name - 1 }}",
        "{{ name < 1 }}",
        "{% for a in many %}{{ long }}{% endfor %}",
        "{{ long ~ long ~ long ~ long ~ long ~ long }}",
        "{{ missing.a.b.c }}",
        "{{ map.items }}{{ map.keys }}",
        "{{ name|round(999999999) }}",
        "{{ name|plus_days(10000000000) }}",
        "{{ many|join(long) }}",
    ],
)
def test_what_cannot_be_worked_out_is_cut_or_left_out(source: str) -> None:
    assert len(Template(source).render(VALUES)) <= OUTPUT_CHARACTERS


class Counted(Lazy):
    """A value that counts how often a text asks for it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked = 0

    def look(self, name: str) -> str:
        self.asked += bool(name)
        return self.text


@pytest.mark.parametrize(("text", "most"), [("あ" * 5000, OUTPUT_CHARACTERS // 5000 + 1), ("", LOOP_ROUNDS)])
def test_filling_a_text_stops_when_it_is_long_enough_or_has_gone_round_often_enough(text: str, most: int) -> None:
    counted = Counted(text)
    source = "{% for each in many %}{{ counted.text }}{% endfor %}"
    assert len(Template(source).render({**VALUES, "counted": counted})) <= OUTPUT_CHARACTERS
    assert 0 < counted.asked <= most


def test_texts_put_together_stay_of_ordinary_length() -> None:
    source = " + ".join(["long"] * 20)
    assert int(Template(f"{{{{ ({source})|length }}}}").render({"long": "あ" * 5000})) <= OUTPUT_CHARACTERS


def test_numbers_stay_of_ordinary_size() -> None:
    assert Template("{{ n * 9 }}").render(VALUES) == str(9 * 10**15)
    assert Template("{{ n * 9 * 9 }}").render(VALUES) == "…"


def test_names_of_methods_are_only_names() -> None:
    assert Template("{{ map.items }}{{ map.keys }}{{ name.upper }}").render(VALUES) == "3"


@pytest.mark.parametrize("source", ["a = b", "kind == ", "kind == 'a' foo", "{{ kind }}", "open('x')", "a ** b", "＝"])
def test_a_condition_that_is_none_is_refused(source: str) -> None:
    with pytest.raises(Refused):
        Expression(source)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("name == '山田' and n > 3", True),
        ("name|length == 2", True),
        ("missing == 'x'", False),
        ("missing", None),
        ("name + 1", None),
        ("'a' * 9", None),
        ("2 * 3 + 1", 7),
        ("name in ['山田', '鈴木']", True),
        ("not missing", True),
    ],
)
def test_a_condition_never_fails_at_run(source: str, value: Any) -> None:
    assert Expression(source).value(VALUES) == value
