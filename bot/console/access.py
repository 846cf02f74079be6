"""Who may do what: roles held in departments, permissions that name roles, and the services to which they reach.

Every route declares its permission with `@allow(PERMISSION)`; the console does not start with one that declares none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import abort, g

ALL_SERVICES = "*"
"""In `department_services`: the department looks after every service."""


class Role(StrEnum):
    """What somebody is in a department."""

    ADMINISTRATOR = "administrator"
    """Looks after staff and the installation. Sees content only where another role allows it."""

    MANAGER = "manager"
    """Answers for the department's services: flows, broadcasts, submissions."""

    OFFICER = "officer"
    """Works off submissions and talks, prepares broadcasts."""

    COUNSELLOR = "counsellor"
    """Talks to residents about delicate matters."""

    OPERATOR = "operator"
    """An outsourced operator: answers talks, exports and erases nothing."""

    APPROVER = "approver"
    """Approves what others prepared."""

    AUDITOR = "auditor"
    """Reads the log of the whole town hall, never content."""


TOWN_WIDE = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
"""Roles that count everywhere for permissions that no service limits."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A named thing that roles may do. `scoped`: only on the services of the departments where they hold such a role."""

    name: str
    roles: frozenset[Role]
    scoped: bool = True


PUBLIC = Permission("public", frozenset(), scoped=False)
"""Pages shown before signing in."""

SIGNED_IN = Permission("signed in", frozenset(Role), scoped=False)
"""Pages for everyone who is signed in."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held in a department, and the services that department looks after."""

    role: Role
    department_id: int
    services: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """The services to which a permission reaches for one person."""

    everything: bool
    services: frozenset[str]

    def __contains__(self, service: str) -> bool:
        return self.everything or service in self.services

    def __bool__(self) -> bool:
        return self.everything or bool(self.services)

    def among(self, services: Any) -> list[str]:
        """Return those of `services` that it reaches, in order."""
        return [service for service in services if service in self]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    id: int
    name: str
    sign_in: str
    language: str
    grants: tuple[Grant, ...]
    session_id: int
    must_change: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        """Return all roles held anywhere."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def departments(self) -> frozenset[int]:
        """Return the numbers of the departments in which a role is held."""
        return frozenset(grant.department_id for grant in self.grants)

    def scope(self, permission: Permission) -> Scope:
        """Return the services to which `permission` reaches."""
        services = frozenset().union(*(grant.services for grant in self.grants if grant.role in permission.roles))
        return Scope(ALL_SERVICES in services, services)

    def departments_for(self, permission: Permission) -> frozenset[int]:
        """Return the departments in which a role is held that `permission` names."""
        return frozenset(grant.department_id for grant in self.grants if grant.role in permission.roles)

    def may(self, permission: Permission, service: str | None = None) -> bool:
        """Tell whether `permission` is given; with `service`, on that service."""
        if not permission.scoped:
            return permission is PUBLIC or permission is SIGNED_IN or bool(self.roles & permission.roles)
        if service is None:
            return bool(self.scope(permission))
        return service in self.scope(permission)


View = TypeVar("View", bound=Callable[..., Any])


def allow(permission: Permission) -> Callable[[View], View]:
    """Declare the permission of a view; put it directly below the route."""

    def declare(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]  # functions carry what is said about them
        return view

    return declare


def permission_of(view: Callable[..., Any]) -> Permission | None:
    """Return the permission that a view declares."""
    found: Permission | None = getattr(view, "permission", None)
    return found


def person() -> Person:
    """Return who is signed in; only in views that are not PUBLIC."""
    found: Person = g.person
    return found


def scope() -> Scope:
    """Return the services to which this route's permission reaches for who is signed in."""
    return person().scope(g.permission)


def require_service(service: str) -> None:
    """End the request with 404 unless this route's permission reaches to `service`: what is not theirs does not exist."""
    if not person().may(g.permission, service):
        abort(404)


def service_of(flow: str) -> str:
    """Return the service of a flow.

    >>> service_of("tax.remind"), service_of("menu")
    ('tax', 'menu')
    """
    return flow.partition(".")[0]
