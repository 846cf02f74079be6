"""The desk as a service of the platform: what residents are told that it keeps about them, and its deferred work."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.desk.typing import TASKS
from bot.models import Consultation
from bot.now import TOKYO
from bot.service import Service

_LINES = {
    "ja": ("相談の記録（{on}）", "、{until}まで保存"),
    "ja-easy": ("そうだんの きろく（{on}）", "、{until}まで のこします"),
    "en": ("Record of a consultation ({on})", ", kept until {until}"),
}


def own_data(connection: Connection, resident_id: int, language: str) -> list[str]:
    """Return one line per consultation: when it was and until when it is kept, nothing of what was said."""
    line, until = _LINES.get(language, _LINES["ja"])
    statement = select(Consultation.opened_at, Consultation.keep_until, Consultation.held).where(
        Consultation.resident_id == resident_id
    )
    found = []
    for row in connection.execute(statement.order_by(Consultation.id)):
        said = line.format(on=row.opened_at.astimezone(TOKYO).date().isoformat())
        if row.keep_until is not None and not row.held:
            said += until.format(until=row.keep_until.astimezone(TOKYO).date().isoformat())
        found.append(said)
    return found


service = Service("desk", tasks=TASKS, own_data=own_data)
