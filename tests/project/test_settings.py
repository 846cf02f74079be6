"""Every setting is documented where an operator looks for it."""

from __future__ import annotations

import re

import pytest

from tests.product import ROOT

CONFIG = (ROOT / "bot" / "config.py").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r'"((?:[A-Z]+_)+[A-Z]+|PORT)"', CONFIG)) - {"ACCESS_TOKEN", "FORWARD_URL"})
OF_A_CHANNEL = ("LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN", "LINE_CHANNEL_ID", "LINE_CHANNEL_FORWARD_URL")


def test_the_settings_are_found() -> None:
    assert {"DATABASE_URL", "PORT", "ENCRYPTION_KEYS"} <= set(NAMES)


@pytest.mark.parametrize("name", [*NAMES, *OF_A_CHANNEL])
def test_a_setting_is_explained_in_the_readme(name: str) -> None:
    assert f"`{name}`" in README


ENTRANCES = re.compile(r"bot/(app|serve|workbench|demo/app|operators/\w+)\.py|(bot|handlers)/(\w+/)*(\w+_)?cli\.py")


def test_only_the_entrances_read_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("bot", "handlers")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"os\.(environ|getenv)", path.read_text(encoding="utf-8"))
    }
    assert [name for name in sorted(readers) if not ENTRANCES.fullmatch(name)] == []
