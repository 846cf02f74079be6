"""The resident services: one folder each, and one line here."""

SERVICES = ["handlers.tax"]
