"""The shipped services, and one with the faults a service may have."""

SERVICES = ["handlers.tax", "handlers.covid", "handlers.child_welfare", "tests.webhook.services.faulty"]
