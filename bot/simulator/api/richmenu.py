"""Rich menus: create, picture, default, aliases."""

from __future__ import annotations

from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import LineError, Problem, invalid_body, not_found
from bot.simulator.menus import Menu
from bot.simulator.rates import HOUR, Rate
from bot.simulator.rules.richmenus import ALIASES_MOST, MENUS_MOST, check_alias, check_image, check_rich_menu

FEW = Rate(100, HOUR)


def create(call: Call) -> Answer:
    """POST /v2/bot/richmenu."""
    body = call.json()
    check_rich_menu(body)
    menus = call.channel.menus.menus
    if len(menus) >= MENUS_MOST:
        raise LineError(400, f"The number of rich menus exceeds the limit of {MENUS_MOST}")
    menu = Menu(call.world.ids.hex("richmenu-"), body)
    menus[menu.id] = menu
    return Answer({"richMenuId": menu.id})


def validate(call: Call) -> Answer:
    """POST /v2/bot/richmenu/validate."""
    check_rich_menu(call.json())
    return Answer()


def menu_of(call: Call, menu_id: str | None = None) -> Menu:
    """Return the menu of the path (or of an id), or 404."""
    menu = call.channel.menus.menus.get(menu_id or call.path[0])
    if menu is None:
        raise not_found()
    return menu


def get(call: Call) -> Answer:
    """GET /v2/bot/richmenu/{richMenuId}."""
    return Answer(menu_of(call).as_json())


def get_list(call: Call) -> Answer:
    """GET /v2/bot/richmenu/list."""
    return Answer({"richmenus": [menu.as_json() for menu in call.channel.menus.menus.values()]})


def delete(call: Call) -> Answer:
    """DELETE /v2/bot/richmenu/{richMenuId}."""
    call.channel.menus.delete(menu_of(call).id)
    call.world.note_menus(call.channel)
    return Answer()


def upload(call: Call) -> Answer:
    """POST /v2/bot/richmenu/{richMenuId}/content: once, a picture can't be replaced."""
    menu = menu_of(call)
    kind = str(call.environ.get("CONTENT_TYPE", ""))
    check_image(call.body, kind)
    if menu.image:
        raise LineError(400, "An image has already been uploaded to the richmenu")
    menu.image, menu.content_type = call.body, kind
    call.world.note_menus(call.channel)
    return Answer()


def download(call: Call) -> Answer:
    """GET /v2/bot/richmenu/{richMenuId}/content."""
    menu = menu_of(call)
    if not menu.image:
        raise not_found()
    return Answer(menu.image, content_type=menu.content_type)


def pictured(menu: Menu) -> Menu:
    """Return a menu that may be shown, or refuse with 400 while it has no picture."""
    if not menu.image:
        raise LineError(400, "must upload richmenu image before applying it to user")
    return menu


def set_default(call: Call) -> Answer:
    """POST /v2/bot/user/all/richmenu/{richMenuId}."""
    call.channel.menus.default = pictured(menu_of(call)).id
    call.world.note_menus(call.channel)
    return Answer()


def get_default(call: Call) -> Answer:
    """GET /v2/bot/user/all/richmenu."""
    if call.channel.menus.default is None:
        raise LineError(404, "no default richmenu")
    return Answer({"richMenuId": call.channel.menus.default})


def clear_default(call: Call) -> Answer:
    """DELETE /v2/bot/user/all/richmenu."""
    call.channel.menus.default = None
    call.world.note_menus(call.channel)
    return Answer()


def create_alias(call: Call) -> Answer:
    """POST /v2/bot/richmenu/alias."""
    body = call.json()
    alias, menus = check_alias(body.get("richMenuAliasId")), call.channel.menus
    if alias in menus.aliases:
        raise LineError(400, "conflict richmenu alias id")
    if len(menus.aliases) >= ALIASES_MOST:
        raise LineError(400, f"The number of rich menu aliases exceeds the limit of {ALIASES_MOST}")
    menus.aliases[alias] = target_of(call)
    return Answer()


def target_of(call: Call) -> str:
    """Return the `richMenuId` an alias points to, which must exist and have its picture."""
    menu = call.channel.menus.menus.get(menu_id_in(call))
    if menu is None or not menu.image:
        raise LineError(400, "richmenu not found")
    return menu.id


def menu_id_in(call: Call) -> str:
    """Return the `richMenuId` of the body, or refuse what is none."""
    menu_id = call.json().get("richMenuId")
    if not isinstance(menu_id, str) or not menu_id.startswith("richmenu-"):
        raise invalid_body([Problem("invalid richMenuId", "richMenuId")])
    return menu_id


def alias_of(call: Call) -> str:
    """Return the alias of the path, or 404."""
    if call.path[0] not in call.channel.menus.aliases:
        raise LineError(404, "richmenu alias not found")
    return call.path[0]


def update_alias(call: Call) -> Answer:
    """POST /v2/bot/richmenu/alias/{richMenuAliasId}."""
    call.channel.menus.aliases[alias_of(call)] = target_of(call)
    return Answer()


def delete_alias(call: Call) -> Answer:
    """DELETE /v2/bot/richmenu/alias/{richMenuAliasId}."""
    del call.channel.menus.aliases[alias_of(call)]
    return Answer()


def get_alias(call: Call) -> Answer:
    """GET /v2/bot/richmenu/alias/{richMenuAliasId}."""
    alias = alias_of(call)
    return Answer({"richMenuAliasId": alias, "richMenuId": call.channel.menus.aliases[alias]})


def list_aliases(call: Call) -> Answer:
    """GET /v2/bot/richmenu/alias/list."""
    found = [{"richMenuAliasId": alias, "richMenuId": menu} for alias, menu in call.channel.menus.aliases.items()]
    return Answer({"aliases": found})


def body_menu(call: Call) -> Menu:
    """Return the menu named in the body of a bulk link, pictured."""
    menu = call.channel.menus.menus.get(menu_id_in(call))
    if menu is None:
        raise LineError(404, "richmenu not found")
    return pictured(menu)


ROUTES = [
    Route("richmenu-create", "POST", "/v2/bot/richmenu", create, FEW),
    Route("richmenu-validate", "POST", "/v2/bot/richmenu/validate", validate),
    Route("richmenu-list", "GET", "/v2/bot/richmenu/list", get_list, Rate(10, 1.0)),
    Route("richmenu-alias-create", "POST", "/v2/bot/richmenu/alias", create_alias),
    Route("richmenu-alias-list", "GET", "/v2/bot/richmenu/alias/list", list_aliases),
    Route("richmenu-alias-get", "GET", "/v2/bot/richmenu/alias/{richMenuAliasId}", get_alias),
    Route("richmenu-alias-update", "POST", "/v2/bot/richmenu/alias/{richMenuAliasId}", update_alias),
    Route("richmenu-alias-delete", "DELETE", "/v2/bot/richmenu/alias/{richMenuAliasId}", delete_alias, FEW),
    Route("richmenu-get", "GET", "/v2/bot/richmenu/{richMenuId}", get),
    Route("richmenu-delete", "DELETE", "/v2/bot/richmenu/{richMenuId}", delete, FEW),
    Route("richmenu-upload", "POST", "/v2/bot/richmenu/{richMenuId}/content", upload, largest=4 * 1024 * 1024),
    Route("richmenu-download", "GET", "/v2/bot/richmenu/{richMenuId}/content", download),
    Route("richmenu-default-get", "GET", "/v2/bot/user/all/richmenu", get_default),
    Route("richmenu-default-clear", "DELETE", "/v2/bot/user/all/richmenu", clear_default),
    Route("richmenu-default-set", "POST", "/v2/bot/user/all/richmenu/{richMenuId}", set_default),
]
