"""A resident on the secure page, with a browser that runs no scripts."""

from __future__ import annotations

import html
import http.client
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from bot.simulator.client import Person
from tests.desk.conftest import DeskTown
from tests.product import PATIENCE


@dataclass
class Browser:
    """A browser without scripts: it keeps one cookie and follows redirects."""

    port: int
    cookie: str | None = None
    page: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> str:
        return self._go("GET", path)

    def post(self, path: str, fields: dict[str, str] | None = None) -> str:
        return self._go("POST", path, urlencode(fields or {}))

    def press(self, label: str) -> str:
        found = re.search(rf'<button name="press" value="([^"]*)">{re.escape(label)}</button>', self.page)
        assert found is not None, self.page
        return self.post("/talk/", {"token": self.token, "press": html.unescape(found[1])})

    def say(self, text: str) -> str:
        return self.post("/talk/", {"token": self.token, "text": text})

    @property
    def token(self) -> str:
        found = re.search(r'name="token" value="([0-9a-f]+)"', self.page)
        assert found is not None, self.page
        return found[1]

    def _go(self, method: str, path: str, body: str = "") -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        if self.cookie:
            headers["Cookie"] = self.cookie
        connection.request(method, path.partition("#")[0], body, headers)
        answer = connection.getresponse()
        self.status, self.headers, self.page = answer.status, dict(answer.getheaders()), answer.read().decode()
        if (cookie := answer.getheader("Set-Cookie")) is not None:
            self.cookie = cookie.partition(";")[0]
        connection.close()
        if self.status == 303:
            return self._go("GET", self.headers["Location"])
        return self.page


def link_for(town: DeskTown, person: Person, count: int = 1) -> str:
    """Return the path of the link that somebody got on LINE last."""
    person.wait_for("専用の安全なページ", count=count)
    [*_, answer] = [one for one in person.answers() if "専用の安全なページ" in str(one)]
    actions = answer["template"]["actions"]
    assert [action["label"] for action in actions] == ["ページをひらく", "新しいリンクをもらう"]
    return str(urlsplit(actions[0]["uri"]).path)


def enter(town: DeskTown, person: Person) -> Browser:
    person.say("相談")
    browser = Browser(town.product.port)
    browser.post(link_for(town, person))
    assert "はじめる前に、お読みください。" in browser.page
    return browser


def arrive(town: DeskTown, person: Person) -> tuple[Browser, int]:
    browser = enter(town, person)
    browser.press("同意する")
    browser.press("子ども（18歳未満）")
    browser.press("いいえ")
    browser.press("わからない")
    browser.press("スキップ")
    browser.say("だれにも言えないことです")
    assert "担当者におつなぎします" in browser.page
    return browser, town.consultation_of(person)


def on_line(town: DeskTown, person: Person) -> str:
    return str([send for send in town.product.line.sends() if person.id in send["to"]])
