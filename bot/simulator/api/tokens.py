"""Channel access tokens: stateless ones by id and secret, for 15 minutes."""

from __future__ import annotations

import urllib.parse

from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import LineError

STATELESS_SECONDS = 900


def form(call: Call) -> dict[str, str]:
    """Return the fields of an `application/x-www-form-urlencoded` body."""
    return dict(urllib.parse.parse_qsl(call.body.decode("utf-8", "replace")))


def oauth_error(error: str, description: str) -> LineError:
    """Return the 400 of LINE's token endpoints, which speak OAuth and not the Messaging API."""
    return LineError(400, "", extra={"error": error, "error_description": description})


def issue_stateless(call: Call) -> Answer:
    """POST /oauth2/v3/token: a token that cannot be revoked and ends by itself."""
    fields = form(call)
    if fields.get("grant_type") != "client_credentials":
        raise oauth_error("unsupported_grant_type", "grant_type must be client_credentials")
    for channel in call.world.channels.values():
        if channel.id == fields.get("client_id") and fields.get("client_secret") in channel.secrets:
            token = call.world.ids.opaque(120)
            channel.issue(token, call.now + STATELESS_SECONDS)
            return Answer({"token_type": "Bearer", "access_token": token, "expires_in": STATELESS_SECONDS})
    raise oauth_error("invalid_client", "Invalid client credentials")


ROUTES = [Route("token-stateless", "POST", "/oauth2/v3/token", issue_stateless, token=False)]
