"""Who may open which page: what the matrix test compares the console with. Every endpoint is here, or that test fails.

The roles are those of `bot.console.access.Role`, by value. A topic with many pages has a file of its own beside this one
(`expected_<topic>.py` with a `PAGES` like this) that is found by itself.
"""

from __future__ import annotations

EVERYBODY = "administrator manager officer counsellor operator approver auditor"
PUBLIC = "public"

PAGES = {
    "signin.sign_in": PUBLIC,
    "signin.code": PUBLIC,
    "signin.setup": PUBLIC,
    "signin.choose_language": PUBLIC,
    "signin.sign_out": EVERYBODY,
    "account.account": EVERYBODY,
    "account.password": EVERYBODY,
    "account.language": EVERYBODY,
    "account.end_sessions": EVERYBODY,
    "home.home": EVERYBODY,
    "home.tiles": EVERYBODY,
    "usage.show": EVERYBODY,
    "usage.download": EVERYBODY,
    "residents.listing": "manager officer counsellor",
    "residents.one": "manager officer counsellor",
    "residents.requests": "administrator manager",
    "residents.handle": "administrator manager",
    "residents.export": "administrator manager",
    "residents.erase_all": "administrator manager",
    "residents.release": "administrator manager",
    "flows.listing": "manager officer counsellor approver",
    "flows.one": "manager officer counsellor approver",
    "flows.difference": "manager officer counsellor approver",
    "flows.sandbox": "manager officer counsellor approver",
    "flows.take_turn": "manager officer counsellor approver",
    "flows.publications": "manager officer counsellor approver",
    "flows.publication": "manager officer counsellor approver",
    "flows.pause_flow": "manager",
    "flows.resume_flow": "manager",
    "flows.propose": "manager officer",
    "flows.propose_folder": "manager officer",
    "flows.ask": "manager officer",
    "flows.decide": "manager approver",
    "staff.listing": "administrator",
    "staff.new": "administrator",
    "staff.one": "administrator",
    "staff.reset": "administrator",
    "staff.close": "administrator",
    "staff.reopen": "administrator",
    "staff.hand_over": "administrator",
    "staff.departments": "administrator",
    "staff.department": "administrator",
    "auditlog.listing": "administrator auditor",
    "auditlog.check": "administrator auditor",
    "auditlog.export": "administrator auditor",
    "datamap.show": EVERYBODY,
    "datamap.download": EVERYBODY,
}
