"""What residents are told that is stored about them: visits, health answers, a follow-up, notices they got."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, func, select

from bot.flow.filters import date_text
from bot.now import TOKYO
from handlers.covid import followups, visits
from handlers.covid.models import ExposureNotice, HealthAnswer

_LINES = {
    "ja": {
        "answers": "体調の答え：{count}件（最後は{day}）",
        "followed": "健康観察：{day}まで",
        "visit": "来場の記録：{day} {place}",
        "more": "来場の記録：ほかに{count}件",
        "notices": "接触のお知らせ：{count}件（最後は{day}）",
    },
    "ja-easy": {
        "answers": "体の ぐあいの こたえ：{count}つ（さいごは {day}）",
        "followed": "体の ぐあいを きく：{day}まで",
        "visit": "行った（いった）ところ：{day} {place}",
        "more": "行った（いった）ところ：ほかに {count}つ",
        "notices": "ちかくに いた おしらせ：{count}つ（さいごは {day}）",
    },
    "en": {
        "answers": "Health answers: {count} (the last on {day})",
        "followed": "Health checks: until {day}",
        "visit": "Visit: {day}, {place}",
        "more": "Visits: {count} more",
        "notices": "Exposure notices: {count} (the last on {day})",
    },
}


def own_data(connection: Connection, resident_id: int, language: str) -> list[str]:
    """Return one line per visit and per other kind of thing."""
    words = _LINES.get(language, _LINES["ja"])

    def day(moment: dt.datetime | dt.date) -> str:
        date = moment.astimezone(TOKYO).date() if isinstance(moment, dt.datetime) else moment
        return date_text(date.isoformat(), language)

    lines = []
    for name, column, owner in (
        ("answers", HealthAnswer.answered_at, HealthAnswer.resident_id),
        ("notices", ExposureNotice.told_at, ExposureNotice.resident_id),
    ):
        row = connection.execute(
            select(func.count().label("number"), func.max(column).label("last")).where(owner == resident_id)
        ).one()
        if row.number:
            lines.append(words[name].format(count=row.number, day=day(row.last)))
    row = followups.of_resident(connection, resident_id)
    if row is not None and row.state == followups.ACTIVE:
        lines.append(words["followed"].format(day=day(row.ends_on)))
    shown = visits.visits_of(connection, resident_id)
    lines += [
        words["visit"].format(day=day(each.entered_at), place=f"{each.facility} {each.name}".strip()) for each in shown
    ]
    if (more := visits.count_of(connection, resident_id) - len(shown)) > 0:
        lines.append(words["more"].format(count=more))
    return lines
