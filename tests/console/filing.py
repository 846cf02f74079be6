"""A small town that keeps what residents file and takes one kind of file, for tests of these pages."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import insert, select

from bot.models import Attachment, AttachmentPart, Channel, Resident, SealedBytes, Submission
from bot.roll import new_reference
from tests.console.client import START, Clerk, Hall
from tests.submissions.office import REPORT
from tests.webhook.files import photo

SERVICES = "tests.imports.services"
DELICATE = """
flow: worry.talk
title: 相談
sensitive: true
retain_answers: 30 days
steps:
  - ask: worry
    text: どうされましたか。
  - say: ありがとうございました。
"""
VISIT = """
flow: visit.children
title: 訪問の申し込み
retain_answers: 90 days
steps:
  - ask: wish
    text: いつがよいですか。
  - say: 受け付けました。
"""
TOWN = "town: {name: 見本町}\nlanguages: {ja: 日本語, ja-easy: やさしい日本語, en: English}\n"


def write_flows(folder: Path) -> Path:
    """Write the town's flows and return their folder."""
    flows = folder / "flows"
    flows.mkdir()
    for name, text in {"town": TOWN, "report": REPORT, "visit": VISIT, "worry": DELICATE}.items():
        (flows / f"{name}.yaml").write_text(text, encoding="utf-8")
    return flows


class Filing:
    """Residents and what they filed, in a hall's database."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        with hall.database.write() as connection:
            known = connection.execute(select(Channel.id).where(Channel.name == "main")).scalar_one_or_none()
            row = {"name": "main", "created_at": hall.now()}
            made = insert(Channel).values(row).returning(Channel.id)
            self.channel_id = known if known is not None else connection.execute(made).scalar_one()

    def resident(self, **others: Any) -> Any:
        """Add a resident and return the row."""
        person = {
            "channel_id": self.channel_id, "line_user_id": f"U{uuid.uuid4().hex}", "reference": new_reference(),
            "language": "ja", "friend": True, "friend_at": 0, "created_at": self.hall.now(), **others,
        }  # fmt: skip
        number = self.hall.enter(Resident, **person)
        with self.hall.database.read() as connection:
            return connection.execute(select(Resident.__table__).where(Resident.id == number)).one()

    def file(self, answers: Mapping[str, Any], flow: str = "report.damage", minutes: int = 0, **others: Any) -> int:
        """File something `minutes` ago; return its number."""
        uid, now = uuid.uuid4().hex, self.hall.now()
        sealed = SealedBytes.seal(self.hall.vault, "submissions.answers", uid, orjson.dumps(dict(answers)))
        row = {
            "uid": uid, "flow": flow, "revision": "gone", "filed_at": now - dt.timedelta(minutes=minutes),
            "answers": sealed, "keep_until": now + dt.timedelta(days=90), **others,
        }  # fmt: skip
        return self.hall.enter(Submission, **row)

    def photo(self, submission_id: int, resident_id: int, bundle: str) -> int:
        """Keep a photo with a submission; return its number."""
        uid, body = uuid.uuid4().hex, photo()
        number = self.hall.enter(
            Attachment, uid=uid, bundle=bundle, channel_id=self.channel_id, resident_id=resident_id,
            submission_id=submission_id, message_id=uid, kind="image", status="kept", content_type="image/jpeg",
            size=len(body), created_at=self.hall.now(),
        )  # fmt: skip
        content = SealedBytes.seal(self.hall.vault, "attachment_parts.content", f"{uid}/0", body)
        with self.hall.database.write() as connection:
            connection.execute(insert(AttachmentPart).values(attachment_id=number, number=0, content=content))
        return number

    def row(self, number: int) -> Any:
        """Return a submission's row."""
        with self.hall.database.read() as connection:
            return connection.execute(select(Submission.__table__).where(Submission.id == number)).one()


def told(clerk: Clerk, path: str = "/account/") -> str:
    """Return what the next page tells somebody after what they did; `Clerk.get` would open it twice, in English first."""
    return clerk.client.get(START + path).get_data(as_text=True)
