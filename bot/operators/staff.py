"""`madoguchi staff`: who may sign in to the console: entered, listed, reset, and taken over from a file once a year."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from bot.audit import Command
from bot.operators.shown import opened, table

ROLES = ("administrator", "manager", "officer", "counsellor", "operator", "approver", "auditor")


@click.group()
def staff() -> None:
    """Who may sign in to the console, and what they may do."""


@staff.command("add")
@click.option("--name", required=True, help="Name, as colleagues read it.")
@click.option("--email", "sign_in", required=True, help="E-mail address, with which they sign in.")
@click.option("--department", required=True, help="Department; entered when it is new.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="Role; may be repeated.")
@click.option("--service", "services", multiple=True, help="Service a new department looks after (all when not given).")
@click.option(
    "--language", type=click.Choice(["ja", "en"]), default="ja", show_default=True, help="Language of the console."
)
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Last day on which they may sign in.")
def add(
    name: str,
    sign_in: str,
    department: str,
    roles: tuple[str, ...],
    services: tuple[str, ...],
    language: str,
    expires: dt.datetime | None,
) -> None:
    """Enter somebody and print their first password, which they change when they sign in."""
    from bot import audit
    from bot.cli import stop
    from bot.console import people
    from bot.console.access import ALL_SERVICES, Role
    from bot.console.passwords import hashed
    from bot.now import Now

    password, now = people.first_password(), Now()()
    with opened() as (_, database), database.write() as connection:
        number = people.department(connection, department, services or [ALL_SERVICES])
        account = people.Account(
            name,
            sign_in,
            language,
            expires.date() if expires else None,
            frozenset((number, Role(role)) for role in roles),
        )
        try:
            staff_id = people.add(connection, account, hashed(password), now)
        except people.Taken as error:
            stop(str(error))
        audit.record(connection, _actor("add"), "staff.add", now, f"staff:{staff_id}")
    click.echo(f"{people.normal(sign_in)} signs in with the password {password} and sets up an authenticator then.")


@staff.command("reset")
@click.argument("sign_in")
def reset(sign_in: str) -> None:
    """Give somebody a new first password and let them set up a new authenticator; all their sessions end."""
    from bot import audit
    from bot.cli import stop
    from bot.console import lockout, people
    from bot.console.passwords import hashed
    from bot.crypto import Lookup
    from bot.now import Now

    password, now = people.first_password(), Now()()
    with opened() as (settings, database), database.write() as connection:
        found = people.find(connection, sign_in)
        if found is None:
            stop(f"nobody signs in with {sign_in}: see `madoguchi staff list`")
        people.reset(connection, found.id, hashed(password), now)
        lockout.clear(connection, Lookup(settings.lookup_keys), found.sign_in)
        audit.record(connection, _actor("reset"), "staff.reset", now, f"staff:{found.id}")
    click.echo(f"{found.sign_in} signs in with the password {password} and sets up an authenticator then.")


@staff.command("list")
def list_staff() -> None:
    """List who may sign in, with their roles, and who no longer may."""
    from sqlalchemy import select

    from bot.models import Department, Membership, Staff

    with opened() as (_, database), database.read() as connection:
        roles: dict[int, list[str]] = {}
        memberships = select(Membership.staff_id, Membership.role, Department.name).join(
            Department, Department.id == Membership.department_id
        )
        for row in connection.execute(memberships.order_by(Department.name, Membership.role)):
            roles.setdefault(row.staff_id, []).append(f"{row.name}: {row.role}")
        people = connection.execute(select(Staff.__table__).order_by(Staff.sign_in)).all()
    table(
        ("e-mail", "name", "state", "until", "authenticator", "roles"),
        [
            (
                one.sign_in, one.name, "active" if one.active else "closed", one.expires_on or "-",
                "yes" if one.totp else "no", ", ".join(roles.get(one.id, ())) or "-",
            )
            for one in people
        ],
    )  # fmt: skip


@staff.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_staff(file: Path) -> None:
    """Enter, change and close accounts from a CSV file (UTF-8 or CP932), and hand over open work.

    Columns: 氏名, メールアドレス, 部署, 役割, 有効期限, 引き継ぐ相手. One line per role; a line without a role closes the account.
    """
    from bot.cli import stop
    from bot.console import rotation
    from bot.console.passwords import hashed
    from bot.now import Now

    try:
        entries = rotation.read(file.read_bytes())
        with opened() as (_, database):
            with database.read() as connection:
                first = rotation.first_passwords(connection, entries, hashed)
            with database.write(patience=30) as connection:
                outcome = rotation.apply(connection, entries, _actor("import"), Now()(), first)
    except rotation.Unreadable as error:
        stop("Nothing was changed.\n" + "\n".join(error.problems))
    click.echo(
        f"{len(outcome.passwords)} entered, {outcome.changed} changed, {outcome.closed} closed, "
        f"{outcome.handed_over} open things handed over"
    )
    for department in outcome.departments:
        click.echo(f"{department} is new and looks after no service yet: choose them in the console")
    for sign_in, number in sorted(outcome.left_open.items()):
        click.echo(f"{sign_in} left {number} open things and no successor: hand them over in the console")
    if outcome.passwords:
        table(("e-mail", "first password"), sorted(outcome.passwords.items()))


def _actor(command: str) -> Command:
    return Command(f"madoguchi staff {command}")
