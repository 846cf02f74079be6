"""Rich menus: rules of the object and its picture, picture before link, aliases, who sees which, bulk and batch."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from bot.simulator.client import Simulator
from bot.simulator.menus import Menu
from bot.simulator.world import World
from tests.simulator.conftest import Api
from tests.simulator.made import FAMILY, Json, long, message

DAY = 24 * 3600


def picture(width: int = 800, height: int = 270, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, kind)
    return out.getvalue()


def area(**more: Any) -> Json:
    return {"bounds": {"x": 0, "y": 0, "width": 100, "height": 100}, "action": message()} | more


def menu(**more: Any) -> Json:
    size = {"width": 800, "height": 270}
    return {"size": size, "selected": True, "name": "案内", "chatBarText": "メニュー", "areas": [area()]} | more


def make(api: Api, *, image: bool = True) -> str:
    """Create a menu, with its picture unless told otherwise, and return its id."""
    made = str(api("POST", "/v2/bot/richmenu", menu()).json["richMenuId"])
    if image:
        assert upload(api, made).status == 200
    return made


def upload(api: Api, made: str, body: bytes | None = None, kind: str = "image/png") -> Any:
    return api("POST", f"/v2/bot/richmenu/{made}/content", body or picture(), {"Content-Type": kind})


ROWS: dict[str, tuple[Json, Json, str]] = {
    "at most 20 areas": (menu(areas=[area()] * 20), menu(areas=[area()] * 21), "areas"),
    "a name of 300": (menu(name=long(300)), menu(name=long(301)), "name"),
    "a chat bar text of 14": (menu(chatBarText=long(14)), menu(chatBarText=long(15)), "chatBarText"),
    "counted in graphemes": (menu(chatBarText=FAMILY * 14), menu(chatBarText=FAMILY * 15), "chatBarText"),
    "at least 800 wide": (menu(), menu(size={"width": 799, "height": 270}), "size.width"),
    "at most 2500 wide": (
        menu(size={"width": 2500, "height": 843}),
        menu(size={"width": 2501, "height": 843}),
        "size.width",
    ),
    "at least 250 high": (
        menu(size={"width": 800, "height": 250}),
        menu(size={"width": 800, "height": 249}),
        "size.height",
    ),
    "a ratio of 1.45": (
        menu(size={"width": 1450, "height": 1000}),
        menu(size={"width": 1449, "height": 1000}),
        "size.height",
    ),
    "selected is said": (menu(), menu(selected=None), "selected"),
    "an area has an action": (menu(), menu(areas=[area(action=None)]), "areas[0].action"),
    "an area lies inside": (
        menu(),
        menu(areas=[area(bounds={"x": -1, "y": 0, "width": 1, "height": 1})]),
        "areas[0].bounds.x",
    ),
    "a label of 20": (
        menu(areas=[area(action=message(long(20)))]),
        menu(areas=[area(action=message(long(21)))]),
        "areas[0].action.label",
    ),
    "a switch has an alias": (
        menu(areas=[area(action={"type": "richmenuswitch", "richMenuAliasId": "a", "data": "a"})]),
        menu(areas=[area(action={"type": "richmenuswitch", "data": "a"})]),
        "areas[0].action.richMenuAliasId",
    ),
}


@pytest.mark.parametrize(("kept", "broken", "at"), ROWS.values(), ids=ROWS.keys())
def test_a_rich_menu_keeps_lines_limits(api: Api, kept: Json, broken: Json, at: str) -> None:
    assert api("POST", "/v2/bot/richmenu/validate", kept).json == {}
    refused = api("POST", "/v2/bot/richmenu/validate", broken)
    assert (refused.status, refused.properties) == (400, [at])
    assert api("POST", "/v2/bot/richmenu", broken).properties == [at]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (picture(2500, 1686), "image/png", 200),
        (picture(kind="JPEG"), "image/jpeg", 200),
        (picture(799, 270), "image/png", 400),
        (picture(800, 249), "image/png", 400),
        (picture(800, 552), "image/png", 400),
        (b"no picture", "image/png", 400),
        (picture(), "image/gif", 415),
        (picture() + b"\0" * 1024 * 1024, "image/png", 413),
    ],
    ids=["large", "JPEG", "too narrow", "too low", "too square", "no picture", "GIF", "over 1 MB"],
)
def test_a_picture_keeps_lines_requirements(api: Api, body: bytes, kind: str, status: int) -> None:
    assert upload(api, make(api, image=False), body, kind).status == status


def test_a_picture_is_uploaded_once_and_can_be_fetched(api: Api) -> None:
    made = make(api)

    assert upload(api, made).status == 400
    fetched = api("GET", f"/v2/bot/richmenu/{made}/content")
    assert (fetched.body, fetched.headers["content-type"]) == (picture(), "image/png")
    assert upload(api, "richmenu-0").status == 404


def test_a_menu_needs_its_picture_before_anyone_sees_it(line: Simulator, api: Api) -> None:
    hanako, bare = line.resident("花子"), make(api, image=False)

    alias = api("POST", "/v2/bot/richmenu/alias", {"richMenuAliasId": "a", "richMenuId": bare})
    assert (alias.status, alias.json) == (400, {"message": "richmenu not found"})
    for answer in (
        api("POST", f"/v2/bot/user/{hanako.id}/richmenu/{bare}"),
        api("POST", f"/v2/bot/user/all/richmenu/{bare}"),
        api("POST", "/v2/bot/richmenu/bulk/link", {"richMenuId": bare, "userIds": [hanako.id]}),
    ):
        assert answer.status == 400
        assert answer.json["message"] == "must upload richmenu image before applying it to user"


def test_menus_are_listed_fetched_and_deleted(api: Api) -> None:
    made = make(api)

    assert api("GET", "/v2/bot/richmenu/list").json["richmenus"] == [{"richMenuId": made, **menu()}]
    assert api("GET", f"/v2/bot/richmenu/{made}").json["name"] == "案内"
    assert api("DELETE", f"/v2/bot/richmenu/{made}").json == {}
    assert api("GET", f"/v2/bot/richmenu/{made}").json == {"message": "Not found"}
    assert api("DELETE", f"/v2/bot/richmenu/{made}").status == 404


def test_a_users_own_menu_goes_before_the_default() -> None:
    world = World(lambda: 0.0)
    channel, hanako = world.add_channel(secret="s"), world.add_resident("花子", friend_of="main")
    menus = channel.menus
    menus.menus |= {"a": Menu("a", {}), "b": Menu("b", {})}
    assert world.rich_menu(hanako.id) is None

    menus.default = "a"
    menus.links[hanako.id] = "b"
    assert world.rich_menu(hanako.id) is menus.menus["b"]
    menus.delete("b")
    assert world.rich_menu(hanako.id) is menus.menus["a"]


def test_the_default_is_set_told_and_cleared(api: Api) -> None:
    made = make(api)
    assert api("GET", "/v2/bot/user/all/richmenu").status == 404

    assert api("POST", f"/v2/bot/user/all/richmenu/{made}").json == {}
    assert api("GET", "/v2/bot/user/all/richmenu").json == {"richMenuId": made}
    assert api("DELETE", "/v2/bot/user/all/richmenu").json == {}
    assert api("GET", "/v2/bot/user/all/richmenu").status == 404


def test_a_menu_is_linked_to_friends_and_nothing_happens_for_others(line: Simulator, api: Api) -> None:
    hanako, taro, made = line.resident("花子"), line.resident("太郎"), make(api)
    taro.block()

    for user in (hanako, taro):
        assert api("POST", f"/v2/bot/user/{user.id}/richmenu/{made}").json == {}
    assert api("GET", f"/v2/bot/user/{hanako.id}/richmenu").json == {"richMenuId": made}
    assert api("GET", f"/v2/bot/user/{taro.id}/richmenu").status == 404
    assert api("DELETE", f"/v2/bot/user/{hanako.id}/richmenu").json == {}
    assert api("GET", f"/v2/bot/user/{hanako.id}/richmenu").status == 404


def test_a_link_names_a_user_and_a_menu(line: Simulator, api: Api) -> None:
    hanako, made = line.resident("花子"), make(api)

    wrong = api("POST", f"/v2/bot/user/somebody/richmenu/{made}")
    assert (wrong.status, wrong.json["message"]) == (400, "The value for the 'userId' parameter is invalid")
    assert api("POST", f"/v2/bot/user/{hanako.id}/richmenu/richmenu-0").status == 404


def test_bulk_links_take_500_users(line: Simulator, api: Api) -> None:
    hanako, made = line.resident("花子"), make(api)
    users = [hanako.id, *(f"U{number:032x}" for number in range(500))]

    assert api("POST", "/v2/bot/richmenu/bulk/link", {"richMenuId": made, "userIds": users[:500]}).status == 202
    assert api("POST", "/v2/bot/richmenu/bulk/link", {"richMenuId": made, "userIds": users}).properties == ["userIds"]
    assert api("GET", f"/v2/bot/user/{hanako.id}/richmenu").json == {"richMenuId": made}
    assert api("POST", "/v2/bot/richmenu/bulk/unlink", {"userIds": [hanako.id]}).status == 202
    assert api("GET", f"/v2/bot/user/{hanako.id}/richmenu").status == 404


def test_an_alias_points_to_a_menu_and_can_be_moved(api: Api) -> None:
    first, second = make(api), make(api)
    base = "/v2/bot/richmenu/alias"

    assert api("POST", base, {"richMenuAliasId": "tab-a", "richMenuId": first}).json == {}
    assert api("POST", base, {"richMenuAliasId": "tab-a", "richMenuId": first}).status == 400
    assert api("POST", f"{base}/tab-a", {"richMenuId": second}).json == {}
    assert api("GET", f"{base}/tab-a").json == {"richMenuAliasId": "tab-a", "richMenuId": second}
    assert api("GET", f"{base}/list").json == {"aliases": [{"richMenuAliasId": "tab-a", "richMenuId": second}]}
    assert api("DELETE", f"{base}/tab-a").json == {}
    assert api("GET", f"{base}/tab-a").status == 404


@pytest.mark.parametrize(
    ("alias", "status"), [("a" * 32, 200), ("a" * 33, 400), ("Tab", 400), ("", 400), ("a-_9", 200)]
)
def test_an_alias_has_1_to_32_small_characters(api: Api, alias: str, status: int) -> None:
    made = make(api)

    assert api("POST", "/v2/bot/richmenu/alias", {"richMenuAliasId": alias, "richMenuId": made}).status == status


def test_a_tab_switches_the_menu_and_tells_the_bot(line: Simulator, api: Api) -> None:
    hanako, made = line.resident("花子"), make(api)
    api("POST", "/v2/bot/richmenu/alias", {"richMenuAliasId": "b", "richMenuId": made})

    switched = hanako.act("switch_menu", alias="b", data="tab=b")
    assert switched["postback"]["params"] == {"newRichMenuAliasId": "b", "status": "SUCCESS"}
    assert api("GET", f"/v2/bot/user/{hanako.id}/richmenu").json == {"richMenuId": made}
    lost = hanako.act("switch_menu", alias="c", data="tab=c")
    assert lost["postback"]["params"]["status"] == "RICHMENU_ALIAS_ID_NOTFOUND"
    api("DELETE", f"/v2/bot/richmenu/{made}")
    gone = hanako.act("switch_menu", alias="b", data="tab=b")
    assert gone["postback"]["params"]["status"] == "RICHMENU_NOTFOUND"


def test_a_batch_moves_users_from_menu_to_menu_and_its_resume_key_runs_it_once(line: Simulator, api: Api) -> None:
    hanako, old, new = line.resident("花子"), make(api), make(api)
    api("POST", f"/v2/bot/user/{hanako.id}/richmenu/{old}")
    batch = {"operations": [{"type": "link", "from": old, "to": new}], "resumeRequestKey": "spring"}
    done = api("POST", "/v2/bot/richmenu/batch", batch)
    progress = f"/v2/bot/richmenu/progress/batch?requestId={done.headers['x-line-request-id']}"

    assert (done.status, done.json) == (202, {})
    assert api("GET", progress).json["phase"] == "ongoing"
    line.advance(3)
    assert api("GET", progress).json["phase"] == "succeeded"
    assert api("GET", f"/v2/bot/user/{hanako.id}/richmenu").json == {"richMenuId": new}

    api("POST", f"/v2/bot/user/{hanako.id}/richmenu/{old}")
    assert api("POST", "/v2/bot/richmenu/batch", batch).status == 202
    assert api("GET", f"/v2/bot/user/{hanako.id}/richmenu").json == {"richMenuId": old}
    line.advance(14 * DAY)
    assert api("GET", progress).status == 404


def test_a_batch_is_checked(api: Api) -> None:
    made = make(api)
    unlink = {"type": "unlink", "from": made}

    def asked(*operations: Json) -> Any:
        return api("POST", "/v2/bot/richmenu/validate/batch", {"operations": list(operations)})

    assert asked(unlink).json == {}
    assert asked(unlink, unlink).json["details"][0]["message"] == f"from richmenu ({made}) is duplicated"
    assert asked(unlink, {"type": "unlinkAll"}).properties == ["operations[].type"]
    assert asked({"type": "unlink", "from": "x"}).properties == ["operations[0].from"]
    assert asked({"type": "unlink", "from": "richmenu-0"}).status == 404
    assert asked(*[unlink] * 1001).properties == ["operations"]
