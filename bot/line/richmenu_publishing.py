"""Puts rich menus on a LINE account, one per language: the new ones stand complete before the old ones go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from linebot.v3.messaging import ApiClient, Configuration, MessagingApiBlob, RichMenuRequest
from linebot.v3.messaging.exceptions import ApiException
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from linebot.v3.messaging import MessagingApi

SECONDS = (3, 20)
NOT_FOUND = 404


class NotAccepted(Exception):
    """LINE did not take the menu; the old one, if any, is still shown."""


@dataclass(frozen=True, slots=True)
class Published:
    """The ids of the menus that stand on LINE now, by language, and of the one that everybody saw before, if any."""

    menus: Mapping[str, str]
    before: str | None


def publish_menus(
    api: MessagingApi, data_base: str, menus: Mapping[str, tuple[dict[str, Any], bytes]], everybody: str
) -> Published:
    """Create each language's menu with its PNG, and show that of `everybody` to all who are linked to none.

    Raises NotAccepted with what LINE said; menus created on the way are deleted again.
    """
    made: dict[str, str] = {}
    try:
        before = _default(api)
        for language, (menu, picture) in menus.items():
            request = RichMenuRequest.from_dict(menu)
            made[language] = api.create_rich_menu(request, _request_timeout=SECONDS).rich_menu_id
            _blob(api, data_base).set_rich_menu_image(
                made[language], body=picture, _headers={"Content-Type": "image/png"}, _request_timeout=SECONDS
            )
        api.set_default_rich_menu(made[everybody], _request_timeout=SECONDS)
    except (ApiException, HTTPError) as error:
        for menu_id in made.values():
            remove(api, menu_id)
        raise _not_accepted(error) from error
    return Published(made, before)


def _default(api: MessagingApi) -> str | None:
    try:
        found: str = api.get_default_rich_menu_id(_request_timeout=SECONDS).rich_menu_id
    except ApiException as error:
        if error.status == NOT_FOUND:
            return None
        raise
    return found


def remove(api: MessagingApi, menu_id: str) -> bool:
    """Delete a menu; one that stays is shown to nobody, so a failure is no reason to stop."""
    try:
        api.delete_rich_menu(menu_id, _request_timeout=SECONDS)
    except (ApiException, HTTPError):
        return False
    return True


def _blob(api: MessagingApi, data_base: str) -> MessagingApiBlob:
    configuration = Configuration(host=data_base, access_token=api.api_client.configuration.access_token)
    configuration.retries = False
    return MessagingApiBlob(ApiClient(configuration))


def _not_accepted(error: ApiException | HTTPError) -> NotAccepted:
    if isinstance(error, ApiException):
        return NotAccepted(f"LINE answered {error.status}: {error.body}")
    return NotAccepted(f"LINE could not be reached ({type(error).__name__}); try again")
