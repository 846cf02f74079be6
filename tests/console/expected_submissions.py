"""Who may open the pages of submissions and imports."""

from __future__ import annotations

SEE = "manager officer counsellor"
BOTH = "manager officer"

PAGES = {
    "submissions.listing": SEE,
    "submissions.table": BOTH,
    "submissions.one": SEE,
    "submissions.printed": SEE,
    "submissions.file": SEE,
    "submissions.picture": SEE,
    "submissions.status": SEE,
    "submissions.assign": SEE,
    "submissions.note": SEE,
    "submissions.message": SEE,
    "submissions.hold": "manager",
    "submissions.choose": "manager officer operator",
    "submissions.enter": "manager officer operator",
    "submissions.templates": BOTH,
    "submissions.new_template": BOTH,
    "submissions.template": BOTH,
    "submissions.drop_template": BOTH,
    "imports.listing": BOTH,
    "imports.upload": BOTH,
    "imports.sample": BOTH,
    "imports.one": BOTH,
    "imports.progress": BOTH,
    "imports.columns": BOTH,
    "imports.start": BOTH,
    "imports.cancel": BOTH,
    "imports.faults": BOTH,
}
