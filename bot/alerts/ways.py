"""The two ways out of the house: mail by SMTP, and a webhook signed with a timestamp. What they carry holds no content."""

from __future__ import annotations

import contextlib
import datetime as dt
import hmac
import http.client
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

import orjson

from bot.alerts.roster import Hook
from bot.config import is_loopback

SECONDS = 10.0
"""How long one step of a conversation with a mail server or receiver may take."""

MAIL, WEBHOOK = "mail", "webhook"


class NotDelivered(Exception):
    """A message did not get out; its words go into the record, and never quote an address or a server's text."""


@dataclass(frozen=True, slots=True)
class Call:
    """What one person is told: that there is something at a desk, and where to say "I take it"."""

    uid: str
    service: str
    service_name: str
    urgent: bool
    level: int
    raised_at: dt.datetime
    acknowledge_url: str | None
    console_url: str | None

    @property
    def subject(self) -> str:
        """Return the line a telephone shows."""
        return f"{'【至急】' if self.urgent else ''}まどぐち：「{self.service_name}」に用件があります"

    @property
    def text(self) -> str:
        """Return the whole message."""
        lines = [
            f"「{self.service_name}」の窓口に、{'急ぎの' if self.urgent else ''}用件があります。管理画面を開いてください。",
            f"There is something {'urgent ' if self.urgent else ''}at the desk “{self.service_name}”. Open the console.",
        ]
        if self.console_url:
            lines += ["", f"管理画面 / Console: {self.console_url}"]
        if self.acknowledge_url:
            lines += ["", f"引き受ける（ほかの人への呼び出しが止まります） / I take it: {self.acknowledge_url}"]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Post:
    """The mail server (`smtp://` with STARTTLS, `smtps://`, name and password inside) and the address mails come from."""

    url: str
    sender: str

    def send(self, to: str, call: Call) -> None:
        """Hand one mail to the server. Raises NotDelivered."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, call.subject
        message["Message-ID"] = f"<{call.uid}.alert@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(call.text)
        parts = urlsplit(self.url)
        try:
            with _connected(parts) as server:
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(message)
        except smtplib.SMTPResponseException as error:
            raise NotDelivered(f"mail server said {error.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise NotDelivered(f"mail server refused the recipient ({code})") from None
        except (OSError, smtplib.SMTPException) as error:
            raise NotDelivered(f"mail server: {type(error).__name__}") from None


def _connected(parts: SplitResult) -> smtplib.SMTP:
    host, tls = parts.hostname or "", ssl.create_default_context()
    if parts.scheme == "smtps":
        return smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=tls)
    server = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
    # A relay on this very machine is believed without a certificate; over a network nothing goes out in the clear.
    if not is_loopback(parts.geturl()):
        try:
            server.starttls(context=tls)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
    return server


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what the receiver compares: HMAC-SHA256, in hexadecimal, over the timestamp, a point, and the body."""
    return hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()


def send_webhook(hook: Hook, call: Call, now: dt.datetime) -> None:
    """Post one call to a receiver; any 2xx counts, redirects are not followed. Raises NotDelivered."""
    body = orjson.dumps(
        {
            "id": call.uid, "service": call.service, "urgent": call.urgent, "level": call.level,
            "raised_at": call.raised_at.isoformat(), "text": call.text,
            "acknowledge_url": call.acknowledge_url, "console_url": call.console_url,
        }
    )  # fmt: skip
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "X-Madoguchi-Id": call.uid,
        "X-Madoguchi-Timestamp": timestamp,
        "X-Madoguchi-Signature": f"v1={signature(hook.secret, timestamp, body)}",
    }
    status = _post(urlsplit(hook.url), body, headers)
    if not 200 <= status < 300:
        raise NotDelivered(f"receiver said {status}")


def _post(parts: SplitResult, body: bytes, headers: dict[str, str]) -> int:
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        with contextlib.closing(kind(parts.hostname or "", parts.port, timeout=SECONDS)) as connection:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise NotDelivered(f"receiver: {type(error).__name__}") from None
