"""Reply tokens this process has used: LINE takes each once, so a second message under one token would be lost on the way."""

from __future__ import annotations

import threading
from collections import OrderedDict

REMEMBERED = 20_000
"""Tokens: more than live at one time, as LINE lets none live longer than 20 minutes."""


class SpentTokens:
    """Tells whose a token is: the first delivery's that used it, at all of its tries."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._owners: OrderedDict[str, int] = OrderedDict()
        self._remembered = remembered
        self._lock = threading.Lock()

    def spend(self, token: str, delivery: int) -> bool:
        """Note that `delivery` uses the token; return False when another one already did."""
        with self._lock:
            owner = self._owners.setdefault(token, delivery)
            self._owners.move_to_end(token)
            if len(self._owners) > self._remembered:
                self._owners.popitem(last=False)
            return owner == delivery
