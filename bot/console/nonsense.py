"""What no form of ours sends, refused with a sentence before any page or database sees it."""

from __future__ import annotations

from flask import abort, request
from sqlalchemy.exc import DataError
from werkzeug.exceptions import BadRequest

_UNUSABLE = "\x00"
"""PostgreSQL keeps none in a text."""

_LARGEST = 2**63 - 1
"""The largest number that a database keeps."""

TOO_LARGE = (DataError, OverflowError)
"""How databases say that a number or a text that they were given cannot be kept."""


class UnusableCharacters(BadRequest):
    """Something typed or pasted holds what cannot be stored."""


def refuse() -> None:
    """Look at address and form. Raises UnusableCharacters, or NotFound for a number that nothing can have."""
    numbers = (value for value in (request.view_args or {}).values() if isinstance(value, int))
    if any(value > _LARGEST for value in numbers):
        abort(404)
    texts = [value for value in (request.view_args or {}).values() if isinstance(value, str)]
    for given in (request.args, request.form):
        texts += [part for name, values in given.lists() for part in (name, *values)]
    texts += [file.filename or "" for file in request.files.values()]
    if any(_UNUSABLE in text for text in texts):
        raise UnusableCharacters
