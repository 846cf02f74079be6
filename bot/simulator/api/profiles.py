"""Who somebody is: profiles of users, the bot itself."""

from __future__ import annotations

from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import not_found
from bot.simulator.people import BLOCKED, STRANGER, Resident


def profile_of(resident: Resident) -> dict[str, str]:
    """Return LINE's profile object; what a user has not set is absent."""
    profile = {"userId": resident.id, "displayName": resident.name}
    if resident.picture_url:
        profile["pictureUrl"] = resident.picture_url
    if resident.status_message:
        profile["statusMessage"] = resident.status_message
    return profile


def profile(call: Call) -> Answer:
    """GET /v2/bot/profile/{userId}: 404 for unknown, blocked, not consented, and strangers who never wrote."""
    resident = call.world.residents.get(call.path[0])
    if resident is None or not resident.consented:
        raise not_found()
    friendship = resident.friendship(call.channel.name)
    if friendship.status == BLOCKED or (friendship.status == STRANGER and friendship.wrote_at is None):
        raise not_found()
    language = {"language": resident.language} if resident.language else {}
    return Answer(profile_of(resident) | language)


def info(call: Call) -> Answer:
    """GET /v2/bot/info: the bot about itself."""
    channel = call.channel
    return Answer(
        {
            "userId": channel.bot_user_id,
            "basicId": channel.basic_id,
            "displayName": channel.display_name,
            "chatMode": channel.chat_mode,
            "markAsReadMode": "manual" if channel.chat_mode == "chat" else "auto",
        }
    )


ROUTES = [
    Route("profile", "GET", "/v2/bot/profile/{userId}", profile),
    Route("info", "GET", "/v2/bot/info", info),
]
