"""One running process: its parts made once from the settings, started and stopped together."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot import groups, heartbeat, watch, witness
from bot.alerts.notifier import Addresses, Notifier
from bot.alerts.ways import Post
from bot.audit import Sealer, keys_of
from bot.clock import Clock
from bot.config import Settings
from bot.conversation import Talks
from bot.crash import crash_at
from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.delivery.broadcaster import Broadcaster
from bot.delivery.courier import Courier
from bot.delivery.outbox import Dispatch, Outbox, Result
from bot.delivery.outcome import FINAL, Status
from bot.delivery.quota import Quota
from bot.delivery.rates import Rates, share
from bot.delivery.sender import Sender
from bot.delivery.sweep import Sweep
from bot.delivery.tally import Tally
from bot.desk import Desk, watching
from bot.desk import offices as desk_offices
from bot.editions import Editions, FlowsBroken, newest_change, read_folder
from bot.groupcommit import GroupCommit
from bot.housekeeping import JOBS
from bot.imports.tasks import tasks as imports
from bot.incoming import Reaction
from bot.jobs import TaskContext, jobs_for
from bot.line.channels import Channels
from bot.line.client import LineClient
from bot.line.forward import Forwarder
from bot.media import fetch
from bot.menus import Menus
from bot.now import Now
from bot.reception import Reception
from bot.redelivery import RedeliveryProof
from bot.rounds import Round, Rounds
from bot.service import Job, Services, load_services
from bot.usage import Usage

log = structlog.get_logger(__name__)

CONVERSATION_PATIENCE = 1.2
"""Seconds a conversation's transaction waits for a lock; the webhook is answered within 1.5."""

SWEEP_SECONDS = 1.0
EDITION_SECONDS = 2.0
LIFE_SECONDS = 20.0
COMPANY_SECONDS = 1.0
"""How often a process looks who else is at work: until it knows of a newcomer, the two send more than LINE's rates allow."""
COUNT_SECONDS = 2.0
MENU_SECONDS = 10.0
SEAL_SECONDS = 3.0
ALERT_SECONDS = 1.0


class Runtime:
    """The parts of one process. `start` begins the background work that this kind of process does."""

    def __init__(self, settings: Settings, now: Now | None = None) -> None:
        self.settings = settings
        self.now = now or Now()
        self.services: Services = load_services(settings.services)
        self.database = Database(settings.database_url)
        self.editions = Editions(self.database, self.services, settings.flows, self.now)
        self.editions.begin()
        self.vault = Vault(settings.encryption_keys)
        self.lookup = Lookup(settings.lookup_keys)
        self.outbox = Outbox(self.vault, uuid.uuid4().hex)
        self.commits = GroupCommit(self.database, CONVERSATION_PATIENCE)
        self.sealer = Sealer(self.database, keys_of(settings.lookup_keys), self.outbox.owner, self.now)
        self._make_sending(settings)
        self._make_talking(settings)
        self.notifier = Notifier(
            self.database, self.vault, self.lookup, _addresses(settings), self.services.title_of, self.now
        )
        self.clock = Clock(
            self.database,
            self.outbox,
            [*JOBS, *watch.JOBS, *witness.JOBS, *self._desk_jobs(), *self.services.jobs],
            self.editions.book,
            self.now,
            settings.public_url,
            crash_at(settings.crash_at),
        )
        self._rounds: list[Rounds] = []
        self.beside: list[Round] = []
        self._seen_change = newest_change(settings.flows)

    def _make_sending(self, settings: Settings) -> None:
        """Make what carries messages to LINE and keeps their outcomes."""
        crash = crash_at(settings.crash_at)
        self.client = LineClient.from_settings(settings, crash)
        self.quota = Quota(self.client, self.database, self.now, settings.quota_reserve)
        self.tally = Tally(self.database)
        self._kind, self._at_work = "web", dict[str, int]()
        self.rates = Rates(lambda endpoint: share(endpoint, self._kind, self._at_work))
        self.courier = Courier(self.client, self.now, self.rates, self.quota.reached, crash)
        self.sender = Sender(self.courier, self._record, self.now, ended=self._count)
        self.broadcaster = Broadcaster(
            self.database, self.courier, self.quota, self._record, self.now, self.outbox.owner,
            settings.broadcasts_a_week, self._count, crash,
        )  # fmt: skip
        self.menus = Menus(self.client, self.database, self.outbox.owner, self.now)
        self.sweep = Sweep(self.database, self.outbox, self.sender, self.quota.full, self.now)

    def _make_talking(self, settings: Settings) -> None:
        """Make what residents' events go through, and the jobs they leave behind."""
        self.jobs = jobs_for(
            self.database, self.vault, [*groups.TASKS, *fetch.TASKS, *imports(settings), *self.services.tasks], self.now,
            settings.database_direct_url,
        )  # fmt: skip
        self.usage = Usage(self.database)
        self.talks = Talks(
            self.editions.book, self.services, self.outbox, self.lookup, self.jobs, self.usage, settings.public_url
        )
        self.reception = Reception(
            self.talks, groups.Groups(self.jobs), self.commits, self._send, self.now, self.sender.unanswered
        )
        self.redelivery = RedeliveryProof(self.database, self.now)
        self.forwarders = {
            channel.name: Forwarder(channel.name, channel.forward_url)
            for channel in settings.channels
            if channel.forward_url is not None
        }

    def desk(self, connection: Connection, now: dt.datetime) -> Desk:
        """Return the desk, where people answer people, within the caller's transaction."""
        return self.talks.desk(connection, now)

    def _desk_jobs(self) -> list[Job]:
        return [watching.watch_job(self.talks.desk), watching.purge_job(self.talks.desk)]

    def channels(self) -> Channels:
        """Enter the channels of the settings in the database and return them."""
        return Channels(self.database, self.settings.channels, self.now)

    def start(self, *, clock: bool, process: str) -> None:
        """Begin sweeping the outbox, working off jobs where this process does, and ticking where it is the clock."""
        self._kind = process
        if self.settings.on_sqlite:
            with self.database.write() as connection:
                self.outbox.release_all(connection)
        with self.database.write() as connection:
            desk_offices.enter(connection, self.editions.book(), self.now())
            # Before anything is sent, so that those who start together know of one another.
            heartbeat.beat(connection, process, self.outbox.owner, self.now())
        self._look_who_is_at_work()
        # The sweep has a thread of its own, and so has what asks LINE: neither waits when the other has much to do.
        sweep = Rounds([Round("sweep", SWEEP_SECONDS, self.sweep)])
        self._rounds = [sweep, self._rounds_of(process), self._rounds_with_line()]
        if self.settings.on_sqlite or process == "worker":
            # On a thread of its own: a mail server that hangs must hold up nothing else.
            self._rounds.append(Rounds([Round("alerts", ALERT_SECONDS, self.notifier)]))
        if self.beside:
            self._rounds.append(Rounds(self.beside))
        for rounds in self._rounds:
            rounds.start()
        if self.settings.on_sqlite or process == "worker":
            self.broadcaster.start()
            self.jobs.start(TaskContext(self.database, self.now, self.vault, self.outbox, self.client))
        if clock:
            self.clock.start()

    def stop(self) -> None:
        """Finish what is under way; what is not finished in time is found by the next sweep."""
        self.clock.stop()
        self.jobs.stop()
        self.broadcaster.stop()
        for rounds in self._rounds:
            rounds.stop()
        self.sender.close()
        self.commits.close()
        for forwarder in self.forwarders.values():
            forwarder.close()
        self._sign_off()
        self.client.close()
        self.database.close()

    def go_beside(self, *rounds: Round) -> None:
        """Have these go on a thread of their own, once the process starts: nothing else waits for them."""
        self.beside += rounds

    def follow_files(self) -> None:
        """Publish the flows on disk when they have changed; errors are told in the log, the edition in force stays."""
        changed = newest_change(self.settings.flows)
        if changed == self._seen_change:
            return
        self._seen_change = changed
        try:
            self.editions.publish(read_folder(self.settings.flows), "hot reload")
        except FlowsBroken as error:
            log.warning("flows.broken", problem=error.first)

    def _rounds_of(self, process: str) -> Rounds:
        def sign_of_life() -> None:
            with self.database.write() as connection:
                heartbeat.beat(connection, process, self.outbox.owner, self.now())

        rounds = [
            Round("editions", EDITION_SECONDS, self.editions.refresh),
            Round("sign of life", LIFE_SECONDS, sign_of_life, first=LIFE_SECONDS),
            Round("company", COMPANY_SECONDS, self._look_who_is_at_work),
            Round("totals", COUNT_SECONDS, self.tally.flush),
            Round("usage", COUNT_SECONDS, self.usage.flush),
            Round("redelivery", EDITION_SECONDS, self.redelivery.refresh),
            Round("audit seals", SEAL_SECONDS, self.sealer),
        ]
        if self.settings.hot_reload:
            rounds.insert(0, Round("files", EDITION_SECONDS, self.follow_files))
        return Rounds(rounds)

    def _look_who_is_at_work(self) -> None:
        with self.database.read() as connection:
            self._at_work = heartbeat.at_work(connection, self.now())

    def _rounds_with_line(self) -> Rounds:
        return Rounds(
            [
                Round("tokens", LIFE_SECONDS, self.client.keep_fresh),
                Round("quota", COUNT_SECONDS, self.quota.refresh),
                Round("menus", MENU_SECONDS, self.menus),
            ]
        )

    def _sign_off(self) -> None:
        try:
            self.tally.flush()
            self.usage.flush()
            with self.database.write() as connection:
                heartbeat.leave(connection, self.outbox.owner, self.now())
        except SQLAlchemyError as error:
            log.warning("process.left", error=type(error).__name__)

    def _count(self, dispatch: Dispatch, result: Result) -> None:
        if result.status in FINAL or result.status is Status.HELD:
            self.tally.note(dispatch.channel_id, result.kind, result.status.value, dispatch.recipients)
        if result.status is Status.SENT and result.kind != "reply":
            self.quota.note(dispatch.channel_id, dispatch.recipients)

    def _send(self, reaction: Reaction) -> None:
        self.sender.hand_over(reaction)

    def _record(self, result: Result) -> Any:
        return self.commits.submit(self.outbox.record, result)


def _addresses(settings: Settings) -> Addresses:
    mail = settings.smtp_url is not None and settings.alert_from is not None
    post = Post(settings.smtp_url or "", settings.alert_from or "") if mail else None
    return Addresses(post, settings.public_url, settings.alert_minutes)
