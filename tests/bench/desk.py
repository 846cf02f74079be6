"""The desk under load: 200 open talks, 20 counsellors who poll every two seconds, residents who write 50 times a second.

Run: python -m tests.bench.desk [--engine sqlite|postgres] [--seconds 20]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
from sqlalchemy import select, update

from tests.bench.bots import Bot, our_environment, running
from tests.bench.load import World, content_length, percentiles, stand_in
from tests.bench.push import database_of
from tests.bench.walk import Form, event, request, text
from tests.desk.conftest import flows_open_always
from tests.product import ROOT

TALKS, COUNSELLORS, EVERY, EVENTS = 200, 20, 2.0, 50.0
INTAKE = ("相談", "同意する", "親・保護者", "いいえ", "まどぐち町", "5", "夜ねむれません")
FORM = Form("/line/webhook", [])


@dataclass
class Times:
    """What was seen, in seconds."""

    polls: list[float] = field(default_factory=list)
    quiet: int = 0
    acknowledged: list[float] = field(default_factory=list)
    wrong: int = 0


def prepare(environment: Mapping[str, str]) -> tuple[list[str], list[int]]:
    """Bring 200 residents to the desk as the product does; return the counsellors' cookies and the consultations."""
    from bot.app import create_app, runtime_of
    from bot.config import read_settings
    from bot.desk import offices, queue
    from bot.models import Membership

    app = create_app(read_settings(environment))
    runtime, console = runtime_of(app), app.extensions["console"]
    with runtime.database.write(60) as connection:
        cookies = [_counsellor(connection, console, number, runtime.now()) for number in range(COUNSELLORS)]
        department = connection.execute(select(Membership.department_id)).scalars().first()
        offices.enter(connection, runtime.editions.book(), runtime.now())
        office = offices.by_key(connection, "family")
        desk = runtime.desk(connection, runtime.now())
        offices.choose(desk, office.id, mode="chat", department_id=department, personal_limit=50)
    _arrive(runtime)
    with runtime.database.write(60) as connection:
        desk = runtime.desk(connection, runtime.now())
        found = [entry.id for entry in queue.queue(desk, [office.id])]
    runtime.stop()
    assert len(found) == TALKS, f"{len(found)} of {TALKS} residents reached the desk"
    return cookies, found


def _counsellor(connection: Any, console: Any, number: int, now: Any) -> str:
    from bot.console import people, sessions
    from bot.console.access import Role
    from bot.models import Staff
    from bot.now import Now

    department = people.department(connection, "相談課", ("child_welfare",))
    roles = frozenset({(department, Role.COUNSELLOR)})
    staff = people.add(
        connection, people.Account(f"見本 {number}", f"{number}@town.example", "ja", None, roles), "!", now
    )
    connection.execute(update(Staff).where(Staff.id == staff).values(must_change=False))
    session = sessions.begin(connection, staff, Now()(), "127.0.0.1", "bench")
    signer = console.session_interface.get_signing_serializer(console)
    return str(signer.dumps({"_user_id": session, "_fresh": True, "csrf_token": secrets.token_hex(20)}))


def said(words: str, resident: int, step: int, born: int) -> dict[str, Any]:
    """Return the event of a resident's words; each message has its own id, or the desk would hear the first alone."""
    says = text(words)
    return event({**says, "message": {**says["message"], "id": f"{resident}-{step}"}}, resident, step, born)


def _arrive(runtime: Any) -> None:
    from bot.line.events import read_webhook

    channel = runtime.channels().only()
    begun = int(time.time() * 1000)
    for step, words in enumerate(INTAKE):
        for start in range(0, TALKS, 50):
            events = [said(words, number, step, begun) for number in range(start, start + 50)]
            body = orjson.dumps({"destination": channel.bot_user_id or "Ubench", "events": events})
            assert runtime.reception.receive(channel, read_webhook(body).events, time.monotonic() + 60)


async def ask(port: int, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[int, bytes]:
    """Send one request over an open connection and return status and body."""
    writer.write(head)
    answer = await reader.readuntil(b"\r\n\r\n")
    return int(answer[9:12]), await reader.readexactly(content_length(answer))


async def counsellor(port: int, cookie: str, talks: Sequence[int], times: Times, end: float) -> None:
    """Look at the queue and at a talk, as the page's script does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(random.random() * EVERY)
    marks: dict[str, str] = {}
    talk = random.choice(talks)
    while time.perf_counter() < end:
        query = urlencode({"talk": talk, **marks})
        head = (
            f"GET /console/desk/poll?{query} HTTP/1.1\r\nHost: localhost\r\nX-Partial: refresh\r\n"
            f"Cookie: madoguchi_console={cookie}\r\n\r\n"
        )
        since = time.perf_counter()
        status, body = await ask(port, head.encode(), reader, writer)
        times.polls.append(time.perf_counter() - since)
        assert status == 200, f"{status} {body[-1500:].decode()}"
        news = orjson.loads(body)
        times.quiet += "queue" not in news
        marks = {"mark": news["mark"]} | {
            name: news["talk"].get(name, marks.get(name, "")) for name in ("seen", "ticket")
        }
        await asyncio.sleep(EVERY)
    writer.close()


async def residents(port: int, times: Times, end: float) -> None:
    """Let residents write, 50 messages a second all told."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begun, sent = time.perf_counter(), 0
    while time.perf_counter() < end:
        words = said("まだお話ししたいことがあります。", random.randrange(TALKS), 1000 + sent, int(time.time() * 1000))
        since = time.perf_counter()
        status, _ = await ask(port, request(FORM.path, [words]), reader, writer)
        times.acknowledged.append(time.perf_counter() - since)
        times.wrong += status != 200
        sent += 1
        await asyncio.sleep(max(0.0, begun + sent / EVENTS - time.perf_counter()))
    writer.close()


async def measure(engine: str, seconds: float) -> None:
    """Run the desk and print what counsellors and residents had to wait."""
    with ExitStack() as stack:
        _server, line = await stand_in(World(FORM))
        flows = flows_open_always(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        url = stack.enter_context(database_of(engine))
        environment = our_environment(f"http://127.0.0.1:{line}", url, 2 if engine == "postgres" else 1)
        environment |= {"MADOGUCHI_FLOWS": str(flows), "MADOGUCHI_SERVICES": "handlers"}
        upgrade = [sys.executable, "-m", "bot.cli", "db", "upgrade"]
        await asyncio.to_thread(
            subprocess.run, upgrade, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
        cookies, talks = await asyncio.to_thread(prepare, environment)
        command = ["--config", "python:bot.serve", "bot.app:from_environment()"]
        bot: Bot = await asyncio.to_thread(stack.enter_context, running("desk", FORM, environment, command))
        times = await _observe(bot, cookies, talks, seconds)
        await asyncio.to_thread(stack.close)
    sys.stdout.write(
        f"{engine}: {len(times.polls)} polls {percentiles(times.polls)} ms ({times.quiet} with an unchanged queue), "
        f"{len(times.acknowledged)} messages acknowledged {percentiles(times.acknowledged)} ms, {times.wrong} refused\n"
    )


async def _observe(bot: Bot, cookies: Sequence[str], talks: Sequence[int], seconds: float) -> Times:
    warm, times = Times(), Times()
    for found, lasts in ((warm, 4.0), (times, seconds)):
        end = time.perf_counter() + lasts
        looking = [counsellor(bot.port, cookie, talks, found, end) for cookie in cookies]
        await asyncio.gather(residents(bot.port, found, end), *looking)
    return times


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgres"])
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    from bot import logs

    logs.set_up(level=40)
    for engine in [arguments.engine] if arguments.engine else ["sqlite", "postgres"]:
        asyncio.run(measure(engine, arguments.seconds))


if __name__ == "__main__":
    main()
