"""Rich menus of single users: link and unlink, one by one, in bulk, in batches."""

from __future__ import annotations

import re
from typing import Any

from bot.simulator.api.addressing import bad_property, check_user_id, reaches
from bot.simulator.api.richmenu import body_menu, menu_of, pictured
from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import LineError, Problem, invalid_body, not_found
from bot.simulator.menus import BATCH_KNOWN_FOR, BATCH_SECONDS, Batch
from bot.simulator.rates import HOUR, Rate
from bot.simulator.times import iso

BULK_MOST = 500
OPERATIONS_MOST = 1000
RESUME_KEY = re.compile(r"[0-9a-zA-Z_-]{1,100}")


def link(call: Call) -> Answer:
    """POST /v2/bot/user/{userId}/richmenu/{richMenuId}: 200 and nothing happens for people it does not reach."""
    user, menu_id = call.path
    check_user_id(user)
    menu = pictured(menu_of(call, menu_id))
    set_links(call, [user], menu.id)
    return Answer()


def set_links(call: Call, users: list[str], menu_id: str | None) -> None:
    """Link or unlink those users whom the bot reaches."""
    links = call.channel.menus.links
    for user in users:
        if menu_id is None:
            links.pop(user, None)
        elif reaches(call, user):
            links[user] = menu_id
    call.world.note_menus(call.channel)


def get(call: Call) -> Answer:
    """GET /v2/bot/user/{userId}/richmenu: the user's own, not the default."""
    check_user_id(call.path[0])
    menu = call.channel.menus.links.get(call.path[0])
    if menu is None:
        raise LineError(404, "the user has no richmenu")
    return Answer({"richMenuId": menu})


def unlink(call: Call) -> Answer:
    """DELETE /v2/bot/user/{userId}/richmenu."""
    check_user_id(call.path[0])
    set_links(call, [call.path[0]], None)
    return Answer()


def users_of(call: Call) -> list[str]:
    """Return the `userIds` of a bulk request, at most 500."""
    users = call.json().get("userIds")
    if not isinstance(users, list) or not 1 <= len(users) <= BULK_MOST:
        raise invalid_body([Problem(f"Size must be between 1 and {BULK_MOST}", "userIds")])
    for index, user in enumerate(users):
        if not isinstance(user, str) or not user.startswith("U"):
            raise bad_property(f"userIds[{index}]")
    return users


def bulk_link(call: Call) -> Answer:
    """POST /v2/bot/richmenu/bulk/link: 202."""
    users, menu = users_of(call), body_menu(call)
    set_links(call, users, menu.id)
    return Answer(status=202)


def bulk_unlink(call: Call) -> Answer:
    """POST /v2/bot/richmenu/bulk/unlink: 202."""
    set_links(call, users_of(call), None)
    return Answer(status=202)


def operations_of(call: Call) -> list[dict[str, Any]]:
    """Return the operations of a batch, or refuse them as LINE does."""
    body = call.json()
    operations = body.get("operations")
    if not isinstance(operations, list) or not 1 <= len(operations) <= OPERATIONS_MOST:
        raise invalid_body([Problem(f"Size must be between 1 and {OPERATIONS_MOST}", "operations")])
    key = body.get("resumeRequestKey")
    if key is not None and (not isinstance(key, str) or not RESUME_KEY.fullmatch(key)):
        raise invalid_body([Problem("invalid resumeRequestKey", "resumeRequestKey")])
    kinds = [one.get("type") if isinstance(one, dict) else None for one in operations]
    for index, kind in enumerate(kinds):
        if kind not in {"link", "unlink", "unlinkAll"}:
            raise invalid_body([Problem("invalid type", f"operations[{index}].type")])
    if "unlinkAll" in kinds and len(set(kinds)) > 1:
        raise invalid_body([Problem("'unlinkAll' type can't be combined with other type", "operations[].type")])
    check_menus(call, operations)
    return operations


def check_menus(call: Call, operations: list[dict[str, Any]]) -> None:
    """Check that the menus of a batch exist, are pictured, and that no `from` is named twice."""
    seen: set[str] = set()
    for index, operation in enumerate(operations):
        for name in {"link": ("from", "to"), "unlink": ("from",)}.get(operation["type"], ()):
            menu_id = operation.get(name)
            if not isinstance(menu_id, str) or not menu_id.startswith("richmenu-"):
                raise invalid_body([Problem("invalid richMenuId", f"operations[{index}].{name}")])
            menu = call.channel.menus.menus.get(menu_id)
            if menu is None:
                problem = Problem(f"Richmenu ({menu_id}) is not found", f"operations[{index}].{name}")
                raise LineError(404, "The request body has 1 error(s)", [problem])
            if name == "to":
                if not menu.image:
                    reason = f"'to' richmenu ({menu_id}) must have image but it doesn't"
                    raise invalid_body([Problem(reason, f"operations[{index}].to")])
            elif menu_id in seen:
                raise invalid_body([Problem(f"from richmenu ({menu_id}) is duplicated", "operations[].from")])
            else:
                seen.add(menu_id)


def batch(call: Call) -> Answer:
    """POST /v2/bot/richmenu/batch: 202; the same resume key within 14 days does not run again."""
    operations = operations_of(call)
    key = call.json().get("resumeRequestKey")
    menus = call.channel.menus
    before = menus.resumed(key, call.now)
    if before is not None and before.body["operations"] != operations:
        raise LineError(400, "The resumeRequestKey was used with other operations")
    if before is None:
        run(call, operations)
    menus.keep_batch(call.request_id, Batch(call.now, key, call.json()))
    return Answer(status=202)


def run(call: Call, operations: list[dict[str, Any]]) -> None:
    """Carry out a batch, all operations on the links as they were before."""
    menus = call.channel.menus
    moves = {one.get("from"): one.get("to") for one in operations if one["type"] != "unlinkAll"}
    if any(one["type"] == "unlinkAll" for one in operations):
        menus.links.clear()
    for user, menu in list(menus.links.items()):
        if menu in moves:
            set_links(call, [user], moves[menu])
    call.world.note_menus(call.channel)


def batch_progress(call: Call) -> Answer:
    """GET /v2/bot/richmenu/progress/batch?requestId=…: for 14 days."""
    request_id = call.query("requestId")
    if not request_id:
        raise LineError(400, "The value for the 'requestId' parameter is invalid")
    found = call.channel.menus.batches.get(request_id)
    if found is None or call.now - found.accepted > BATCH_KNOWN_FOR:
        raise not_found()
    accepted = {"acceptedTime": iso(found.accepted)}
    if call.now - found.accepted < BATCH_SECONDS:
        return Answer({"phase": "ongoing", **accepted})
    return Answer({"phase": "succeeded", **accepted, "completedTime": iso(found.accepted + BATCH_SECONDS)})


def batch_validate(call: Call) -> Answer:
    """POST /v2/bot/richmenu/validate/batch."""
    operations_of(call)
    return Answer()


ROUTES = [
    Route("richmenu-bulk-link", "POST", "/v2/bot/richmenu/bulk/link", bulk_link),
    Route("richmenu-bulk-unlink", "POST", "/v2/bot/richmenu/bulk/unlink", bulk_unlink),
    Route("richmenu-batch", "POST", "/v2/bot/richmenu/batch", batch, Rate(3, HOUR)),
    Route("richmenu-batch-progress", "GET", "/v2/bot/richmenu/progress/batch", batch_progress, Rate(100, HOUR)),
    Route("richmenu-batch-validate", "POST", "/v2/bot/richmenu/validate/batch", batch_validate),
    Route("richmenu-user-get", "GET", "/v2/bot/user/{userId}/richmenu", get),
    Route("richmenu-user-unlink", "DELETE", "/v2/bot/user/{userId}/richmenu", unlink),
    Route("richmenu-user-link", "POST", "/v2/bot/user/{userId}/richmenu/{richMenuId}", link),
]
