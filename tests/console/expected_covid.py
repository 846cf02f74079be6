"""Who may open which page of health checks, facilities and exposures."""

from __future__ import annotations

PAGES = {
    "covid.call": "manager officer",
    "covid.calls": "manager officer",
    "covid.edit_facility": "manager officer",
    "covid.end_follow_up": "manager officer",
    "covid.exposure": "manager officer approver",
    "covid.exposures": "manager officer approver",
    "covid.facilities": "manager officer",
    "covid.facility": "manager officer",
    "covid.grant_exposure": "manager approver",
    "covid.look_at_facility": "manager officer",
    "covid.new_exposure": "manager officer",
    "covid.new_facility": "manager officer",
    "covid.next_call": "manager officer",
    "covid.people": "manager officer",
    "covid.person": "manager officer",
    "covid.preview_exposure": "manager officer",
    "covid.put_off_calls": "manager officer",
    "covid.record_call": "manager officer",
    "covid.refuse_exposure": "manager approver",
    "covid.renew_codes": "manager officer",
    "covid.retire_facility": "manager officer",
    "covid.statistics": "manager officer auditor",
    "covid.statistics_file": "manager officer auditor",
    "covid.take_back_exposure": "manager officer",
    "covid.take_call": "manager officer",
    "covid.withdraw_exposure": "manager approver",
}
