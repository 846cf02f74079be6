"""The task that fetches a file from LINE, has it checked and cleaned, and keeps it; who sent it is told when that fails."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from typing import Any, BinaryIO

import structlog
from sqlalchemy import select

from bot.delivery.outbox import Letter, Priority
from bot.jobs import Arguments, NotYet, Task, TaskContext
from bot.line.download import Fetched
from bot.media import REFUSED, store
from bot.models import Attachment, Channel, Resident

log = structlog.get_logger(__name__)

FETCH = "media.fetch"
LIMITS = {"image": 20_000_000, "file": 20_000_000, "audio": 50_000_000, "video": 100_000_000}
"""Bytes that are taken, by LINE's message type."""

PREPARING_SECONDS = 3.0
TROUBLE_SECONDS = 20.0
CLEANING_SECONDS = 90.0
TRIES = 40
"""LINE may prepare a long film for a while."""

_TEXTS = {
    "too_large": {
        "ja": "お送りいただいたファイルは大きすぎるため、受け取れませんでした。{limit}MBまでのものをお送りください。",
        "ja-easy": "ファイルが 大きすぎて、うけとることが できませんでした。{limit}MBまでの ものを おくってください。",
        "en": "The file you sent is too large for us. Please send one of at most {limit} MB.",
    },
    "not_taken": {
        "ja": "お送りいただいたものは、受け取れる種類のファイルではありませんでした。写真（JPEG・PNGなど）やPDFをお送りください。",
        "ja-easy": "この しゅるいの ファイルは うけとることが できません。しゃしん（JPEG・PNG）か PDFを おくってください。",
        "en": "We cannot take this kind of file. Please send a photo (JPEG, PNG …) or a PDF.",
    },
    "not_received": {
        "ja": "お送りいただいた写真やファイルを受け取れませんでした。お手数ですが、もう一度お送りください。",
        "ja-easy": "しゃしんや ファイルを うけとることが できませんでした。もういちど おくってください。",
        "en": "We could not receive the photo or file you sent. Please send it again.",
    },
}


class CleanerBroken(Exception):
    """Files cannot be checked on this machine; they are kept waiting and tried again."""


def key(uid: str) -> str:
    """Return the key of the job for the attachment `uid`."""
    return f"{FETCH}/{uid}"


def fetch(context: TaskContext, arguments: Arguments) -> None:
    """Fetch the file of one attachment, unless it was taken back meanwhile."""
    row = _waiting(context, arguments["attachment"])
    if row is None:
        return
    with tempfile.TemporaryFile() as raw, tempfile.TemporaryFile() as cleaned:
        fetched = context.client.content(row.channel, row.message_id, raw, LIMITS[row.kind])
        if fetched.status != 200:
            _not_there(context, row, fetched)
        elif fetched.cut:
            _refuse(context, row, "too_large")
        elif (content_type := _clean(raw, cleaned, row.kind)) is None:
            _refuse(context, row, "not_taken")
        else:
            cleaned.seek(0)
            store.keep(context.database, context.vault, row, cleaned, content_type)


def _waiting(context: TaskContext, uid: str) -> Any:
    statement = (
        select(Attachment, Channel.name.label("channel"), Resident.language)
        .join(Channel, Channel.id == Attachment.channel_id)
        .join(Resident, Resident.id == Attachment.resident_id)
        .where(Attachment.uid == uid, Attachment.status == "waiting")
    )
    with context.database.read() as connection:
        return connection.execute(statement).one_or_none()


def _not_there(context: TaskContext, row: Any, fetched: Fetched) -> None:
    """Decide on an answer without a file. Source: Messaging API reference, "Get content"."""
    if fetched.status == 410:
        store.settle(context.database, row, status="gone", reason="unsent")
        return
    if fetched.status == 202 and context.client.transcoding(row.channel, row.message_id) != "failed":
        again = PREPARING_SECONDS
    elif fetched.status in {202, 400, 403, 404}:
        _refuse(context, row, "not_received")
        return
    else:
        again = TROUBLE_SECONDS
    if context.last_try:
        _refuse(context, row, "not_received")
        return
    raise NotYet(again)


def _clean(raw: BinaryIO, cleaned: BinaryIO, kind: str) -> str | None:
    """Return the content type of what may be kept, None when the file is refused."""
    raw.seek(0)
    command = [sys.executable, "-m", "bot.media.clean", kind]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, stdin=raw, stdout=cleaned, stderr=subprocess.PIPE, timeout=CLEANING_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode == REFUSED or done.returncode < 0:
        return None  # what makes its reader die is no picture for us either
    if done.returncode != 0:
        raise CleanerBroken("the cleaner itself failed: run `python -m bot.media.clean image < photo.jpg` to see why")
    return done.stderr.decode()


def _refuse(context: TaskContext, row: Any, reason: str) -> None:
    if not store.settle(context.database, row, status="refused", reason=reason):
        return
    log.info("media.refused", kind=row.kind, status=reason)
    texts = _TEXTS[reason]
    text = texts.get(row.language or "ja", texts["ja"]).format(limit=LIMITS[row.kind] // 1_000_000)
    letter = Letter(
        channel_id=row.channel_id,
        resident_id=row.resident_id,
        purpose=FETCH,
        messages=[{"type": "text", "text": text}],
        priority=Priority.TALK,
        key=f"{FETCH}/{row.bundle}/{reason}",
    )
    with context.database.write() as connection:
        context.outbox.put(connection, [letter], context.now())


TASKS = (Task(FETCH, fetch, TRIES),)
