"""An event that failed by our own fault is run again, once, when the fault is mended, and seen by its service's staff only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import failedevents
from bot.config import read_settings
from bot.failedevents import Rerun
from bot.incoming import Incoming, Reaction
from bot.line.events import Event
from bot.models import AppliedEvent, FailedEvent
from bot.runtime import Runtime
from tests.product import ROOT
from tests.test_config import complete

USER = "U" + "1" * 32


@pytest.fixture
def runtime(database_url: str) -> Iterator[Runtime]:
    runtime = Runtime(read_settings(complete(DATABASE_URL=database_url, MADOGUCHI_FLOWS=str(ROOT / "flows"))))
    runtime.channels()
    yield runtime
    runtime.stop()


class Case:
    """A resident whose third word met a fault; what is sent is kept in `sent`."""

    def __init__(self, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runtime, self.monkeypatch = runtime, monkeypatch
        self.sent: list[Reaction] = []
        for number, words in enumerate(("自動車税", "1")):
            self._apply(self.incoming(number, words))
        self.failing = self.incoming(2, "3")
        with self.broken() as error:
            self._set_aside(self.failing, error)

    def incoming(self, number: int, words: str) -> Incoming:
        raw = {
            "type": "message",
            "webhookEventId": f"E{number}",
            "timestamp": 1_000_000 + number,
            "replyToken": "t" * 32,
            "source": {"type": "user", "userId": USER},
            "message": {"type": "text", "id": str(number), "text": words},
        }
        return Incoming(1, "main", USER, Event(raw), self.runtime.now())

    def broken(self) -> Any:
        """Break every action, and hand out the error that then comes."""
        return _Broken(self)

    def _apply(self, incoming: Incoming) -> None:
        with self.runtime.database.write() as connection:
            self.runtime.talks.apply(connection, [incoming])

    def _set_aside(self, incoming: Incoming, error: Exception) -> None:
        with self.runtime.database.write() as connection:
            self.runtime.talks.set_aside(connection, [(incoming, error)])

    def run_again(self, id_: int | None = None) -> Rerun:
        runtime = self.runtime
        wanted = self.row().id if id_ is None else id_
        return failedevents.run_again(
            runtime.database, runtime.vault, runtime.talks, self.sent.append, wanted, runtime.now()
        )

    def row(self) -> Any:
        with self.runtime.database.read() as connection:
            return connection.execute(failedevents.listed()).one()

    def count(self, model: Any) -> int:
        with self.runtime.database.read() as connection:
            return connection.execute(select(func.count()).select_from(model)).scalar_one()


class _Broken:
    def __init__(self, case: Case) -> None:
        self._case = case
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> Exception:
        def broken(_name: str) -> Any:
            raise KeyError("the resident's own words")

        self._patch.setattr(self._case.runtime.services, "action", broken)
        return RuntimeError("broken")

    def __exit__(self, *_error: object) -> None:
        self._patch.undo()


@pytest.fixture
def case(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Case:
    return Case(runtime, monkeypatch)


def test_it_is_told_apart_by_its_flow_and_shown_without_content(case: Case) -> None:
    row = case.row()
    assert (row.flow, row.error, row.channel) == ("tax.remind", "RuntimeError", "main")
    assert "raw" not in row._mapping
    with case.runtime.database.read() as connection:
        opened = failedevents.content(connection, case.runtime.vault, row.id)
    assert opened["message"]["text"] == "3"


def test_words_that_would_have_begun_a_flow_belong_to_it(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case.__new__(Case)
    case.runtime, case.sent = runtime, []
    case._set_aside(case.incoming(0, "新型コロナ"), RuntimeError("broken"))
    assert case.row().flow == "covid.support"


def test_run_again_it_does_what_it_should_have_done_and_answers_by_a_push(case: Case) -> None:
    assert case.run_again() is Rerun.APPLIED
    [[dispatch]] = case.sent
    assert "登録しました" in json.dumps(json.loads(dispatch.messages), ensure_ascii=False)
    assert dispatch.kind == "push"
    assert (case.count(FailedEvent), case.count(AppliedEvent)) == (0, 3)


def test_what_still_fails_stays_with_its_new_error(case: Case) -> None:
    with case.broken():
        assert case.run_again() is Rerun.FAILED
    assert (case.row().error, case.sent) == ("KeyError", [])
    assert case.run_again() is Rerun.APPLIED


def test_it_is_run_again_only_once(case: Case) -> None:
    id_ = case.row().id
    assert case.run_again(id_) is Rerun.APPLIED
    assert case.run_again(id_) is Rerun.GONE
    assert len(case.sent) == 1


def test_a_copy_that_line_sends_after_it_was_run_again_changes_nothing(case: Case) -> None:
    case.run_again()
    with case.runtime.database.write() as connection:
        assert case.runtime.talks.apply(connection, [case.failing]) == [()]
