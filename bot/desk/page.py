"""The secure page: intake and talk on a page of our own, for offices that want nothing of it on LINE.

A link is looked at by previews too, so only pressing its button uses it up. All of it works without a script; a small one fetches
new words meanwhile.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response as AnyResponse

from bot.crypto import Lookup
from bot.db import Database
from bot.desk import MakeDesk, arriving, pagekeys, pagetalk, typing
from bot.desk.pagewords import is_exit, words_in
from bot.desk.states import Direction, State
from bot.desk.talk import messages_since
from bot.flow.talk import Input, Pressed, Said
from bot.models import Resident
from bot.now import TOKYO, Now

COOKIE = "talk"
SEEN_AGAIN = dt.timedelta(seconds=10)
"""So often it is noted that somebody still looks: not with every question of the page for news."""

CHARACTERS = 2000
"""What is typed at once; longer texts are cut where the field ends."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class OnPage(Protocol):
    """Takes what was said on the page into the conversation."""

    def __call__(
        self,
        connection: Connection,
        now: dt.datetime,
        resident_id: int,
        flow: str,
        what: Input | None,
        mine: str | None,
    ) -> pagetalk.Paged | None:
        """Return the talk after it."""


def talk_page(
    database: Database, lookup: Lookup, make: MakeDesk, on_page: OnPage, now: Now, public_url: str
) -> Blueprint:
    """Return the page's routes."""
    blueprint = Blueprint(
        "talk", __name__, url_prefix=pagekeys.PATH, template_folder="templates", static_folder="static"
    )
    page = _Page(database, lookup, make, on_page, now, urlsplit(public_url).scheme == "https")
    blueprint.add_url_rule("/", view_func=page.show)
    blueprint.add_url_rule("/", view_func=page.say, methods=["POST"], endpoint="say")
    blueprint.add_url_rule("/new", view_func=page.new)
    blueprint.add_url_rule("/leave", view_func=page.leave, methods=["POST"])
    blueprint.add_url_rule("/info", view_func=page.info)
    blueprint.add_url_rule("/<secret>", view_func=page.door)
    blueprint.add_url_rule("/<secret>", view_func=page.enter, methods=["POST"], endpoint="enter")

    blueprint.add_app_template_filter(clock, "talk_clock")

    @blueprint.after_request
    def guard(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    return blueprint


class _Page:
    def __init__(
        self, database: Database, lookup: Lookup, make: MakeDesk, on_page: OnPage, now: Now, secure: bool
    ) -> None:
        self._database = database
        self._lookup = lookup
        self._make = make
        self._on_page = on_page
        self._now = now
        self._secure = secure

    def door(self, secret: str) -> str:
        """Show the button that opens the page; looking changes nothing."""
        return render_template("talk/door.html", words=words_in(None), secret=secret)

    def enter(self, secret: str) -> AnyResponse:
        """Use the link up and let this browser in."""
        now = self._now()
        with self._database.write() as connection:
            session = pagekeys.use_link(connection, self._lookup, secret, now)
            if session is None:
                return _gone()
            found = pagekeys.session(connection, self._lookup, session, now)
            _lock(connection, found.resident_id)
            paged = pagetalk.read(connection, self._make(connection, now).vault, found.resident_id)
            if paged.state is None:
                self._on_page(connection, now, found.resident_id, found.flow, None, None)
        answer = redirect(f"{pagekeys.PATH}/", 303)
        answer.set_cookie(
            COOKIE, session, max_age=int(pagekeys.SESSION_VALID.total_seconds()), path=pagekeys.PATH, httponly=True,
            secure=self._secure, samesite="Lax",
        )  # fmt: skip
        return answer

    def show(self) -> AnyResponse:
        """Show the talk."""
        with self._database.write() as connection:
            found = self._session(connection)
            if found is None:
                return _gone()
            arriving.seen_on_page(self._make(connection, self._now()), found.resident_id)
            looked = self._look(connection, found)
        token = pagekeys.form_token(self._lookup, request.cookies.get(COOKIE, ""))
        page = render_template(
            "talk/talk.html", **looked.parts(), shown=looked.paged.shown, token=token, characters=CHARACTERS,
            after=_latest(looked.paged)[0], presses=[one for one in looked.paged.shown.presses if not is_exit(one[0])],
        )  # fmt: skip
        return make_response(page)

    def new(self) -> AnyResponse:
        """Return the words again if there are new ones (204: none)."""
        with self._database.read() as connection:
            found = self._session(connection)
            if found is None:
                return _gone()
            looked = self._look(connection, found)
        if looked.due:
            with self._database.write() as connection:
                arriving.seen_on_page(self._make(connection, self._now()), found.resident_id)
        if request.args.get("mark") == looked.mark:
            return Response(status=204)
        return make_response(render_template("talk/said.html", **looked.parts()))

    def say(self) -> AnyResponse:
        """Take what was typed or pressed."""
        with self._database.write() as connection:
            found = self._session(connection)
            if found is None or not self._ours():
                return _gone()
            now = self._now()
            _lock(connection, found.resident_id)
            paged = pagetalk.read(connection, self._make(connection, now).vault, found.resident_id)
            data, text = request.form.get("press"), request.form.get("text", "").strip()[:CHARACTERS]
            if is_exit(text):
                return self._left(connection, found.resident_id, now)
            if data is not None and (label := pagetalk.label_of(paged, data)) is not None:
                self._on_page(connection, now, found.resident_id, found.flow, Pressed(data), label)
            elif text and (request.form.get("after"), text) != _before(paged):
                self._on_page(connection, now, found.resident_id, found.flow, Said(text), text)
        # To their own words: the answer stands below them, and with danger the numbers to call.
        return redirect(f"{pagekeys.PATH}/#mine", 303)

    def leave(self) -> AnyResponse:
        """Change the screen at once."""
        with self._database.write() as connection:
            found, now = self._session(connection), self._now()
            if found is not None:
                _lock(connection, found.resident_id)
            return self._left(connection, None if found is None else found.resident_id, now)

    def _left(self, connection: Connection, resident_id: int | None, now: dt.datetime) -> AnyResponse:
        """End the session of a locked resident; the desk sees that nobody is there."""
        if resident_id is not None:
            arriving.away(self._make(connection, now), resident_id)
            pagekeys.end_session(connection, self._lookup, request.cookies.get(COOKIE, ""))
        answer = redirect(f"{pagekeys.PATH}/info", 303)
        answer.delete_cookie(COOKIE, path=pagekeys.PATH)
        return answer

    def info(self) -> str:
        """Show something that anybody may see."""
        return render_template("talk/info.html")

    def _session(self, connection: Connection) -> Any:
        return pagekeys.session(connection, self._lookup, request.cookies.get(COOKIE, ""), self._now())

    def _ours(self) -> bool:
        wanted = pagekeys.form_token(self._lookup, request.cookies.get(COOKIE, ""))
        return hmac.compare_digest(request.form.get("token", ""), wanted)

    def _look(self, connection: Connection, found: Any) -> _Looked:
        """Return the words of both sides in order: also ours in a talk closed since, or the last of them would vanish."""
        now = self._now()
        desk = self._make(connection, now)
        paged = pagetalk.read(connection, desk.vault, found.resident_id)
        language = connection.execute(select(Resident.language).where(Resident.id == found.resident_id)).scalar_one()
        said = list(paged.shown.said)
        first = said[0].at if said else 0.0
        writes = due = False
        for row in arriving.shown_on_page(desk, found.resident_id, dt.datetime.fromtimestamp(first, dt.UTC)):
            there = row.state != State.CLOSED
            due = due or (there and (row.left_at is not None or row.seen_at is None or now - row.seen_at > SEEN_AGAIN))
            writes = writes or typing.writes(desk, row)
            for message in messages_since(desk, row.id):
                ours = message.direction != Direction.IN and message.status == "sent" and message.text is not None
                if ours and message.at.timestamp() >= first:
                    said.append(pagetalk.Said("staff", message.text or "", message.at.timestamp()))
        return _Looked(sorted(said, key=lambda one: one.at), paged, language, writes, due)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What somebody sees who looks at the page; `due` tells that their looking is to be noted again."""

    said: Sequence[pagetalk.Said]
    paged: pagetalk.Paged
    language: str | None
    writes: bool
    due: bool

    @property
    def mark(self) -> str:
        """Return what changes with everything that is shown."""
        return f"{len(self.said)}-{self.said[-1].at if self.said else 0}-{self.writes:d}"

    def parts(self) -> dict[str, Any]:
        """Return what the templates are given."""
        return {"words": words_in(self.language), "said": self.said, "mark": self.mark, "writes": self.writes}


def _latest(paged: pagetalk.Paged) -> tuple[str, str]:
    """Return when the resident said something last, and what."""
    mine = [one for one in paged.shown.said if one.who == "me"]
    return (f"{mine[-1].at:.6f}", mine[-1].text) if mine else ("", "")


def _before(paged: pagetalk.Paged) -> tuple[str, str]:
    """Return what a form brings along that was sent twice, as on a slow phone: what it followed then, and the same text."""
    mine = [one for one in paged.shown.said if one.who == "me"]
    return (f"{mine[-2].at:.6f}" if len(mine) > 1 else "", mine[-1].text) if mine else ("-", "")


def _lock(connection: Connection, resident_id: int) -> None:
    connection.execute(select(Resident.id).where(Resident.id == resident_id).with_for_update())


def _gone() -> AnyResponse:
    return make_response(render_template("talk/gone.html", words=words_in(None)), 410)


def clock(at: float) -> str:
    """Return the time of day of a moment (seconds since 1970) in the town."""
    return f"{dt.datetime.fromtimestamp(at, TOKYO):%H:%M}"
