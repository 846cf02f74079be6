"""A talk under way outlives a change of its flow and of the engine, or is begun anew with a word."""

from __future__ import annotations

import pytest

from bot.flow import state
from tests.flow.talking import book
from tests.flow.town import BOOK, OTHER, TAX, resident


def test_a_running_talk_stays_on_its_revision() -> None:
    r = resident()
    r.say("自動車税")
    newer = book(TAX.replace("車の種類を選んでください。", "お車は？"), OTHER)
    r.book = newer.with_older([BOOK.programs["tax.register"]])
    assert r.say("?").endswith("車の種類を選んでください。\n\n1. 乗用車\n2. 軽自動車\n3. その他")


def test_a_talk_whose_revision_is_gone_goes_on_where_the_new_one_asks_the_same() -> None:
    r = resident()
    r.say("自動車税")
    r.say("1")
    r.book = book(TAX.replace("何日前", "いつ"), OTHER)
    assert "「乗用車」ですね。いつ" in r.say("?")


def test_a_talk_that_no_longer_fits_is_politely_begun_anew() -> None:
    r = resident()
    r.say("自動車税")
    r.say("1")
    r.book = book(TAX.replace("ask: kind", "ask: vehicle").replace("kind: kind", "kind: vehicle"), OTHER)
    heard = r.say("30")
    assert "はじめからお願いします" in heard
    assert "車の種類" in heard


def test_a_state_that_cannot_be_read_counts_as_nothing_under_way_and_the_resident_is_told() -> None:
    for broken in (
        b"{",
        b"[]",
        b'{"version":99,"talks":[]}',
        b'{"version":1,"talks":[[1]]}',
        b'{"version":1,"talks":7}',
    ):
        r = resident()
        r.state = broken
        heard = r.say("こんにちは")
        assert "続けられませんでした" in heard
        assert "ご用件" in heard
        assert "続けられませんでした" not in r.say("こんにちは")


def test_a_talk_begun_under_an_older_engine_goes_on_under_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    r = resident()
    r.say("自動車税")
    r.say("1")
    monkeypatch.setattr(state, "VERSION", 3)
    monkeypatch.setattr(
        state, "UPGRADES", {1: lambda rows: [[*row, "new"] for row in rows], 2: lambda rows: [row[:-1] for row in rows]}
    )
    assert "「乗用車」ですね" in r.say("?")
    assert r.state is not None
    assert b'"version":3' in r.state
