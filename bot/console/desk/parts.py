"""What the parts of an open talk show: each is read alone when it alone has changed."""

from __future__ import annotations

from typing import Any

from bot.console.access import person
from bot.console.desk import words
from bot.console.desk.rights import RECORD, Opened
from bot.console.language import language_of_request
from bot.desk import queue, referral, talk
from bot.desk.queue import Entry


def top(found: Opened) -> dict[str, Any]:
    """Return how the consultation stands."""
    return {"opened": found, "why_graded": words.why(found.desk, found.entry)}


def messages(found: Opened, after: int = 0) -> dict[str, Any]:
    """Return what was said, of it what came after the message `after`."""
    return {"opened": found, "messages": talk.messages_since(found.desk, found.entry.id, after)}


def beside(found: Opened) -> dict[str, Any]:
    """Return what stands beside the talk."""
    desk, number = found.desk, found.entry.id
    return {
        "opened": found,
        "answers": talk.answers(desk, number, language_of_request()),
        "notes": talk.notes(desk, number),
        "happened": talk.happened(desk, number),
        "earlier": queue.history(desk, number),
        "referrals": referral.referrals(desk, number),
        "may_record": person().may(RECORD, found.service),
    }


def state_of(entry: Entry) -> str:
    """Return what decides how one may write: when it changes, the page is drawn anew."""
    return f"{entry.state}/{entry.taken_by}/{entry.second_by}"
