"""A year of the vehicle tax, April to July, on real databases and LINE's stand-in: everybody gets what is theirs, and nothing else.

On the way one clock is killed in the middle of a send, and two clocks come by at the same moment.
"""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from bot.config import read_settings
from bot.models import Resident
from bot.now import TOKYO, Now
from bot.runtime import Runtime
from bot.service import Caller
from handlers.tax import sends
from tests.handlers.tax.conftest import Town, line
from tests.product import ROOT, Product

MONTH, WEEK, DAY = "30日前", "7日前", "当日"
SAYS = {
    "（あと25日）": MONTH, "（あと7日）": WEEK, "（本日）": DAY,
    "(25 days left)": MONTH, "(7 days left)": WEEK, "(today)": DAY,
}  # fmt: skip
DRAIN_SECONDS = 120.0


class Year:
    """One installation whose clock is moved, with its residents by name."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.now = Now()
        self.move(4, 20, 9)
        self.runtime = Runtime(read_settings(product.environment), self.now)
        self.runtime.channels()
        self.runtime.clock.travel(self.now(), lambda: None)
        self.town = Town(self.runtime.database, self.runtime.editions.book(), self.runtime.vault, self.runtime.lookup)
        self.people: dict[str, Caller] = {}
        self.users: dict[str, str] = {}

    def move(self, month: int, day: int, hour: int = 10, minute: int = 6) -> None:
        moment = dt.datetime(2027, month, day, hour, minute, tzinfo=TOKYO)
        self.now.offset = moment - dt.datetime.now(dt.UTC)

    def live(self, name: str, language: str = "ja") -> Caller:
        person = self.product.line.resident(name)
        with self.runtime.database.write() as connection:
            row = {
                "channel_id": 1, "line_user_id": person.id, "reference": f"R{name}", "friend": True, "friend_at": 0,
                "language": language, "created_at": self.now(),
            }  # fmt: skip
            id_ = connection.execute(insert(Resident).values(row).returning(Resident.id)).scalar_one()
        self.users[person.id] = name
        self.people[name] = Caller(id_, 1, f"R{name}", language)
        return self.people[name]

    def link(self, name: str, *codes: str) -> None:
        for code in codes:
            assert self.town.link(self.people[name], code, now=self.now()).outcome == "linked"

    def tick(self) -> None:
        self.runtime.clock.visit_due()
        self.settle()

    def settle(self) -> None:
        deadline = time.monotonic() + DRAIN_SECONDS
        while (self.runtime.sweep() or self.runtime.sender.backlog()) and time.monotonic() < deadline:
            time.sleep(0.01)

    def until(self, month: int, day: int) -> None:
        """Let every day up to this one pass, with a tick in the morning."""
        today, last = self.now().astimezone(TOKYO).date(), dt.date(2027, month, day)
        while today < last:
            today += dt.timedelta(days=1)
            self.move(today.month, today.day)
            self.tick()

    def stage(self, name: str) -> object:
        return next(row for row in self.town.sends() if row.stage == name)

    def got(self) -> dict[str, list[str]]:
        """Return what everybody received, in order."""
        found: dict[str, list[str]] = {name: [] for name in self.people}
        for send in self.product.line.sends():
            for user in send["to"] if isinstance(send["to"], list) else [send["to"]]:
                found[self.users[user]].append(_kind(send["messages"]))
        return found


def _kind(messages: list[dict[str, object]]) -> str:
    words = "".join(str(message.get("text") or message.get("altText") or "") for message in messages)
    found = {stage for sign, stage in SAYS.items() if sign in words}
    if "税についてのお知らせ" in words or "a message about your tax" in words:
        found.add("late")
    assert len(found) == 1, words
    return found.pop()


@pytest.fixture
def year(database_url: str, tmp_path: Path) -> Iterator[Year]:
    with Product(database_url, tmp_path) as product:
        year = Year(product)
        yield year
        year.runtime.stop()


def kill_a_clock(year: Year) -> None:
    """Let another process's clock do the tick, and kill it in the middle."""
    environment = {**year.product.environment, "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "tests.handlers.tax.crashing_clock", year.now().isoformat()]
    ended = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, timeout=180)
    assert ended.returncode == -signal.SIGKILL, ended.stderr[-2000:]


def two_clocks(year: Year) -> None:
    """Let two clocks of two processes' worth of connections come by at the same moment."""
    other = Runtime(read_settings(year.product.environment), Now(year.now.offset))
    barrier = threading.Barrier(2)

    def visit(runtime: Runtime) -> None:
        barrier.wait()
        runtime.clock.visit_due()

    threads = [threading.Thread(target=visit, args=(runtime,)) for runtime in (year.runtime, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.stop()
    year.settle()


def test_from_april_to_july_everybody_gets_exactly_what_is_theirs(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sends, "ROWS_A_COMMIT", 3)
    town = year.town
    names = [
        "never", "may", "says", "joins", "leaves", "blocks", "unlinked", "last_day", "two", "june", "silent", "wishes",
        "both", "pays_early",
    ]  # fmt: skip
    codes = {name: str(40_000_000 + place) for place, name in enumerate(names)}
    town.notices(*(line(code) for code in codes.values()), line("49999999"))
    for name in names:
        year.live(name, "en" if name == "two" else "ja")
    for name in ("never", "may", "says", "leaves", "blocks", "last_day", "two", "june", "both"):
        year.link(name, codes[name])
    for name in ("wishes", "both", "pays_early"):
        assert town.act("tax.set_reminder", year.people[name], year.now(), kind="car", days=7).outcome == "set"
    year.link("two", "49999999")

    year.until(5, 10)
    town.act("tax.unlink", year.people["leaves"], year.now())
    assert town.act("tax.skip_reminders", year.people["pays_early"], year.now()).outcome == "skipped"
    with town.database.write() as connection:
        blocked = update(Resident).where(Resident.id == year.people["blocks"].id)
        connection.execute(blocked.values(friend=False))
    year.until(5, 22)
    town.paid(codes["may"], on="R9.5.20", until=dt.date(2027, 5, 20), now=year.now())

    year.until(5, 23)
    year.move(5, 24)
    kill_a_clock(year)
    year.settle()
    year.move(5, 24, 12)
    year.tick()

    year.until(5, 25)
    town.act("tax.say_paid", year.people["says"], year.now())
    year.until(5, 26)
    year.link("joins", codes["joins"])
    year.until(5, 30)
    year.move(5, 31)
    two_clocks(year)

    # After the due date: approved in time, but the list that came does not reach the last day yet.
    year.until(6, 9)
    town.approve(year.stage("after.10"), year.now())
    town.paid("49990000", on="R9.5.28", until=dt.date(2027, 5, 28), now=year.now())
    year.until(6, 13)
    assert not any("late" in got for got in year.got().values())
    # The late list: who paid on the last day is in it, and who only said so is not.
    town.paid(codes["last_day"], on="R9.5.31", until=dt.date(2027, 6, 3), now=year.now())
    year.until(6, 14)
    year.until(6, 30)
    town.paid(codes["june"], on="R9.6.20", until=dt.date(2027, 6, 29), now=year.now())
    town.approve(year.stage("after.40"), year.now())
    year.until(7, 31)

    assert year.got() == {
        "never": [MONTH, WEEK, DAY, "late", "late"],
        "may": [MONTH],
        "says": [MONTH, WEEK, "late", "late"],
        "joins": [DAY, "late", "late"],
        "leaves": [MONTH],
        "blocks": [MONTH],
        "unlinked": [],
        "last_day": [MONTH, WEEK, DAY],
        "two": [MONTH, WEEK, DAY, "late", "late"],
        "june": [MONTH, WEEK, DAY, "late"],
        "silent": [],
        "wishes": [WEEK],
        "both": [MONTH, WEEK, DAY, "late", "late"],
        "pays_early": [],
    }
    assert {row.stage: row.state for row in town.sends()} == dict.fromkeys(
        ("before.30", "before.7", "before.0", "after.10", "after.40"), "done"
    )
