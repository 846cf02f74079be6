"""What LINE's answers mean and what follows from them, as a table."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.outcome import (
    FINAL,
    TRANSITIONS,
    Again,
    Facts,
    Finish,
    Hold,
    PushInstead,
    Status,
    Verdict,
    follow_up,
    judge,
)
from bot.line.connections import Answer

INVALID_TOKEN = b'{"message":"Invalid reply token"}'
MONTHLY = b'{"message":"You have reached your monthly limit."}'
RATE = b'{"message":"The API rate limit has been exceeded. Try again later."}'


@pytest.mark.parametrize(
    ("kind", "answer", "verdict"),
    [
        ("reply", Answer(200, b'{"sentMessages":[]}'), Verdict.ACCEPTED),
        ("reply", Answer(200, b"<html>"), Verdict.ACCEPTED),
        ("push", Answer(202), Verdict.ACCEPTED),
        ("push", Answer(409, b'{"message":"The retry key is already accepted"}'), Verdict.ACCEPTED),
        ("reply", Answer(409), Verdict.REFUSED),
        ("reply", Answer(400, INVALID_TOKEN), Verdict.TOKEN_DEAD),
        ("push", Answer(400, INVALID_TOKEN), Verdict.REFUSED),
        ("reply", Answer(400, b'{"message":"The request body has 1 error(s)"}'), Verdict.REFUSED),
        ("push", Answer(403), Verdict.REFUSED),
        ("push", Answer(404), Verdict.REFUSED),
        ("push", Answer(413), Verdict.REFUSED),
        ("push", Answer(401), Verdict.UNAUTHORISED),
        ("push", Answer(429, RATE), Verdict.RATE_LIMITED),
        ("push", Answer(429, MONTHLY), Verdict.QUOTA_REACHED),
        ("push", Answer(429, b'{"message":"Too Many Requests"}'), Verdict.LIMITED),
        ("multicast", Answer(429, RATE), Verdict.RATE_LIMITED),
        ("multicast", Answer(200, b"{}"), Verdict.ACCEPTED),
        ("multicast", Answer(409), Verdict.ACCEPTED),
        ("push", Answer(500), Verdict.NO_VERDICT),
        ("push", Answer(502, b"<html>"), Verdict.NO_VERDICT),
        ("push", Answer(302), Verdict.NO_VERDICT),
        ("push", Answer(None, trouble="TimeoutError"), Verdict.NO_VERDICT),
        ("push", Answer(None, trouble="connect: ConnectionRefusedError"), Verdict.NOT_REACHED),
        ("push", Answer(None), Verdict.NO_VERDICT),
    ],
)
def test_an_answer_of_line_has_one_meaning(kind: str, answer: Answer, verdict: Verdict) -> None:
    assert judge(kind, answer) is verdict


@given(st.one_of(st.none(), st.integers(100, 599)), st.binary(max_size=40), st.sampled_from(["reply", "push"]))
def test_every_answer_has_a_meaning_and_only_2xx_or_a_known_key_is_acceptance(
    status: int | None, body: bytes, kind: str
) -> None:
    accepted = judge(kind, Answer(status, body)) is Verdict.ACCEPTED
    assert accepted == (status is not None and (200 <= status < 300 or (status == 409 and kind == "push")))


def push(**more: Any) -> Facts:
    return Facts(**{"kind": "push", "attempts": 1, "uncertain": False, "age": dt.timedelta(), **more})


def reply(**more: Any) -> Facts:
    return Facts(
        **{"kind": "reply", "attempts": 1, "uncertain": False, "age": dt.timedelta(), "token_age": 1.0, **more}
    )


DAY = dt.timedelta(hours=24)


@pytest.mark.parametrize(
    ("verdict", "facts", "step"),
    [
        (Verdict.ACCEPTED, push(), Finish(Status.SENT)),
        (Verdict.ACCEPTED, reply(uncertain=True), Finish(Status.SENT)),
        (Verdict.REFUSED, push(), Finish(Status.FAILED)),
        (Verdict.REFUSED, reply(), Finish(Status.FAILED)),
        (Verdict.QUOTA_REACHED, push(), Hold()),
        (Verdict.UNAUTHORISED, reply(), Hold()),
        (Verdict.NO_VERDICT, push(), Again(1.0, uncertain=True)),
        (Verdict.NO_VERDICT, push(attempts=4), Again(15.0, uncertain=True)),
        (Verdict.NO_VERDICT, push(attempts=99), Again(600.0, uncertain=True)),
        (Verdict.NOT_REACHED, push(), Again(1.0, uncertain=False)),
        (Verdict.RATE_LIMITED, push(uncertain=True), Again(1.0, uncertain=True)),
        (Verdict.NO_VERDICT, push(age=DAY), Finish(Status.UNKNOWN)),
        (Verdict.NOT_REACHED, push(age=DAY, uncertain=True), Finish(Status.UNKNOWN)),
        (Verdict.NOT_REACHED, push(age=DAY), Finish(Status.FAILED)),
        (Verdict.NO_VERDICT, reply(), Again(0.25, uncertain=True)),
        (Verdict.NO_VERDICT, reply(uncertain=True, attempts=2), PushInstead(doubled=True)),
        (Verdict.NO_VERDICT, reply(token_age=55.0), PushInstead(doubled=True)),
        (Verdict.NOT_REACHED, reply(token_age=55.0), PushInstead(doubled=False)),
        (Verdict.RATE_LIMITED, reply(), Again(0.25, uncertain=False)),
        (Verdict.TOKEN_DEAD, reply(), PushInstead(doubled=False)),
        (Verdict.TOKEN_DEAD, reply(token_age=70.0), PushInstead(doubled=False)),
        (Verdict.TOKEN_DEAD, reply(uncertain=True, token_age=49.0), Finish(Status.PRESUMED)),
        (Verdict.TOKEN_DEAD, reply(uncertain=True, token_age=51.0), PushInstead(doubled=True)),
    ],
)
def test_what_follows_from_a_verdict(verdict: Verdict, facts: Facts, step: object) -> None:
    assert follow_up(verdict, facts, jitter=0.5) == step


FACTS = st.builds(
    Facts,
    kind=st.sampled_from(["reply", "push"]),
    attempts=st.integers(1, 500),
    uncertain=st.booleans(),
    age=st.timedeltas(dt.timedelta(), dt.timedelta(days=3)),
    token_age=st.floats(0, 3000),
)


@given(st.sampled_from(Verdict), FACTS, st.floats(0, 1))
def test_nothing_waits_longer_than_a_quarter_of_an_hour_and_no_resident_is_left_without_a_try(
    verdict: Verdict, facts: Facts, jitter: float
) -> None:
    step = follow_up(verdict, facts, jitter)
    if isinstance(step, Again):
        assert 0 < step.seconds <= 900
        assert step.uncertain or not facts.uncertain, "a doubt does not go away by itself"
    if facts.kind == "reply" and verdict is not Verdict.REFUSED:
        assert not isinstance(step, Finish) or step.status in {Status.SENT, Status.PRESUMED}


@given(FACTS)
def test_a_reply_that_may_have_arrived_is_never_pushed_without_the_mark(facts: Facts) -> None:
    step = follow_up(Verdict.NO_VERDICT, facts, 0.5)
    assert not isinstance(step, PushInstead) or step.doubled


def test_a_final_status_is_final_and_an_open_one_is_not() -> None:
    assert frozenset({Status.SENT, Status.PRESUMED, Status.FAILED, Status.UNKNOWN, Status.STOPPED}) == FINAL
    assert Status.HELD in TRANSITIONS[Status.WAITING]
    assert Status.WAITING in TRANSITIONS[Status.HELD]
    assert Status.WAITING in TRANSITIONS[Status.STALE]
    assert set(TRANSITIONS) == set(Status)
