"""The demo's WSGI application: the product, and under /simulator the stand-in for LINE it talks to."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import structlog
from flask import Flask, redirect
from sqlalchemy import select
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from bot.app import create_app, runtime_of
from bot.config import is_loopback, read_settings
from bot.demo.staff import settle
from bot.flow.talk import ActionResult
from bot.models import Resident
from bot.now import Now
from bot.runtime import Runtime
from bot.service import ActionContext
from bot.simulator import create_app as create_simulator
from bot.simulator.page.app import create_page
from bot.simulator.world import World

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 3.0


class NotADemo(Exception):
    """The simulator is mounted only where LINE_API_BASE is this machine; a real deployment has no use for it."""


def make() -> Flask:
    """Make the product and mount the simulator beside it."""
    settings = read_settings(os.environ)
    if not is_loopback(settings.line_api_base):
        raise NotADemo("LINE_API_BASE must be on this machine for the demo: start it with `madoguchi demo`")
    now = Now()
    app = create_app(settings, now, demo=True)
    runtime = runtime_of(app)
    channel = settings.channels[0]
    world = World(now.timestamp, advance=lambda seconds: _travel(runtime, seconds))
    world.add_channel(
        secret=list(channel.secrets),
        token=channel.access_token,
        webhook_url=f"http://127.0.0.1:{settings.port}/line/webhook",
        display_name="まどぐち町",
    )
    _take_notes(runtime, world)
    settle(app.extensions["console"], runtime, _settle_in(world))
    threading.Thread(target=_hang_up_rich_menu, args=(settings.flows,), daemon=True).start()
    simulator = create_simulator(world, create_page(world))
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/simulator": simulator})  # type: ignore[method-assign]  # Flask's documented way

    @app.get("/")
    def home() -> Response:
        return redirect("/simulator/")

    return app


def _take_notes(runtime: Runtime, world: World) -> None:
    """Note in the simulator's chat what actions answer, so that `flows test --record` can make a test of it."""

    def note(name: str, context: ActionContext, result: ActionResult) -> None:
        asked = select(Resident.line_user_id).where(Resident.id == context.resident.id)
        chat = world.chat(world.channel().name, context.connection.execute(asked).scalar_one())
        told = {"outcome": result.outcome, "values": dict(result.values), "forget": result.forget}
        world.happen(chat, "note", {"action": name, **told})

    runtime.services.watch(note)


def _hang_up_rich_menu(flows: Path) -> None:
    """Publish the rich menu as an operator does, in a process of its own: LINE's SDK is large."""
    command = [sys.executable, "-m", "bot.cli", "richmenu", "publish", str(flows)]
    ended = subprocess.run(command, capture_output=True, check=False, timeout=60)  # noqa: S603 - our own command
    if ended.returncode != 0:
        log.warning("demo.richmenu", status=ended.returncode)


def _settle_in(world: World) -> list[tuple[str, str]]:
    """Let people live in the demo's town and return the id and language of those who are friends of long standing.

    Of the three to talk for, the first has just become a friend, the others have not yet; the rest are in the samples.
    """
    people = [
        world.add_resident(name, language=language)
        for name, language in (("山田 花子", "ja"), ("グエン・ティ・ラン", "ja-easy"), ("Alex Brown", "en"))
    ]
    people[0].follow()
    settled = [
        (world.add_resident(name, language=language, friend_of=world.channel().name), language)
        for name, language in (
            ("見本 太郎", "ja"), ("見本 梅子", "ja"), ("見本 松男", "ja"), ("見本 竹美", "ja-easy"), ("Sample Sam", "en"),
            ("見本 桜", "ja"), ("見本 楓", "ja"), ("見本 葵", "ja"),
        )
    ]  # fmt: skip
    return [(resident.id, language) for resident, language in settled]


def _travel(runtime: Runtime, seconds: float) -> None:
    """Move the demo's clock forward, visiting every tick on the way and letting each one's messages arrive."""

    def settle() -> None:
        deadline = time.monotonic() + DRAIN_SECONDS
        while (runtime.sweep() or runtime.sender.backlog()) and time.monotonic() < deadline:
            time.sleep(0.01)

    runtime.clock.travel(runtime.now() + dt.timedelta(seconds=seconds), settle)
