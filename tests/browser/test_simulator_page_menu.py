"""The rich menu under a chat: its bar, its areas, its tabs."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from bot.simulator.client import Person
from tests.browser.bots import Bot, press

pytestmark = pytest.mark.browser
LEFT = {"x": 0, "y": 0, "width": 600, "height": 405}
RIGHT = {"x": 600, "y": 0, "width": 600, "height": 405}


def make_menu(bot: Bot, name: str, bar: str, actions: list[dict[str, Any]], *, selected: bool = True) -> str:
    """Create a rich menu with two areas, upload its picture and give it an alias; return its id."""
    areas = [{"bounds": bounds, "action": action} for bounds, action in zip((LEFT, RIGHT), actions, strict=True)]
    size = {"width": 1200, "height": 405}
    menu = {"size": size, "selected": selected, "name": name, "chatBarText": bar, "areas": areas}
    status, answer = bot.call("POST", "/v2/bot/richmenu", menu)
    assert status == 200, answer
    menu_id: str = json.loads(answer)["richMenuId"]
    picture = io.BytesIO()
    Image.new("RGB", (1200, 405), "#1e5f3a").save(picture, "PNG")
    headers = {"Authorization": "Bearer token", "Content-Type": "image/png"}
    assert bot.line.http("POST", f"/v2/bot/richmenu/{menu_id}/content", picture.getvalue(), headers)[0] == 200
    assert bot.call("POST", "/v2/bot/richmenu/alias", {"richMenuAliasId": name, "richMenuId": menu_id})[0] == 200
    return menu_id


def switch(label: str, alias: str) -> dict[str, Any]:
    """Return the action of a tab."""
    return {"type": "richmenuswitch", "label": label, "richMenuAliasId": alias, "data": f"to-{alias}"}


@pytest.fixture
def menus(town: Bot, chat: Page) -> Page:
    """Two menus as tabs of each other; the first is everyone's."""
    first = make_menu(
        town, "daily", "くらし", [switch("手続き", "papers"), press("ごみの日", "garbage", displayText="ごみの日")]
    )
    make_menu(town, "papers", "手続き", [switch("くらし", "daily"), press("税金", "tax")])
    assert town.call("POST", f"/v2/bot/user/all/richmenu/{first}", {})[0] == 200
    return chat


def test_an_area_of_the_menu_presses_its_button(menus: Page, town: Bot) -> None:
    menus.get_by_role("group", name="くらし").get_by_role("button", name="ごみの日").click()
    expect(menus.get_by_role("log")).to_contain_text("ごみの日")
    assert town.got("postback")["postback"] == {"data": "garbage"}


def test_the_areas_lie_on_the_picture_where_the_menu_says(menus: Page) -> None:
    picture = menus.get_by_role("group", name="くらし").bounding_box()
    places = [menus.get_by_role("button", name=name, exact=True).bounding_box() for name in ("手続き", "ごみの日")]
    assert picture is not None
    for number, place in enumerate(places):
        assert place is not None
        assert place["x"] == pytest.approx(picture["x"] + number * picture["width"] / 2, abs=2)
        assert place["y"] == pytest.approx(picture["y"], abs=2)
        assert place["height"] == pytest.approx(picture["height"], abs=2)


def test_a_tab_shows_the_other_menu_and_tells_the_bot(menus: Page, town: Bot) -> None:
    menus.get_by_role("button", name="手続き", exact=True).click()
    expect(menus.get_by_role("group", name="手続き").get_by_role("button", name="税金")).to_be_visible()
    params = town.got("postback")["postback"]["params"]
    assert params == {"newRichMenuAliasId": "papers", "status": "SUCCESS"}


def test_the_bar_hides_and_shows_the_menu(menus: Page) -> None:
    menus.get_by_role("button", name="メニューを閉じる：くらし").click()
    expect(menus.get_by_role("button", name="ごみの日")).to_be_hidden()
    menus.get_by_role("button", name="メニューを開く：くらし").click()
    expect(menus.get_by_role("button", name="ごみの日")).to_be_visible()


def test_a_menu_that_is_not_selected_waits_behind_its_bar(chat: Page, town: Bot, hanako: Person) -> None:
    menu = make_menu(town, "quiet", "メニュー", [press("一"), press("二")], selected=False)
    assert town.call("POST", f"/v2/bot/user/{hanako.id}/richmenu/{menu}", {})[0] == 200
    expect(chat.get_by_role("button", name="メニューを開く：メニュー")).to_be_visible()
    expect(chat.get_by_role("button", name="一", exact=True)).to_be_hidden()
