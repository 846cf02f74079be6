"""The rich menu: what staff write becomes a picture and areas that LINE takes, and a new one replaces the old."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.config import ChannelSettings
from bot.flow import lint
from bot.flow.load import load, load_texts
from bot.flow.problems import Problem
from bot.flow.richmenu import RichMenu
from bot.line.client import LineClient
from bot.line.limits import RICH_MENU_AREAS, RICH_MENU_IMAGE_BYTES
from bot.line.richmenu import SIZES, boxes, draw, menu_object
from bot.line.richmenu_publishing import NotAccepted, publish_menus, remove
from bot.simulator.client import Simulator

ROOT = Path(__file__).parents[2]
TOWN = "languages: {ja: 日本語, ja-easy: やさしい日本語, en: English}\ntown: {name: 見本町}\n"
FLOW = "flow: garbage\ntitle: ごみ\nstart: {keywords: [ごみ]}\nsteps:\n  - say: ごみは朝に出します。\n"
MENU = """name: 見本
bar: {ja: メニュー, ja-easy: メニュー, en: Menu}
areas:
  - {label: {ja: ごみ, ja-easy: ごみ, en: Waste}, mark: ご, say: ごみ}
  - {label: {ja: 電話, ja-easy: でんわ, en: Call}, mark: 話, open: "tel:189"}
"""


@pytest.fixture(scope="module")
def shipped() -> RichMenu:
    found = load(ROOT / "flows").richmenu
    assert found is not None
    return found[0]


@pytest.fixture(scope="module")
def line() -> Iterator[Simulator]:
    with Simulator.start(secret="s" * 32, token="t" * 32) as simulator:
        yield simulator


@pytest.fixture
def client(line: Simulator) -> Iterator[LineClient]:
    client = LineClient([ChannelSettings("main", ("s" * 32,), "t" * 32)], line.url)
    yield client
    client.close()


def problems(menu: str) -> list[Problem]:
    texts = {"flows/town.yaml": TOWN, "flows/garbage.yaml": FLOW, "flows/richmenu.yaml": menu}
    return [each for each in lint.check(load_texts(texts)) if each.place.file == "flows/richmenu.yaml"]


@pytest.mark.parametrize("language", ["ja", "ja-easy", "en"])
def test_the_picture_is_one_that_line_takes(shipped: RichMenu, language: str) -> None:
    picture = draw(shipped, language)
    assert len(picture) <= RICH_MENU_IMAGE_BYTES
    with Image.open(io.BytesIO(picture)) as image:
        assert (image.format, image.size) == ("PNG", SIZES[shipped.size])


def test_labels_differ_by_language(shipped: RichMenu) -> None:
    labels = {
        language: [area["action"]["label"] for area in menu_object(shipped, language)["areas"]]
        for language in ("ja", "ja-easy", "en")
    }
    assert (labels["ja"][0], labels["ja-easy"][0], labels["en"][0]) == ("ごみを調べる", "ごみの 出し方", "Waste")


def test_an_area_shows_its_label_in_the_chat_and_tells_the_bot_where_it_leads(shipped: RichMenu) -> None:
    action = menu_object(shipped, "en")["areas"][0]["action"]
    assert action == {"type": "postback", "label": "Waste", "data": "///?area=ごみ", "displayText": "Waste"}


def test_the_marks_are_drawn_in_the_language(shipped: RichMenu) -> None:
    area = shipped.areas[0].model_copy(update={"label": {"": "x"}, "mark": {"ja": "ご", "en": "W"}})
    menu = shipped.model_copy(update={"areas": [area]})
    assert draw(menu, "ja") != draw(menu, "en")


@pytest.mark.parametrize("size", ["large", "compact"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 12, RICH_MENU_AREAS])
def test_areas_cover_the_picture_without_gap_or_overlap(shipped: RichMenu, size: str, count: int) -> None:
    areas = [shipped.areas[number % len(shipped.areas)] for number in range(count)]
    menu = shipped.model_copy(update={"areas": areas, "size": size})
    covered = sum(box.width * box.height for box in boxes(menu))
    assert covered == SIZES[menu.size][0] * SIZES[menu.size][1]
    assert len(draw(menu, "ja")) <= RICH_MENU_IMAGE_BYTES


def test_the_longest_labels_stay_inside_their_area(shipped: RichMenu) -> None:
    long = shipped.areas[0].model_copy(update={"label": {"": "子育て・教育・福祉・健康・医療の手続き案内"[:20]}})
    menu = shipped.model_copy(update={"areas": [long] * 5, "columns": 5})
    with Image.open(io.BytesIO(draw(menu, "ja"))) as image:
        shown = image.convert("L")
        for box in boxes(menu)[1:]:
            edge = shown.crop((box.x - 20, 100, box.x + 20, box.height - 100))
            assert min(edge.tobytes()) > 200


def test_a_sound_menu_has_no_problems() -> None:
    assert problems(MENU) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "part"),
    [
        ("say: ごみ}", "say: ごm}", 4, "始まるフローがありません"),
        ("say: ごみ}", 'say: ごみ, open: "tel:189"}', 4, "どちらか一つ"),
        ('open: "tel:189"', 'open: "189"', 5, "https:// か tel:"),
        ("en: Waste", "en: Waste and recycling days", 4, "20文字まで"),
        ("en: Menu", "en: The menu of the town", 2, "14文字まで"),
        (", en: Waste", "", 4, "en の文章がありません"),
        ("mark: ご", "mrak: ご", 4, "「mark」ではありませんか"),
        ("mark: ご", "mark: ごみの日", 4, "3文字まで"),
        ("mark: ご", 'mark: {ja: ご, ja-easy: "", en: W}', 4, "文字が空です"),
        ("mark: ご", "mark: {ja: ご, en: W}", 4, "ja-easy の文章がありません"),
        ("en: Menu", "en: Menu, jp: メニュー", 2, "「jp」は town.yaml の言語"),
    ],
)
def test_what_is_wrong_in_the_menu_is_said_with_its_line(old: str, new: str, line: int, part: str) -> None:
    assert MENU.count(old) == 1
    found = problems(MENU.replace(old, new))
    assert any(each.place.line == line and part in each.what.ja for each in found), found


def both(shipped: RichMenu) -> dict[str, tuple[dict[str, Any], bytes]]:
    return {language: (menu_object(shipped, language), draw(shipped, language)) for language in ("ja", "en")}


def test_each_language_has_its_menu_and_the_first_is_everybodys(
    line: Simulator, client: LineClient, shipped: RichMenu
) -> None:
    api = client.sdk("main")
    first = publish_menus(api, line.url, both(shipped), "ja")
    second = publish_menus(api, line.url, both(shipped), "ja")
    assert second.before == first.menus["ja"]
    assert api.get_default_rich_menu_id().rich_menu_id == second.menus["ja"]
    there = {menu.rich_menu_id for menu in api.get_rich_menu_list().richmenus}
    assert there == {*first.menus.values(), *second.menus.values()}, "the old ones stay until residents are linked anew"
    for menu_id in there:
        remove(api, menu_id)


def test_a_menu_that_line_refuses_leaves_the_old_ones(line: Simulator, client: LineClient, shipped: RichMenu) -> None:
    api = client.sdk("main")
    kept = publish_menus(api, line.url, both(shipped), "ja").menus
    with pytest.raises(NotAccepted, match="LINE answered 400"):
        publish_menus(api, line.url, both(shipped) | {"en": (menu_object(shipped, "en"), b"no picture")}, "ja")
    assert api.get_default_rich_menu_id().rich_menu_id == kept["ja"]
    assert {menu.rich_menu_id for menu in api.get_rich_menu_list().richmenus} == set(kept.values())
