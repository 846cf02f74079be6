"""The console as its users see it: the real server, the system's Chromium, axe on every page, both languages and a phone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from bot.console.access import ALL_SERVICES, Role
from tests.chromium import PATIENCE_MS
from tests.console.client import START, Hall
from tests.product import ROOT, Product

SIZES = {"desk": ViewportSize(width=1280, height=900), "phone": ViewportSize(width=390, height=844)}
SHOTS = os.environ.get("MADOGUCHI_SCREENSHOTS")
"""Where pictures of the pages are put, when somebody wants to look at them."""


class Studio:
    """A running installation, and a hall on the same database by which tests prepare it."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        browser: Browser,
        flows: Path = ROOT / "flows",
        services: str = "handlers",
        public: Callable[[int], str] | None = None,
    ) -> None:
        """`public` returns the address under which the world reaches the product that listens on a port."""
        self.product = Product(database_url, folder, flows)
        world = {} if public is None else {"PUBLIC_URL": public(self.product.port)}
        self.product.start({"MADOGUCHI_SERVICES": services, **world})
        self.hall = Hall(database_url, flows=flows, services=services, keys=self.product.keys)
        self.browser = browser
        self.url = f"http://127.0.0.1:{self.product.port}{START}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hall.close()
        self.product.__exit__(kind, error, trace)

    def open(
        self,
        path: str,
        *roles: Role,
        services: Iterable[str] = (ALL_SERVICES,),
        language: str = "ja",
        size: str = "desk",
    ) -> Page:
        """Open a page below /console, signed in as somebody new with these roles."""
        return self.open_as(path, self.hall.add_staff(*roles, services=services, language=language), size=size)

    def open_as(self, path: str, staff_id: int, size: str = "desk") -> Page:
        """Open a page as an existing staff member."""
        context = self.browser.new_context(
            viewport=SIZES[size], locale="ja-JP", timezone_id="Asia/Tokyo", reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        # The very path the console uses: beside a cookie of another path, what pages put into it would not be seen.
        cookie = {
            "name": "madoguchi_console",
            "value": self.hall.cookie(staff_id),
            "domain": "127.0.0.1",
            "path": START,
        }
        context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict by another name
        page = context.new_page()
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.url + path)
        return page

    def look(self, path: str, name: str, *roles: Role, services: Iterable[str] = (ALL_SERVICES,)) -> None:
        """Look at a page in both languages, at a desk and on a phone: axe finds nothing, nothing is cut off, no error."""
        for language in ("ja", "en"):
            staff_id = self.hall.add_staff(*roles, services=services, language=language)
            for size in SIZES:
                page = self.open_as(path, staff_id, size)
                self.check(page, f"{name}-{language}-{size}")
                page.context.close()

    def check(self, page: Page, name: str) -> None:
        """Check one open page, and take its picture where pictures are wanted."""
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name}: the page is {wide} pixels wider than the window"
        assert grave(page) == [], name
        assert not self.complaints, f"{name}: {self.complaints}"


def grave(page: Page) -> list[str]:
    """Return what axe calls serious or critical on a page."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:160]})"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
