"""How many of a thing an account may have, and that nothing in memory grows without end."""

from __future__ import annotations

from typing import Any

import pytest

from bot.simulator import create_app
from bot.simulator.audiences import Audience
from bot.simulator.channels import TOKENS_KEPT, Channel
from bot.simulator.chats import MESSAGES_KEPT
from bot.simulator.contents import KEPT as FILES_KEPT
from bot.simulator.contents import Content, Contents
from bot.simulator.menus import Menu
from bot.simulator.statistics import Statistics
from bot.simulator.world import World
from tests.simulator.conftest import TOKEN
from tests.simulator.test_control import ask
from tests.simulator.test_richmenus import menu

NOW = 1_800_000_000.0


@pytest.fixture
def world() -> World:
    """A world with one bot."""
    made = World(lambda: NOW)
    made.add_channel(secret="s", token=TOKEN)
    return made


def post(world: World, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return ask(create_app(world), "POST", path, body, HTTP_AUTHORIZATION=f"Bearer {TOKEN}")


def test_an_account_has_1000_rich_menus(world: World) -> None:
    menus = world.channel().menus.menus
    menus |= {str(number): Menu(str(number), {}) for number in range(999)}

    assert post(world, "/v2/bot/richmenu", menu())[0] == 200
    assert post(world, "/v2/bot/richmenu", menu())[0] == 400
    assert len(menus) == 1000


def test_an_account_has_1000_aliases(world: World) -> None:
    menus = world.channel().menus
    menus.menus["richmenu-1"] = Menu("richmenu-1", {}, b"picture")
    menus.aliases |= {f"a{number}": "richmenu-1" for number in range(999)}

    for alias, status in (("last", 200), ("one-more", 400)):
        body = {"richMenuAliasId": alias, "richMenuId": "richmenu-1"}
        assert post(world, "/v2/bot/richmenu/alias", body)[0] == status


def test_an_account_has_1000_audiences(world: World) -> None:
    audiences = world.channel().audiences
    audiences |= {number: Audience(number, "a", NOW) for number in range(1, 1000)}

    assert post(world, "/v2/bot/audienceGroup/upload", {"description": "a"})[0] == 202
    status, answer = post(world, "/v2/bot/audienceGroup/upload", {"description": "a"})
    assert (status, answer["details"]) == (400, [{"message": "AUDIENCE_GROUP_COUNT_MAX_OVER"}])


def test_past_1000_unit_names_a_month_a_new_one_is_silently_not_assigned() -> None:
    statistics = Statistics()
    for number in range(1001):
        statistics.assign(f"unit{number}", 1, NOW)
    statistics.assign("unit0", 1, NOW)
    (names,) = statistics.units.values()

    assert len(names) == 1000
    assert (names["unit0"], "unit1000" in names) == (2, False)
    statistics.assign("unit1000", 1, NOW + 40 * 24 * 3600)
    assert len(statistics.units) == 2


def test_a_chat_keeps_its_latest_messages(world: World) -> None:
    hanako = world.add_resident("花子", friend_of="main")
    for number in range(MESSAGES_KEPT + 3):
        hanako.say(str(number))
    entries = world.chat("main", hanako.id).entries

    assert len(entries) == MESSAGES_KEPT
    assert entries[0].message["text"] == "3"


def test_large_files_push_out_older_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.simulator.contents.BYTES_KEPT", 10)
    contents = Contents()
    for number in range(3):
        contents.put(str(number), "main", Content(b"12345", "image/png"))

    assert [contents.get(str(number)) is None for number in range(3)] == [True, False, False]


def test_the_log_keeps_the_beginning_of_a_large_body(world: World) -> None:
    post(world, "/v2/bot/message/push", {"to": "x" * 200_000})
    (exchange,) = world.log

    assert len(exchange.request_body) == 65_536


def test_old_files_and_tokens_go() -> None:
    contents = Contents()
    channel = Channel("main", "1", "U1", ["s"])
    for number in range(FILES_KEPT + 1):
        contents.put(str(number), "main", Content(b"", "image/png"))
    for number in range(TOKENS_KEPT + 1):
        channel.issue(str(number), None)

    assert contents.get("0") is None
    assert contents.get("1") is not None
    assert len(channel.tokens) == TOKENS_KEPT
