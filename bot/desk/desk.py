"""What everything at the desk needs: a transaction, the time, the flows, and the ways to LINE and to the conversation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

from bot.consulting import Consulting
from bot.crypto import Vault
from bot.delivery.outbox import Outbox
from bot.desk.states import FOLLOWS, Kind, State
from bot.flow.book import Book
from bot.flow.talk import Json, Turn
from bot.jobs import Jobs
from bot.models import Consultation, DeskEvent, Office, Resident, SealedBytes
from bot.said import Said
from bot.service import Service

_residents: Any = Resident.__table__
_consultations: Any = Consultation.__table__
_offices: Any = Office.__table__
CARRIED = "consultations.carried"
_FIND = select(_consultations).where(_consultations.c.id == bindparam("number"))


class Refusal(Said):
    """この操作はできません。 / This cannot be done."""


class Gone(Refusal):
    """この相談はもうありません。 / This consultation is no longer there."""


class WrongState(Refusal):
    """ほかの人が先に操作しました。画面を新しくしてください。 / Somebody was faster: look at it again."""


def answered(row: Any) -> bool:
    """Tell whether the last word of a consultation is ours, so that nobody waits for us."""
    return row.staff_at is not None and row.staff_at >= row.resident_at


class Release(Protocol):
    """Lets a resident's talk go on after the desk, or takes it back there; None when it is not as it would have to be."""

    def __call__(
        self, connection: Connection, now: dt.datetime, resident_id: int, flow: str, begun: int, mode: str
    ) -> Turn | None:
        """Store the talk where it is had (`mode`), and return what is to be said."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk within one transaction."""

    connection: Connection
    now: dt.datetime
    book: Book
    services: Sequence[Service]
    outbox: Outbox
    jobs: Jobs | None
    release: Release
    rejoin: Release
    public_url: str | None = None

    @property
    def vault(self) -> Vault:
        """Return what seals and opens."""
        return self.outbox.vault

    def consulting(self, flow: str) -> Consulting:
        """Return how the service of `flow` uses the desk."""
        name = flow.partition(".")[0]
        found = (service.consulting for service in self.services if service.name == name)
        return next((one for one in found if one is not None), Consulting())

    def find(self, consultation_id: int) -> Any:
        """Return a consultation's row. Raises Gone."""
        row = self.connection.execute(_FIND, {"number": consultation_id}).one_or_none()
        if row is None:
            raise Gone
        return row

    def hold(self, consultation_id: int) -> Any:
        """Return a consultation's row with its resident locked, as every change needs it. Raises Gone."""
        owner = select(_consultations.c.resident_id).where(_consultations.c.id == consultation_id).scalar_subquery()
        lock = select(_residents.c.id).where(_residents.c.id == owner).with_for_update()
        if self.connection.execute(lock).first() is None:
            raise Gone
        return self.find(consultation_id)

    def change(self, row: Any, **values: Any) -> None:
        """Change a consultation held before, so that whoever looks at it sees that it changed. Raises WrongState."""
        wanted = values.get("state")
        if wanted is not None and wanted != row.state and State(wanted) not in FOLLOWS[State(row.state)]:
            raise WrongState
        statement = update(_consultations).where(_consultations.c.id == row.id)
        self.connection.execute(statement.values({"changed_at": self.now, **values}))

    def note(self, consultation_id: int, kind: Kind, staff_id: int | None = None, detail: str | None = None) -> None:
        """Note what happened to a consultation."""
        row = {
            "consultation_id": consultation_id,
            "kind": kind.value,
            "staff_id": staff_id,
            "detail": detail,
            "at": self.now,
        }
        self.connection.execute(insert(DeskEvent), row)

    def office(self, office_id: int) -> Any:
        """Return an office's row."""
        return self.connection.execute(select(_offices).where(_offices.c.id == office_id)).one()

    def carried(self, row: Any) -> dict[str, Json]:
        """Return the answers that came with a consultation."""
        found: dict[str, Json] = orjson.loads(self.vault.open(CARRIED, row.uid, row.carried))
        return found

    def seal_carried(self, uid: str, answers: Mapping[str, Json]) -> SealedBytes:
        """Seal answers for the consultation `uid`."""
        return SealedBytes.seal(self.vault, CARRIED, uid, orjson.dumps(dict(answers)))


MakeDesk = Callable[[Connection, dt.datetime], Desk]
