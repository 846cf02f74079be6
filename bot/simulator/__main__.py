"""`python -m bot.simulator` is `madoguchi simulator`."""

from __future__ import annotations

from bot.simulator.cli import simulator

simulator(prog_name="python -m bot.simulator")
