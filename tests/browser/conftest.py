"""A browser for the tests that look at pages: the system's Chromium, never one that is downloaded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from bot.simulator.client import Person, Simulator
from tests.browser.bots import Bot
from tests.chromium import PATIENCE_MS
from tests.product import ROOT, START_SECONDS, free_port, listens, wait_until


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A Japanese phone."""
    context = browser.new_context(
        viewport=ViewportSize(width=390, height=844), locale="ja-JP", timezone_id="Asia/Tokyo", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """One page on that phone."""
    return context.new_page()


@pytest.fixture(scope="session")
def standing_line() -> Iterator[Simulator]:
    """The stand-in as a process; each test gets it empty as `line`."""
    with Simulator.start() as line:
        yield line


@pytest.fixture
def line(standing_line: Simulator) -> Simulator:
    """The stand-in for LINE with nobody in it, and no bot behind its webhook."""
    standing_line.reset()
    standing_line.clear_faults()
    standing_line.configure(display_name="みどり町")
    return standing_line


@pytest.fixture
def town(line: Simulator) -> Iterator[Bot]:
    """A bot whose webhook answers and which says what the test lets it say."""
    bot = Bot(line)
    yield bot
    bot.close()


@pytest.fixture
def hanako(line: Simulator) -> Person:
    """A resident who is the bot's friend."""
    return line.resident("花子")


@pytest.fixture
def chat(page: Page, line: Simulator, town: Bot, hanako: Person) -> Page:
    """Hanako's phone with the chat open."""
    page.goto(f"{line.url}/")
    page.get_by_role("textbox", name="メッセージを入力").wait_for()
    return page


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """`madoguchi demo` as a newcomer starts it, on a port of its own; returns its address."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("madoguchi")), "demo", "--port", str(port), "--folder", str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port), START_SECONDS, "the demo to listen")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(START_SECONDS)
