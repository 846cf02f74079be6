"""A chat as its turns: what was pressed by which label, what was sent, and what the bot said to it."""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML

from bot.simulator.chats import Entry
from bot.simulator.page import create_page
from bot.simulator.people import Resident
from bot.simulator.storage import dump, load
from bot.simulator.transcript import as_yaml, moves
from bot.simulator.world import World
from tests.simulator.conftest import NOON
from tests.simulator.made import buttons, postback, quick, text


def answer(world: World, resident: Resident, *messages: dict[str, Any], via: str = "reply") -> None:
    request = world.ids.uuid()
    for message in messages:
        entry = Entry(world.ids.message(world.clock()), world.clock(), "bot", via, message, request)
        world.show(world.chat("main", resident.id), entry)


def told(world: World, resident: Resident) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in move.items() if key != "at"}
        for move in moves(world.chat("main", resident.id), world)
    ]


def test_a_press_is_told_by_its_label_whether_or_not_it_shows_in_the_chat(world: World, hanako: Resident) -> None:
    hanako.say("納税")
    answer(world, hanako, text("どうぞ"), quick(postback(label="車", data="k=1"), postback(label="軽", data="k=2")))
    hanako.press("k=2")
    answer(world, hanako, buttons(postback(label="納めました", data="paid")))
    hanako.press("paid", display_text="納めました")
    hanako.press("k=3", params={"date": "2027-05-31"})
    assert told(world, hanako) == [
        {"resident": "納税", "bot": ["どうぞ", "？"], "buttons": ["車", "軽"]},
        {"press": "軽", "data": "k=2", "bot": ["選んでください"], "buttons": ["納めました"]},
        {"press": "納めました", "data": "paid"},
        {"press": "k=3", "data": "k=3", "picked": "2027-05-31"},
    ]


def test_two_messages_of_the_bot_are_one_turn_and_what_it_sends_of_itself_another(
    world: World, hanako: Resident
) -> None:
    hanako.follow()
    answer(world, hanako, text("ようこそ"), text("ことばは？"))
    answer(world, hanako, text("お知らせです"), via="push")
    assert told(world, hanako) == [
        {"follow": "new", "bot": ["ようこそ", "ことばは？"], "buttons": []},
        {"bot": ["お知らせです"], "buttons": []},
    ]


def test_pictures_and_places_are_sent_and_what_was_taken_back_is_not_told(world: World, hanako: Resident) -> None:
    hanako.send_file("image", b"x", "image/png")
    hanako.location(35.5, 139.5, title="役場", address="中央1")
    hanako.unsend(hanako.say("まちがい")["message"]["id"])
    assert told(world, hanako) == [
        {"send": "image"},
        {"send": "location", "detail": {"title": "役場", "address": "中央1", "latitude": 35.5, "longitude": 139.5}},
    ]


def test_what_a_bot_in_development_tells_of_itself_stands_in_its_turn(world: World, hanako: Resident) -> None:
    chat = world.chat("main", hanako.id)
    hanako.say("1")
    world.happen(chat, "note", {"action": "tax.register"})
    answer(world, hanako, text("登録しました"))
    hanako.say("2")
    assert [move.get("notes") for move in told(world, hanako)] == [[{"action": "tax.register"}], None]


def test_a_transcript_survives_a_restart(world: World, hanako: Resident) -> None:
    hanako.press("x")
    fresh = World(lambda: NOON)
    fresh.add_channel(secret="secret")
    load(fresh, dump(world))
    assert told(fresh, hanako) == [{"press": "x", "data": "x"}]


def test_the_page_writes_a_chat_as_an_authors_test(world: World, hanako: Resident) -> None:
    hanako.say("納税")
    answer(world, hanako, text("一行目\n二行目"))
    world.advance(3 * 86_400 + 5)
    hanako.say("はい")
    written = create_page(world).test_client().get("/api/transcript", query_string={"resident": hanako.id})
    assert written.get_data(as_text=True) == (
        "talk: 花子\n"
        "now: 2027-01-15 17:00\n"
        "moves:\n"
        "  - resident: 納税\n"
        "    bot: |-\n"
        "      一行目\n"
        "      二行目\n"
        "  - wait: 3 days\n"
        "    resident: はい\n"
    )


def test_a_transcript_names_who_said_what_in_a_group(world: World, hanako: Resident) -> None:
    taro = world.add_resident("太郎")
    group = world.add_group("自治会", [hanako, taro])
    group.bots["main"] = None
    taro.say("日曜に集まります", group=group)
    talk = YAML(typ="safe").load(as_yaml(world.chat("main", group.id), world))
    assert (talk["talk"], talk["moves"]) == ("自治会", [{"resident": "日曜に集まります", "name": "太郎"}])
