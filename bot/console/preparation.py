"""What a page would otherwise do when it is first opened after a start: done in the background, so that no clerk waits for it."""

from __future__ import annotations

from flask import Flask

from bot.console.flows.reading import problems
from bot.console.language import Languages


class Preparation:
    """Reads the English texts and checks the flows in force. Templates are compiled page by page, as they are opened:
    all of them would take a second of the processor that webhooks need after a start.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self) -> None:
        """Do it once; afterwards it costs nothing."""
        babel: Languages = self._app.extensions["babel"].instance
        babel.domain_instance.of("en")
        with self._app.app_context():
            problems()
