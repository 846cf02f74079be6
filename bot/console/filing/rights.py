"""Who may do what with submissions, and of which flows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, g
from sqlalchemy import Connection, select

from bot.console.access import ALL_SERVICES, Permission, Person, Role, person, service_of
from bot.console.console import console
from bot.flow.program import Program
from bot.models import DepartmentService, Membership, Staff
from bot.submissions import search, work

SEE = Permission("submissions.see", frozenset({Role.MANAGER, Role.OFFICER, Role.COUNSELLOR}))
WORK = Permission("submissions.work", frozenset({Role.MANAGER, Role.OFFICER, Role.COUNSELLOR}))
HOLD = Permission("submissions.hold", frozenset({Role.MANAGER}))
TABLE = Permission("submissions.table", frozenset({Role.MANAGER, Role.OFFICER}))
ENTER = Permission("submissions.enter", frozenset({Role.MANAGER, Role.OFFICER, Role.OPERATOR}))
TEMPLATES = Permission("submissions.templates", frozenset({Role.MANAGER, Role.OFFICER}))
DELICATE = Permission("submissions.delicate", frozenset({Role.MANAGER, Role.COUNSELLOR}))
"""What is filed in flows called sensitive."""


def may_see(flow: str) -> bool:
    """Tell whether this route's permission reaches to a flow's submissions."""
    service = service_of(flow)
    return person().may(g.permission, service) and may_know(person(), console().book().programs.get(flow), service)


def may_know(who: Person, program: Program | None, service: str) -> bool:
    """Tell whether somebody may know of what is filed in a flow that may be delicate; one that is gone may have been."""
    if program is not None and not program.flow.sensitive:
        return True
    return who.may(DELICATE, service)


def visible_flows(connection: Connection) -> list[str]:
    """Return the flows whose submissions may be seen: those in force that keep answers, and those of which any are kept."""
    keeping = {name for name, program in console().book().programs.items() if program.flow.retain_answers}
    return [flow for flow in sorted(keeping | set(search.flows_with_submissions(connection))) if may_see(flow)]


def submission(connection: Connection, number: int) -> Any:
    """Return a submission that may be seen; to others it does not exist."""
    row = work.one(connection, number)
    return row if row is not None and may_see(row.flow) else abort(404)


def colleagues(connection: Connection, service: str) -> Sequence[Any]:
    """Return who may be given submissions of a service, by name."""
    statement = (
        select(Staff.id, Staff.name)
        .distinct()
        .join(Membership, Membership.staff_id == Staff.id)
        .join(DepartmentService, DepartmentService.department_id == Membership.department_id)
        .where(
            Staff.active,
            Membership.role.in_([role.value for role in WORK.roles]),
            DepartmentService.service.in_([service, ALL_SERVICES]),
        )
        .order_by(Staff.name, Staff.id)
    )
    return connection.execute(statement).all()
