"""The small types all parts of a flow are made of: texts by language, names, spans of time."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})*")
DIGITS = r"^[0-9]+$"
_NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,39}$"
STEP = r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,39}$"
_FLOW = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$"
_DURATION = re.compile(r"(\d{1,4})\s*(minutes?|hours?|days?|weeks?|分|時間|日|週間)")
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_SECONDS = {"分": 60, "時": 3600, "日": 86400, "週": 604800, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def as_text(value: Any) -> str:
    """Return a scalar of the file as it was written."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(getattr(value, "written", value))
    if isinstance(value, bool):
        raise PydanticCustomError("text_is_bool", "true and false need quotation marks to be a text")
    if value is None:
        raise PydanticCustomError("text_missing", "the text is missing")
    raise PydanticCustomError("text_wrong", "a text was expected here")


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {"": as_text(value)}
    if not value:
        raise PydanticCustomError("text_missing", "the text is missing")
    for language, text in value.items():
        if language and not LANGUAGE.fullmatch(str(language)):
            context = {"code": str(language), "cut": text is None}
            raise PydanticCustomError("language_code", "{code} is no language code", context)
    return {str(language): as_text(text) for language, text in value.items()}


def _duration(value: Any) -> int:
    if isinstance(value, int) and type(value) is int:
        return value
    found = _DURATION.fullmatch(str(value).strip())
    if found is None:
        raise PydanticCustomError("duration", "{value} is no span of time such as “30 minutes”", {"value": str(value)})
    return int(found.group(1)) * _SECONDS[found.group(2)[0]]


def _time_of_day(value: Any) -> str:
    found = _TIME_OF_DAY.fullmatch(as_text(value).strip())
    if found is None:
        raise PydanticCustomError("time_of_day", "{value} is no time of day such as 09:30", {"value": str(value)})
    return f"{int(found.group(1)):02}:{found.group(2)}"


def as_json(value: Any) -> Any:
    """Return a value of the file as plain JSON."""
    if isinstance(value, dict):
        return {str(key): as_json(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(entry) for entry in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return int(value) if isinstance(value, int) else float(value)


Plain = Annotated[str, BeforeValidator(as_text), WithJsonSchema({"type": ["string", "number"]})]
TEXTS_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": ["string", "number"]},
        {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
    ]
}
Texts = Annotated[dict[str, str], BeforeValidator(_texts), WithJsonSchema(TEXTS_SCHEMA)]
"""A text: one for all languages (under the key "") or one per language code."""
Seconds = Annotated[int, BeforeValidator(_duration), WithJsonSchema({"type": "string", "pattern": _DURATION.pattern})]
TimeOfDay = Annotated[
    str, BeforeValidator(_time_of_day), WithJsonSchema({"type": "string", "pattern": _TIME_OF_DAY.pattern})
]
Condition = Annotated[
    str,
    BeforeValidator(lambda value: str(value).lower() if isinstance(value, bool) else as_text(value)),
    WithJsonSchema({"type": ["string", "boolean", "number"]}),
]
Value = Annotated[Any, BeforeValidator(as_json)]
"""A text is worked out (`kind == "kei"`, `days + 1`); numbers, true, false and lists stand for themselves."""
Name = Annotated[str, Field(pattern=_NAME)]
StepName = Annotated[str, BeforeValidator(as_text), Field(pattern=STEP)]
FlowName = Annotated[str, Field(pattern=_FLOW, max_length=60)]


class Also:
    """Adds short forms to the JSON Schema of a type that a validator before it turns into the long one.

    `single` allows one entry where a list stands.
    """

    def __init__(self, *others: dict[str, Any], single: bool = False) -> None:
        self.others = others
        self.single = single

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        found = handler(core)
        return {"anyOf": [found, *([found["items"]] if self.single else []), *self.others]}


class Part(BaseModel):
    """What all parts of a flow share: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
