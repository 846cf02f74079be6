"""Who may do what with the disease in the console."""

from __future__ import annotations

from bot.console.access import Permission, Role

SERVICE = "covid"

WORK = Permission("covid.work", frozenset({Role.MANAGER, Role.OFFICER}))
"""See and work off people, calls and facilities."""

EXPOSE = Permission("covid.expose", frozenset({Role.MANAGER, Role.OFFICER, Role.APPROVER}))
"""See exposures."""

APPROVE = Permission("covid.approve", frozenset({Role.MANAGER, Role.APPROVER}))
"""Allow or refuse an exposure that somebody else asked for, and take one back."""

COUNT = Permission("covid.count", frozenset({Role.MANAGER, Role.OFFICER, Role.AUDITOR}))
"""See statistics, in which small numbers are hidden."""
