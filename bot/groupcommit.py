"""Group commit: the work of many callers in one transaction, so that a burst costs one commit and not hundreds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from bot.db import Database, is_conflict, is_unavailable
from bot.pending import Pending

Work = TypeVar("Work")

Apply = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""Does a batch of one kind of work and returns one result per item, in order; an exception undoes the batch."""

PAUSE_SECONDS = 0.01
"""Between two tries of work whose rows somebody else holds."""


class Later(Enum):
    """What `Apply` returns for an item it left undone because another transaction holds what it needs: it is tried again."""

    LATER = "later"


class HeldElsewhere(Exception):
    """Another transaction held what the work needs for too long; nothing of it was done, do it again later."""


@dataclass(slots=True, eq=False)
class _Item(Generic[Work]):
    apply: Apply
    work: Work
    then: Callable[[Any], None] | None
    done: Pending = field(default_factory=Pending)
    since: float = field(default_factory=time.monotonic)

    def settle(self, result: Any) -> None:
        if self.then is not None:
            self.then(result)
        # The caller may have given up a moment ago; the work is committed all the same.
        self.done.set_result(result)

    def fail(self, error: Exception) -> None:
        self.done.set_exception(error)


class GroupCommit:
    """Collects work while a transaction runs and does all of it in the next one.

    One thread (a greenlet under gevent) runs the transactions. When a batch fails it is rolled back and its items are tried one by
    one, so that one bad item fails alone; when the database is not there, all fail at once.
    """

    def __init__(self, database: Database, patience: float, batch: int = 200) -> None:
        self._database = database
        self._patience = patience
        self._batch = batch
        self._waiting: list[_Item[Any]] = []
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False

    def submit(self, apply: Apply, work: Work, then: Callable[[Any], None] | None = None) -> Pending:
        """Queue `work`; what is returned gets `apply`'s result for it, or what went wrong.

        Cancelling it takes back work not yet begun.

        `then` is called with the result right after the commit, whether or not anyone still waits for the future.
        """
        item = _Item(apply, work, then)
        with self._wake:
            if self._closing:
                raise RuntimeError("this process is stopping and takes no more work")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
                self._thread.start()
            self._waiting.append(item)
            self._wake.notify()
        return item.done

    def backlog(self) -> int:
        """Return how many items wait for the next transaction."""
        return len(self._waiting)

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while items := self._next():
            self._commit(items)

    def _next(self) -> list[_Item[Any]]:
        with self._wake:
            while not self._waiting and not self._closing:
                self._wake.wait()
            items, self._waiting = self._waiting[: self._batch], self._waiting[self._batch :]
            return items

    def _commit(self, items: list[_Item[Any]]) -> None:
        items = [item for item in items if not item.done.cancelled()]
        if not items:
            return
        try:
            results = self._transaction(items)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to an item, and its caller is told
            self._after_failure(items, error)
        else:
            self._settle(results)

    def _settle(self, results: list[tuple[_Item[Any], Any]]) -> None:
        later = [item for item, result in results if result is Later.LATER]
        for item, result in results:
            if result is not Later.LATER:
                item.settle(result)
        if later:
            self._try_again([item for item in later if not self._overdue(item)])
        if len(later) == len(results):
            time.sleep(PAUSE_SECONDS)

    def _overdue(self, item: _Item[Any]) -> bool:
        overdue = time.monotonic() - item.since > self._patience
        if overdue:
            item.fail(HeldElsewhere("another transaction holds what this needs"))
        return overdue

    def _try_again(self, items: list[_Item[Any]]) -> None:
        # In front, so that nothing of the same resident gets ahead of it.
        with self._wake:
            self._waiting[:0] = items

    def _after_failure(self, items: list[_Item[Any]], error: Exception) -> None:
        once_more = is_conflict(error) or (len(items) > 1 and not is_unavailable(error))
        for item in items:
            if not once_more:
                item.fail(error)
            elif not item.done.cancelled():
                self._alone(item)

    def _alone(self, item: _Item[Any]) -> None:
        try:
            results = self._transaction([item])
        except Exception as error:  # noqa: BLE001 - as above
            item.fail(error)
        else:
            self._settle(results)

    def _transaction(self, items: list[_Item[Any]]) -> list[tuple[_Item[Any], Any]]:
        kinds: dict[Apply, list[_Item[Any]]] = {}
        for item in items:
            kinds.setdefault(item.apply, []).append(item)
        results: list[tuple[_Item[Any], Any]] = []
        with self._database.write(self._patience) as connection:
            for apply, group in kinds.items():
                results += zip(group, apply(connection, [item.work for item in group]), strict=True)
        return results
