"""The page's own addresses: what a browser may ask, what other sites may not, and what changed since a version."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flask.testing import FlaskClient

from bot.simulator.chats import Entry
from bot.simulator.page import create_page
from bot.simulator.people import Resident
from bot.simulator.world import World
from tests.simulator.conftest import NOON


@pytest.fixture
def page(world: World) -> FlaskClient:
    """The page, asked without a browser."""
    return create_page(world).test_client()


def state(page: FlaskClient, since: int = -1) -> dict[str, Any]:
    """Return what the page learns."""
    found: dict[str, Any] = page.get("/api/state", query_string={"since": since}).get_json()
    return found


def say(world: World, resident: Resident, words: str) -> None:
    """Let the bot's words appear in a resident's chat."""
    message = {"type": "text", "text": words}
    world.show(world.chat("main", resident.id), Entry(world.ids.message(NOON), NOON, "bot", "push", message))


def test_the_page_forbids_scripts_and_styles_that_are_not_its_own(page: FlaskClient) -> None:
    policy = page.get("/").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; img-src 'self' https: data: blob:")
    assert "unsafe" not in policy


def test_every_address_in_the_page_is_relative_so_that_it_can_be_mounted_anywhere(page: FlaskClient) -> None:
    html = page.get("/").get_data(as_text=True)
    assert 'src="static/app.js"' in html
    assert '="/' not in html
    assert "://" not in html


def test_the_mount_point_without_its_slash_leads_to_the_page(page: FlaskClient) -> None:
    answer = page.get("", environ_overrides={"SCRIPT_NAME": "/simulator", "PATH_INFO": ""})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/simulator/")


def test_a_form_of_another_site_cannot_speak_for_a_resident(page: FlaskClient, hanako: Resident) -> None:
    answer = page.post("/api/say", data={"resident": hanako.id, "text": "x"})
    assert answer.status_code == 415


def test_the_first_answer_holds_everything_and_the_next_only_what_changed(
    page: FlaskClient, world: World, hanako: Resident
) -> None:
    say(world, hanako, "一")
    first = state(page)
    assert [one["message"]["text"] for one in first["messages"]] == ["一"]
    assert first["chats"][0]["status"] == "friend"
    assert "messages" not in state(page, first["version"])
    say(world, hanako, "二")
    second = state(page, first["version"])
    assert [one["message"]["text"] for one in second["messages"]] == ["二"]
    assert not second["reload"]


def test_after_a_reset_the_page_forgets_what_it_knew(page: FlaskClient, world: World, hanako: Resident) -> None:
    say(world, hanako, "一")
    version = state(page)["version"]
    assert page.post("/api/reset", json={}).status_code == 200
    found = state(page, version)
    assert (found["reload"], found["messages"], found["chats"][0]["status"]) == (True, [], "stranger")


def test_a_version_from_another_world_means_a_fresh_start(page: FlaskClient, hanako: Resident) -> None:
    assert state(page, 10_000)["reload"]


def test_a_bot_without_chat_mode_reads_at_once_and_one_with_it_when_it_says_so(
    page: FlaskClient, world: World, hanako: Resident
) -> None:
    hanako.say("すぐ読みます")
    world.channel().chat_mode = "chat"
    event = hanako.say("あとで読みます")
    assert [one["read"] for one in state(page)["messages"]] == [True, False]
    chat = world.chat("main", hanako.id)
    chat.entries[-1].read = True
    version = world.journal.version
    world.journal.note("read", channel="main", chat=hanako.id, up_to=event["message"]["id"])
    assert [one["read"] for one in state(page, version)["messages"]] == [True, True]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("say", {"resident": "U0", "text": "x"}),
        ("press", {"resident": "U0", "data": "x"}),
        ("follow", {"resident": "U0"}),
        ("event", {"resident": "U0", "type": "follow"}),
    ],
)
def test_someone_unknown_is_told_so(page: FlaskClient, path: str, body: dict[str, Any]) -> None:
    answer = page.post(f"/api/{path}", json=body)
    assert answer.status_code == 404
    assert "U0" in answer.get_json()["message"]


@pytest.mark.parametrize("body", [[], "x", 3])
def test_a_body_that_is_no_object_is_refused(page: FlaskClient, body: Any) -> None:
    assert page.post("/api/say", json=body).status_code == 400


def test_what_a_resident_uploaded_is_shown_only_when_it_is_a_picture_film_or_sound(
    page: FlaskClient, hanako: Resident
) -> None:
    kinds = {"image/png": "inline", "image/svg+xml": "attachment", "text/html": "attachment"}
    for content_type, disposition in kinds.items():
        answer = page.post(
            "/api/upload",
            query_string={"resident": hanako.id, "kind": "image", "name": "x"},
            data=b"bytes",
            content_type=content_type,
            headers={"X-Simulator-Upload": "1"},
        )
        shown = page.get(f"/api/content/{answer.get_json()['message']['id']}")
        assert shown.headers["Content-Disposition"] == disposition
        assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"


def test_the_host_may_bring_its_own_time_machine(world: World) -> None:
    jumps: list[float] = []
    page = create_page(world, travel=jumps.append).test_client()
    assert page.post("/api/travel", json={"seconds": 3600}).status_code == 200
    assert page.post("/api/travel", json={"to": "2027-01-16T17:00"}).status_code == 200
    assert jumps == [3600.0, 1_800_086_400.0 - NOON]


def test_time_moves_forward_only(page: FlaskClient) -> None:
    for wrong in ({"seconds": -1}, {"to": "2001-01-01T00:00"}, {"to": "tomorrow"}, {}):
        assert page.post("/api/travel", json=wrong).status_code in {400, 404}


def test_where_the_time_belongs_to_someone_else_the_page_says_so() -> None:
    world = World(lambda: NOON, rng=random.Random(7))
    world.add_channel(secret="secret")
    page = create_page(world).test_client()
    assert not state(page)["info"]["travel"]
    assert page.post("/api/travel", json={"seconds": 1}).status_code == 400
    world.close()
