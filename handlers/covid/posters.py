"""Posters of registered facilities: from rows and rules to what `poster` draws. Shared by the console and the public pages."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import orjson
import structlog

from bot.flow.book import Book
from bot.flow.filters import date_text
from bot.line.client import LineClient
from bot.now import TOKYO
from bot.runtime import Runtime
from handlers.covid import code
from handlers.covid.poster import Poster, chat_address
from handlers.covid.rules import in_language, kinds, settings

log = structlog.get_logger(__name__)

FLOW = "covid.check_in"
"""The flow that a poster's code begins; its first word for codes stands in the address."""

_accounts: WeakKeyDictionary[LineClient, str] = WeakKeyDictionary()


class NoAccount(Exception):
    """LINE does not say which account this is: check the channel's credentials with `madoguchi doctor`."""


def account_of(runtime: Runtime) -> str:
    """Return the basic id (with @) of the account that residents add; LINE is asked once. Raises NoAccount."""
    known = _accounts.get(runtime.client)
    if known is None:
        answer = runtime.client.get(runtime.settings.channels[0].name, "/v2/bot/info")
        try:
            known = str(orjson.loads(answer.body)["basicId"])
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            log.warning("covid.account", status=answer.status)
            raise NoAccount from error
        _accounts[runtime.client] = known
    return known


def word_of(book: Book) -> str:
    """Return the word that stands before a code in the chat."""
    words = book.programs[FLOW].flow.start.code if FLOW in book.programs else []
    return str(words[0]) if words else "来場"


def posters_of(runtime: Runtime, facility: Any, places: Sequence[Any], now: dt.datetime) -> list[Poster]:
    """Return the posters of a facility, one per place. Raises NoAccount."""
    book = runtime.editions.book()
    account, word = account_of(runtime), word_of(book)
    kind, rules = kinds(book, now).get(facility.kind), settings(book, now)
    measures = [
        in_language(kind.checklist[name], "ja") for name in facility.checklist if kind and name in kind.checklist
    ]
    town = str(book.town_in("ja").get("name") or "")
    day = date_text(now.astimezone(TOKYO).date().isoformat(), "ja")
    made = []
    for place in places:
        written = code.write(runtime.lookup, place.id, place.version)
        made.append(
            Poster(
                town, in_language(rules.disease, "ja"), facility.name, place.name,
                in_language(kind.labels, "ja") if kind else "", measures, chat_address(account, word, written),
                written, rules.visits_kept.days, day,
            )
        )  # fmt: skip
    return made


def secret_of(runtime: Runtime, uid: str) -> str:
    """Return the part of a facility's own address that nobody can guess."""
    return runtime.lookup.digest("covid facility page", uid).hex()[:32]


def knows_secret(runtime: Runtime, uid: str, secret: str) -> bool:
    """Tell whether an address is one that we gave out, with any of our keys."""
    ours = (digest.hex()[:32] for digest in runtime.lookup.digests("covid facility page", uid))
    return any(hmac.compare_digest(secret.encode(), each.encode()) for each in ours)


def own_page(runtime: Runtime, facility: Any) -> str:
    """Return the path of the page where a facility finds its posters."""
    return f"/facilities/{facility.uid}/{secret_of(runtime, facility.uid)}"
