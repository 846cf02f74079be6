"""Moments as LINE writes them."""

from __future__ import annotations

import datetime as dt


def iso(now: float) -> str:
    """Return an epoch second as `2020-12-03T10:15:30.121Z`."""
    moment = dt.datetime.fromtimestamp(now, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
