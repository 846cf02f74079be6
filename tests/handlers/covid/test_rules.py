"""The rules by which people are advised, compared, matched and counted: no database, no clock."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.crypto import Lookup
from bot.flow.book import Book
from bot.flow.load import load
from bot.now import TOKYO
from bot.service import load_services
from handlers.covid import code, rules
from handlers.covid.numbers import suppress
from handlers.covid.overlap import LONGEST_STAY, Window, bounds, meets, stay
from handlers.covid.rules import Settings, Triage
from handlers.covid.triage import Advice, Change, Condition, advise, advise_at_home, at_risk, compare, risk
from tests.product import ROOT

SYMPTOMS = ("breathless", "fatigue", "high_fever", "fever", "cough")
MOMENTS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 4), timezones=st.just(TOKYO))  # noqa: DTZ001 - Hypothesis adds the zone
SPANS = st.timedeltas(dt.timedelta(0), dt.timedelta(hours=30))
_DAY = dt.timedelta(days=1)
FEVER = Settings({"ja": "感染症"}, _DAY, _DAY, _DAY, 10, 37.5, 1.0)


@pytest.fixture(scope="module")
def book() -> Book:
    return load(ROOT / "flows", load_services("handlers").registry).book


def on(book: Book, day: str) -> Triage:
    return rules.triage(book, dt.datetime.fromisoformat(f"{day}T12:00:00+09:00"))


@pytest.mark.parametrize(
    ("day", "symptoms", "days", "vulnerable", "expected"),
    [
        ("2020-03-01", {"fever"}, 3, False, Advice.WATCH),
        ("2020-03-01", {"fever"}, 4, False, Advice.CALL),
        ("2020-03-01", {"fever"}, 2, True, Advice.CALL),
        ("2020-03-01", {"high_fever"}, 1, False, Advice.WATCH),
        ("2020-03-01", {"breathless"}, 1, False, Advice.CALL),
        ("2020-03-01", {"cough"}, 30, True, Advice.WATCH),
        ("2020-05-07", {"high_fever"}, 1, False, Advice.WATCH),
        ("2020-05-08", {"high_fever"}, 1, False, Advice.CALL),
        ("2020-05-08", {"cough"}, 1, True, Advice.CALL),
        ("2020-05-08", {"cough"}, 3, False, Advice.WATCH),
        ("2020-05-08", {"cough"}, 4, False, Advice.CALL),
        ("2020-05-08", set(), 0, True, Advice.WELL),
    ],
)
def test_the_shipped_guidance_of_february_and_may_2020_is_applied_on_its_days(
    book: Book, day: str, symptoms: set[str], days: int, vulnerable: bool, expected: Advice
) -> None:
    assert advise(on(book, day), symptoms, days, vulnerable=vulnerable) is expected


def test_before_any_guidance_there_is_none(book: Book) -> None:
    with pytest.raises(rules.NoRules, match="2020-02-16"):
        on(book, "2020-02-16")


def test_every_row_of_the_shipped_tables_can_be_read(book: Book) -> None:
    assert rules.missing(book) == []


def test_a_row_that_cannot_be_read_is_named_with_its_day(book: Book) -> None:
    broken = Book({}, tables={**book.tables, rules.TRIAGE: (("2021-01-01", {"at_once": []}),)})
    assert [problem.split(":")[1].strip() for problem in rules.missing(broken)] == [
        "the row of covid_triage from 2021-01-01 cannot be read"
    ]


RULES = st.builds(
    Triage,
    st.frozensets(st.sampled_from(SYMPTOMS)),
    st.frozensets(st.sampled_from(SYMPTOMS)),
    st.integers(0, 10),
    st.integers(0, 10),
)
GRAVITY = [Advice.WELL, Advice.WATCH, Advice.CALL]


@given(RULES, st.sets(st.sampled_from(SYMPTOMS)), st.sampled_from(SYMPTOMS), st.integers(1, 30), st.integers(0, 5))
def test_more_symptoms_longer_or_at_risk_never_make_the_advice_milder(
    given_rules: Triage, symptoms: set[str], another: str, days: int, more: int
) -> None:
    milder = advise(given_rules, symptoms, days, vulnerable=False)
    graver = advise(given_rules, symptoms | {another}, days + more, vulnerable=True)
    assert GRAVITY.index(graver) >= GRAVITY.index(milder)


@given(RULES, st.integers(1, 30), st.booleans())
def test_no_symptoms_are_well(given_rules: Triage, days: int, vulnerable: bool) -> None:
    assert advise(given_rules, set(), days, vulnerable=vulnerable) is Advice.WELL


def test_the_old_and_the_chronically_ill_come_first_on_the_list() -> None:
    assert [risk("65", chronic=True), risk("65", chronic=False), risk("20", chronic=True)] == [1, 2, 2]
    assert risk("20", chronic=False) == 3
    assert at_risk("20", chronic=True)
    assert not at_risk("40", chronic=False)


CONDITIONS = st.builds(
    Condition,
    st.integers(340, 430).map(lambda tenths: tenths / 10),
    st.integers(0, 2),
    st.integers(0, 2),
    st.booleans(),
    st.booleans(),
)


@given(CONDITIONS)
def test_the_same_answer_again_is_neither_worse_nor_better(condition: Condition) -> None:
    assert compare(FEVER, condition, condition) is Change.SAME
    assert Condition.read(condition.plain()) == condition


@given(CONDITIONS, CONDITIONS)
def test_what_became_worse_becomes_no_worse_on_the_way_back(before: Condition, now: Condition) -> None:
    mixed = (now.breathless - before.breathless) * (now.fatigue - before.fatigue) < 0 or (
        (now.temperature - before.temperature) * (sum(now.graded[:2]) - sum(before.graded[:2])) < 0
    )
    assume(not mixed)
    if compare(FEVER, before, now) is Change.WORSE:
        assert compare(FEVER, now, before) is not Change.WORSE


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (Condition(36.5), Condition(36.9), Change.SAME),
        (Condition(36.5), Condition(37.5), Change.WORSE),
        (Condition(37.6), Condition(38.5), Change.SAME),
        (Condition(37.6), Condition(38.6), Change.WORSE),
        (Condition(38.6), Condition(37.0), Change.BETTER),
        (Condition(36.5, fatigue=1), Condition(36.5, fatigue=2), Change.WORSE),
        (Condition(36.5, fatigue=2), Condition(36.5, breathless=1), Change.WORSE),
        (Condition(36.5, throat=True), Condition(36.5), Change.BETTER),
        (Condition(36.5), Condition(36.5, throat=True), Change.SAME),
        (None, Condition(36.5), Change.SAME),
        (None, Condition(36.5, breathless=2), Change.WORSE),
    ],
)
def test_what_counts_as_worse(before: Condition | None, now: Condition, expected: Change) -> None:
    assert compare(FEVER, before, now) is expected


@given(CONDITIONS)
def test_who_is_breathless_tired_or_feverish_is_told_to_call(condition: Condition) -> None:
    calls = max(condition.graded[:2]) == 2 or condition.temperature >= FEVER.fever
    assert (advise_at_home(FEVER, condition) is Advice.CALL) == calls


@given(MOMENTS, st.none() | MOMENTS, SPANS, MOMENTS, SPANS, SPANS)
def test_the_bounds_an_index_can_answer_say_the_same_as_the_rule(
    entered: dt.datetime,
    left: dt.datetime | None,
    usual: dt.timedelta,
    begin: dt.datetime,
    lasts: dt.timedelta,
    padding: dt.timedelta,
) -> None:
    assume(left is None or entered <= left <= entered + LONGEST_STAY)
    exposure = Window(begin, begin + lasts).padded(padding)
    limits = bounds(exposure, usual)
    entered_then = limits.earliest <= entered <= limits.latest
    stayed = entered >= limits.open_from if left is None else left >= limits.left_from
    assert meets(stay(entered, left, usual), exposure) == (entered_then and stayed)


@given(MOMENTS, SPANS, MOMENTS, SPANS, SPANS)
def test_padding_only_ever_adds_visits(
    entered: dt.datetime, stayed: dt.timedelta, begin: dt.datetime, lasts: dt.timedelta, padding: dt.timedelta
) -> None:
    visit, exposure = Window(entered, entered + stayed), Window(begin, begin + lasts)
    if meets(visit, exposure):
        assert meets(visit, exposure.padded(padding))
        assert meets(exposure, visit)


def test_who_left_hours_before_is_not_met_and_who_leaves_as_the_other_comes_is() -> None:
    noon = dt.datetime(2026, 1, 1, 12, tzinfo=TOKYO)
    hour = dt.timedelta(hours=1)
    exposure = Window(noon, noon + hour)
    assert not meets(stay(noon - 3 * hour, None, 2 * hour), exposure)
    assert meets(stay(noon - 3 * hour, noon, 2 * hour), exposure)
    assert meets(stay(noon - 3 * hour, None, 2 * hour), exposure.padded(hour))


def test_a_check_out_forgotten_for_days_is_not_a_stay_of_days() -> None:
    noon = dt.datetime(2026, 1, 1, 12, tzinfo=TOKYO)
    usual = dt.timedelta(hours=2)
    assert stay(noon, noon + dt.timedelta(days=3), usual) == Window(noon, noon + usual)


LOOKUP = Lookup([b"n" * 32])


@given(st.integers(1, 2**40), st.integers(1, 32767))
def test_a_code_says_its_place_and_version_also_in_small_letters(place: int, version: int) -> None:
    written = code.write(LOOKUP, place, version)
    assert code.read(LOOKUP, f" {written.lower()} ") == code.Scanned(place, version)
    assert code.read(Lookup([b"o" * 32, b"n" * 32]), written) == code.Scanned(place, version)
    assert code.read(Lookup([b"o" * 32]), written) is None


@given(st.integers(1, 9999), st.integers(1, 99), st.data())
def test_a_code_with_one_letter_changed_is_refused(place: int, version: int, data: st.DataObject) -> None:
    written = code.write(LOOKUP, place, version)
    at = data.draw(st.integers(0, len(written) - 1))
    other = data.draw(st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ-"))
    assume(other != written[at])
    assert code.read(LOOKUP, written[:at] + other + written[at + 1 :]) is None


@given(st.text(max_size=60))
def test_nonsense_is_no_code(text: str) -> None:
    assert code.read(LOOKUP, text) is None


TABLES = st.integers(1, 4).flatmap(
    lambda height: st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 30), min_size=width, max_size=width), min_size=height, max_size=height
        )
    )
)


@settings(max_examples=300, deadline=None)
@given(TABLES)
def test_no_hidden_number_follows_from_what_is_told(table: list[list[int]]) -> None:
    height, width = len(table), len(table[0])
    counts = {(at, below): table[at][below] for at in range(height) for below in range(width)}
    shown = suppress(counts, range(height), range(width), 10)
    told = [[shown.cells[at, below] for below in range(width)] + [shown.row_sums[at]] for at in range(height)]
    told.append([*(shown.column_sums[below] for below in range(width)), shown.total])
    true = [[*line, sum(line)] for line in table]
    true.append([sum(line[below] for line in true) for below in range(width + 1)])
    for at in range(height + 1):
        for below in range(width + 1):
            assert told[at][below] in {None, true[at][below]}
            assert not 0 < true[at][below] < 10 or told[at][below] is None
    assert not followed(told)


def followed(told: list[list[int | None]]) -> list[tuple[int, int]]:
    """Return the hidden cells that the sums determine: unit vectors in the space of what is known about the hidden ones."""
    height, width = len(told), len(told[0])
    hidden = [(at, below) for at in range(height) for below in range(width) if told[at][below] is None]
    lines = [[(at, below) for below in range(width)] for at in range(height)]
    lines += [[(at, below) for at in range(height)] for below in range(width)]
    equations = []
    for line in lines:
        sign = {cell: -1 if position == len(line) - 1 else 1 for position, cell in enumerate(line)}
        equations.append([Fraction(sign.get(cell, 0)) for cell in hidden])
    reduced = reduce(equations)
    return [hidden[next(at for at, each in enumerate(row) if each)] for row in reduced if sum(map(bool, row)) == 1]


def reduce(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """Bring equations to their reduced form, in which a determined unknown stands alone."""
    done = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((at for at in range(done, len(rows)) if rows[at][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [each / rows[done][column] for each in rows[done]]
        for at, row in enumerate(rows):
            if at != done and row[column]:
                rows[at] = [each - row[column] * other for each, other in zip(row, rows[done], strict=True)]
        done += 1
    return rows[:done]


@given(st.lists(st.integers(0, 40), min_size=3, max_size=3), st.data())
def test_tables_of_the_same_people_by_other_rows_hide_the_same_sums(sums: list[int], data: st.DataObject) -> None:
    def split() -> dict[tuple[str, int], int]:
        counts: dict[tuple[str, int], int] = {}
        for column, number in enumerate(sums):
            first = data.draw(st.integers(0, number))
            counts |= {("a", column): first, ("b", column): number - first}
        return counts

    one, other = (suppress(split(), ["a", "b"], [0, 1, 2], 10) for _ in range(2))
    assert (one.column_sums, one.total) == (other.column_sums, other.total)


def test_large_numbers_are_all_told() -> None:
    shown = suppress({("a", "x"): 10, ("b", "x"): 20}, ["a", "b"], ["x", "y"], 10)
    assert shown.cells == {("a", "x"): 10, ("a", "y"): 0, ("b", "x"): 20, ("b", "y"): 0}
    assert shown.total == 30
