"""LINE's own OpenAPI files, where they are at hand, with the discriminators made binding.

JSON Schema ignores `discriminator`, so that anything passes as a message; here each base refers to the subtype its
property names.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

Json = dict[str, Any]
REF = "#/components/schemas/"
NULL_IN_THE_REFERENCE = ("AudienceGroupJobFailedType",)
FILES = ("messaging-api", "insight", "manage-audience", "channel-access-token", "webhook")


def folder() -> Path:
    """Return where LINE's files are, or skip the test."""
    path = Path(os.environ.get("MADOGUCHI_LINE_OPENAPI", Path(__file__).parents[3] / "shared" / "line-openapi"))
    if not (path / "messaging-api.yml").exists():
        pytest.skip("LINE's OpenAPI files are not here: set MADOGUCHI_LINE_OPENAPI to a copy of line/line-openapi")
    return path


@cache
def document(name: str) -> Json:
    """Return one file with its discriminators and nulls in the words of JSON Schema."""
    made: Json = YAML(typ="safe", pure=True).load(folder() / f"{name}.yml")
    schemas = made["components"]["schemas"]
    bases = {base: schema for base, schema in schemas.items() if "discriminator" in schema}
    for base, schema in bases.items():
        told = schema.pop("discriminator")
        name_of, mapping = told["propertyName"], told["mapping"]
        schemas[f"{base}Base"] = schema
        schemas[base] = {
            "type": "object",
            "required": [name_of],
            "properties": {name_of: {"enum": list(mapping)}},
            "allOf": [
                {"if": {"properties": {name_of: {"const": value}}}, "then": {"$ref": ref}}
                for value, ref in mapping.items()
            ],
        }
    for key in set(NULL_IN_THE_REFERENCE) & set(schemas):
        schemas[key]["nullable"] = True
    for key, schema in schemas.items():
        if key not in bases:
            schemas[key] = translated(schema, bases)
    return made


def translated(schema: Any, bases: Json) -> Any:
    """Return a schema whose `allOf` names the plain bases, and whose nullable types say null."""
    if isinstance(schema, list):
        return [translated(one, bases) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: translated(value, bases) for key, value in schema.items() if key not in {"example", "externalDocs"}}
    for part in found.get("allOf", []):
        base = str(part.get("$ref", "")).removeprefix(REF) if isinstance(part, dict) else ""
        if base in bases:
            part["$ref"] = f"{REF}{base}Base"
    if found.pop("nullable", False) is True and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    return found


def problems(name: str, schema: Json, value: Any) -> list[str]:
    """Return what a file's schema says against a value."""
    whole = schema | {"components": document(name)["components"]}
    return [f"{error.json_path}: {error.message[:200]}" for error in Draft202012Validator(whole).iter_errors(value)]


def operations() -> list[tuple[str, str, str, Json]]:
    """Return every operation: file, method, path template, operation object."""
    return [
        (name, method.upper(), path, operation)
        for name in FILES[:-1]
        for path, methods in document(name)["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "delete"}
    ]


def operation_of(method: str, url: str) -> tuple[str, Json]:
    """Return file and operation of a request."""
    path = url.partition("?")[0]
    for name, verb, template, operation in sorted(operations(), key=lambda one: one[2].count("{")):
        if verb == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return name, operation
    raise LookupError(f"{method} {path} is in none of LINE's files")
