"""Tells staff outside the console that there is something to see: by mail and signed webhook, escalating, never any content."""

from bot.alerts.raising import acknowledge, raise_alert, settle

__all__ = ["acknowledge", "raise_alert", "settle"]
