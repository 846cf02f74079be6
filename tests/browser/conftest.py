"""A browser for the tests that look at pages: the system's Chromium, never one that is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize, sync_playwright

from bot.simulator.client import Person, Simulator
from tests.browser.bots import Bot

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing beyond this machine is reached, so pictures elsewhere fail at once.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PATIENCE_MS = 10_000


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver, once per process."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium; without it the test is skipped, on CI it fails."""
    found = shutil.which("chromium")
    if found is None:
        missing = "no `chromium` on PATH: install it (Debian: apt install chromium) to run the browser tests"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
    yield browser
    browser.close()


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
