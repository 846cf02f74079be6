"""A bot's channel as the console of LINE shows it: secrets, access tokens, webhook settings, plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.simulator.audiences import Audience
from bot.simulator.menus import Menus
from bot.simulator.quota import Quota
from bot.simulator.rates import Rates
from bot.simulator.statistics import Statistics

TOKENS_KEPT = 10_000


@dataclass(eq=False, slots=True)
class Channel:
    """One bot. `secrets` are newest first (the first one signs); `tokens` map access tokens to their end or None.

    `own_token` is the stand-in's own, for calls that are repeated by hand: the bot's tokens are shown to nobody.
    `any_token` lets every bearer token through, `premium` opens what LINE reserves to verified accounts,
    `webhook_timeout` is in seconds (LINE's own: 2), `redelivery_after` the pauses before each redelivery, in seconds.
    """

    name: str
    id: str
    bot_user_id: str
    secrets: list[str]
    own_token: str = ""
    tokens: dict[str, float | None] = field(default_factory=dict)
    webhook_url: str = ""
    webhook_active: bool = True
    webhook_timeout: float = 2.0
    redelivery: bool = False
    redelivery_after: tuple[float, ...] = (1.0, 5.0, 20.0)
    any_token: bool = False
    premium: bool = False
    chat_mode: str = "bot"
    display_name: str = ""
    basic_id: str = "@simulator"
    quota: Quota = field(default_factory=Quota)
    rates: Rates = field(default_factory=Rates)
    menus: Menus = field(default_factory=Menus)
    statistics: Statistics = field(default_factory=Statistics)
    audiences: dict[int, Audience] = field(default_factory=dict)
    coupons: dict[str, dict[str, Any]] = field(default_factory=dict)
    memberships: list[dict[str, Any]] = field(default_factory=list)
    link_tokens: dict[str, tuple[str, float]] = field(default_factory=dict)

    def admits(self, token: str, now: float) -> bool:
        """Return whether an access token opens this channel at the epoch second `now`."""
        if token and token == self.own_token:
            return True
        if token in self.tokens:
            end = self.tokens[token]
            return end is None or now < end
        return self.any_token and bool(token)

    def issue(self, token: str, end: float | None) -> None:
        """Take a new access token, valid until the epoch second `end` (None: for ever)."""
        while len(self.tokens) >= TOKENS_KEPT:
            del self.tokens[next(iter(self.tokens))]
        self.tokens[token] = end

    def clear(self) -> None:
        """Forget what was sent and set up over the API; secrets, tokens and settings stay."""
        self.rates.clear()
        self.quota.used = 0
        self.quota.reservations = []
        self.menus.clear()
        self.statistics.clear()
        for kept in (self.audiences, self.coupons, self.link_tokens):
            kept.clear()

    def as_json(self) -> dict[str, Any]:
        """Return what the page shows of a channel; no secret and no token."""
        return {
            "name": self.name,
            "id": self.id,
            "bot_user_id": self.bot_user_id,
            "basic_id": self.basic_id,
            "display_name": self.display_name,
            "webhook_url": self.webhook_url,
            "webhook_active": self.webhook_active,
            "webhook_timeout": self.webhook_timeout,
            "redelivery": self.redelivery,
            "premium": self.premium,
            "chat_mode": self.chat_mode,
            "quota": {"limit": self.quota.limit, "used": self.quota.used, "reserved": self.quota.reserved},
            "rate_limits": self.rates.enforced,
        }
