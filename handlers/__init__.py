"""The resident services: one folder each, and one line here."""

SERVICES = ["handlers.tax", "handlers.covid", "handlers.child_welfare"]

COMMANDS = {"tax": ("handlers.tax.cli", "tax", "Prepare tax notices where they are, so that birth dates stay there.")}
"""Subcommands of `madoguchi`: their modules, the groups in them, and their lines in the help."""
