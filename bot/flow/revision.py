"""What makes a revision: the flow itself, the flows it calls and the snippets it uses, as one hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from bot.flow import model

CHARACTERS = 12
_SNIPPET = re.compile(rb"snippets\.([A-Za-z_][A-Za-z0-9_]*)")


def steps_within(steps: Sequence[Any]) -> Iterator[Any]:
    """Yield every step, those in branches and groups too."""
    for step in steps:
        yield step
        match step:
            case model.If():
                yield from steps_within(step.then or [])
                yield from steps_within(step.else_ or [])
            case model.Do():
                for branch in step.on.values():
                    yield from steps_within(branch)
            case model.Repeat():
                yield from steps_within(step.steps)


def called_by(flow: model.Flow, others: Mapping[str, model.Flow]) -> frozenset[str]:
    """Return the names of the flows that `flow` calls, and those call, and so on."""
    found: set[str] = set()
    ahead = [flow]
    while ahead:
        for step in steps_within(ahead.pop().steps):
            if isinstance(step, model.Call) and step.call not in found:
                found.add(step.call)
                if step.call in others:
                    ahead.append(others[step.call])
    return frozenset(found)


def revision(
    flow: model.Flow, others: Mapping[str, model.Flow], snippets: Mapping[str, Mapping[str, str]] | None = None
) -> str:
    """Return the revision of `flow`."""
    parts = {name: others[name] for name in called_by(flow, others) if name in others} | {flow.flow: flow}
    canonical: dict[str, Any] = {
        name: part.model_dump(mode="json", exclude_defaults=True, by_alias=True) for name, part in parts.items()
    }
    packed = orjson.dumps(canonical, option=orjson.OPT_SORT_KEYS)
    used = {name.decode() for name in _SNIPPET.findall(packed)}
    texts = {name: text for name, text in (snippets or {}).items() if name in used}
    return hashlib.sha256(packed + orjson.dumps(texts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:CHARACTERS]
