"""The system's Chromium, never one that is downloaded; one of it for all tests of a process, which cannot drive two.

Its headless shell, where that is installed, opens a page in a third of the time: it draws no window around it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

PATIENCE_MS = 60_000
"""For so long something may take to be seen, on a machine with much else to do."""

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


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver, once per process."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium; without it the test is skipped, on CI it fails."""
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if found is None:
        missing = (
            "no Chromium on PATH: install it (Debian: apt install chromium-headless-shell) to run the browser tests"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
    yield browser
    browser.close()
