"""Who may compose, approve and steer broadcasts: roles, and the department a campaign belongs to."""

from __future__ import annotations

from typing import Any

from flask import abort, g
from sqlalchemy import or_, true

from bot.campaigns import campaign
from bot.campaigns.campaign import Opened
from bot.campaigns.composition import Means
from bot.campaigns.starting import calling
from bot.campaigns.states import NoCampaign
from bot.console.access import Permission, Person, Role, person
from bot.console.console import console
from bot.crypto import CannotOpen
from bot.models import Campaign

VIEW = Permission("broadcast.view", frozenset({Role.MANAGER, Role.OFFICER, Role.APPROVER}), scoped=False)
COMPOSE = Permission("broadcast.compose", frozenset({Role.MANAGER, Role.OFFICER}), scoped=False)
APPROVE = Permission("broadcast.approve", frozenset({Role.MANAGER, Role.APPROVER}), scoped=False)


def reaches(who: Person, permission: Permission, department_id: int | None) -> bool:
    """Tell whether somebody holds a permission for the campaigns of a department: in it, or in one that serves the whole town."""
    if department_id is None or who.scope(permission).everything:
        return who.may(permission)
    return department_id in who.departments_for(permission)


def within(who: Person, permission: Permission) -> tuple[Any, ...]:
    """Return the condition for the campaigns to which a permission reaches."""
    if who.scope(permission).everything:
        return (true(),)
    mine = Campaign.department_id.in_(sorted(who.departments_for(permission)))
    return (or_(Campaign.department_id.is_(None), mine),)


def means() -> Means:
    """Return what is needed to write a broadcast."""
    there = console()
    return Means(there.vault, there.book().town_in, there.settings.public_url, calling(there.book()))


def opened(connection: Any, id_: int, permission: Permission | None = None) -> Opened:
    """Return a campaign that this request's permission (or a stricter one) reaches; ends with 404 where it does not."""
    try:
        found = campaign.opened(connection, console().vault, id_)
    except (NoCampaign, CannotOpen):
        abort(404)
    if not reaches(person(), permission or g.permission, found.row.department_id):
        abort(404)
    return found
