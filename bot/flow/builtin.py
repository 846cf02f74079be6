"""The flows every town has before it writes its own: the menu and the language question."""

from __future__ import annotations

from collections.abc import Container
from functools import cache

from bot.flow import model, phrases
from bot.flow.book import LANGUAGE, MENU
from bot.flow.compile import compile_flow
from bot.flow.program import Program
from bot.flow.revision import revision

_LANGUAGES = ("ja", "ja-easy", "en")


def _texts(name: str) -> dict[str, str]:
    return {language: phrases.phrase(name, language) for language in _LANGUAGES}


@cache
def _all() -> dict[str, Program]:
    flows = (
        model.Flow(
            flow=MENU,
            title={"ja": "メニュー", "en": "Menu"},
            steps=[model.Ask(ask="service", text=_texts("menu_text"), type="services")],
        ),
        model.Flow(
            flow=LANGUAGE,
            title={"ja": "ことば", "en": "Language"},
            steps=[
                model.Ask(ask="language", text=_texts("which_language"), type="language"),
                model.Say(say=[{**_texts("language_set"), "": "{{ labels.language }}"}]),
            ],
        ),
    )
    return {flow.flow: compile_flow(flow, revision(flow, {}), _sound) for flow in flows}


def _sound(code: str, path: object, ja: str, en: str, *, key: bool = False) -> None:
    raise AssertionError(f"a built-in flow is wrong: {code} at {path} ({key}): {ja} {en}")


def programs(own: Container[str]) -> list[Program]:
    """Return the built-in flows that are not among the town's `own`."""
    return [program for name, program in _all().items() if name not in own]
