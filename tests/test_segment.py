"""Segments say in conditions whom a message is for, and what is not understood is refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import segment
from bot.segment import All, Any_, Attributed, Friend, SegmentWrong, Speaks, Topic

TEXTS = st.text(min_size=1, max_size=10)
VALUES = st.lists(TEXTS, min_size=1, max_size=3).map(tuple)
LEAVES = st.one_of(
    st.builds(Topic, TEXTS),
    st.builds(Attributed, TEXTS, VALUES),
    st.builds(Speaks, VALUES),
    st.builds(Friend, st.booleans()),
)
SEGMENTS = st.recursive(
    LEAVES, lambda parts: st.lists(parts, max_size=3).map(tuple).flatmap(lambda some: st.sampled_from([All(some), Any_(some)])),
    max_leaves=8,
)  # fmt: skip


@given(SEGMENTS)
def test_what_is_written_is_read_again(one: segment.Segment) -> None:
    assert segment.read(segment.write(one)) == one or _depth(one) > segment.DEEPEST


def _depth(one: segment.Segment) -> int:
    return 1 + max((_depth(part) for part in one.parts), default=0) if isinstance(one, All | Any_) else 0


@pytest.mark.parametrize(
    ("written", "named"),
    [
        (None, "an object"),
        ([], "an object"),
        ({}, "nothing"),
        ({"topik": "garbage"}, "topik"),
        ({"topic": "garbage", "friend": True}, "friend, topic"),
        ({"topic": 7}, "topic"),
        ({"attribute": "ward"}, "attribute"),
        ({"attribute": "ward", "in": []}, "list of 1 to 500 texts"),
        ({"language": ["ja", 3]}, "list of 1 to 500 texts"),
        ({"friend": "yes"}, "friend"),
        ({"all": [{"any": [{"birth_date": "1990-01-01"}]}]}, "birth_date"),
        ({"any": [{"friend": True}] * 200}, "at most 100"),
    ],
)
def test_what_is_no_condition_is_refused(written: Any, named: str) -> None:
    with pytest.raises(SegmentWrong, match=named):
        segment.read(written)


def test_a_segment_is_not_nested_without_end() -> None:
    written: dict[str, Any] = {"friend": True}
    for _ in range(50):
        written = {"all": [written]}
    with pytest.raises(SegmentWrong, match="deep"):
        segment.read(written)
