"""`madoguchi flows`: the commands of the flow language, told which actions the services of this installation have."""

from __future__ import annotations

import os
from collections.abc import Mapping

from bot.flow.action import ActionSpec
from bot.flow.cli import group


def specs() -> Mapping[str, ActionSpec]:
    """Import the services and return the signatures of their actions."""
    from bot.service import load_services

    return load_services(os.environ.get("MADOGUCHI_SERVICES") or "handlers").registry


flows = group(specs)
