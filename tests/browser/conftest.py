"""A browser for the tests that look at pages: the system's Chromium, never one that is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from bot.simulator.client import Simulator

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
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
    """A Japanese phone that reaches nothing beyond this machine, so that pictures elsewhere fail at once."""
    context = browser.new_context(
        viewport={"width": PHONE["width"], "height": PHONE["height"]}, locale="ja-JP", timezone_id="Asia/Tokyo"
    )
    context.set_default_timeout(PATIENCE_MS)
    context.route(lambda url: not url.startswith("http://127.0.0.1:"), lambda route: route.abort())
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
