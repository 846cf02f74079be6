"""No services: what is measured is the platform and a form."""

SERVICES: list[str] = []
