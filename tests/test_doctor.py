"""`madoguchi doctor` finds what is wrong with a deployment and says what to do, and finds nothing where nothing is."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot import doctor
from bot.crypto import new_key
from bot.db import Database
from bot.doctor import Finding, Health, examine
from bot.heartbeat import beat
from bot.now import Now
from tests.product import PATIENCE, Product, free_port, wait_until
from tests.test_config import complete

NOW = Now()


def look(environment: Mapping[str, str]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in examine(environment)}


def town(database_url: str, **more: str) -> dict[str, str]:
    """Settings of a town whose LINE is out of reach."""
    return complete(DATABASE_URL=database_url, LINE_API_BASE=f"http://127.0.0.1:{free_port()}", **more)


def problems(environment: Mapping[str, str]) -> list[str]:
    """Return what is wrong with a deployment, apart from what the sample town leaves to every town to fill in."""
    bad = [finding for finding in examine(environment) if finding.health is Health.BAD]
    return [finding.subject for finding in bad if "still to be filled in" not in finding.says]


def prove(product: Product) -> subprocess.Popen[bytes]:
    """Ask the doctor for the proof of redelivery, and keep talking until it has it or gives up."""
    doctor = product.spawn(sys.executable, "-m", "bot.cli", "doctor", "--redelivery", "--wait", "90")
    person = product.line.resident("証人")

    def talking() -> bool:
        person.say("メニュー")
        return doctor.poll() is not None

    wait_until(talking, 2 * PATIENCE, "the doctor to end")
    return doctor


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_sound_deployment_has_no_problem(product: Product) -> None:
    for process in ("worker", "clock"):
        product.spawn(sys.executable, "-m", "bot.cli", process)
    product.line.configure(redelivery=True)
    assert prove(product).wait(PATIENCE) == 0
    wait_until(lambda: problems(product.environment) == [], PATIENCE, "web, worker and clock to be seen")
    assert look(product.environment)["LINE (main)"].health is Health.GOOD


def test_missing_settings_are_all_named() -> None:
    found = look({})
    assert {"LINE_CHANNEL_SECRET", "ENCRYPTION_KEYS", "LOOKUP_KEYS"} <= set(found)
    assert {finding.health for finding in found.values()} == {Health.BAD}


def test_an_old_database_is_sent_to_the_release(tmp_path: Path) -> None:
    found = look(town(f"sqlite:///{tmp_path / 'empty.db'}"))["database"]
    assert found.health is Health.BAD
    assert "run `madoguchi db upgrade`" in found.says


def test_a_database_that_does_not_answer_is_a_problem() -> None:
    found = look(town(f"postgres://nobody@127.0.0.1:{free_port()}/town"))["database"]
    assert (found.health, "DATABASE_URL" in found.says) == (Health.BAD, True)


def test_a_token_line_refuses_is_a_problem(product: Product) -> None:
    found = look(product.environment | {"LINE_CHANNEL_ACCESS_TOKEN": "revoked"})["LINE (main)"]
    assert (found.health, "401" in found.says) == (Health.BAD, True)


def test_line_out_of_reach_is_a_problem(database_url: str) -> None:
    found = look(town(database_url))["LINE (main)"]
    assert (found.health, "not reached" in found.says) == (Health.BAD, True)


def test_a_process_never_seen_or_silent_for_long_is_a_problem(database: Database, database_url: str) -> None:
    with database.write() as connection:
        beat(connection, "web", "one", NOW())
        beat(connection, "clock", "one", NOW() - dt.timedelta(minutes=3))
    found = look(town(database_url))
    assert found["web"].health is Health.GOOD
    assert (found["clock"].health, "3 minutes ago" in found["clock"].says) == (Health.BAD, True)
    assert ("worker" in found) == (not database.on_sqlite)


def test_a_key_that_is_missing_for_what_is_stored_is_a_problem(product: Product) -> None:
    person = product.line.resident("花子")
    person.say("自動車税")
    assert person.wait_for("どの税のお知らせですか")
    assert look(product.environment)["keys"].health is Health.GOOD
    ours, fresh = product.environment["ENCRYPTION_KEYS"], new_key()
    lost = look(product.environment | {"ENCRYPTION_KEYS": fresh})["keys"]
    assert (lost.health, "1 of 1 talks" in lost.says) == (Health.BAD, True)
    assert look(product.environment | {"ENCRYPTION_KEYS": f"{fresh},{ours}"})["keys"].health is Health.GOOD


@pytest.mark.parametrize("engine", ["sqlite"])
def test_sqlite_on_a_disk_that_will_vanish_is_a_problem(database_url: str) -> None:
    found = look(town(database_url, DYNO="web.1"))["SQLite"]
    assert (found.health, "DYNO" in found.says) == (Health.BAD, True)


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/app/town.db", "overlay"),
        ("/data/town.db", "ext4"),
        ("/data/cache/town.db", "tmpfs"),
        ("/database/town.db", "overlay"),
    ],
)
def test_the_disk_is_the_one_mounted_closest_to_the_file(tmp_path: Path, file: str, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("none / overlay rw 0 0\n/dev/sda /data ext4 rw 0 0\nnone /data/cache tmpfs rw 0 0\n")
    assert doctor._file_system(Path(file), str(mounts)) == kind
    assert doctor._file_system(Path(file), str(tmp_path / "absent")) is None


def test_held_messages_are_shown(product: Product) -> None:
    person = product.line.resident("花子")
    product.line.fault("429-monthly", "reply")
    person.say("自動車税")
    wait_until(lambda: look(product.environment)["deliveries held"].health is Health.BAD, PATIENCE, "the held message")
    assert look(product.environment)["deliveries held"].says.startswith("1: monthly limit")


def test_the_public_address_must_be_https(database_url: str) -> None:
    assert look(town(database_url))["PUBLIC_URL"].health is Health.WARNING
    assert look(town(database_url, PUBLIC_URL="http://town.example"))["PUBLIC_URL"].health is Health.BAD
    behind = look(town(database_url, PUBLIC_URL="https://town.example"))
    assert "PUBLIC_URL" not in behind
    assert behind["TRUSTED_PROXIES"].health is Health.WARNING


def test_flows_with_errors_are_a_problem(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "broken.yaml").write_text("flow: broken\nsteps:\n  - sya: hello\n", encoding="utf-8")
    found = look(town(database_url, MADOGUCHI_FLOWS=str(tmp_path / "flows")))["flows"]
    assert (found.health, "madoguchi flows check" in found.says) == (Health.BAD, True)


def test_no_finding_shows_a_secret(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    environment = town(database_url, LINE_CHANNEL_SECRET="hidden-1", LINE_CHANNEL_ACCESS_TOKEN="hidden-2")
    assert doctor.show(environment) == 1
    shown = capsys.readouterr().out
    for name in ("LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN", "ENCRYPTION_KEYS", "LOOKUP_KEYS"):
        assert environment[name] not in shown
