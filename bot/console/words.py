"""Words for what is stored as a code: why a message was sent, what LINE answered, which language, which browser, who published."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from bot.console.access import service_of
from bot.console.console import console
from bot.console.titles import flow_title, service_titles
from bot.delivery.outcome import Verdict

PURPOSES: dict[str, Any] = {
    "conversation": lazy_gettext("会話の返事"),
    "broadcast": lazy_gettext("一斉配信"),
    "campaign.test": lazy_gettext("試し送り"),
    "desk": lazy_gettext("相談の返事"),
    "submission.message": lazy_gettext("申請・通報へのメッセージ"),
}
VERDICTS: dict[str, Any] = {
    Verdict.ACCEPTED: lazy_gettext("受け付けた"),
    Verdict.TOKEN_DEAD: lazy_gettext("返信の期限切れ"),
    Verdict.RATE_LIMITED: lazy_gettext("混み合っている"),
    Verdict.QUOTA_REACHED: lazy_gettext("月の上限"),
    Verdict.LIMITED: lazy_gettext("制限"),
    Verdict.REFUSED: lazy_gettext("断られた"),
    Verdict.UNAUTHORISED: lazy_gettext("認証できない"),
    Verdict.NOT_REACHED: lazy_gettext("つながらない"),
    Verdict.NO_VERDICT: lazy_gettext("返事がない"),
}
PUBLISHERS: dict[str, Any] = {
    "first start": lazy_gettext("はじめての起動"),
    "hot reload": lazy_gettext("フォルダーの自動反映"),
}
_BROWSERS = (
    ("Edg", "Edge"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def speak(app: Flask) -> None:
    """Give the templates their words, as filters."""
    app.jinja_env.filters.update(
        purpose=purpose, verdict=verdict, result=result, spoken=spoken, browser=browser, publisher=publisher
    )


def purpose(code: str) -> str:
    """Return why a message was sent: `broadcast`, `reminder.tax`, `tax.reminder`."""
    if code in PURPOSES:
        return str(PURPOSES[code])
    subject = code.removeprefix("reminder.")
    if subject in console().book().programs:
        return flow_title(console(), subject)
    service = service_titles(console()).get(service_of(subject))
    if service is None:
        return code
    said = _("お知らせ（%(service)s）") if subject == code else _("予約のお知らせ（%(service)s）")
    return str(said) % {"service": service}


def verdict(code: str) -> str:
    """Return what LINE's answer meant."""
    return str(VERDICTS.get(code, code))


def result(stored: str) -> str:
    """Return the last result of a delivery, `refused 400 the user`: its first word is a verdict."""
    first, _space, rest = stored.partition(" ")
    return f"{verdict(first)} {rest}".rstrip()


def spoken(code: str | None) -> str:
    """Return the name of a resident's language; a dash before they chose one."""
    names: dict[str, str] = dict(console().book().town.languages)
    return "–" if not code else names.get(code, code)


def browser(agent: str | None) -> str:
    """Return browser and system of a User-Agent as its owner knows them; its beginning where it is not known.

    >>> browser("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Safari/537.36")
    'Chrome (Windows)'
    """
    if not agent:
        return "–"
    name, system = (next((word for sign, word in known if sign in agent), "") for known in (_BROWSERS, _SYSTEMS))
    if not name:
        return re.sub(r"\s+", " ", agent)[:40]
    return f"{name} ({system})" if system else name


def publisher(stored: str) -> str:
    """Return who published: a sign-in, or what did so by itself."""
    return str(PUBLISHERS.get(stored, stored))
