"""The rich menus of one bot: objects, pictures, aliases, who sees which, and the batches that change that."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

BATCH_SECONDS = 2.0
BATCH_KNOWN_FOR = 14 * 24 * 3600.0
BATCHES_KEPT = 1_000


@dataclass(eq=False, slots=True)
class Menu:
    """A rich menu: LINE's object as created, and its picture once uploaded (never replaced)."""

    id: str
    object: dict[str, Any]
    image: bytes = b""
    content_type: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return LINE's rich menu response object."""
        return {"richMenuId": self.id, **self.object}


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of link operations: accepted at an epoch second, done two seconds later."""

    accepted: float
    resume_key: str | None
    body: dict[str, Any]


@dataclass(eq=False, slots=True)
class Menus:
    """All rich menus of a channel; `links` map user ids to menu ids."""

    menus: dict[str, Menu] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    default: str | None = None
    batches: OrderedDict[str, Batch] = field(default_factory=OrderedDict)

    def shown_to(self, user_id: str) -> Menu | None:
        """Return the menu a user sees: their own, else the default."""
        return self.menus.get(self.links.get(user_id) or self.default or "")

    def delete(self, menu_id: str) -> None:
        """Delete a menu; users linked to it fall back to the default, aliases to it point to nothing."""
        del self.menus[menu_id]
        if self.default == menu_id:
            self.default = None
        self.links = {user: menu for user, menu in self.links.items() if menu != menu_id}

    def keep_batch(self, request_id: str, batch: Batch) -> None:
        """Remember a batch for its progress and its resume key."""
        self.batches[request_id] = batch
        while len(self.batches) > BATCHES_KEPT:
            self.batches.popitem(last=False)

    def resumed(self, key: str | None, now: float) -> Batch | None:
        """Return the batch already accepted under a resume key within 14 days."""
        if key is None:
            return None
        return next(
            (one for one in self.batches.values() if one.resume_key == key and now - one.accepted < BATCH_KNOWN_FOR),
            None,
        )

    def clear(self) -> None:
        """Forget everything."""
        self.menus.clear()
        self.aliases.clear()
        self.links.clear()
        self.batches.clear()
        self.default = None
