"""Who may see the numbers of consultations."""

from __future__ import annotations

_SEE = "manager officer counsellor approver"

PAGES = {"child_welfare.show": _SEE, "child_welfare.download": _SEE}
