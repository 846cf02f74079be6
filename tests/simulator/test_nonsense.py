"""Whatever a bot sends, it gets one of LINE's answers and never a server error."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.simulator import create_app
from bot.simulator.api.all import ROUTES
from bot.simulator.api.routes import Route
from bot.simulator.contents import Content
from bot.simulator.world import World
from tests.simulator.conftest import TOKEN
from tests.simulator.made import Json
from tests.simulator.test_control import ask
from tests.simulator.test_flex import EVERYTHING
from tests.simulator.test_limits import MOST, ROWS
from tests.simulator.test_richmenus import menu

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = (
    "to", "messages", "replyToken", "type", "text", "operations", "userIds", "richMenuId", "richMenuAliasId", "audiences",
    "audienceGroupId", "description", "recipient", "limit", "size", "areas", "endpoint", "chatId", "loadingSeconds",
    "markAsReadToken", "chat", "title", "requestId", "customAggregationUnits", "notificationDisabled", "resumeRequestKey",
)  # fmt: skip
RECIPIENTS = st.fixed_dictionaries({"type": st.sampled_from(["audience", "redelivery", "operator"])}).flatmap(
    lambda one: st.dictionaries(st.sampled_from(["audienceGroupId", "requestId", "and", "or", "not"]), VALUES).map(
        one.__or__
    )
)
SENDS = st.fixed_dictionaries({"recipient": RECIPIENTS, "messages": st.just([{"type": "text", "text": "a"}])})
BODIES = SENDS | VALUES | st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)
SENDING = [route for route in ROUTES.all if route.method in {"POST", "PUT"} and route.name != "webhook-test"]


def a_town() -> tuple[World, Any]:
    world = World(lambda: 1_800_000_000.0, rng=random.Random(1))
    world.add_channel(secret="s", token=TOKEN).rates.enforced = False
    for number in range(100):
        world.add_resident("花子", friend_of="main", user_id=f"U{number:032x}")
    world.contents.put("1", "main", Content(b"", "image/png"))
    return world, create_app(world)


WORLD, APP = a_town()


def call(method: str, path: str, body: Any = None, **environ: str) -> int:
    return ask(APP, method, path, body, HTTP_AUTHORIZATION=f"Bearer {TOKEN}", **environ)[0]


@pytest.mark.parametrize("route", SENDING, ids=lambda route: route.name)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES)
def test_any_body_gets_an_answer(route: Route, body: Any) -> None:
    path = route.pattern
    for name in (
        "{userId}",
        "{richMenuId}",
        "{richMenuAliasId}",
        "{audienceGroupId}",
        "{groupId}",
        "{id}",
        "{couponId}",
    ):
        path = path.replace(name, "U" + "0" * 32)

    assert call(route.method, path, body) < 500


@pytest.mark.parametrize("route", [one for one in ROUTES.all if one.method == "GET"], ids=lambda route: route.name)
@settings(max_examples=15, deadline=None)
@given(part=st.text(st.characters(codec="latin-1", exclude_characters="/"), min_size=1), query=st.text(max_size=20))
def test_any_path_and_query_gets_an_answer(route: Route, part: str, query: str) -> None:
    path = "/".join(part if piece.startswith("{") else piece for piece in route.pattern.split("/"))
    names = ("date", "requestId", "start", "limit", "page", "size", "from", "to", "customAggregationUnit")

    assert call("GET", path, QUERY_STRING="&".join(f"{name}={query}" for name in names)) < 500


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in places(one, (*path, key)))]


GOOD: list[Json] = [
    {"type": "flex", "altText": "a", "contents": EVERYTHING},
    *(row.make(min(row.most, 3)) for row in MOST),
    *(row.kept for row in ROWS),
]


@settings(max_examples=300, deadline=None)
@given(message=st.sampled_from(GOOD), where=st.randoms(use_true_random=False), value=VALUES)
def test_a_good_message_with_one_thing_replaced_gets_an_answer(message: Json, where: random.Random, value: Any) -> None:
    whole = {"messages": [copy.deepcopy(message)]}
    spot = where.choice(places(whole)[1:])
    inside: Any = whole
    for key in spot[:-1]:
        inside = inside[key]
    inside[spot[-1]] = value

    assert call("POST", "/v2/bot/message/validate/push", whole) in {200, 400}


@settings(max_examples=100, deadline=None)
@given(where=st.randoms(use_true_random=False), value=VALUES)
def test_a_good_rich_menu_with_one_thing_replaced_gets_an_answer(where: random.Random, value: Any) -> None:
    whole = copy.deepcopy(menu())
    spot = where.choice(places(whole)[1:])
    inside: Any = whole
    for key in spot[:-1]:
        inside = inside[key]
    inside[spot[-1]] = value

    assert call("POST", "/v2/bot/richmenu/validate", whole) in {200, 400}


def test_everything_accepted_can_be_shown_afterwards() -> None:
    for path in ("state", "sends", "traffic", "updates", f"chats/main/U{'0' * 32}"):
        assert call("GET", f"/_sim/{path}") == 200
