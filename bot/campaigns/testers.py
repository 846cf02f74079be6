"""Test recipients: LINE accounts that members of staff registered as their own, from the telephone, with a code of the console.

A test send has no other way to anybody: it reads this table and takes no recipients.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from bot.crypto import Lookup
from bot.delivery.outbox import Letter, Outbox, Priority
from bot.flow.action import ActionSpec, Argument
from bot.flow.problems import Sentence
from bot.flow.talk import ActionResult
from bot.models import Resident, Staff, Tester, TesterCode
from bot.service import Action, ActionContext
from bot.upsert import insert_into

DIGITS = 8
VALID = dt.timedelta(minutes=15)
_PURPOSE = "campaigns.tester"
PURPOSE = "campaign.test"
MARK = {"ja": "【試し送り】", "en": "[Test]"}

_testers: Any = Tester.__table__
_codes: Any = TesterCode.__table__


def invite(connection: Connection, lookup: Lookup, staff_id: int, now: dt.datetime) -> str:
    """Return a code by which this member of staff registers the LINE account they type it into; earlier ones end."""
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    connection.execute(delete(_codes).where((_codes.c.staff_id == staff_id) | (_codes.c.expires_at < now)))
    row = {"digest": lookup.digest(_PURPOSE, code), "staff_id": staff_id, "expires_at": now + VALID}
    connection.execute(insert(_codes), row)
    return code


def register(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Make whoever types a valid code a test recipient."""
    digests = context.lookup.digests(_PURPOSE, str(arguments["code"]))
    valid = delete(_codes).where(_codes.c.digest.in_(digests), _codes.c.expires_at > context.now)
    staff_id = context.connection.execute(valid.returning(_codes.c.staff_id)).scalar_one_or_none()
    if staff_id is None:
        return ActionResult("unknown")
    statement = insert_into(context.connection, _testers)
    statement = statement.on_conflict_do_update(
        index_elements=["resident_id"],
        set_={"staff_id": statement.excluded.staff_id, "since": statement.excluded.since},
    )
    row = {"resident_id": context.resident.id, "staff_id": staff_id, "since": context.now}
    context.connection.execute(statement, row)
    return ActionResult("registered")


def leave(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Let the account receive no test sends any more."""
    remove(context.connection, context.resident.id)
    return ActionResult("left")


def tell(connection: Connection, resident_id: int, language: str) -> list[str]:
    """Return what is kept about a resident here, for 自分のデータ."""
    if connection.execute(select(_testers.c.since).where(_testers.c.resident_id == resident_id)).first() is None:
        return []
    texts = {
        "ja": "試し送りを受け取る、職員のアカウントとして登録",
        "ja-easy": "ためしに おくる メッセージを うけとる（しょくいん）",
        "en": "Registered by staff to receive test messages",
    }
    return [texts.get(language, texts["ja"])]


def registered(connection: Connection) -> Sequence[Any]:
    """Return all test recipients: `resident_id`, `reference`, `language`, `channel_id`, `staff_id`, `name` of staff, `since`."""
    found = (
        select(_testers, Resident.reference, Resident.language, Resident.channel_id, Staff.name)
        .join(Resident, Resident.id == _testers.c.resident_id)
        .join(Staff, Staff.id == _testers.c.staff_id)
        .where(Staff.active)
        .order_by(Staff.name, _testers.c.since)
    )
    return connection.execute(found).all()


def remove(connection: Connection, resident_id: int) -> bool:
    """Take an account off the list; tell whether it was on it."""
    gone = delete(_testers).where(_testers.c.resident_id == resident_id).returning(_testers.c.resident_id)
    return connection.execute(gone).first() is not None


def send(
    connection: Connection,
    outbox: Outbox,
    messages: Mapping[str, Sequence[dict[str, Any]]],
    channel_id: int,
    staff: Collection[int],
    now: dt.datetime,
) -> int:
    """Send every language's messages to the registered accounts of these members of staff; return to how many accounts."""
    reached = [row for row in registered(connection) if row.staff_id in staff and row.channel_id == channel_id]
    letters = [
        Letter(channel_id, row.resident_id, PURPOSE, [_mark(language), *said][:5], Priority.TALK)
        for row in reached
        for language, said in messages.items()
    ]
    outbox.put(connection, letters, now)
    return len(reached)


def _mark(language: str) -> dict[str, Any]:
    return {"type": "text", "text": f"{MARK['ja' if language.startswith('ja') else 'en']} {language}"}


ACTIONS = (
    Action(
        ActionSpec(
            "campaigns.register_tester",
            ("registered", "unknown"),
            arguments={"code": Argument("text")},
            repeatable=True,
            title=Sentence("配信のテストを受け取るようにする", "register for test sends"),
        ),
        register,
    ),
    Action(
        ActionSpec("campaigns.leave_tests", ("left",), title=Sentence("配信のテストをやめる", "leave the test sends")),
        leave,
    ),
)
