"""What residents said under a fault, and what became of it: every event applied once, every question asked once."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from sqlalchemy import select

from bot.db import Database
from bot.models import AppliedEvent, FailedEvent
from bot.simulator.client import Person
from tests.product import Product, wait_until

QUESTION = "どの税のお知らせですか"


class Crowd:
    """Residents who begin a talk one after the other, in the background, while something goes wrong."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.events: dict[str, Person] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._talk)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def speak(self) -> dict[str, Any]:
        """Let one more resident begin; return the event."""
        person = self.product.line.resident(f"住民{len(self.events)}")
        event = person.say("自動車税")
        self.events[event["webhookEventId"]] = person
        return event

    def _talk(self) -> None:
        while not self._stopping.wait(0.03):
            self.speak()

    def wait_applied(self, seconds: float) -> None:
        """Wait until LINE has got 200 for every event."""
        line = self.product.line
        wait_until(
            lambda: all(line.event(id_)["status"] == 200 for id_ in self.events), seconds, "every event to be taken"
        )

    def settle(self, seconds: float) -> None:
        """Wait until every resident has been asked; nobody twice."""
        wanted = {person.id for person in self.events.values()}
        wait_until(lambda: set(self.asked()) >= wanted, seconds, "every resident to be asked")

    def asked(self) -> Counter[str]:
        """Return how often each resident was asked the first question."""
        return Counter(
            send["to"][0]
            for send in self.product.line.sends()
            for message in send["messages"]
            if QUESTION in str(message)
        )


def applied(url: str) -> tuple[Counter[str], int]:
    """Return how often each event was applied, and how many were set aside."""
    database = Database(url, pool_size=1)
    try:
        with database.read() as connection:
            events = Counter(connection.execute(select(AppliedEvent.event_id)).scalars())
            failed = len(connection.execute(select(FailedEvent.id)).all())
    finally:
        database.close()
    return events, failed
