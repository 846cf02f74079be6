"""`madoguchi doctor`: what is wrong with a deployment, in one screen, each finding with its remedy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from bot import heartbeat, migrate
from bot.config import Settings, SettingsError, read_settings
from bot.crypto import CannotOpen, Vault
from bot.db import Database
from bot.delivery.outbox import backlog
from bot.editions import Editions, FlowsBroken, read_folder
from bot.line.client import LineClient
from bot.models import Conversation, FailedEvent
from bot.now import Now
from bot.service import load_services

SILENT_AFTER = dt.timedelta(minutes=2)
TALKS_TRIED = 200
"""How many of the oldest and of the newest talks must open with today's keys."""

_FORGETFUL_HOSTS = (
    "DYNO",
    "RENDER",
    "RAILWAY_ENVIRONMENT",
    "FLY_APP_NAME",
    "K_SERVICE",
    "VERCEL",
    "WEBSITE_INSTANCE_ID",
)
"""Variables by which a PaaS shows itself; on most of them the disk is gone after each deployment."""

_FORGETFUL_DISKS = ("tmpfs", "overlay", "ramfs")


class Health(StrEnum):
    """How a finding is to be taken."""

    GOOD = "ok"
    WARNING = "warning"
    BAD = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis."""

    subject: str
    health: Health
    says: str


def show(environment: Mapping[str, str]) -> int:
    """Print the diagnosis; return 0 when nothing is a problem, 1 otherwise."""
    table = Table(title="Madoguchi doctor", show_lines=False)
    for heading in ("", "what", "finding"):
        table.add_column(heading, overflow="fold")
    findings = list(examine(environment))
    style = {Health.GOOD: "green", Health.WARNING: "yellow", Health.BAD: "bold red"}
    for finding in findings:
        table.add_row(f"[{style[finding.health]}]{finding.health}[/]", finding.subject, finding.says)
    Console().print(table)
    return int(any(finding.health is Health.BAD for finding in findings))


def examine(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Look at settings, flows, database, LINE and the clock, and report on each."""
    try:
        settings = read_settings(environment)
    except SettingsError as error:
        for missing in error.missing:
            yield Finding(missing.name, Health.BAD, missing.reason)
        return
    yield Finding("settings", Health.GOOD, f"complete; channels: {', '.join(c.name for c in settings.channels)}")
    yield from _addresses(settings)
    yield from _disk(settings, environment)
    yield _flows(settings)
    yield from _database(settings)
    yield from _line(settings)


def _addresses(settings: Settings) -> Iterator[Finding]:
    if settings.public_url is None:
        yield Finding(
            "PUBLIC_URL", Health.WARNING, "is not set; links in messages and posters need the public https:// address"
        )
    elif not settings.public_url.startswith("https://"):
        yield Finding("PUBLIC_URL", Health.BAD, "must begin with https://: LINE accepts no other webhook")
    if settings.trusted_proxies == 0 and settings.public_url:
        yield Finding(
            "TRUSTED_PROXIES", Health.WARNING, "is 0; behind a PaaS router set it to the number of proxies (mostly 1)"
        )


def _disk(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    if not settings.on_sqlite:
        return
    path = Path(settings.database_url.removeprefix("sqlite:///")).absolute()
    host = next((name for name in _FORGETFUL_HOSTS if environment.get(name)), None)
    kind = _file_system(path)
    if kind in _FORGETFUL_DISKS or host:
        why = f"{host} is set" if host else f"its disk is {kind}"
        yield Finding(
            "SQLite",
            Health.BAD,
            f"{path} may vanish at the next start ({why}): mount a persistent disk or use PostgreSQL",
        )
    else:
        yield Finding("SQLite", Health.GOOD, f"{path} is on {kind or 'a disk'}; one process serves everything")


def _file_system(path: Path, mounts: str = "/proc/mounts") -> str | None:
    """Return the kind of file system `path` is on, None where the system does not tell."""
    try:
        lines = Path(mounts).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    points = [(fields[1], fields[2]) for fields in (line.split() for line in lines) if len(fields) > 2]
    holding = [(point, kind) for point, kind in points if path.is_relative_to(point)]
    return max(holding, key=lambda pair: len(pair[0]))[1] if holding else None


def _flows(settings: Settings) -> Finding:
    database = Database(settings.database_url, pool_size=1)
    editions = Editions(database, load_services(settings.services), settings.flows, Now())
    try:
        texts = read_folder(settings.flows)
        loaded = editions.check(texts, strict=True)
    except FlowsBroken as error:
        return Finding("flows", Health.BAD, str(error))
    finally:
        database.close()
    return Finding("flows", Health.GOOD, f"{len(loaded.book.programs)} flows in {settings.flows}, sound")


def _database(settings: Settings) -> Iterator[Finding]:
    database = Database(settings.database_url, pool_size=1)
    try:
        yield from _rows(database, settings)
    except SQLAlchemyError as error:
        yield Finding("database", Health.BAD, f"does not answer ({type(error).__name__}): check DATABASE_URL")
    finally:
        database.close()


def _rows(database: Database, settings: Settings) -> Iterator[Finding]:
    with database.read() as connection:
        revision = migrate.current(connection)
        if revision != migrate.head():
            yield Finding(
                "database", Health.BAD,
                f"is at revision {revision or 'nothing'}, the code needs {migrate.head()}: run `madoguchi db upgrade`",
            )  # fmt: skip
            return
        yield Finding("database", Health.GOOD, f"answers, revision {revision}")
        yield _keys(connection, Vault(settings.encryption_keys))
        seen = heartbeat.last_seen(connection)
        now = Now()()
        wanted = ("web", "clock") if settings.on_sqlite else ("web", "worker", "clock")
        yield from (_alive(process, seen.get(process), now) for process in wanted)
        waiting = backlog(connection)
        held = waiting.get("held", 0)
        yield Finding(
            "deliveries", Health.BAD if held else Health.GOOD,
            f"{waiting.get('waiting', 0)} waiting, {held} held" + (" (monthly limit, or a refused token)" if held else ""),
        )  # fmt: skip
        failed = len(connection.execute(select(FailedEvent.id).limit(1000)).all())
        yield Finding("events", Health.WARNING if failed else Health.GOOD, f"{failed} could not be applied")


def _keys(connection: Connection, vault: Vault) -> Finding:
    talks = select(Conversation.resident_id, Conversation.state).where(Conversation.state.is_not(None))
    ends = (Conversation.resident_id.asc(), Conversation.resident_id.desc())
    tried = {
        row.resident_id: row.state for end in ends for row in connection.execute(talks.order_by(end).limit(TALKS_TRIED))
    }
    closed = sum(not _opens(vault, resident_id, state) for resident_id, state in tried.items())
    if closed:
        return Finding(
            "keys",
            Health.BAD,
            f"{closed} of {len(tried)} talks open with no key in ENCRYPTION_KEYS: bring the key back that is missing",
        )
    return Finding("keys", Health.GOOD, f"ENCRYPTION_KEYS open what is stored ({len(tried)} talks tried)")


def _opens(vault: Vault, resident_id: int, state: bytes) -> bool:
    try:
        vault.open("conversations.state", resident_id, state)
    except CannotOpen:
        return False
    return True


def _alive(process: str, seen_at: dt.datetime | None, now: dt.datetime) -> Finding:
    if seen_at is None:
        return Finding(process, Health.BAD, f"was never seen: start the `{process}` process")
    age = now - seen_at
    if age > SILENT_AFTER:
        return Finding(
            process,
            Health.BAD,
            f"was last seen {age.total_seconds() / 60:.0f} minutes ago: start the `{process}` process",
        )
    return Finding(process, Health.GOOD, f"seen {max(0, age.total_seconds()):.0f} seconds ago")


def _line(settings: Settings) -> Iterator[Finding]:
    client = LineClient.from_settings(settings)
    for channel in settings.channels:
        yield _credentials(client, channel.name)


def _credentials(client: LineClient, channel: str) -> Finding:
    subject = f"LINE ({channel})"
    try:
        info = client.sdk(channel).get_bot_info(_request_timeout=5)
    except Exception as error:  # noqa: BLE001 - the SDK lets urllib3's, pydantic's and its own exceptions through
        status = getattr(error, "status", None)
        said = f"LINE answered {status}" if status else f"LINE was not reached ({type(error).__name__})"
        return Finding(subject, Health.BAD, f"{said}: check the access token or channel id and secret of {channel}")
    return Finding(subject, Health.GOOD, f"credentials accepted; the account is {info.basic_id}")
