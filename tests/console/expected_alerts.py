"""Who may open the pages of alerts."""

PAGES = {
    "alerts.listing": "administrator manager officer counsellor",
    "alerts.take": "administrator manager officer counsellor",
    "alerts.show_roster": "administrator",
    "alerts.remove": "administrator",
    "alerts.trial": "administrator",
}
