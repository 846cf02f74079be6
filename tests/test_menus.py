"""The rich menu speaks each resident's language: published in all of them, linked at LINE, taken back when data are erased."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from linebot.v3.messaging import MessagingApi
from linebot.v3.messaging.exceptions import ApiException

from bot.config import ChannelSettings
from bot.line.client import LineClient
from bot.simulator.client import Person
from tests.product import PATIENCE, ROOT, Product, wait_until


@pytest.fixture
def api(product: Product) -> Iterator[MessagingApi]:
    client = LineClient([ChannelSettings("main", (product.secret,), product.token)], product.line.url)
    yield client.sdk("main")
    client.close()


def publish(product: Product, *more: str) -> str:
    command = [str(Path(sys.executable).with_name("madoguchi")), "richmenu", "publish", *more]
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **product.environment}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def first_label(api: MessagingApi, person: Person) -> str | None:
    """Return what the first area of the resident's own menu is called, None for whoever has none of their own."""
    try:
        own = api.get_rich_menu_id_of_user(person.id).rich_menu_id
    except ApiException:
        return None
    label: str = api.get_rich_menu(own).areas[0].action.label
    return label


def gone(api: MessagingApi, menu_id: str) -> bool:
    try:
        api.get_rich_menu(menu_id)
    except ApiException as error:
        return bool(error.status == 404)
    return False


def sees(api: MessagingApi, person: Person, label: str | None) -> None:
    wait_until(lambda: first_label(api, person) == label, PATIENCE, f"the menu to begin with {label}")


def chooses(person: Person, language: str) -> None:
    person.say("ことば")
    person.wait_for("ことばを選んでください")
    person.say(language)


def test_each_resident_sees_the_menu_of_their_language(product: Product, api: MessagingApi) -> None:
    hanako, alex = (product.line.resident(name) for name in ("見本 花子", "Alex Sample"))
    for person in (hanako, alex):
        person.follow()
        person.wait_for("ことばを選んでください")
    alex.say("English")
    hanako.say("日本語")
    told = publish(product)
    assert told.count("is now the menu in") == 3
    sees(api, alex, "Waste")
    assert first_label(api, hanako) is None, "she sees everybody's, which is in Japanese"
    alex.say("language")
    alex.wait_for("Please choose a language")
    alex.say("やさしい日本語")
    sees(api, alex, "ごみの 出し方")
    before = [menu.rich_menu_id for menu in api.get_rich_menu_list().richmenus]
    publish(product)
    for menu_id in before:
        wait_until(lambda menu_id=menu_id: gone(api, menu_id), PATIENCE, "the menus before to be gone")  # type: ignore[misc]  # bound early
    sees(api, alex, "ごみの 出し方")


def test_erasing_ones_data_takes_the_menu_back(product: Product, api: MessagingApi) -> None:
    publish(product)
    alex = product.line.resident("Alex Sample")
    alex.follow()
    alex.wait_for("ことばを選んでください")
    alex.say("English")
    sees(api, alex, "Waste")
    for words in ("my data", "Erase everything", "yes"):
        alex.say(words)
    alex.wait_for("Everything has been erased")
    sees(api, alex, None)


def test_one_language_alone_is_everybodys(product: Product, api: MessagingApi) -> None:
    publish(product, "--language", "ja-easy")
    [menu] = api.get_rich_menu_list().richmenus
    assert api.get_default_rich_menu_id().rich_menu_id == menu.rich_menu_id
    assert menu.areas[0].action.label == "ごみの 出し方"
