"""Each resident sees the rich menu of their language: linked at LINE in bulk, soon after they chose it or it was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection, delete, insert, or_, select, true, update

from bot import lease
from bot.db import Database
from bot.line.client import LineClient
from bot.models import Channel, MenuLink, Resident, RichMenuOnLine
from bot.now import Now
from bot.upsert import insert_into

if TYPE_CHECKING:
    from linebot.v3.messaging import MessagingApi

log = structlog.get_logger(__name__)

BULK = 500
"""LINE: so many users are linked or unlinked by one call."""

BULKS_A_ROUND = 20
LEASE_SECONDS = 120.0
SECONDS = (3, 20)

_links: Any = MenuLink.__table__
_menus: Any = RichMenuOnLine.__table__


def wish(connection: Connection, resident_id: int, language: str | None) -> None:
    """Note in which language a resident wants the menu; None for the one everybody sees."""
    statement = insert_into(connection, _links)
    changed = {name: statement.excluded[name] for name in ("language", "waiting")}
    row = {"resident_id": resident_id, "language": language, "waiting": True}
    connection.execute(statement.on_conflict_do_update(index_elements=["resident_id"], set_=changed), row)


def published(connection: Connection, channel_id: int, menus: Mapping[str, str], everybody: str, now: Now) -> None:
    """Note the menus that stand on LINE now, by language; the ones before retire, and all who chose a language are linked anew."""
    ours = _menus.c.channel_id == channel_id
    connection.execute(update(_menus).where(ours).values(retired=True, everybody=False))
    rows = [
        {
            "menu_id": menu_id, "channel_id": channel_id, "language": language,
            "everybody": language == everybody, "retired": False, "made_at": now(),
        }
        for language, menu_id in menus.items()
    ]  # fmt: skip
    connection.execute(insert(_menus), rows)
    mine = select(Resident.id).where(Resident.channel_id == channel_id)
    connection.execute(update(_links).where(_links.c.resident_id.in_(mine)).values(waiting=True))
    known = select(_links.c.resident_id)
    chosen = select(Resident.id, Resident.language, true()).where(
        Resident.channel_id == channel_id, Resident.language.is_not(None), Resident.language != everybody,
        Resident.id.not_in(known),
    )  # fmt: skip
    connection.execute(insert(_links).from_select(["resident_id", "language", "waiting"], chosen))


def known(connection: Connection, channel_id: int) -> set[str]:
    """Return the menus of a channel that are ours, those already retired too."""
    return set(connection.execute(select(_menus.c.menu_id).where(_menus.c.channel_id == channel_id)).scalars())


class Menus:
    """Links residents to their menus, one process at a time."""

    def __init__(self, client: LineClient, database: Database, owner: str, now: Now) -> None:
        self._client = client
        self._database = database
        self._owner = owner
        self._now = now

    def __call__(self) -> int:
        """Link and unlink whoever waits for it, then delete menus nobody sees any more; return how many were changed."""
        with self._database.read() as connection:
            idle = not connection.execute(_ANYTHING_TO_DO).scalar_one()
        if idle:
            return 0
        with self._database.write() as connection:
            if not lease.hold(connection, "menus", self._owner, self._now(), LEASE_SECONDS):
                return 0
        changed = 0
        for _ in range(BULKS_A_ROUND):
            if (now_changed := self._bulk()) == 0:
                break
            changed += now_changed
        self._tidy()
        return changed

    def _bulk(self) -> int:
        """Bring at most one bulk of waiting residents of each channel to the menu of their language."""
        with self._database.read() as connection:
            rows = connection.execute(_WAITING.limit(BULK)).all()
        changed = 0
        for channel, target in dict.fromkeys((row.channel, row.target) for row in rows):
            some = [row for row in rows if (row.channel, row.target) == (channel, target)]
            there = [row for row in some if row.menu_id == target]
            others = [row for row in some if row.menu_id != target]
            if others and not self._tell(channel, target, [row.line_user_id for row in others]):
                continue
            with self._database.write() as connection:
                _settle(connection, [*there, *others], target)
            changed += len(some)
        return changed

    def _tell(self, channel: str, target: str | None, users: Sequence[str]) -> bool:
        """Let LINE link users to a menu, or unlink them; tell whether it took it."""
        from linebot.v3.messaging import RichMenuBulkLinkRequest, RichMenuBulkUnlinkRequest
        from linebot.v3.messaging.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        api = self._client.sdk(channel)
        try:
            if target is None:
                api.unlink_rich_menu_id_from_users(
                    RichMenuBulkUnlinkRequest(userIds=list(users)), _request_timeout=SECONDS
                )
            else:
                request = RichMenuBulkLinkRequest(richMenuId=target, userIds=list(users))
                api.link_rich_menu_id_to_users(request, _request_timeout=SECONDS)
        except (ApiException, HTTPError) as error:
            log.warning("menus.not_linked", error=type(error).__name__, residents=len(users))
            return False
        return True

    def _tidy(self) -> None:
        with self._database.read() as connection:
            gone = connection.execute(_UNSEEN).all()
        for row in gone:
            if _deleted(self._client.sdk(row.channel), row.menu_id):
                with self._database.write() as connection:
                    connection.execute(delete(_menus).where(_menus.c.menu_id == row.menu_id))


def _deleted(api: MessagingApi, menu_id: str) -> bool:
    from linebot.v3.messaging.exceptions import ApiException
    from urllib3.exceptions import HTTPError

    try:
        api.delete_rich_menu(menu_id, _request_timeout=SECONDS)
    except ApiException as error:
        return bool(error.status == 404)
    except HTTPError:
        return False
    return True


def _settle(connection: Connection, rows: Sequence[Any], target: str | None) -> None:
    """Note whom LINE shows what; who chose another language meanwhile goes on waiting."""
    for language in {row.language for row in rows}:
        ids = [row.resident_id for row in rows if row.language == language]
        same = _links.c.language.is_not_distinct_from(language) & _links.c.resident_id.in_(ids)
        if language is None:
            connection.execute(delete(_links).where(same))
        else:
            connection.execute(update(_links).where(same).values(menu_id=target, waiting=False))


_ANYTHING_TO_DO = select(
    or_(
        select(_links.c.resident_id).where(_links.c.waiting).exists(),
        select(_menus.c.menu_id).where(_menus.c.retired).exists(),
    )
)
_WAITING = (
    select(
        _links.c.resident_id,
        _links.c.language,
        _links.c.menu_id,
        Resident.line_user_id,
        Channel.name.label("channel"),
        _menus.c.menu_id.label("target"),
    )
    .join(Resident, Resident.id == _links.c.resident_id)
    .join(Channel, Channel.id == Resident.channel_id)
    .outerjoin(
        _menus,
        (_menus.c.channel_id == Resident.channel_id)
        & (_menus.c.language == _links.c.language)
        & ~_menus.c.retired
        & ~_menus.c.everybody,
    )
    .where(_links.c.waiting)
    .order_by(_links.c.resident_id)
)
_UNSEEN = (
    select(_menus.c.menu_id, Channel.name.label("channel"))
    .join(Channel, Channel.id == _menus.c.channel_id)
    .where(
        _menus.c.retired,
        ~select(_links.c.resident_id).where(_links.c.menu_id == _menus.c.menu_id).exists(),
        ~select(_links.c.resident_id).where(_links.c.waiting).exists(),
    )
)
