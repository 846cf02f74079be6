"""`madoguchi doctor`: what is wrong with a deployment, in one screen, each finding with its remedy."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from bot import heartbeat, migrate, redelivery
from bot.alerts.inspection import unacknowledged, undelivered
from bot.config import Settings, SettingsError, read_settings
from bot.crypto import CannotOpen, Vault
from bot.db import Database
from bot.delivery.outbox import backlog
from bot.editions import Editions, FlowsBroken, read_folder
from bot.line.channels import Channels
from bot.line.client import LineClient
from bot.models import AlertContact, Channel, Conversation
from bot.now import TOKYO, Now
from bot.service import load_services
from bot.watch import Standstill, standstills

SILENT_AFTER = dt.timedelta(minutes=2)
TALKS_TRIED = 200
"""How many of the oldest and of the newest talks must open with today's keys."""

LOST_CALLS = dt.timedelta(days=7)
_GRAVE = ("answers waiting", "deliveries held")

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
        yield Finding("deliveries", Health.GOOD, f"{backlog(connection).get('waiting', 0)} waiting")
        yield from (_standstill(one) for one in standstills(connection, now))
        yield from _alerts(connection, settings, now)
        yield from (_redelivery(connection, channel.name) for channel in settings.channels)


def _standstill(one: Standstill) -> Finding:
    if not one.count:
        return Finding(one.subject, Health.GOOD, "none")
    health = Health.BAD if one.subject in _GRAVE else Health.WARNING
    return Finding(one.subject, health, f"{one.count}: {one.says}")


def _alerts(connection: Connection, settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    """Whether somebody is called when something waits."""
    contacts = connection.execute(select(AlertContact.email)).scalars().all()
    if not contacts:
        yield Finding(
            "roster",
            Health.WARNING,
            "is empty: nobody is called when something waits; `madoguchi alerts add`, then `alerts try`",
        )
    elif settings.smtp_url is None and any(email is not None for email in contacts):
        yield Finding("roster", Health.BAD, "has e-mail addresses, but SMTP_URL and ALERT_FROM are not set")
    else:
        yield Finding("roster", Health.GOOD, f"{len(contacts)} to call")
    lost = undelivered(connection, now - LOST_CALLS)
    if lost:
        yield Finding("calls", Health.BAD, f"{lost} reached nobody this week: see `madoguchi alerts list`")
    untaken = unacknowledged(connection)
    yield Finding("alerts", Health.WARNING if untaken else Health.GOOD, f"{untaken} that nobody has taken on")


def _redelivery(connection: Connection, channel: str) -> Finding:
    subject = f"redelivery ({channel})"
    id_ = connection.execute(select(Channel.id).where(Channel.name == channel)).scalar_one_or_none()
    found = None if id_ is None else redelivery.state(connection, id_)
    if found is not None and found.seen_at is not None:
        return Finding(
            subject, Health.GOOD, f"LINE delivered again on {found.seen_at.astimezone(TOKYO):%Y-%m-%d %H:%M}"
        )
    if found is not None and found.refused_at is not None:
        since = found.refused_at.astimezone(TOKYO)
        said = f"one webhook was answered 503 on {since:%Y-%m-%d %H:%M} and has not come again: switch it on at LINE"
        return Finding(subject, Health.BAD, said)
    return Finding(
        subject,
        Health.BAD,
        "was never seen: switch “Webhook redelivery” on at LINE, then run `madoguchi doctor --redelivery`",
    )


def prove_redelivery(
    environment: Mapping[str, str], channel: str, seconds: float, say: Callable[[str], object]
) -> bool:
    """Ask for the proof and wait for it; tell whether LINE delivered again. Raises SettingsError."""
    settings = read_settings(environment)
    database = Database(settings.database_url, pool_size=1)
    try:
        id_ = Channels(database, [one for one in settings.channels if one.name == channel], Now()).only().id
        with database.write() as connection:
            redelivery.ask(connection, id_, Now()())
        say(
            f"Send the account any message now. It is stored and answered, LINE is told 503, and must deliver it again ({channel})."
        )
        return _seen(database, id_, time.monotonic() + seconds, say)
    finally:
        database.close()


def _seen(database: Database, channel_id: int, deadline: float, say: Callable[[str], object]) -> bool:
    told = False
    while time.monotonic() < deadline:
        with database.read() as connection:
            found = redelivery.state(connection, channel_id)
        if found.seen_at is not None:
            say("It came again: redelivery is switched on.")
            return True
        if found.refused_at is not None and not told:
            told = True
            say("The message has come and was answered 503. Waiting for it to come again …")
        time.sleep(0.5)
    say("It did not come again" if told else "No message came")
    return False


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
