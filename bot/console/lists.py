"""Lists that stay fast with a million rows: the next page begins after the last row of this one, found by an index."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import request, url_for
from sqlalchemy import Connection, Select, tuple_

from bot.models.base import micros

SIZE = 50


@dataclass(frozen=True)
class Page:
    """Rows to show, and where the next page begins (None at the end)."""

    rows: Sequence[Any]
    size: int
    next: str | None
    later: bool
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def next_url(self) -> str:
        """Return the address of the next page."""
        return _address(self.arguments | {"after": self.next})

    @property
    def first_url(self) -> str:
        """Return the address of the first page."""
        return _address(self.arguments)


def page(
    connection: Connection,
    statement: Select[Any],
    *keys: Any,
    size: int = SIZE,
    descending: bool = True,
    keep: Callable[[Any], bool] | None = None,
    look_at_most: int = 5_000,
) -> Page:
    """Return the page that the request asks for (`?after=…`), in the order of `keys`: columns of the statement, the last unique.

    `keep` refuses rows after they are read (what is encrypted can only be searched so); no more than `look_at_most` are read.
    """
    after = after_of(len(keys))
    order = [key.desc() if descending else key.asc() for key in keys]
    found: list[Any] = []
    looked = 0
    while True:
        wanted = statement.order_by(*order).limit(size + 1)
        if after is not None:
            values = tuple_(*keys) if len(keys) > 1 else keys[0]
            limit = tuple(after) if len(keys) > 1 else after[0]
            wanted = wanted.where(values < limit if descending else values > limit)
        rows = connection.execute(wanted).all()
        looked += len(rows)
        found += [row for row in rows if keep is None or keep(row)]
        if len(found) > size or len(rows) <= size or looked >= look_at_most:
            break
        after = [getattr(rows[-1], key.key) for key in keys]
    more = len(found) > size or (looked >= look_at_most and len(rows) > size)
    shown = found[:size]
    last = shown[-1] if len(found) > size else (rows[-1] if rows else None)
    following = _write([getattr(last, key.key) for key in keys]) if more and last is not None else None
    return Page(shown, size, following, "after" in request.args, asked("after"))


def asked(*without: str) -> dict[str, Any]:
    """Return what the address asks for, to be asked for again; names that mean something to `url_for` are nobody's question."""
    every = request.args.to_dict(flat=False)
    return {
        name: values
        for name, values in every.items()
        if name not in without and name != "endpoint" and not name.startswith("_")
    }


def after_of(number: int) -> list[Any] | None:
    """Return the keys (`number` of them) after which the page asked for begins; None for the first."""
    return _parse(request.args.get("after"), number)


def _address(arguments: dict[str, Any]) -> str:
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **arguments})


def _write(values: list[Any]) -> str:
    plain = [{"t": micros(value)} if isinstance(value, dt.datetime) else value for value in values]
    return base64.urlsafe_b64encode(orjson.dumps(plain)).decode().rstrip("=")


def _parse(text: str | None, number: int) -> list[Any] | None:
    """Return the values at which a page begins; None for the first, and for what nobody was given."""
    if not text:
        return None
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        read = [_moment(value["t"]) if isinstance(value, dict) else value for value in values]
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    return read if len(read) == number and all(isinstance(one, str | int | dt.datetime) for one in read) else None


def _moment(value: int) -> dt.datetime:
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=value)
