"""`/metrics` for Prometheus: the state of the whole installation, read from its database at each visit, whichever process answers.

It shows numbers only, and only to who bears METRICS_TOKEN.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import Connection, func, select

from bot import heartbeat
from bot.alerts.inspection import unacknowledged
from bot.db import Database
from bot.delivery.due import open_rows
from bot.delivery.outbox import Priority
from bot.delivery.quota import gauges
from bot.jobs.inspection import counted
from bot.models import Broadcast, Channel, Delivery, FailedEvent, Tally
from bot.now import Now

_deliveries: Any = Delivery.__table__


def metrics_page(database: Database, token: str, reserve: int, now: Now) -> Blueprint:
    """Return the page that shows the metrics to who bears `token`; to everybody else it does not exist."""
    blueprint = Blueprint("metrics", __name__)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Installation(database, reserve, now))

    @blueprint.get("/metrics")
    def metrics() -> Response:
        shown = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(shown, b"Bearer " + token.encode()):
            abort(404)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return blueprint


class _Installation:
    """A collector in Prometheus's sense."""

    def __init__(self, database: Database, reserve: int, now: Now) -> None:
        self._database = database
        self._reserve = reserve
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Read everything in one transaction."""
        with self._database.read() as connection:
            channels: dict[int, str] = dict(connection.execute(select(Channel.id, Channel.name)).all())
            yield _outcomes(connection, channels)
            yield from self._backlog(connection)
            yield from self._quota(connection, channels)
            yield from self._processes(connection)
            yield _count(connection, "broadcasts", "Broadcasts by state.", "status", Broadcast.status)
            yield _jobs(connection)
            yield _gauge("alerts_open", "Alerts that nobody has taken on.", unacknowledged(connection))
            failed = connection.execute(select(func.count()).select_from(FailedEvent)).scalar_one()
            yield _gauge("failed_events", "Events that our own code could not apply, kept to be run again.", failed)

    def _backlog(self, connection: Connection) -> Iterator[Metric]:
        columns = _deliveries.c.status, _deliveries.c.priority
        counted = (
            select(*columns, func.count(), func.min(_deliveries.c.created_at)).where(open_rows()).group_by(*columns)
        )
        family = GaugeMetricFamily("madoguchi_backlog", "Deliveries not over.", labels=["status", "priority"])
        oldest = 0.0
        for status, priority, number, since in connection.execute(counted):
            family.add_metric([status, Priority(priority).name.lower()], number)
            oldest = max(oldest, (self._now() - since).total_seconds())
        yield family
        yield _gauge("backlog_oldest_seconds", "Age of the oldest delivery not over.", oldest)

    def _quota(self, connection: Connection, channels: dict[int, str]) -> Iterator[Metric]:
        used = GaugeMetricFamily("madoguchi_quota_used", "Messages of this month that LINE counts.", labels=["channel"])
        left = GaugeMetricFamily(
            "madoguchi_quota_left", "Messages left this month, where there is a limit.", labels=["channel"]
        )
        for channel_id, gauge in gauges(connection, self._reserve).items():
            used.add_metric([channels[channel_id]], gauge.used)
            if gauge.left is not None:
                left.add_metric([channels[channel_id]], gauge.left)
        yield used
        yield left

    def _processes(self, connection: Connection) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "madoguchi_last_seen_seconds", "Since a process of a kind was seen.", labels=["process"]
        )
        for process, at in sorted(heartbeat.last_seen(connection).items()):
            family.add_metric([process], max(0.0, (self._now() - at).total_seconds()))
        yield family
        yield _gauge("processes", "Processes at work.", heartbeat.alive(connection, self._now()))


def _outcomes(connection: Connection, channels: dict[int, str]) -> Metric:
    labels = ["channel", "kind", "outcome"]
    family = CounterMetricFamily("madoguchi_deliveries", "Recipients by what became of their message.", labels=labels)
    for row in connection.execute(select(Tally.__table__)):
        family.add_metric([channels[row.channel_id], row.kind, row.outcome], row.recipients)
    return family


def _jobs(connection: Connection) -> Metric:
    family = GaugeMetricFamily("madoguchi_jobs", "Work in the background, by state.", labels=["status"])
    for status, number in counted(connection).items():
        family.add_metric([status], number)
    return family


def _count(connection: Connection, name: str, says: str, label: str, column: Any) -> Metric:
    family = GaugeMetricFamily(f"madoguchi_{name}", says, labels=[label])
    for value, number in connection.execute(select(column, func.count()).group_by(column)):
        family.add_metric([value], number)
    return family


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"madoguchi_{name}", says, value=value)
