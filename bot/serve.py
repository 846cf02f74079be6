"""gunicorn's configuration: greenlets for webhooks and senders, background work started in each worker, drained at its end.

Used as `gunicorn --config python:bot.serve "bot.app:from_environment()"`.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

from gevent import monkey

monkey.patch_all()

from bot import logs  # noqa: E402 - everything after this line must see patched modules
from bot.config import read_settings  # noqa: E402 - likewise
from bot.runtime import Runtime  # noqa: E402 - likewise
from bot.startup import obstacle  # noqa: E402 - likewise

_settings = read_settings(os.environ)

bind = f"0.0.0.0:{_settings.port}"
worker_class = "bot.webworker.WebWorker"
workers = 1 if _settings.on_sqlite else _settings.web_concurrency
worker_connections = 2000
timeout = 30
graceful_timeout = 20
keepalive = 75  # longer than a PaaS router keeps its connections, so that it is never we who close under a request
preload_app = False
accesslog = None
loglevel = "warning"
limit_request_line = 4094
limit_request_fields = 60

logs.set_up()

GARBAGE_AFTER = 50_000
"""Objects made and not yet gone until the youngest are looked through; Python's own 700 is for small programs."""


def _runtime(worker: Any) -> Runtime:
    runtime: Runtime = worker.app.callable.extensions["madoguchi"]
    return runtime


def on_starting(_server: Any) -> None:
    """End with a sentence, before any worker is started, when none of them could work."""
    if (sentence := obstacle(_settings)) is not None:
        sys.exit(f"Madoguchi cannot start: {sentence}")


def post_worker_init(worker: Any) -> None:
    """Begin the background work of this worker; on SQLite it is the clock too."""
    # What was made at the start stays: looking through it for garbage again and again costs a twentieth of the
    # processor, and a tenth of a second at a time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER, 20, 20)
    # gunicorn looks each setting up by a function, twenty times a request; a worker's settings no longer change.
    vars(worker.cfg).update({name: setting.get() for name, setting in worker.cfg.settings.items()})
    _runtime(worker).start(clock=_settings.on_sqlite, process="web")


def worker_exit(_server: Any, worker: Any) -> None:
    """Send what was promised before leaving."""
    if worker.app.callable is not None:
        _runtime(worker).stop()
