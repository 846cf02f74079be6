"""Who may open the pages of the desk."""

from __future__ import annotations

_TALK = "manager officer counsellor operator"
_RECORD = "manager officer counsellor"
_SETTINGS = "administrator manager"

PAGES = {
    "desk.board": _TALK,
    "desk.poll": _TALK,
    "desk.closed": _TALK,
    "desk.one": _TALK,
    "desk.send": _TALK,
    "desk.scratch": _TALK,
    "desk.drafted": _TALK,
    "desk.act": _TALK,
    "desk.keep": _RECORD,
    "desk.decide": "manager",
    "desk.sheet": _RECORD,
    "desk.save": _RECORD,
    "desk.pick": _RECORD,
    "desk.printed": _RECORD,
    "desk.exported": _RECORD,
    "desk.file": _TALK,
    "desk.content": _TALK,
    "desk.shift": _TALK,
    "desk.listing": _SETTINGS,
    "desk.office": _SETTINGS,
    "desk.add_reply": _SETTINGS,
    "desk.remove_reply": _SETTINGS,
}
