"""Whom a campaign would reach now: how many, a few of them by reference, and what that needs of the month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot import audience
from bot.delivery import broadcast
from bot.delivery.quota import Forecast, Gauge, gauges
from bot.segment import Segment

SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Reach:
    """`sample` holds pseudonymous references."""

    count: int
    sample: Sequence[str]
    forecast: Forecast


def reach(connection: Connection, channel_id: int, who: Segment, reserve: int, corrects_id: int | None = None) -> Reach:
    """Return whom a segment of a channel means, or a correction goes to; `reserve`: percent of the month that are kept."""
    gauge = gauges(connection, reserve).get(channel_id, Gauge(None, 0, 0))
    if corrects_id is not None:
        count = broadcast.report(connection, corrects_id).accepted
        return Reach(count, (), gauge.forecast(count))
    count = audience.count(connection, channel_id, who)
    return Reach(count, audience.sample(connection, channel_id, who, SAMPLE), gauge.forecast(count))
