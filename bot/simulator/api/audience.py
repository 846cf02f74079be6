"""Audiences of user ids for narrowcasts: create, add, look, rename, delete."""

from __future__ import annotations

import email.parser
import email.policy
import re
from typing import Any

from bot.simulator.api.routes import Handler, Route
from bot.simulator.audiences import Audience
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import LineError, Problem
from bot.simulator.rates import MINUTE, Rate

JSON_MOST = 10_000
FILE_MOST = 1_500_000
AUDIENCES_MOST = 1_000
NAME_MOST = 120
CONCURRENT_MOST = 10
PAGE_MOST = 40
USER_ID = re.compile(r"U[0-9a-f]{32}")
PACE = Rate(60, MINUTE)
BASE = "/v2/bot/audienceGroup"


WORDS = {
    "AUDIENCE_GROUP_NAME_SIZE_OVER": "size over audienceGroupName",
    "AUDIENCE_GROUP_NOT_FOUND": "audience group not found",
    "UPLOAD_AUDIENCE_GROUP_INVALID_AUDIENCE_ID_FORMAT": "Invalid audience id format",
}


def refused(reason: str) -> LineError:
    """Return the 400 of the audience endpoints: the reason stands in the details."""
    return LineError(400, WORDS.get(reason, reason), [Problem(reason)])


def ids_of(values: list[Any], most: int) -> list[str]:
    """Return the user ids of a request; one bad id fails it whole."""
    if len(values) > most:
        raise refused("UPLOAD_AUDIENCE_GROUP_TOO_MANY_AUDIENCE_IDS")
    if not all(isinstance(one, str) and USER_ID.fullmatch(one) for one in values):
        raise refused("UPLOAD_AUDIENCE_GROUP_INVALID_AUDIENCE_ID_FORMAT")
    return values


def json_ids(body: dict[str, Any]) -> list[str]:
    """Return the user ids of `audiences[].id`."""
    audiences = body.get("audiences") or []
    if not isinstance(audiences, list):
        raise refused("UPLOAD_AUDIENCE_GROUP_INVALID_AUDIENCE_ID_FORMAT")
    return ids_of([one.get("id") if isinstance(one, dict) else None for one in audiences], JSON_MOST)


def fields_of(call: Call) -> dict[str, str]:
    """Return the fields of a multipart form."""
    head = f"Content-Type: {call.environ.get('CONTENT_TYPE', '')}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + call.body)
    if not message.is_multipart():
        raise LineError(415, f"The content type, {call.environ.get('CONTENT_TYPE', '')}, is not supported")
    fields = {}
    for part in message.iter_parts():
        payload = part.get_payload(decode=True)
        name = part.get_param("name", header="content-disposition")
        fields[str(name)] = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return fields


def named(value: Any) -> str:
    """Return an audience's name, or refuse it."""
    if not isinstance(value, str) or not value.strip():
        raise refused("AUDIENCE_GROUP_NAME_EMPTY")
    if len(value) > NAME_MOST:
        raise refused("AUDIENCE_GROUP_NAME_SIZE_OVER")
    if any(ord(character) < 32 for character in value):
        raise refused("AUDIENCE_GROUP_NAME_WRONG")
    return value


def create(call: Call) -> Answer:
    """POST /v2/bot/audienceGroup/upload: 202, ready a little later."""
    body = call.json()
    return made(call, body.get("description"), json_ids(body), str(body.get("uploadDescription", "")))


def create_by_file(call: Call) -> Answer:
    """POST /v2/bot/audienceGroup/upload/byFile: one id a line."""
    fields = fields_of(call)
    users = ids_of(fields.get("file", "").split(), FILE_MOST)
    return made(call, fields.get("description"), users, fields.get("uploadDescription", ""))


def made(call: Call, name: Any, users: list[str], description: str, kind: str = "UPLOAD", request: str = "") -> Answer:
    """Create an audience."""
    audiences = call.channel.audiences
    if len(audiences) >= AUDIENCES_MOST:
        raise refused("AUDIENCE_GROUP_COUNT_MAX_OVER")
    audience = Audience(max(audiences, default=1_000_000_000_000) + 1, named(name), call.now, kind, request_id=request)
    audience.add(users, description, call.now)
    audiences[audience.id] = audience
    extra = {"requestId": request} if request else {}
    return Answer(audience.head() | extra, 202)


def of_message(kind: str) -> Handler:
    """Return the endpoint for the audience of those who clicked or saw a message: here all it was delivered to."""

    def create_of_message(call: Call) -> Answer:
        body = call.json()
        request_id = body.get("requestId")
        sends = [
            one for one in call.world.sends.since() if one.request_id == request_id and one.channel == call.channel.name
        ]
        if not sends:
            raise refused("REQUEST_NOT_FOUND")
        if any(one.request_id == request_id and one.kind == kind for one in call.channel.audiences.values()):
            raise refused("AUDIENCE_GROUP_REQUESTID_DUPLICATE")
        return made(call, body.get("description"), sends[0].delivered, "", kind, str(request_id))

    return create_of_message


def audience_of(call: Call, value: Any) -> Audience:
    """Return an audience by id, or refuse with 400."""
    key = int(value) if str(value).isdecimal() else 0
    audience = call.channel.audiences.get(key)
    if audience is None:
        raise refused("AUDIENCE_GROUP_NOT_FOUND")
    return audience


def add(call: Call) -> Answer:
    """PUT /v2/bot/audienceGroup/upload."""
    body = call.json()
    return added(
        call, audience_of(call, body.get("audienceGroupId")), json_ids(body), body.get("uploadDescription", "")
    )


def add_by_file(call: Call) -> Answer:
    """PUT /v2/bot/audienceGroup/upload/byFile."""
    fields = fields_of(call)
    users = ids_of(fields.get("file", "").split(), FILE_MOST)
    return added(call, audience_of(call, fields.get("audienceGroupId")), users, fields.get("uploadDescription", ""))


def added(call: Call, audience: Audience, users: list[str], description: str) -> Answer:
    """Add users: 202; at most ten jobs at a time, and none once the audience has expired."""
    if audience.status(call.now) == "EXPIRED":
        raise refused("AUDIENCE_GROUP_CAN_NOT_UPLOAD_STATUS_EXPIRED")
    if audience.working(call.now) >= CONCURRENT_MOST:
        raise LineError(429, "The number of concurrent operations has exceeded the limit. Try again later.")
    audience.add(users, description, call.now)
    return Answer(status=202)


def get(call: Call) -> Answer:
    """GET /v2/bot/audienceGroup/{audienceGroupId}."""
    audience = audience_of(call, call.path[0])
    return Answer({"audienceGroup": audience.as_json(call.now), "jobs": audience.jobs_json(call.now)})


def page_of(call: Call) -> tuple[int, int]:
    """Return `page` and `size` of a list, or refuse them with 400."""
    page, size = call.query("page", "1") or "", call.query("size", "20") or ""
    if not page.isdecimal() or not size.isdecimal() or int(page) < 1 or int(size) < 1:
        raise LineError(400, "page, size: must be greater than or equal to 1", [Problem("TOO_LOW")])
    if int(size) > PAGE_MOST:
        raise LineError(400, f"size: must be less than or equal to {PAGE_MOST}", [Problem("TOO_HIGH")])
    return int(page), int(size)


def get_list(call: Call) -> Answer:
    """GET /v2/bot/audienceGroup/list?page=1&size=20&description=…&status=…"""
    page, size = page_of(call)
    name, status = (call.query("description") or "").casefold(), call.query("status")
    found = [
        one.as_json(call.now)
        for one in reversed(list(call.channel.audiences.values()))
        if name in one.description.casefold() and status in {None, one.status(call.now)}
    ]
    start = (page - 1) * size
    return Answer(
        {
            "audienceGroups": found[start : start + size],
            "hasNextPage": start + size < len(found),
            "totalCount": len(found),
            "readWriteAudienceGroupTotalCount": len(found),
            "page": page,
            "size": size,
        }
    )


def shared_list(call: Call) -> Answer:
    """GET /v2/bot/audienceGroup/shared/list: no Business Manager shares any with a stand-in."""
    page, size = page_of(call)
    counts = {"totalCount": 0, "readWriteAudienceGroupTotalCount": 0}
    return Answer({"audienceGroups": [], "hasNextPage": False, **counts, "page": page, "size": size})


def shared(_call: Call) -> Answer:
    """GET /v2/bot/audienceGroup/shared/{audienceGroupId}."""
    raise refused("AUDIENCE_GROUP_NOT_FOUND")


def rename(call: Call) -> Answer:
    """PUT /v2/bot/audienceGroup/{audienceGroupId}/updateDescription."""
    audience = audience_of(call, call.path[0])
    audience.description = named(call.json().get("description"))
    return Answer()


def delete(call: Call) -> Answer:
    """DELETE /v2/bot/audienceGroup/{audienceGroupId}: 202."""
    del call.channel.audiences[audience_of(call, call.path[0]).id]
    return Answer(status=202)


ROUTES = [
    Route("audience-create", "POST", f"{BASE}/upload", create, PACE),
    Route("audience-create-file", "POST", f"{BASE}/upload/byFile", create_by_file, PACE, largest=64 * 1024 * 1024),
    Route("audience-add", "PUT", f"{BASE}/upload", add, PACE),
    Route("audience-add-file", "PUT", f"{BASE}/upload/byFile", add_by_file, PACE, largest=64 * 1024 * 1024),
    Route("audience-click", "POST", f"{BASE}/click", of_message("CLICK"), PACE),
    Route("audience-imp", "POST", f"{BASE}/imp", of_message("IMP"), PACE),
    Route("audience-list", "GET", f"{BASE}/list", get_list, PACE),
    Route("audience-shared-list", "GET", f"{BASE}/shared/list", shared_list, PACE),
    Route("audience-shared-get", "GET", f"{BASE}/shared/{{audienceGroupId}}", shared, PACE),
    Route("audience-get", "GET", f"{BASE}/{{audienceGroupId}}", get, PACE),
    Route("audience-rename", "PUT", f"{BASE}/{{audienceGroupId}}/updateDescription", rename, PACE),
    Route("audience-delete", "DELETE", f"{BASE}/{{audienceGroupId}}", delete, PACE),
]
