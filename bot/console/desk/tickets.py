"""Tickets of a session for what it has opened: a view is recorded once, and nothing is read without one.

An open page asks for news every other second; recording each would bury the log. Whoever asks without the ticket of the page has a
view of their own recorded and gets one.
"""

from __future__ import annotations

import hmac

from flask import session

from bot.console.console import console

_PURPOSE = "what a console session has opened"


def ticket(subject: str) -> str:
    """Return the ticket of this session for `subject` (as the audit log names it)."""
    return console().lookup.digest(_PURPOSE, session["_user_id"], subject).hex()


def holds(given: str, subject: str) -> bool:
    """Tell whether `given` is this session's ticket for `subject`."""
    known = console().lookup.digests(_PURPOSE, session["_user_id"], subject)
    return any(hmac.compare_digest(one.hex(), given) for one in known)
