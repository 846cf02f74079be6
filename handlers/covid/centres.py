"""The centres people turn to, by postal code: the town's own list, imported from a CSV file and checked on the way in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from bot.imports import BadCell, Column, ImportContext, ImportKind, Loaded, Row, cells
from handlers.covid.models import Centre

UNKNOWN_AREA = "-"
"""The area of people who gave no postal code, or one the list does not have."""
LEAST, MOST = 3, 7
_PHONE = re.compile(r"[0-9][0-9-]*[0-9]")
_LEAST_DIGITS, _MOST_DIGITS = 3, 12
"""A centre may have a short number that no resident has."""

_centres: Any = Centre.__table__


@dataclass(frozen=True, slots=True)
class Turned:
    """Where somebody is to turn, and the area statistics count them in; name and telephone are empty where nothing is known."""

    area: str = UNKNOWN_AREA
    name: str = ""
    phone: str = ""
    hours: str = ""


def find(connection: Connection, postal_code: str | None, town: Mapping[str, Any]) -> Turned:
    """Return the centre of a postal code: the longest beginning in the list, otherwise the town's own number in town.yaml."""
    digits = "".join(letter for letter in postal_code or "" if letter.isdigit())
    beginnings = [digits[:length] for length in range(LEAST, min(MOST, len(digits)) + 1)]
    row = None
    if beginnings:
        statement = select(Centre).where(Centre.postal.in_(beginnings)).order_by(func.length(Centre.postal).desc())
        row = connection.execute(statement.limit(1)).one_or_none()
    if row is not None:
        return Turned(row.area, row.name, row.phone, row.hours)
    name, phone = town.get("covid_center_name"), town.get("covid_center_phone")
    return Turned(name=_text(name), phone=_text(phone))


def _text(value: Any) -> str:
    return "" if value is None or "要設定" in str(value) else str(value)


def count(connection: Connection) -> int:
    """Return how many lines the list has."""
    number: int = connection.execute(select(func.count()).select_from(Centre)).scalar_one()
    return number


def areas(connection: Connection) -> list[str]:
    """Return the areas of the list."""
    return list(connection.execute(select(Centre.area).distinct().order_by(Centre.area)).scalars())


def _postal(text: str) -> str:
    digits = cells.narrow(text).replace("-", "").strip().removeprefix("〒").strip()
    if not digits.isdigit() or not LEAST <= len(digits) <= MOST:
        raise BadCell("postal_beginning")
    return digits


def _phone(text: str) -> str:
    found = cells.narrow(text).strip()
    if not _PHONE.fullmatch(found) or not _LEAST_DIGITS <= sum(map(str.isdigit, found)) <= _MOST_DIGITS:
        raise BadCell("not_phone")
    return found


def _load(connection: Connection, rows: Sequence[Row], _context: ImportContext) -> Loaded:
    known = {
        row.postal: row
        for row in connection.execute(select(Centre).where(Centre.postal.in_([row.values["postal"] for row in rows])))
    }
    added, changed, unchanged = [], 0, 0
    for row in rows:
        values = {column: row.values[column] or "" for column in ("postal", "area", "name", "phone", "hours")}
        before = known.get(values["postal"])
        if before is None:
            added.append(values)
        elif {column: getattr(before, column) for column in values} == values:
            unchanged += 1
        else:
            connection.execute(update(_centres).where(_centres.c.postal == values["postal"]).values(values))
            changed += 1
    if added:
        connection.execute(insert(_centres), added)
    return Loaded(len(added), changed, unchanged)


CENTRES = ImportKind(
    name="covid.centres",
    title={"ja": "相談センター（郵便番号別）", "en": "Centres by postal code"},
    columns=(
        Column("postal", {"ja": "郵便番号", "en": "Postal code"}, _postal, required=True, example="000-00"),
        Column("area", {"ja": "地域", "en": "Area"}, cells.text(longest=40), required=True, example="見本東"),
        Column(
            "name", {"ja": "相談先", "en": "Centre"}, cells.text(longest=80), required=True, example="見本東センター"
        ),
        Column("phone", {"ja": "電話番号", "en": "Telephone"}, _phone, required=True, example="000-000-0000"),
        Column("hours", {"ja": "受付時間", "en": "Hours"}, cells.text(longest=80), example="平日 9:00〜17:00"),
    ),
    load=_load,
    key=("postal",),
    faults={
        "postal_beginning": {
            "ja": "郵便番号か、そのはじめの3けた以上を書いてください。",
            "en": "Write a postal code, or at least its first three digits.",
        }
    },
    note={
        "ja": "郵便番号は、はじめの数けただけでもかまいません（長いものが優先されます）。ファイルにない行はそのまま残ります。",
        "en": "A postal code may be shortened to its first digits (the longest match counts). Lines not in the file stay.",
    },
)
