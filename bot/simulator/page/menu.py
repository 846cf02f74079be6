"""The rich menu that a resident sees in a chat with a bot."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from bot.simulator.channels import Channel
from bot.simulator.people import Resident
from bot.simulator.world import World


def menu_of(world: World, channel: Channel, resident: Resident) -> dict[str, Any] | None:
    """Return LINE's rich menu object with the address of its picture, or None when the resident sees none."""
    menu = world.rich_menu(resident.id, channel.name)
    if menu is None:
        return None
    return {**menu.as_json(), "imageUrl": f"api/menu/{quote(channel.name, safe='')}/{menu.id}"}
