"""What roles are called."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext

from bot.console.access import Role

TITLES = {
    Role.ADMINISTRATOR: lazy_gettext("管理者"),
    Role.MANAGER: lazy_gettext("サービス責任者"),
    Role.OFFICER: lazy_gettext("担当者"),
    Role.COUNSELLOR: lazy_gettext("相談員"),
    Role.OPERATOR: lazy_gettext("委託オペレーター"),
    Role.APPROVER: lazy_gettext("承認者"),
    Role.AUDITOR: lazy_gettext("監査担当者"),
}


def role_title(role: Role | str) -> str:
    """Return the name of a role in the language of this request."""
    title = TITLES.get(Role(role)) if role in set(Role) else None
    return str(title) if title is not None else gettext("（不明な役割）")
