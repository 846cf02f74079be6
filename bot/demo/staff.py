"""The demo's town hall: departments, one sign-in per role, residents, and what services bring as samples.

Signing in is the real thing: password, then a code; only that the demo's page says what the authenticator would show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, update

from bot import sample
from bot.console import people
from bot.console.access import ALL_SERVICES, Role
from bot.console.console import Console, DemoAccount
from bot.console.passwords import hashed
from bot.console.roles import TITLES
from bot.demo import filed, used
from bot.models import Channel, Resident, SealedBytes, Staff
from bot.roll import new_reference
from bot.runtime import Runtime
from bot.service import Caller

PASSWORD = "madoguchi-demo-2026"  # noqa: S105 - told to everybody who opens the demo
DOMAIN = "demo.example"

NAMES = {
    Role.ADMINISTRATOR: "見本 一子",
    Role.MANAGER: "見本 二郎",
    Role.OFFICER: "見本 三葉",
    Role.COUNSELLOR: "見本 四季",
    Role.OPERATOR: "見本 五月",
    Role.APPROVER: "見本 六花",
    Role.AUDITOR: "見本 七海",
}


def settle(console: Flask, runtime: Runtime, line_users: Sequence[tuple[str, str]]) -> None:
    """Enter staff, residents (LINE user id and language) and the services' samples."""
    there: Console = console.extensions["console"]
    password = hashed(PASSWORD)
    with console.app_context():
        secrets = {role: console.extensions["one-time codes"].generate_totp_secret() for role in Role}
    now = runtime.now()
    with runtime.database.write() as connection:
        department = people.department(connection, "まどぐち課", [ALL_SERVICES])
        staff = {}
        for role in Role:
            account = people.Account(NAMES[role], f"{role.value}@{DOMAIN}", roles=frozenset({(department, role)}))
            number = people.add(connection, account, password, now)
            totp = SealedBytes.seal(runtime.vault, "staff.totp", number, secrets[role].encode())
            connection.execute(update(Staff).where(Staff.id == number).values(must_change=False, totp=totp))
            staff[role.value] = number
        channel = connection.execute(select(Channel.id).order_by(Channel.id).limit(1)).scalar_one()
        residents = []
        for user_id, language in line_users:
            row: dict[str, Any] = {
                "channel_id": channel, "line_user_id": user_id, "reference": new_reference(), "language": language,
                "friend": True, "friend_at": 0, "created_at": now,
            }  # fmt: skip
            resident = connection.execute(insert(Resident).returning(Resident.id), row).scalar_one()
            residents.append(Caller(resident, channel, row["reference"], language))
        departments = {service.name: department for service in runtime.services.all}
        context = sample.SampleContext(
            connection, runtime.vault, runtime.lookup, runtime.outbox, runtime.editions.book(), now, residents, staff,
            departments,
        )  # fmt: skip
        filed.fill(context)
        used.fill(context)
        sample.fill(runtime.services, context)
    there.demo_password = PASSWORD
    there.demo_accounts = [DemoAccount(f"{role.value}@{DOMAIN}", TITLES[role]) for role in Role]
