"""The JSON Schema of flow files, so that an editor completes and checks them while they are written."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from bot.flow import model
from bot.flow.offices import Danger, Offices
from bot.flow.richmenu import RichMenu


def schema() -> dict[str, Any]:
    """Return one schema for all files of a flow folder but transcripts."""
    adapter: TypeAdapter[Any] = TypeAdapter(
        model.Flow | model.Town | model.Snippets | model.Table | RichMenu | Offices | Danger
    )
    found = adapter.json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Madoguchi", **found}
