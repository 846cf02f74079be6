"""What becomes of one piece of work: a future for a single waiter that costs a tenth of the library's.

The webhook makes one of these for each event, where locks and conditions would take longer than the turn itself.
"""

from __future__ import annotations

import threading
from typing import Any


class TakenBack(Exception):
    """The work was taken back before it began."""


class Pending:
    """Settled once, by whoever does the work; waited for by at most one thread (or greenlet)."""

    __slots__ = ("_done", "_error", "_latch", "_result", "_taken_back")

    def __init__(self) -> None:
        self._done = False
        self._taken_back = False
        self._error: Exception | None = None
        self._result: Any = None
        self._latch: threading.Lock | None = None

    def done(self) -> bool:
        """Tell whether it is settled."""
        return self._done

    def cancel(self) -> bool:
        """Take the work back unless it is settled; work that has begun is done all the same."""
        if self._done:
            return self._taken_back
        self._taken_back = True
        self._settle(None, TakenBack())
        return True

    def cancelled(self) -> bool:
        """Tell whether the work was taken back."""
        return self._taken_back

    def set_result(self, result: Any) -> None:
        """Settle it; without effect when it was taken back."""
        if not self._done:
            self._settle(result, None)

    def set_exception(self, error: Exception) -> None:
        """Settle it with what went wrong; without effect when it was taken back."""
        if not self._done:
            self._settle(None, error)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is settled; tell whether it is."""
        if self._done:
            return True
        latch = threading.Lock()
        latch.acquire()
        self._latch = latch
        # Settled between the two looks, it has not seen the latch; settled after, it opens it.
        if not self._done:
            latch.acquire(timeout=-1 if seconds is None else max(0.0, seconds))
        return self._done

    def exception(self, timeout: float | None = None) -> Exception | None:
        """Wait and return what went wrong, None when nothing did. Raises TimeoutError."""
        if not self.wait(timeout):
            raise TimeoutError(f"not settled within {timeout} seconds")
        return self._error

    def result(self, timeout: float | None = None) -> Any:
        """Wait and return the result, or raise what went wrong. Raises TimeoutError."""
        error = self.exception(timeout)
        if error is not None:
            raise error
        return self._result

    def _settle(self, result: Any, error: Exception | None) -> None:
        self._result, self._error = result, error
        self._done = True
        if self._latch is not None:
            self._latch.release()
