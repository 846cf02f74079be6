"""What services and flows are called: by the titles their flows give them."""

from __future__ import annotations

from bot.console.access import service_of
from bot.console.console import Console
from bot.console.language import language_of_request


def service_titles(console: Console) -> dict[str, str]:
    """Return all services of the flows in force, by name, with the title of their first listed flow."""
    found: dict[str, str] = {}
    programs = console.book().programs
    listed = sorted(programs.values(), key=lambda one: (one.flow.menu is None, one.id))
    for program in listed:
        found.setdefault(service_of(program.id), flow_title(console, program.id))
    return dict(sorted(found.items()))


def flow_title(console: Console, flow: str) -> str:
    """Return the title of a flow in the language of this request; its name when it is no longer in force."""
    program = console.book().programs.get(flow)
    if program is None:
        return flow
    texts = program.flow.title
    return texts.get(language_of_request()) or texts.get("ja") or texts.get("") or flow
