"""Flask-Security-Too as the console uses it: Argon2, one-time codes that are taken once, and users that are open sessions.

Its pages are not used: ours look whether an account is locked before they look at its password.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Semaphore
from typing import Any, TypeVar

from flask import Flask, current_app
from flask_security import RoleMixin, Security, UserDatastore, UserMixin
from flask_security.totp import Totp
from gevent import get_hub, monkey

from bot.console import sessions
from bot.console.access import Person
from bot.console.console import Console
from bot.console.language import TOKYO
from bot.console.passwords import ARGON2

Result = TypeVar("Result")

WINDOW = 30
"""Seconds a one-time code may be early or late: one step of the authenticator."""


class Open(UserMixin):
    """An open session as Flask-Login and Flask-Security see a user."""

    fs_uniquifier = ""

    def __init__(self, token: str, person: Person, *, stale: bool) -> None:
        self.fs_uniquifier = token
        self.active = True
        self.person = person
        self.stale = stale
        self.roles: list[Any] = []


class NoRole(RoleMixin):
    """Roles are held in departments (`bot.console.access`); Flask-Security is told of none."""


class Sessions(UserDatastore):
    """Finds open sessions by the token in the cookie."""

    def __init__(self, console: Console) -> None:
        super().__init__(Open, NoRole)
        self._console = console

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Open | None:  # noqa: ARG002 - the base's signature
        """Return the open session of a token."""
        token = kwargs.get("fs_uniquifier")
        if not token:
            return None
        now = self._console.wall()
        with self._console.database.read() as connection:
            found = sessions.find(connection, token, now, now.astimezone(TOKYO).date())
        return Open(token, found[0], stale=found[1]) if found else None


class Codes(Totp):
    """One-time codes of which none is taken twice: the counter of the last one is kept with the account.

    Built without Flask-Security's `two_factor`, which wants another library for QR codes.
    """

    def __init__(self, console: Console, secret: str) -> None:
        super().__init__({"1": secret}, "Madoguchi")
        self._totp = self._totp.using(now=console.wall.timestamp)

    def get_last_counter(self, user: Any) -> int | None:
        """Return the time step of the last code taken from `user`."""
        counter: int | None = user.last_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Note the time step of the code taken."""
        user.last_counter = tmatch.counter


def secure(app: Flask, console: Console, secret: str) -> None:
    """Put Flask-Security on the console."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of a method
        SECURITY_PASSWORD_SINGLE_HASH=True,
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=ARGON2,
        SECURITY_PASSWORD_NORMALIZE_FORM="NFKC",  # noqa: S106 - likewise
        SECURITY_PASSWORD_LENGTH_MIN=12,
        SECURITY_ANONYMOUS_USER_DISABLED=True,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
    )
    Security(app, Sessions(console), register_blueprint=False)
    app.extensions["one-time codes"] = Codes(console, secret)


def codes() -> Codes:
    """Return the one-time codes of the console that serves this request."""
    found: Codes = current_app.extensions["one-time codes"]
    return found


_AT_ONCE = Semaphore(2)


def apart(work: Callable[..., Result], *arguments: Any) -> Result:
    """Run what computes for long (Argon2) where it holds up no other request of this process, two at a time."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way to hand it to a thread

    def there() -> Result:
        with app.app_context():
            return work(*arguments)

    with _AT_ONCE:
        if not monkey.is_module_patched("socket"):
            return work(*arguments)
        result: Result = get_hub().threadpool.apply(there)
        return result
