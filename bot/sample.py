"""Sample data for the demo: what a service's `fill` is given to make its pages look as they do on a busy day."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.crypto import Lookup, Vault
from bot.delivery.outbox import Outbox
from bot.flow.book import Book
from bot.service import Caller, Services


@dataclass(frozen=True, slots=True)
class SampleContext:
    """One transaction of a demo's database.

    `residents` are fictional and have a chat in the simulator; `staff` are numbers in `staff` by role, `departments` numbers by
    the service they look after.
    """

    connection: Connection
    vault: Vault
    lookup: Lookup
    outbox: Outbox
    book: Book
    now: dt.datetime
    residents: Sequence[Caller]
    staff: Mapping[str, int]
    departments: Mapping[str, int]


def fill(services: Services, context: SampleContext) -> None:
    """Let every service that has a sample enter it."""
    for service in services.all:
        if service.sample is not None:
            importlib.import_module(service.sample).fill(context)
