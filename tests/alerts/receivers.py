"""Who alerts are sent to: a real mail server and a real HTTP receiver on this machine, both able to fail on demand."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.alerts.ways import signature
from tests.product import PATIENCE, free_port

SECRET = "a secret of the receiver"


class MailServer:
    """Takes mail; while `refusal` is set it answers every recipient with it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusal: str | None = None
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=PATIENCE)
        self._controller.start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def recipients(self) -> list[str]:
        return [str(mail["To"]) for mail in self.mails]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refusal is not None:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - likewise
        parsed = message_from_bytes(cast("bytes", envelope.content), policy=policy.default)
        self.mails.append(parsed)
        return "250 OK"

    def close(self) -> None:
        self._controller.stop()


class Receiver:
    """Takes webhooks; `status` is what it answers."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.status = 200
        self.during: Callable[[], None] = lambda: None
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.during()
                # Read before the call shows: a test that saw it may set the next one's answer at once.
                status = receiver.status
                stamp = self.headers["X-Madoguchi-Timestamp"]
                signed = self.headers["X-Madoguchi-Signature"] == f"v1={signature(SECRET, stamp, body)}"
                receiver.calls.append({**json.loads(body), "signed": signed, "stamp": int(stamp), "path": self.path})
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/alerts?from=town"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
