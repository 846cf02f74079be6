"""The installation calls people by itself: what is raised in a transaction is in a mail seconds later, and the link in it works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from tests.alerts.receivers import MailServer
from tests.product import PATIENCE, Product, wait_until


@pytest.fixture
def mail() -> Iterator[MailServer]:
    mail = MailServer()
    yield mail
    mail.close()


@pytest.fixture
def town(database_url: str, tmp_path: Path, mail: MailServer) -> Iterator[Product]:
    with Product(database_url, tmp_path) as product:
        settings = {"SMTP_URL": mail.url, "ALERT_FROM": "madoguchi@town.example", "PUBLIC_URL": "https://town.example"}
        product.start(settings)
        product.start_worker(settings)
        yield product


def run(town: Product, *arguments: str) -> str:
    done = CliRunner().invoke(main, list(arguments), env=town.environment)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_trial_from_the_command_line_reaches_the_mailbox_and_is_taken_on_by_its_link(
    town: Product, mail: MailServer
) -> None:
    assert "on the roster" in run(town, "alerts", "add", "当番", "--email", "duty@town.example")
    assert "1 is raised" in run(town, "alerts", "try", "--urgent")
    wait_until(lambda: mail.mails, PATIENCE, "the mail")
    text = mail.mails[0].get_content()
    assert "システム" in text
    assert re.search(r"^1 +open +1 +trial +platform", run(town, "alerts", "list"), re.MULTILINE)
    [path] = re.findall(r"https://town\.example(/alerts/\S+)", text)
    assert town.request("GET", path)[0] == 200
    assert town.request("POST", path)[0] == 200
    assert re.search(r"^1 +taken ", run(town, "alerts", "list"), re.MULTILINE)


@pytest.mark.parametrize("engine", ["sqlite"])
def test_the_roster_is_kept_from_the_command_line(town: Product) -> None:
    run(town, "alerts", "add", "課長", "--email", "head@town.example", "--level", "2", "--hours", "21:00-07:00")
    secret = run(town, "alerts", "add", "チャット", "--webhook", "https://chat.example/hook").split()[-1]
    shown = run(town, "alerts", "roster")
    assert "1234567 21:00-07:00" in shown
    assert "webhook" in shown
    assert secret not in shown
    assert "off the roster" in run(town, "alerts", "remove", "1")
    assert "課長" not in run(town, "alerts", "roster")
    for wrong in (["--email", "nonsense"], ["--email", "a@b.example", "--hours", "always"], []):
        done = CliRunner().invoke(main, ["alerts", "add", "x", *wrong], env=town.environment)
        assert (done.exit_code, len(done.output.splitlines())) == (2, 1), done.output


@pytest.mark.parametrize("engine", ["sqlite"])
def test_an_alert_is_taken_on_from_the_command_line_once(town: Product) -> None:
    run(town, "alerts", "try")
    assert "taken on" in run(town, "alerts", "acknowledge", "1")
    again = CliRunner().invoke(main, ["alerts", "acknowledge", "1"], env=town.environment)
    assert (again.exit_code, "1 is not open" in again.output) == (1, True)
