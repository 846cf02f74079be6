"""Puts a rich menu on a LINE account: the new one stands complete before the old one goes."""

from __future__ import annotations

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


def publish_menu(api: MessagingApi, data_base: str, menu: dict[str, Any], picture: bytes) -> tuple[str, str | None]:
    """Create `menu` with its PNG, make it everybody's, delete the default it replaces; return both ids.

    Raises NotAccepted with what LINE said; a menu created on the way is deleted again.
    """
    try:
        before = _default(api)
        made: str = api.create_rich_menu(RichMenuRequest.from_dict(menu), _request_timeout=SECONDS).rich_menu_id
    except (ApiException, HTTPError) as error:
        raise _not_accepted(error) from error
    try:
        _blob(api, data_base).set_rich_menu_image(
            made, body=picture, _headers={"Content-Type": "image/png"}, _request_timeout=SECONDS
        )
        api.set_default_rich_menu(made, _request_timeout=SECONDS)
    except (ApiException, HTTPError) as error:
        _remove(api, made)
        raise _not_accepted(error) from error
    return made, before if before is not None and _remove(api, before) else None


def _default(api: MessagingApi) -> str | None:
    try:
        found: str = api.get_default_rich_menu_id(_request_timeout=SECONDS).rich_menu_id
    except ApiException as error:
        if error.status == NOT_FOUND:
            return None
        raise
    return found


def _remove(api: MessagingApi, menu_id: str) -> bool:
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
