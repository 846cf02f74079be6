"""`madoguchi staff` and `madoguchi audit`: accounts from the command line, the yearly rotation, and the log's verdict."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from bot.config import read_settings
from bot.console import people
from bot.console.access import ALL_SERVICES, Role
from bot.console.passwords import hashed
from bot.crypto import Vault, new_key
from bot.db import Database
from bot.models import AuditEntry, Membership, SealedBytes, Staff, Submission
from bot.now import Now
from bot.submissions.reading import ANSWERS
from tests.product import ROOT

HEAD = "氏名,メールアドレス,部署,役割,有効期限,引き継ぐ相手\n"


@pytest.fixture
def environment(database_url: str) -> dict[str, str]:
    """The settings of an installation whose database is ready."""
    return {
        "PATH": os.environ["PATH"], "DATABASE_URL": database_url, "LINE_CHANNEL_SECRET": "s",
        "LINE_CHANNEL_ACCESS_TOKEN": "t", "ENCRYPTION_KEYS": new_key(), "LOOKUP_KEYS": new_key(),
        "MADOGUCHI_SERVICES": "tests.console.services", "PYTHONPATH": str(ROOT),
    }  # fmt: skip


def madoguchi(environment: dict[str, str], *words: str, status: int = 0) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "bot.cli", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert ended.returncode == status, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def row_of(database: Database, sign_in: str) -> Staff:
    with database.read() as connection:
        found: Staff = people.find(connection, sign_in)  # type: ignore[assignment]  # a row with its columns
    return found


@pytest.mark.parametrize("engine", ["sqlite"])
def test_the_first_administrator_is_entered_listed_and_reset(environment: dict[str, str], database: Database) -> None:
    add = ("staff", "add", "--name", "見本 一子", "--email", "Ichiko@town.example", "--department", "総務課")
    told = madoguchi(environment, *add, "--role", "administrator")
    assert re.search(r"ichiko@town.example signs in with the password [a-z0-9]{5}(-[a-z0-9]{5}){3} ", told)
    assert "in use already" in madoguchi(environment, *add, "--role", "auditor", status=1)
    assert "総務課: administrator" in madoguchi(environment, "staff", "list")
    before = row_of(database, "ichiko@town.example").password
    madoguchi(environment, "staff", "reset", "ichiko@town.example")
    assert row_of(database, "ichiko@town.example").password != before
    assert "nobody signs in with" in madoguchi(environment, "staff", "reset", "x@town.example", status=1)
    with database.read() as connection:
        actors = connection.execute(select(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actors == [("madoguchi staff add", "staff.add"), ("madoguchi staff reset", "staff.reset")]


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_a_year_begins_with_a_file(
    environment: dict[str, str], database: Database, tmp_path: Path, encoding: str
) -> None:
    with database.write() as connection:
        department = people.department(connection, "税務課", [ALL_SERVICES])
        for name in ("leaver", "stayer"):
            account = people.Account(name, f"{name}@town.example", roles=frozenset({(department, Role.OFFICER)}))
            people.add(connection, account, hashed("x"), Now()())
    file = tmp_path / "staff.csv"
    file.write_text(
        HEAD
        + "見本 去,leaver@town.example,,,,newcomer@town.example\n"
        + "見本 残,stayer@town.example,税務課,担当者,2027-03-31,\n"
        + "見本 残,stayer@town.example,福祉課,承認者,2027-03-31,\n"
        + "見本 新,newcomer@town.example,税務課,担当者,2027/03/31,\n",
        encoding=encoding,
    )
    told = madoguchi(environment, "staff", "import", str(file))
    assert "1 entered, 1 changed, 1 closed" in told
    assert "福祉課 is new and looks after no service yet" in told
    assert "税務課 is new" not in told
    assert re.search(r"newcomer@town.example +[a-z0-9-]{23}", told)
    assert not row_of(database, "leaver@town.example").active
    stayer = row_of(database, "stayer@town.example")
    assert str(stayer.expires_on) == "2027-03-31"
    with database.read() as connection:
        roles = connection.execute(select(Membership.role).where(Membership.staff_id == stayer.id)).scalars().all()
    assert sorted(roles) == ["approver", "officer"]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_who_leaves_open_work_and_no_successor_is_named(
    environment: dict[str, str], database: Database, tmp_path: Path
) -> None:
    now = Now()()
    with database.write() as connection:
        leaver = people.add(connection, people.Account("leaver", "leaver@town.example"), hashed("x"), now)
        row = {
            "uid": "a" * 32, "flow": "report.damage", "revision": "r", "filed_at": now, "assigned_to": leaver,
            "answers": SealedBytes.seal(Vault(read_settings(environment).encryption_keys), ANSWERS, "a" * 32, b"{}"),
        }  # fmt: skip
        connection.execute(insert(Submission), row)
    file = tmp_path / "staff.csv"
    file.write_text(HEAD + "見本 去,leaver@town.example,,,,\n", encoding="utf-8")
    told = madoguchi(environment, "staff", "import", str(file))
    assert "leaver@town.example left 1 open things and no successor" in told


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("見本,no-address,税務課,担当者,,", "line 2: needs a name and an e-mail address"),
        ("見本,a@town.example,税務課,係長,,", "line 2: there is no role 係長"),
        ("見本,a@town.example,,担当者,,", "line 2: a role needs a department"),
        ("見本,a@town.example,税務課,担当者,来年,", "line 2: 来年 is no date"),
        ("見本,a@town.example,税務課,担当者,,a@town.example", "nobody can take over from themselves"),
        ("見本,a@town.example,税務課,担当者,,b@town.example", "there is nobody called b@town.example"),
        ("見本,gone@town.example,,,,", "gone@town.example: has no role here, and there is no such account to close"),
    ],
)
def test_a_file_with_a_fault_changes_nothing(
    environment: dict[str, str], database: Database, tmp_path: Path, line: str, complaint: str
) -> None:
    file = tmp_path / "staff.csv"
    file.write_text(HEAD + line + "\n", encoding="utf-8")
    told = madoguchi(environment, "staff", "import", str(file), status=1)
    assert "Nothing was changed." in told
    assert complaint in told
    with database.read() as connection:
        assert connection.execute(select(Staff.id)).first() is None


@pytest.mark.parametrize("engine", ["sqlite"])
def test_the_log_is_verified_and_exported_from_the_command_line(
    environment: dict[str, str], database: Database
) -> None:
    from bot.audit import Sealer, keys_of

    madoguchi(
        environment,
        "staff",
        "add",
        "--name",
        "a",
        "--email",
        "a@town.example",
        "--department",
        "d",
        "--role",
        "auditor",
    )
    Sealer(database, keys_of(read_settings(environment).lookup_keys), "test", Now())()
    told = madoguchi(environment, "audit", "verify")
    head = re.search(r"1 entries hold, 0 are too new to be sealed; head ([0-9a-f]{64})", told)
    assert head
    madoguchi(environment, "audit", "verify", "--head", head.group(1))
    assert "no longer contains" in madoguchi(environment, "audit", "verify", "--head", "00" * 32, status=1)
    assert f",{head.group(1)}" in madoguchi(environment, "audit", "export")
    with database.write() as connection:
        connection.execute(update(AuditEntry).values(actor="nobody"))
    assert "The log was changed: entry 1 was changed." in madoguchi(environment, "audit", "verify", status=1)
