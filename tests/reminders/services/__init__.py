"""No resident service at all: what flows remind of is the platform's own work."""

SERVICES: list[str] = []
