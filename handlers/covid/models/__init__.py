"""The tables of the service."""

from handlers.covid.models.health import Call, CallEntry, Centre, DayCount, FollowUp, HealthAnswer
from handlers.covid.models.visits import Exposure, ExposureNotice, Facility, Place, Visit

__all__ = [
    "Call",
    "CallEntry",
    "Centre",
    "DayCount",
    "Exposure",
    "ExposureNotice",
    "Facility",
    "FollowUp",
    "HealthAnswer",
    "Place",
    "Visit",
]
