"""Channel access tokens: stateless (15 minutes) and short-lived (30 days), issued by id and secret, verified, revoked."""

from __future__ import annotations

import hmac
import urllib.parse

from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.channels import Channel
from bot.simulator.errors import LineError
from bot.simulator.rates import USUAL, Rate

STATELESS_SECONDS = 900
SHORT_SECONDS = 30 * 24 * 3600
SHORT_MOST = 30
SHORT_RATE = Rate(370, 1.0)


def form(call: Call) -> dict[str, str]:
    """Return the fields of an `application/x-www-form-urlencoded` body."""
    return dict(urllib.parse.parse_qsl(call.body.decode("utf-8", "replace")))


def oauth_error(error: str, description: str) -> LineError:
    """Return the 400 of LINE's token endpoints, which speak OAuth and not the Messaging API."""
    return LineError(400, "", extra={"error": error, "error_description": description})


def issuer(call: Call, fields: dict[str, str], rate: Rate = USUAL) -> Channel:
    """Return the channel whose id and secret were given."""
    if fields.get("grant_type") != "client_credentials":
        raise oauth_error("unsupported_grant_type", "grant_type must be client_credentials")
    for channel in call.world.channels.values():
        given = fields.get("client_secret", "").encode()
        if channel.id == fields.get("client_id") and any(
            hmac.compare_digest(secret.encode(), given) for secret in channel.secrets
        ):
            channel.rates.take(call.endpoint, rate, call.now)
            return channel
    raise unknown_issuer(call, fields)


def unknown_issuer(call: Call, fields: dict[str, str]) -> LineError:
    """Return LINE's refusal of credentials, which differs between the two ways to a token."""
    if call.endpoint == "token-stateless":
        return oauth_error("invalid_request", "Invalid 'client_credentials'.")
    known = any(channel.id == fields.get("client_id") for channel in call.world.channels.values())
    return oauth_error("invalid_client", "invalid client_secret" if known else "invalid client_id")


def issue_stateless(call: Call) -> Answer:
    """POST /oauth2/v3/token: a token that cannot be revoked and ends by itself."""
    channel = issuer(call, form(call))
    token = call.world.ids.opaque(120)
    channel.issue(token, call.now + STATELESS_SECONDS)
    return Answer({"token_type": "Bearer", "access_token": token, "expires_in": STATELESS_SECONDS})


def issue_short(call: Call) -> Answer:
    """POST /v2/oauth/accessToken: at most 30 at a time, the oldest is revoked."""
    channel = issuer(call, form(call), SHORT_RATE)
    token = "short." + call.world.ids.opaque(114)
    alive = [one for one, end in channel.tokens.items() if one.startswith("short.") and end and end > call.now]
    for old in alive[: max(0, len(alive) + 1 - SHORT_MOST)]:
        del channel.tokens[old]
    channel.issue(token, call.now + SHORT_SECONDS)
    return Answer({"access_token": token, "expires_in": SHORT_SECONDS, "token_type": "Bearer"})


def verify(call: Call) -> Answer:
    """POST /v2/oauth/verify and GET /oauth2/v2.1/verify: whose token it is and for how long."""
    token = form(call).get("access_token") or call.query("access_token") or ""
    for channel in call.world.channels.values():
        end = channel.tokens.get(token)
        if token in channel.tokens and channel.admits(token, call.now):
            left = {} if end is None else {"expires_in": int(end - call.now)}
            return Answer({"client_id": channel.id, **left, "scope": "P"})
    old = call.endpoint == "token-verify"
    raise oauth_error("invalid_request", "access_token invalid" if old else "The access token expired")


def revoke(call: Call) -> Answer:
    """POST /v2/oauth/revoke and /oauth2/v2.1/revoke: an empty 200, even for tokens nobody knows."""
    token = form(call).get("access_token", "")
    for channel in call.world.channels.values():
        if token in channel.tokens:
            del channel.tokens[token]
            channel.any_token = False
    return Answer(b"")


ROUTES = [
    Route("token-stateless", "POST", "/oauth2/v3/token", issue_stateless, token=False),
    Route("token-short", "POST", "/v2/oauth/accessToken", issue_short, SHORT_RATE, token=False),
    Route("token-verify", "POST", "/v2/oauth/verify", verify, token=False),
    Route("token-verify-21", "GET", "/oauth2/v2.1/verify", verify, token=False),
    Route("token-revoke", "POST", "/v2/oauth/revoke", revoke, token=False),
    Route("token-revoke-21", "POST", "/oauth2/v2.1/revoke", revoke, token=False),
]
