"""Recording what staff do and look at: `record` in the page's own transaction, `viewed` for a page that only reads."""

from __future__ import annotations

from sqlalchemy import Connection

from bot import audit
from bot.audit import Detail
from bot.console.access import person
from bot.console.console import console


def record(
    connection: Connection, action: str, subject: str | None = None, service: str | None = None, **detail: Detail
) -> None:
    """Write down what the signed-in person does, in the transaction that does it."""
    audit.record(connection, person(), action, console().now(), subject, service, **detail)


def viewed(action: str, subject: str | None = None, service: str | None = None, **detail: Detail) -> None:
    """Write down what the signed-in person looks at; before showing it."""
    with console().database.write() as connection:
        record(connection, action, subject, service, **detail)
