"""The chat page of the stand-in: what a resident sees on LINE, and beside it what authors and testers want to see."""

from __future__ import annotations

from bot.simulator.page.app import create_page

__all__ = ["create_page"]
