"""Mounted under a prefix of the bot's own gunicorn (gevent): webhooks, replies and broken connections work there too."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.simulator.client import Simulator
from tests.simulator.conftest import Api, text


@pytest.fixture(scope="module")
def mounted() -> Iterator[Simulator]:
    """The bot and the stand-in in one gunicorn worker."""
    command = [sys.executable, "-m", "gunicorn", "-k", "gevent", "-b", "127.0.0.1:0", "--graceful-timeout", "1"]
    command += ["--timeout", "120", "--keep-alive", "120"]  # a test may stall for as long
    with subprocess.Popen([*command, "tests.simulator.mounted:app"], stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            lines = iter(server.stderr.readline, "")
            port = next(match[1] for one in lines if (match := re.search(r"Listening at: http://127.0.0.1:(\d+)", one)))
            line = Simulator(f"http://127.0.0.1:{port}/simulator")
            line.configure(webhook_url=f"http://127.0.0.1:{port}/webhook", webhook_timeout=60)
            yield line
            line.close()
        finally:
            server.terminate()
            server.wait(60)


def test_a_bot_answers_within_its_webhook_in_the_same_process(mounted: Simulator) -> None:
    hanako = mounted.resident("花子")
    event = hanako.say("こんにちは")

    assert hanako.wait_for("こんにちは") == [text("こんにちは")]
    assert mounted.delivered(event) == 200


def test_many_webhooks_at_once_do_not_block_the_process(mounted: Simulator) -> None:
    people = [mounted.resident(f"住民{number}") for number in range(20)]
    for one in people:
        one.say("a")

    for one in people:
        assert one.wait_for("a")


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "reset", "hang"])
def test_connections_break_there_too(mounted: Simulator, kind: str) -> None:
    hanako = mounted.resident("花子")
    mounted.fault(kind, "push", seconds=0.1)
    api = Api(mounted, "token")

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        api.push(hanako.id, text("a"))
    assert api.push(hanako.id, text("b")).status == 200
