"""Who may read, try, pause and publish flows."""

from __future__ import annotations

from bot.console.access import Permission, Role

SEE = Permission("flows.see", frozenset({Role.MANAGER, Role.OFFICER, Role.COUNSELLOR, Role.APPROVER}))
PAUSE = Permission("flows.pause", frozenset({Role.MANAGER}))
PROPOSE = Permission("flows.propose", frozenset({Role.MANAGER, Role.OFFICER}))
DECIDE = Permission("flows.decide", frozenset({Role.APPROVER, Role.MANAGER}))
