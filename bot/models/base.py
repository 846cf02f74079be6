"""What all tables share: names of constraints, times with a zone, identifiers, and columns that only take sealed values."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, TypeDecorator
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

from bot.crypto import Vault

Id = BigInteger().with_variant(Integer, "sqlite")
"""A generated key; SQLite numbers rows only in a column it calls INTEGER."""

NUMBERED = {"sqlite_autoincrement": True}
"""Table option: SQLite never gives the number of a deleted row to a new one."""


class Base(DeclarativeBase):
    """The tables of the platform and of all services."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Moment(TypeDecorator[dt.datetime]):
    """An instant: `timestamptz` on PostgreSQL, microseconds since 1970 on SQLite; naive datetimes are refused."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type for the engine at hand."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else TIMESTAMP(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """Turn an aware datetime into what is stored. Raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone is no moment: use bot.now")
        return micros(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """Turn what is stored into an aware datetime in UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return _EPOCH + dt.timedelta(microseconds=value)
        stored: dt.datetime = value
        return stored.astimezone(dt.UTC)


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def micros(moment: dt.datetime) -> int:
    """Return microseconds since 1970 of an aware datetime."""
    return (moment - _EPOCH) // _MICROSECOND


class SealedBytes(bytes):
    """Bytes that a Vault sealed; `column` says for which place."""

    column: str

    @classmethod
    def seal(cls, vault: Vault, column: str, row: str | int, plain: bytes) -> SealedBytes:
        """Encrypt `plain` for `column` ("table.column") of the row that `row` names."""
        return cls.marked_for(column, vault.seal(column, row, plain))

    @classmethod
    def marked_for(cls, column: str, sealed: bytes) -> SealedBytes:
        """Mark what the vault has sealed for `column` already."""
        found = cls(sealed)
        found.column = column
        return found


class Sealed(TypeDecorator[bytes]):
    """An encrypted column: it takes only what was sealed for it, so that no plain value gets in by mistake.

    `row` says which columns name the row in the encryption, joined by "/"; "fk.column" is `column` of the row that the foreign
    key `fk` points to. By it a change of keys finds what to open.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str, row: str | tuple[str, ...] = "uid") -> None:
        super().__init__()
        self.column = column
        self.row = (row,) if isinstance(row, str) else row

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - the base's signature
        """Pass a value sealed for this very column. Raises TypeError for any other."""
        if value is None:
            return None
        if isinstance(value, SealedBytes) and value.column == self.column:
            return bytes(value)
        raise TypeError(
            f"{self.column} takes only values sealed for it: SealedBytes.seal(vault, {self.column!r}, row, …)"
        )
