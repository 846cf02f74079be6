"""Who may open which page of the vehicle tax."""

from __future__ import annotations

PAGES = {
    "tax.ask": "manager officer",
    "tax.confirm": "manager officer",
    "tax.decide": "manager approver",
    "tax.find": "manager officer approver",
    "tax.listing": "manager officer approver",
    "tax.listing_sends": "manager officer approver",
    "tax.locks": "manager officer",
    "tax.one": "manager officer approver",
    "tax.outgoing": "manager officer approver",
    "tax.overview": "manager officer approver",
    "tax.paid": "manager officer approver",
    "tax.paid_list": "manager officer approver",
    "tax.plan": "manager officer",
    "tax.reset": "manager officer",
    "tax.resolve": "manager officer",
    "tax.send": "manager officer approver",
    "tax.stop": "manager officer",
    "tax.unlink": "manager officer",
}
