"""A town without services of its own: the platform's pages are tried for themselves."""

from collections.abc import Sequence

SERVICES: Sequence[str] = ()
