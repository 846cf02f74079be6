"""Logs: one JSON object a line with ids and numbers, never a text, a token, a name or an answer."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "channel", "event_id", "delivery", "kind", "verdict", "status", "line_request",
        "error", "place", "count", "job", "scheduled_for", "process", "port", "seconds", "flow", "revision", "broadcast",
        "problem", "position", "seal",
    }
)  # fmt: skip
"""The only keys a log line may have: a new one is a decision, not an accident."""


def only_allowed(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that is not known to be harmless, and say that something was dropped."""
    dropped = [key for key in entry if key not in ALLOWED]
    for key in dropped:
        del entry[key]
    if dropped:
        entry["dropped"] = len(dropped)
    return entry


def place_of(error: BaseException) -> str:
    """Return where `error` was raised, as "module:line function", innermost frame of our own or of a library.

    An error that names a `place` itself, without quoting anybody, is believed.
    """
    if isinstance(named := getattr(error, "place", None), str):
        return named[:240]
    frame = error.__traceback__
    if frame is None:
        return "unknown"
    while frame.tb_next is not None:
        frame = frame.tb_next
    code = frame.tb_frame.f_code
    return f"{frame.tb_frame.f_globals.get('__name__', '?')}:{frame.tb_lineno} {code.co_name}"[:240]


class ClassAndPlace(logging.Formatter):
    """Formats records of libraries as JSON, with class and place of an exception: its message may hold a resident's words."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one JSON line."""
        import orjson

        entry = {"event": record.name, "level": record.levelname.lower(), "place": f"{record.module}:{record.lineno}"}
        if record.exc_info and record.exc_info[0]:
            entry["error"] = record.exc_info[0].__name__
        elif isinstance(record.msg, str):
            # The format without its arguments: what fills it in may be anything.
            entry["message"] = record.msg[:200]
        return orjson.dumps(entry).decode()


def set_up(level: int = logging.INFO) -> None:
    """Send our own and the libraries' logs to standard error, as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ClassAndPlace())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
