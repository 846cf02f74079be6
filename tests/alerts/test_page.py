"""The address in an alert: looking changes nothing, pressing the button takes it on, and nobody can make one up."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.alerts import settle
from bot.alerts.page import VALID, alert_page
from tests.alerts.conftest import Office


@pytest.fixture
def web(office: Office) -> FlaskClient:
    app = Flask("alerts")
    app.register_blueprint(alert_page(office.database, office.lookup, office.now))
    return app.test_client()


@pytest.fixture
def path(office: Office) -> str:
    """Raise an alert, and return the path of the address in the mail about it."""
    office.contact("sato")
    office.raise_()
    office.later()
    found = re.search(r"https://town.example(/alerts/\S+)", office.mail.mails[0].get_content())
    assert found is not None
    return found.group(1)


def test_looking_changes_nothing_and_the_button_takes_it_on(office: Office, web: FlaskClient, path: str) -> None:
    shown = web.get(path)
    assert (shown.status_code, "引き受けますか" in shown.text) == (200, True)
    assert office.alert(1).acknowledged_at is None
    assert "引き受けました" in web.post(path).text
    found = office.alert(1)
    assert (found.acknowledged_at is not None, found.acknowledged_contact_id, found.next_at) == (True, 1, None)
    assert "すでにだれか" in web.post(path).text
    assert "すでにだれか" in web.get(path).text


def test_the_page_holds_no_content_and_is_kept_nowhere(web: FlaskClient, path: str) -> None:
    shown = web.get(path)
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    for content in ("consultation", "子ども相談", "sato"):
        assert content not in shown.text


def test_an_address_that_was_made_up_opens_nothing(office: Office, web: FlaskClient, path: str) -> None:
    uid = office.sendings()[0].uid
    for wrong in (f"/alerts/{uid}", f"/alerts/{uid}.", f"/alerts/{uid}.AAAA", "/alerts/x.y", path[:-1] + "é"):
        assert web.get(wrong).status_code == 404
        assert web.post(wrong).status_code == 404
    assert office.alert(1).acknowledged_at is None


def test_an_address_a_week_old_opens_nothing(office: Office, web: FlaskClient, path: str) -> None:
    office.now.offset += VALID
    assert web.post(path).status_code == 404


def test_what_is_settled_cannot_be_taken_on(office: Office, web: FlaskClient, path: str) -> None:
    with office.database.write() as connection:
        settle(connection, office.now(), "waiting:1")
    assert "終わっています" in web.post(path).text
    assert office.alert(1).acknowledged_at is None


def test_the_style_on_the_page_is_the_one_its_policy_lets_in(web: FlaskClient, path: str) -> None:
    shown = web.get(path)
    style = re.search(r"<style>(.*?)</style>", shown.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in shown.headers["Content-Security-Policy"]
