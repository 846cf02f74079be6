"""A log line holds ids and numbers; what fills a message in, and what an exception says, stays out."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bot.logs import ALLOWED, only_allowed
from tests.product import ROOT

PRIVATE = "夫に知られたくない相談です"

SCRIPT = """
import logging, threading, warnings
import structlog
from bot import logs
logs.set_up()
log = structlog.get_logger("ours")
log.info("delivery.attempt", delivery=7, text={private!r}, user_id="U1234")
theirs = logging.getLogger("theirs")
theirs.warning("cannot take %s of %s", {private!r}, "U1234")
theirs.info("not important: %s", {private!r})
try:
    raise ValueError({private!r})
except ValueError:
    theirs.exception("failed with %s", {private!r})
    logging.getLogger("flask.app").error("Exception on %s", "/x", exc_info=True)
"""


@pytest.fixture(scope="module")
def written() -> str:
    """What a process logs to standard error."""
    script = SCRIPT.format(private=PRIVATE)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert (done.returncode, done.stdout) == (0, "")
    return done.stderr


def test_every_line_is_a_json_object(written: str) -> None:
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["event"] for line in lines] == ["delivery.attempt", "theirs", "theirs", "flask.app"]


def test_what_is_not_known_to_be_harmless_is_dropped_and_counted(written: str) -> None:
    ours = json.loads(written.splitlines()[0])
    assert (ours["delivery"], ours["dropped"]) == (7, 2)


def test_an_exception_leaves_its_class_and_not_its_words(written: str) -> None:
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line.get("error") for line in lines] == [None, None, "ValueError", "ValueError"]


def test_nothing_private_is_written_in_any_form(written: str) -> None:
    for hidden in (PRIVATE, json.dumps(PRIVATE).strip('"'), repr(PRIVATE.encode()), "U1234", "Traceback"):
        assert hidden not in written


def test_only_known_keys_pass() -> None:
    entry = {"event": "x", **dict.fromkeys(sorted(ALLOWED - {"event"}), 1), "token": "t", "answers": {"a": 1}}
    assert set(only_allowed(None, "info", entry)) == ALLOWED | {"dropped"}
