"""The shipped services, and one with the faults a service may have."""

SERVICES = ["handlers.tax", "tests.webhook.services.faulty"]
