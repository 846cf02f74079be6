"""What changed, in order, so that a page or a test can ask for everything since a version (short polling)."""

from __future__ import annotations

from collections import deque
from typing import Any

KEPT = 5_000


class Journal:
    """A growing version number with the latest changes; older ones are dropped and the reader told to reload."""

    def __init__(self) -> None:
        self.version = 0
        self._changes: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def note(self, kind: str, **what: Any) -> None:
        """Record a change of a `kind` (message, resident, friendship, loading, read, menu, webhook, clock, reset …)."""
        self.version += 1
        self._changes.append({"version": self.version, "kind": kind, **what})

    def since(self, version: int) -> dict[str, Any]:
        """Return `{"version", "reload", "changes"}`; `reload` says that changes after `version` are no longer kept."""
        missing = self.version - version
        reload = version > self.version or missing > len(self._changes)
        newer: list[dict[str, Any]] = []
        if not reload:
            for change in reversed(self._changes):
                if change["version"] <= version:
                    break
                newer.append(change)
            newer.reverse()
        return {"version": self.version, "reload": reload, "changes": newer}
