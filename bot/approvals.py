"""Approvals: nothing leaves for many residents, and no flow comes into force, on the word of one person.

Whoever asks gives a digest of exactly what is asked for; whoever decides gives the digest of what they were shown. Only what both
saw, and what is still so when it happens, is granted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from bot.crypto import Vault
from bot.models import Approval, SealedBytes, Staff
from bot.said import Said

TITLE = 200
_REASON = "approvals.reason"

_approvals: Any = Approval.__table__


class Decision(StrEnum):
    """What became of a question. Whoever asked may withdraw it; only somebody else may grant or refuse it."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class CannotApprove(Said):
    """このようには決定できません。 / This cannot be decided so."""


class SamePerson(CannotApprove):
    """依頼した本人は承認できません。別の人が確認してください。 / Whoever asked cannot approve: let somebody else look at it."""


class Changed(CannotApprove):
    """確認のあとで内容が変わりました。もう一度、内容を見てください。 / The content has changed since: look at it again."""


class AlreadyDecided(CannotApprove):
    """すでに決定されたか、取り下げられています。 / It has been decided or withdrawn already."""


class AlreadyAsked(CannotApprove):
    """すでに承認を依頼しています。 / Approval has been asked for already."""


class NotTheirs(CannotApprove):
    """取り下げられるのは依頼した本人だけです。 / Only whoever asked can withdraw it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that takes two people: its `labels` (ja, en), the console page where one is shown, and who decides.

    `link` returns that page's path for a subject; `permission` is what the console demands of whoever decides.
    """

    name: str
    labels: Mapping[str, str]
    link: Callable[[str], str]
    permission: str


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known, once, when its module is imported."""
    if KINDS.setdefault(kind.name, kind) != kind:
        raise ValueError(f"two kinds of approvals are called {kind.name}")
    return kind


def digest_of(*parts: Any) -> bytes:
    """Return 32 bytes that stand for exactly these values (what JSON can hold, datetimes too), whatever the order of their keys."""
    written = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return hashlib.sha256(b"madoguchi approval" + written).digest()


def ask(
    connection: Connection,
    kind: Kind,
    subject: str,
    digest: bytes,
    by: int,
    now: dt.datetime,
    *,
    title: str,
    service: str | None = None,
) -> int:
    """Ask a second person about `subject` as it stands; return the question's id. Raises AlreadyAsked.

    `by` is the id of a member of staff, `title` what stands in lists (nothing personal), `service` whose approvers are meant.
    """
    if find_waiting(connection, kind, subject) is not None:
        raise AlreadyAsked
    row = {
        "uid": uuid.uuid4().hex,
        "kind": kind.name,
        "subject": subject,
        "service": service,
        "title": title[:TITLE],
        "digest": digest,
        "asked_by": by,
        "asked_at": now,
    }
    id_: int = connection.execute(insert(_approvals).values(row).returning(_approvals.c.id)).scalar_one()
    return id_


def decide(
    connection: Connection,
    vault: Vault,
    id_: int,
    decision: Decision,
    digest: bytes,
    by: int,
    now: dt.datetime,
    reason: str = "",
) -> None:
    """Grant or refuse what `digest` stands for, which is what this person was shown. Raises CannotApprove, LookupError."""
    row = connection.execute(select(_approvals).where(_approvals.c.id == id_).with_for_update()).one_or_none()
    if row is None:
        raise LookupError(f"there is no approval {id_}")
    if row.decision is not None:
        raise AlreadyDecided
    if decision is Decision.WITHDRAWN:
        if by != row.asked_by:
            raise NotTheirs
    elif by == row.asked_by:
        raise SamePerson
    if decision is Decision.GRANTED and digest != row.digest:
        raise Changed
    sealed = SealedBytes.seal(vault, _REASON, row.uid, reason.encode()) if reason else None
    decided = {"decision": decision.value, "decided_by": by, "decided_at": now, "reason": sealed}
    still = update(_approvals).where(_approvals.c.id == id_, _approvals.c.decision.is_(None))
    if connection.execute(still.values(decided)).rowcount != 1:
        raise AlreadyDecided


def granted(connection: Connection, kind: Kind, subject: str, digest: bytes) -> Any:
    """Return the approval under which exactly this may happen now, None when there is none: the latest word counts."""
    row = latest(connection, kind, subject)
    if row is None or row.decision != Decision.GRANTED or row.digest != digest or row.decided_by == row.asked_by:
        return None
    return row


def latest(connection: Connection, kind: Kind, subject: str) -> Any:
    """Return the latest question about a subject with `asker` and `decider` (names of staff), None when nobody asked."""
    found = _named().where(_approvals.c.kind == kind.name, _approvals.c.subject == subject)
    return connection.execute(found.order_by(_approvals.c.id.desc()).limit(1)).one_or_none()


def find_waiting(connection: Connection, kind: Kind, subject: str) -> Any:
    """Return the question that waits for an answer, None when none does."""
    row = latest(connection, kind, subject)
    return row if row is not None and row.decision is None else None


def history(connection: Connection, kind: Kind, subject: str) -> Sequence[Any]:
    """Return all questions about a subject, the latest first."""
    found = _named().where(_approvals.c.kind == kind.name, _approvals.c.subject == subject)
    return connection.execute(found.order_by(_approvals.c.id.desc())).all()


def reason_of(vault: Vault, row: Any) -> str:
    """Return why it was decided so, empty when nothing was said. Raises CannotOpen."""
    return "" if row.reason is None else vault.open(_REASON, row.uid, row.reason).decode()


def waiting(connection: Connection, services: Collection[str] | None = None, limit: int = 100) -> Sequence[Any]:
    """Return what waits for a second person, the oldest first: of these services and of none in particular, or of all (None)."""
    # Written as the partial index has it.
    found = _named().where(_approvals.c.decision.is_(None)).order_by(_approvals.c.id).limit(limit)
    if services is not None:
        found = found.where(_approvals.c.service.is_(None) | _approvals.c.service.in_(sorted(services)))
    return connection.execute(found).all()


def _named() -> Any:
    asker, decider = Staff.__table__.alias("asker"), Staff.__table__.alias("decider")
    return (
        select(_approvals, asker.c.name.label("asker"), decider.c.name.label("decider"))
        .join(asker, asker.c.id == _approvals.c.asked_by)
        .outerjoin(decider, decider.c.id == _approvals.c.decided_by)
    )
