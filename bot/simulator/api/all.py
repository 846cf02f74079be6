"""Every endpoint of LINE's API that the stand-in serves."""

from __future__ import annotations

from bot.simulator.api import (
    audience,
    chat,
    consumption,
    content,
    coupons,
    insight,
    messaging,
    narrowcast,
    profiles,
    richmenu,
    richmenu_links,
    tokens,
    webhook,
)
from bot.simulator.api.routes import Routes

ROUTES = Routes(
    [
        route
        for family in (
            messaging,
            narrowcast,
            consumption,
            chat,
            content,
            profiles,
            webhook,
            richmenu,
            richmenu_links,
            audience,
            insight,
            tokens,
            coupons,
        )
        for route in family.ROUTES
    ]
)
