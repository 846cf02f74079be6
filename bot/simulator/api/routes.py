"""Which path is which endpoint, and how often LINE lets it be called."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.simulator.calls import Answer, Call
from bot.simulator.rates import USUAL, Rate

Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint: `name` is what faults and rates call it; `retry_key` whether it takes `X-Line-Retry-Key`.

    `token` says that an access token is needed, `largest` is the most bytes of a body, `locked` that the handler runs
    under the world's lock (all but those that wait for the bot).
    """

    name: str
    method: str
    pattern: str
    handler: Handler
    rate: Rate = USUAL
    retry_key: bool = False
    token: bool = True
    largest: int = 2 * 1024 * 1024
    locked: bool = True


class Routes:
    """Looks up routes: those without variable parts by one dictionary access."""

    def __init__(self, routes: list[Route]) -> None:
        self._exact: dict[tuple[str, str], Route] = {}
        self._patterns: list[tuple[re.Pattern[str], Route]] = []
        self.all = list(routes)
        self.names = sorted({route.name for route in routes})
        for route in routes:
            if "{" in route.pattern:
                pattern = re.compile(re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(route.pattern)))
                self._patterns.append((pattern, route))
            else:
                self._exact[route.method, route.pattern] = route

    def find(self, method: str, path: str) -> tuple[Route | None, tuple[str, ...], bool]:
        """Return route, values of its variable parts, and whether the path exists with another method."""
        route = self._exact.get((method, path))
        if route is not None:
            return route, (), True
        known = False
        for pattern, route in self._patterns:
            match = pattern.fullmatch(path)
            if match is not None:
                known = True
                if route.method == method:
                    return route, match.groups(), True
        return None, (), known or any(known_path == path for _, known_path in self._exact)
