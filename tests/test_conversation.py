"""One turn of talk is one transaction: actions touch nothing but the database, and every shipped one is seen doing so."""

from __future__ import annotations

import itertools
import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import audience
from bot.config import Settings, read_settings
from bot.delivery.outbox import Dispatch
from bot.incoming import Incoming
from bot.line.events import Event
from bot.models import Attribute, Resident
from bot.owndata.collect import collect
from bot.runtime import Runtime
from bot.segment import Attributed
from bot.service import Caller
from bot.simulator.client import find_action
from tests.product import ROOT
from tests.test_config import complete

NUMBERS = itertools.count(1)


@pytest.fixture
def settings(database_url: str) -> Settings:
    return read_settings(complete(DATABASE_URL=database_url, MADOGUCHI_FLOWS=str(ROOT / "flows")))


@pytest.fixture
def runtime(settings: Settings) -> Iterator[Runtime]:
    runtime = Runtime(settings)
    runtime.channels()
    yield runtime
    runtime.stop()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing but the database's own driver reach another process."""

    def refuse(*_arguments: Any, **_more: Any) -> Any:
        raise AssertionError("an action reached beyond the database")

    for name in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)


class Talker:
    """A resident in front of the transaction, without a server."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.user_id = f"U{next(NUMBERS)}"
        self.heard: list[dict[str, Any]] = []

    def say(self, words: str) -> str:
        return self._take({"type": "message", "message": {"type": "text", "id": "1", "text": words}})

    def press(self, label: str) -> str:
        [action] = [found for message in self.heard if (found := find_action(message, label))][-1:]
        return self._take({"type": "postback", "postback": {"data": action["data"]}})

    def _take(self, event: dict[str, Any]) -> str:
        number = next(NUMBERS)
        source = {"type": "user", "userId": self.user_id}
        raw = {**event, "webhookEventId": f"E{number}", "timestamp": 1_000_000 + number, "source": source}
        incoming = Incoming(1, "main", self.user_id, Event(raw), self.runtime.now())
        with self.runtime.database.write() as connection:
            [reaction] = self.runtime.talks.apply(connection, [incoming])
        assert isinstance(reaction, tuple)
        self.heard = [message for dispatch in reaction for message in _messages(dispatch)]
        return json.dumps(self.heard, ensure_ascii=False)


def _messages(dispatch: Dispatch) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(dispatch.messages)
    return found


@pytest.mark.usefixtures("no_network")
def test_the_guard_itself_lets_nothing_out() -> None:
    with pytest.raises(AssertionError, match="beyond the database"):
        socket.create_connection(("127.0.0.1", 9))
    with socket.socket() as one, pytest.raises(AssertionError, match="beyond the database"):
        one.connect(("127.0.0.1", 9))


WITHOUT_A_TALK: dict[str, dict[str, Any]] = {
    "tax.link_notice": {"code": "00000000", "birth_date": "1980-03-01", "relation": "own"},
    "tax.list_notices": {},
    "tax.say_paid": {},
    "tax.skip_reminders": {},
    "tax.say_unpaid": {},
    "tax.unlink": {},
    "tax.how_to_pay": {"notice": 1},
    "covid.advise": {"symptoms": ["fever"], "days": 4, "age_band": "30s", "chronic": False},
    "covid.follow": {"cadence": "home", "age_band": "30s", "chronic": False},
    "covid.followed": {},
    "covid.report": {"temperature": 38.5, "breathless": "2", "fatigue": "0", "throat": False, "nausea": False},
    "covid.stop": {},
    "covid.check_in": {"code": "0000"},
    "covid.check_out": {},
    "covid.visits": {},
    "covid.delete_visits": {},
}
"""Actions whose talks need a notice, a facility or an illness: what they are called with here."""


def _call_directly(runtime: Runtime, action: Any) -> None:
    """Call those actions on behalf of the one resident there is."""
    with runtime.database.write() as connection:
        [row] = connection.execute(select(Resident.__table__)).all()
        caller = Caller(row.id, row.channel_id, row.reference, "ja")
        context = runtime.talks.context(connection, caller, runtime.now())
        for name, arguments in WITHOUT_A_TALK.items():
            promised = runtime.services.registry[name].outcomes
            assert action(name)(context, arguments).outcome in promised


def test_the_actions_of_the_shipped_services_touch_only_the_database(
    runtime: Runtime, no_network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: set[str] = set()
    find = runtime.services.action

    def noting(name: str) -> Any:
        called.add(name)
        return find(name)

    monkeypatch.setattr(runtime.services, "action", noting)
    talker = Talker(runtime)
    assert "どの税のお知らせですか" in talker.say("自動車税")
    assert "何日前" in talker.say("1")
    assert "登録しました" in talker.say("3")
    assert "お知らせをすべてやめますか" in talker.press("お知らせをやめる")
    assert "削除しました" in talker.say("はい")
    assert "同意いただける方" in talker.say("新型コロナ")
    talker.say("はい")
    assert "同意「体調の相談」：同意する" in talker.say("自分のデータ")
    assert "写しです" in talker.say("内容を受け取る")
    talker.say("自分のデータ")
    talker.say("同意を取り消す")
    assert "同意を取り消しました" in talker.say("はい")
    talker.say("自分のデータ")
    talker.say("すべて消す")
    assert "すべて消しました" in talker.say("はい")
    talker.say("試し送り登録")
    talker.say("登録する")
    assert "使えません" in talker.say("12345678")
    talker.say("試し送り登録")
    assert "登録を外しました" in talker.say("登録を外す")
    for words in ("通知の設定", "お知らせの種類", "1", "受け取る時間", "1", "このままでよい"):
        talker.say(words)
    for words in ("ごみの日", "月曜日", "その日の朝8時", "通知の設定", "届く予定を止める"):
        talker.say(words)
    assert "お知らせを止めました" in talker.say("1")
    _call_directly(runtime, noting)
    assert called == set(runtime.services.registry), "every action of a service is to be called here"


def test_a_turn_that_fails_leaves_no_trace(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    talker = Talker(runtime)
    talker.say("自動車税")
    talker.say("1")

    def broken(_name: str) -> Any:
        raise RuntimeError("broken")

    with monkeypatch.context() as breaking:
        breaking.setattr(runtime.services, "action", broken)
        with pytest.raises(RuntimeError, match="broken"):
            talker.say("3")
    assert "登録しました" in talker.say("3"), "the question still stands"


def test_what_a_flow_marks_for_segments_is_remembered_and_shown_among_ones_own_data(
    database_url: str, tmp_path: Path
) -> None:
    flows = shutil.copytree(ROOT / "flows", tmp_path / "flows")
    (flows / "news.yaml").write_text(NEWS, encoding="utf-8")
    runtime = Runtime(read_settings(complete(DATABASE_URL=database_url, MADOGUCHI_FLOWS=str(flows))))
    runtime.channels()
    hanako = Talker(runtime)
    for words in ("区分の試験", "同意する", "北"):
        hanako.say(words)
    with runtime.database.read() as connection:
        known = connection.execute(select(Attribute.name, Attribute.value, Attribute.resident_id)).one()
        assert (known.name, known.value) == ("ward", "north")
        assert audience.count(connection, 1, Attributed("ward", ("north",))) == 1
        own = collect(runtime.talks.context(connection, Caller(known.resident_id, 1, "R", "ja"), runtime.now()))
    runtime.stop()
    assert any("どちらですか：北" in line for line in own.entries)


NEWS = """flow: news
title: お知らせの設定
start: {keywords: [区分の試験]}
steps:
  - {consent: news, version: 1, text: 地区をお知らせのために使います。同意しますか。}
  - {ask: ward, text: どちらですか。, type: choice, segment: ward, choices: {north: 北, south: 南}}
"""
