"""Who may open which page of broadcasts, deliveries and failed events."""

from __future__ import annotations

_VIEW = "manager officer approver"
_COMPOSE = "manager officer"
_APPROVE = "manager approver"
_DELIVERIES = "administrator manager officer counsellor"

PAGES = {
    "approvals.listing": "manager approver",
    "broadcasts.campaigns": _VIEW,
    "broadcasts.campaign_page": _VIEW,
    "broadcasts.reach_of": _VIEW,
    "broadcasts.picture": _VIEW,
    "broadcasts.sent": _VIEW,
    "broadcasts.live": _VIEW,
    "broadcasts.table": _VIEW,
    "broadcasts.new": _COMPOSE,
    "broadcasts.content": _COMPOSE,
    "broadcasts.preview": _COMPOSE,
    "broadcasts.whom": _COMPOSE,
    "broadcasts.reached": _COMPOSE,
    "broadcasts.schedule": _COMPOSE,
    "broadcasts.submit": _COMPOSE,
    "broadcasts.test": _COMPOSE,
    "broadcasts.act": _COMPOSE,
    "broadcasts.steer": _COMPOSE,
    "broadcasts.correct": _COMPOSE,
    "broadcasts.saved": _COMPOSE,
    "broadcasts.one": _COMPOSE,
    "broadcasts.new_segment": _COMPOSE,
    "broadcasts.saved_reach": _COMPOSE,
    "broadcasts.forget": _COMPOSE,
    "broadcasts.recipients": _COMPOSE,
    "broadcasts.code": _COMPOSE,
    "broadcasts.remove": _COMPOSE,
    "broadcasts.approve": _APPROVE,
    "broadcasts.refuse": _APPROVE,
    "deliveries.listing": _DELIVERIES,
    "deliveries.one": _DELIVERIES,
    "deliveries.retry": "administrator manager officer",
    "deliveries.release": "administrator manager officer",
    "deliveries.release_held": "administrator manager officer",
    "failures.listing": _DELIVERIES,
    "failures.one": _DELIVERIES,
    "failures.open_content": "manager officer counsellor",
    "failures.again": "manager officer counsellor",
}
