"""The console in this process, and clients that check every page they open, in Japanese and in English."""

from __future__ import annotations

import re
import secrets
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Self

from flask import Flask
from sqlalchemy import insert, select, update
from werkzeug.test import Client, TestResponse

from bot.app import create_app, runtime_of
from bot.config import Settings, read_settings
from bot.console import people, sessions
from bot.console.access import ALL_SERVICES, Role
from bot.console.language import Languages
from bot.crypto import new_key
from bot.models import AuditEntry, SealedBytes, Staff
from bot.now import Now
from tests.product import ROOT

START = "/console"
_VOID_OF_LABEL = {"hidden", "submit", "button", "image", "reset"}


class Hall:
    """A town hall's console on a fresh database, without a server."""

    def __init__(
        self,
        database_url: str,
        *,
        flows: Path = ROOT / "flows",
        services: str = "handlers",
        now: Now | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        self.settings = settings_for(database_url, flows, services, keys)
        self.app = create_app(self.settings, now)
        self.runtime = runtime_of(self.app)
        self.database = self.runtime.database
        self.vault = self.runtime.vault
        self.now = self.runtime.now
        self.console: Flask = self.app.extensions["console"]

    def close(self) -> None:
        """Give everything back."""
        self.runtime.stop()

    def add_staff(
        self, *roles: Role, services: Iterable[str] = (ALL_SERVICES,), language: str = "ja", name: str = "見本 太郎"
    ) -> int:
        """Enter somebody with these roles in a department for `services`; returns their number in `staff`."""
        with self.database.write() as connection:
            wanted = tuple(services)
            department = people.department(connection, f"{'・'.join(wanted)}課", wanted)
            account = people.Account(
                name,
                f"{uuid.uuid4().hex}@town.example",
                language,
                None,
                frozenset((department, role) for role in roles),
            )
            staff_id = people.add(connection, account, "!", self.now())
            connection.execute(update(Staff).where(Staff.id == staff_id).values(must_change=False))
        return staff_id

    def sign_in(self, *roles: Role, services: Iterable[str] = (ALL_SERVICES,), language: str = "ja") -> Clerk:
        """Return the browser of somebody new who is signed in with these roles."""
        return self.sign_in_as(self.add_staff(*roles, services=services, language=language))

    def sign_in_as(self, staff_id: int) -> Clerk:
        """Return the browser of an existing staff member, signed in by a session as real as any."""
        return Clerk(self, staff_id, self.cookie(staff_id))

    def cookie(self, staff_id: int) -> str:
        """Return the cookie of a new session."""
        with self.database.write() as connection:
            token = sessions.begin(connection, staff_id, Now()(), "127.0.0.1", "test")
        serializer = self.console.session_interface.get_signing_serializer(self.console)  # type: ignore[attr-defined]  # the cookie interface
        signed: str = serializer.dumps({"_user_id": token, "_fresh": True, "csrf_token": secrets.token_hex(20)})
        return signed

    def stranger(self) -> Client:
        """Return a browser that is not signed in."""
        return Client(self.app.wsgi_app)

    def audited(self, action: str | None = None) -> list[Any]:
        """Return the rows of the audit log, oldest first; with `action` only those."""
        statement = select(AuditEntry.__table__).order_by(AuditEntry.id)
        if action is not None:
            statement = statement.where(AuditEntry.action == action)
        with self.database.read() as connection:
            return list(connection.execute(statement).all())

    def enter(self, model: Any, **values: Any) -> int:
        """Insert a row and return its `id`."""
        with self.database.write() as connection:
            number: int = connection.execute(insert(model).returning(model.id), values).scalar_one()
        return number

    def sealed(self, column: str, row: str | int, plain: bytes) -> SealedBytes:
        """Return what `plain` looks like in an encrypted column ("table.column")."""
        return SealedBytes.seal(self.vault, column, row, plain)

    def untranslated(self) -> set[str]:
        """Return the texts that were asked for in English and not found."""
        babel: Languages = self.console.extensions["babel"].instance
        return babel.domain_instance.of("en").missing


class Clerk:
    """A signed-in browser. `get` opens a page in both languages and fails where it is not what every page must be."""

    def __init__(self, hall: Hall, staff_id: int, cookie: str) -> None:
        self.hall = hall
        self.staff_id = staff_id
        self.client = Client(hall.app.wsgi_app)
        self.client.set_cookie("madoguchi_console", cookie, path=START)

    def get(self, path: str, status: int = 200, **options: Any) -> Seen:
        """Open a page below /console and return it as seen in Japanese."""
        self.speak("en")
        self.hall.untranslated().clear()
        self._look(path, status, options)
        missing = sorted(self.hall.untranslated())
        assert missing == [], f"{path}: add these to the .po file of the page: {missing}"
        self.speak("ja")
        return self._look(path, status, options)

    def post(self, path: str, data: Mapping[str, Any] | None = None, status: int = 302, **options: Any) -> Seen:
        """Send a form with its hidden field; by default a page answers with a redirect."""
        sent = {"csrf_token": self.token(), **(data or {})}
        answer = self.client.post(START + path, data=sent, **options)
        assert answer.status_code == status, f"{path}: {answer.status_code} instead of {status}\n{_words(answer)}"
        return Seen(path, answer)

    def partial(self, path: str, kind: str = "refresh", status: int = 200) -> Seen:
        """Ask for a part of a page as the page's script does."""
        answer = self.client.get(START + path, headers={"X-Partial": kind})
        assert answer.status_code == status, f"{path}: {answer.status_code} instead of {status}"
        return Seen(path, answer)

    def token(self) -> str:
        """Return the hidden field without which no form is taken."""
        answer = self.client.get(f"{START}/account/")
        found = re.search(r'name="csrf_token" value="([^"]+)"', answer.get_data(as_text=True))
        assert found, "no form was found on the account page"
        return found.group(1)

    def speak(self, language: str) -> None:
        """Choose the language of the pages."""
        with self.hall.database.write() as connection:
            connection.execute(update(Staff).where(Staff.id == self.staff_id).values(language=language))

    def _look(self, path: str, status: int, options: Mapping[str, Any]) -> Seen:
        answer = self.client.get(START + path, **options)
        assert answer.status_code == status, f"{path}: {answer.status_code} instead of {status}\n{_words(answer)}"
        seen = Seen(path, answer)
        if answer.mimetype == "text/html" and answer.status_code != 302:
            assert faults(seen) == [], f"{path}: {faults(seen)}"
        return seen


class Seen:
    """A page as somebody sees it."""

    def __init__(self, path: str, answer: TestResponse) -> None:
        self.path = path
        self.status = answer.status_code
        self.headers = answer.headers
        self.location = answer.headers.get("Location", "").removeprefix(START)
        self.data = answer.get_data()
        self.html = answer.get_data(as_text=True) if (answer.mimetype or "").startswith("text/") else ""
        self.tree = _Page.of(self.html)
        answer.close()

    @property
    def text(self) -> str:
        """Return the words on the page, without navigation."""
        return " ".join(" ".join(self.tree.words).split())

    def __contains__(self, words: str) -> bool:
        return words in self.text

    def links(self) -> list[str]:
        """Return the addresses of all links to pages of the console, below /console."""
        return [
            one["href"].removeprefix(START)
            for tag, one in self.tree.tags
            if tag == "a" and one.get("href", "").startswith(START)
        ]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.labelled: set[int] = set()
        self.scripts: list[str] = []
        self._open: list[str] = []

    @classmethod
    def of(cls, html: str) -> Self:
        page = cls()
        page.feed(html)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        drawn = "svg" in self._open
        self.tags.append((f"svg:{tag}" if drawn else tag, {name: value or "" for name, value in attrs}))
        if "label" in self._open:
            self.labelled.add(len(self.tags) - 1)
        if tag not in {"input", "img", "br", "hr", "meta", "link", "path", "rect", "line", "circle", "source", "col"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in {"script", "style"}:
            self.scripts.append(data)
        elif "svg" in self._open:
            return
        elif "main" in self._open or "main" not in {tag for tag, _ in self.tags}:
            self.words.append(data)


def faults(seen: Seen) -> list[str]:
    """Return what is wrong with a page, in words."""
    tree = seen.tree
    whole = "<html" in seen.html
    found = [*_structure(tree, whole=whole), *_labels(tree), *_safety(tree, seen)]
    counted = Counter(attributes["id"] for _, attributes in tree.tags if attributes.get("id"))
    found += [f"the id {name!r} is there twice" for name, number in counted.items() if number > 1]
    return found


def _structure(tree: _Page, *, whole: bool) -> list[str]:
    names = Counter(tag for tag, _ in tree.tags)
    found = []
    if whole:
        if names["h1"] != 1:
            found.append(f"{names['h1']} h1 instead of one")
        if names["title"] != 1:
            found.append("no title")
        if not next((attributes.get("lang") for tag, attributes in tree.tags if tag == "html"), None):
            found.append("no lang")
        if names["main"] != 1:
            found.append("no main")
    found += ["an image without alt" for tag, attributes in tree.tags if tag == "img" and "alt" not in attributes]
    return found


def _labels(tree: _Page) -> list[str]:
    targets = {attributes["for"] for tag, attributes in tree.tags if tag == "label" and "for" in attributes}
    found = []
    for number, (tag, attributes) in enumerate(tree.tags):
        if tag not in {"input", "select", "textarea"} or attributes.get("type") in _VOID_OF_LABEL:
            continue
        named = attributes.get("aria-label") or attributes.get("aria-labelledby")
        if not named and attributes.get("id") not in targets and number not in tree.labelled:
            found.append(f"<{tag} name={attributes.get('name')!r}> has no label")
    return found


def _safety(tree: _Page, seen: Seen) -> list[str]:
    policy = seen.headers.get("Content-Security-Policy", "")
    found = []
    if "unsafe" in policy or "default-src 'none'" not in policy:
        found.append("the Content-Security-Policy is not the console's")
    if "no-store" not in seen.headers.get("Cache-Control", ""):
        found.append("may be stored")
    if any(text.strip() for text in tree.scripts):
        found.append("a script or style is written into the page")
    for tag, attributes in tree.tags:
        if any(name.startswith("on") or name == "style" for name in attributes):
            found.append(f"<{tag}> has an inline handler or style")
        address = attributes.get("src") or (attributes.get("href", "") if tag == "link" else "")
        if re.match(r"(https?:)?//", address):
            found.append(f"<{tag}> loads {address} from elsewhere")
    posts = sum(tag == "form" and one.get("method", "").lower() == "post" for tag, one in tree.tags)
    tokens = sum(one.get("name") == "csrf_token" for _, one in tree.tags)
    if posts > tokens:
        found.append("a form has no hidden csrf_token")
    return found


def settings_for(
    database_url: str, flows: Path = ROOT / "flows", services: str = "handlers", keys: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings of a console that talks to nobody."""
    return read_settings(
        {
            "DATABASE_URL": database_url, "LINE_CHANNEL_SECRET": "secret", "LINE_CHANNEL_ACCESS_TOKEN": "token",
            "LINE_API_BASE": "http://127.0.0.1:9", "ENCRYPTION_KEYS": new_key(), "LOOKUP_KEYS": new_key(),
            "MADOGUCHI_FLOWS": str(flows), "MADOGUCHI_SERVICES": services, **(keys or {}),
        }
    )  # fmt: skip


def _words(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())[:600]
