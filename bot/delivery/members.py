"""The members of a batch: many residents' ids in few bytes, and as one value of a query."""

from __future__ import annotations

import operator
import zlib
from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import orjson
from sqlalchemy import BigInteger, Connection, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY


def pack(members: Sequence[int]) -> bytes:
    """Return sorted ids as their differences, compressed."""
    steps = array("q", map(operator.sub, members, (0, *members[:-1])))
    return zlib.compress(steps.tobytes(), 1)


def unpack(packed: bytes) -> list[int]:
    """Return the ids that `pack` took."""
    return list(accumulate(array("q", zlib.decompress(packed))))


def among(connection: Connection, column: Any, ids: Sequence[int]) -> Any:
    """Return the condition that `column` holds one of `ids`: a million of them are one parameter and not a million."""
    if connection.dialect.name == "sqlite":
        each = func.json_each(bindparam("members", orjson.dumps(list(ids)).decode())).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(bindparam("members", list(ids), type_=ARRAY(BigInteger)))
