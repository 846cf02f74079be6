"""Signing in as staff do it: password, then a code that works once; too many failures lock before a password is looked at."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import delete, select, update
from werkzeug.test import Client, TestResponse

from bot.console import people, sessions
from bot.console.access import ALL_SERVICES, Role
from bot.console.lockout import TRIES
from bot.console.passwords import hashed
from bot.models import SealedBytes, SignInFailure, Staff, StaffSession
from bot.now import Now
from tests.console.client import START, Hall, Seen, faults

PASSWORD = "correct horse battery"
HASHED = hashed(PASSWORD)


@pytest.fixture(autouse=True)
def unlocked(hall: Hall) -> None:
    """Nobody has failed yet."""
    with hall.database.write() as connection:
        connection.execute(delete(SignInFailure))


def enter(hall: Hall, *, setup: bool = True, expires_on: dt.date | None = None) -> tuple[str, str]:
    """Enter somebody who may sign in; return their address and the secret of their authenticator."""
    with hall.console.app_context():
        secret: str = hall.console.extensions["one-time codes"].generate_totp_secret()
    with hall.database.write() as connection:
        department = people.department(connection, "税務課", [ALL_SERVICES])
        address = f"{people.first_password()}@town.example"
        account = people.Account("見本 花", address, "ja", expires_on, frozenset({(department, Role.OFFICER)}))
        number = people.add(connection, account, HASHED, hall.now())
        values: dict[str, object] = {"must_change": False}
        if setup:
            values["totp"] = SealedBytes.seal(hall.vault, "staff.totp", number, secret.encode())
        connection.execute(update(Staff).where(Staff.id == number).values(values))
    return address, secret


def code_of(hall: Hall, secret: str) -> str:
    found: str = hall.console.extensions["one-time codes"].generate_totp_password(secret)
    return found


def send(client: Client, path: str, **data: str) -> TestResponse:
    """Open a page and send its form."""
    page = client.get(START + path)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
    assert token, page.get_data(as_text=True)
    assert faults(Seen(path, page)) == []
    return client.post(START + path, data={"csrf_token": token.group(1), **data})


def sign_in(hall: Hall, address: str, secret: str, client: Client | None = None) -> Client:
    """Sign in with password and code."""
    client = client or hall.stranger()
    assert send(client, "/sign-in", sign_in=address, password=PASSWORD).status_code == 302
    assert send(client, "/sign-in/code", code=code_of(hall, secret)).status_code == 302
    return client


def is_inside(client: Client) -> bool:
    return client.get(f"{START}/").status_code == 200


def test_password_and_code_open_the_console(hall: Hall) -> None:
    client = sign_in(hall, *enter(hall))
    assert is_inside(client)
    assert hall.audited("sign_in")[-1].actor.endswith("@town.example")


def test_the_password_alone_opens_nothing(hall: Hall) -> None:
    address, _ = enter(hall)
    client = hall.stranger()
    assert send(client, "/sign-in", sign_in=address, password=PASSWORD).headers["Location"].endswith("/sign-in/code")
    assert not is_inside(client)


def test_the_first_time_an_authenticator_is_set_up_and_proven(hall: Hall) -> None:
    address, _ = enter(hall, setup=False)
    client = hall.stranger()
    assert send(client, "/sign-in", sign_in=address, password=PASSWORD).headers["Location"].endswith("/sign-in/setup")
    assert "<svg" in client.get(f"{START}/sign-in/setup").get_data(as_text=True)
    assert send(client, "/sign-in/setup", code="000000").status_code == 401
    with client.get(f"{START}/sign-in/setup") as page:
        key = re.search(r'鍵：<span class="code">([A-Z2-7-]+)', page.get_data(as_text=True))
    assert key
    from passlib.totp import TOTP

    assert send(client, "/sign-in/setup", code=TOTP(key.group(1).replace("-", "")).generate().token).status_code == 302
    assert is_inside(client)
    with hall.database.read() as connection:
        stored = connection.execute(select(Staff.totp).where(Staff.sign_in == address)).scalar_one()
    assert stored
    assert key.group(1).replace("-", "").encode() not in stored


def test_who_knew_the_password_before_a_reset_cannot_set_up_an_authenticator_after_it(hall: Hall) -> None:
    address, _ = enter(hall)
    thief = hall.stranger()
    assert send(thief, "/sign-in", sign_in=address, password=PASSWORD).location == f"{START}/sign-in/code"
    with hall.database.write() as connection:
        found = people.find(connection, address)
        assert found is not None
        people.reset(connection, found.id, hashed(people.first_password()), Now()())
    for step in ("code", "setup"):
        assert thief.get(f"{START}/sign-in/{step}").location == f"{START}/sign-in"


def test_a_code_works_once(hall: Hall) -> None:
    address, secret = enter(hall)
    code = code_of(hall, secret)
    first, second = hall.stranger(), hall.stranger()
    for client in (first, second):
        send(client, "/sign-in", sign_in=address, password=PASSWORD)
    assert send(first, "/sign-in/code", code=code).status_code == 302
    assert send(second, "/sign-in/code", code=code).status_code == 401
    assert not is_inside(second)


def test_a_code_may_be_typed_in_full_width_and_with_a_space(hall: Hall) -> None:
    address, secret = enter(hall)
    client = hall.stranger()
    send(client, "/sign-in", sign_in=address, password=PASSWORD)
    code = code_of(hall, secret).translate({ord(str(n)): chr(ord("０") + n) for n in range(10)})
    assert send(client, "/sign-in/code", code=f"{code[:3]} {code[3:]}").status_code == 302


def test_after_too_many_failures_even_the_right_password_is_not_looked_at(hall: Hall) -> None:
    address, _ = enter(hall)
    client = hall.stranger()
    for _ in range(TRIES["account"]):
        assert send(client, "/sign-in", sign_in=address, password="wrong").status_code == 401
    assert send(client, "/sign-in", sign_in=address, password=PASSWORD).status_code == 429
    assert send(hall.stranger(), "/sign-in", sign_in=address.upper(), password=PASSWORD).status_code == 429


def test_codes_cannot_be_tried_out_either(hall: Hall) -> None:
    address, secret = enter(hall)
    client = hall.stranger()
    send(client, "/sign-in", sign_in=address, password=PASSWORD)
    answers = {send(client, "/sign-in/code", code=f"{number:06}").status_code for number in range(TRIES["account"])}
    assert 429 in answers
    assert send(client, "/sign-in/code", code=code_of(hall, secret)).status_code == 429


def test_an_address_that_tries_many_accounts_is_locked_out(hall: Hall) -> None:
    client = hall.stranger()
    for number in range(TRIES["address"]):
        assert send(client, "/sign-in", sign_in=f"nobody{number}@town.example", password="x").status_code == 401
    assert send(client, "/sign-in", sign_in="one.more@town.example", password="x").status_code == 429


def test_a_household_with_many_addresses_is_locked_out_as_one(hall: Hall) -> None:
    def try_from(number: int, network: str = "2001:db8:1:2") -> int:
        client = hall.app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"{network}::{number:x}"
        return send(client, "/sign-in", sign_in=f"nobody-{number}@town.example", password="wrong").status_code

    assert {try_from(number) for number in range(1, TRIES["address"] + 1)} == {401}
    assert try_from(TRIES["address"] + 1) == 429
    assert try_from(1, "2001:db8:1:3") == 401


def test_a_lock_ends_by_itself(hall: Hall) -> None:
    address, secret = enter(hall)
    for _ in range(TRIES["account"] + 1):
        send(hall.stranger(), "/sign-in", sign_in=address, password="wrong")
    long_ago = Now()() - dt.timedelta(hours=1)
    with hall.database.write() as connection:
        connection.execute(update(SignInFailure).values(first_at=long_ago, locked_until=long_ago))
    assert is_inside(sign_in(hall, address, secret))


def test_nobody_learns_whether_an_account_exists(hall: Hall) -> None:
    known, _ = enter(hall)
    answers = [
        send(hall.stranger(), "/sign-in", sign_in=address, password="wrong").get_data(as_text=True)
        for address in (known, "unknown@town.example")
    ]
    words = [re.sub(r'value="[^"]*"', "", answer) for answer in answers]
    assert words[0] == words[1]


def test_who_has_left_cannot_sign_in(hall: Hall) -> None:
    yesterday = Now().tokyo().date() - dt.timedelta(days=1)
    address, _ = enter(hall, expires_on=yesterday)
    assert send(hall.stranger(), "/sign-in", sign_in=address, password=PASSWORD).status_code == 401


@pytest.mark.parametrize(
    ("column", "age"), [("seen_at", sessions.IDLE), ("created_at", sessions.LONGEST)], ids=["idle", "old"]
)
def test_a_session_ends_by_itself(hall: Hall, column: str, age: dt.timedelta) -> None:
    clerk = hall.sign_in(Role.OFFICER)
    assert is_inside(clerk.client)
    with hall.database.write() as connection:
        mine = StaffSession.staff_id == clerk.staff_id
        connection.execute(update(StaffSession).where(mine).values({column: Now()() - age - dt.timedelta(seconds=5)}))
    assert not is_inside(clerk.client)


def test_looking_at_a_page_keeps_a_session_and_its_own_refreshing_does_not(hall: Hall) -> None:
    clerk = hall.sign_in(Role.OFFICER)
    earlier = Now()() - dt.timedelta(minutes=20)
    mine = StaffSession.staff_id == clerk.staff_id

    def seen_at() -> dt.datetime:
        with hall.database.read() as connection:
            return connection.execute(select(StaffSession.seen_at).where(mine)).scalar_one()

    with hall.database.write() as connection:
        connection.execute(update(StaffSession).where(mine).values(seen_at=earlier))
    clerk.partial("/tiles")
    assert seen_at() == earlier
    clerk.client.get(f"{START}/")
    assert seen_at() > earlier


def test_one_sees_and_ends_what_one_is_signed_in_with(hall: Hall) -> None:
    staff_id = hall.add_staff(Role.OFFICER)
    here, elsewhere, colleague = hall.sign_in_as(staff_id), hall.sign_in_as(staff_id), hall.sign_in(Role.OFFICER)
    assert "この画面のほかをすべて終わらせる" in here.get("/account/")
    with hall.database.read() as connection:
        theirs = connection.execute(
            select(StaffSession.id).where(StaffSession.staff_id == colleague.staff_id)
        ).scalar_one()
    here.post("/account/sessions/end", {"session": theirs})
    here.post("/account/sessions/end")
    assert is_inside(here.client)
    assert not is_inside(elsewhere.client)
    assert is_inside(colleague.client), "nobody ends another's session"


def test_signing_out_ends_the_session_and_not_only_the_cookie(hall: Hall) -> None:
    staff_id = hall.add_staff(Role.OFFICER)
    clerk = hall.sign_in_as(staff_id)
    cookie = clerk.client.get_cookie("madoguchi_console", path=START)
    assert cookie
    clerk.post("/sign-out")
    clerk.client.set_cookie("madoguchi_console", cookie.value, path=START)
    assert not is_inside(clerk.client)


def test_a_new_password_ends_everything_else(hall: Hall) -> None:
    address, secret = enter(hall)
    here = sign_in(hall, address, secret)
    with hall.database.read() as connection:
        number = people.find(connection, address)
    assert number
    elsewhere = hall.sign_in_as(number.id)
    new = "another long password"
    assert send(here, "/account/password", old="wrong", new=new, again=new).status_code == 200
    assert send(here, "/account/password", old=PASSWORD, new="short", again="short").status_code == 200
    assert send(here, "/account/password", old=PASSWORD, new=new, again=new).status_code == 302
    assert is_inside(here)
    assert not is_inside(elsewhere.client)


def test_a_first_password_is_changed_before_anything_else(hall: Hall) -> None:
    clerk = hall.sign_in(Role.OFFICER)
    with hall.database.write() as connection:
        connection.execute(update(Staff).where(Staff.id == clerk.staff_id).values(must_change=True))
    assert clerk.client.get(f"{START}/").headers["Location"].endswith("/account/password")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
def test_signing_in_leads_to_pages_of_the_console_only(hall: Hall, elsewhere: str) -> None:
    address, secret = enter(hall)
    client = hall.stranger()
    page = client.get(f"{START}/sign-in", query_string={"next": elsewhere})
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
    assert token
    form = {"csrf_token": token.group(1), "sign_in": address, "password": PASSWORD}
    client.post(f"{START}/sign-in", query_string={"next": elsewhere}, data=form)
    assert send(client, "/sign-in/code", code=code_of(hall, secret)).headers["Location"] == f"{START}/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(hall: Hall) -> None:
    address, secret = enter(hall)
    client = hall.stranger()
    asked = client.get(f"{START}/account/")
    page = client.get(asked.headers["Location"])
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
    assert token
    form = {"csrf_token": token.group(1), "sign_in": address, "password": PASSWORD}
    client.post(asked.headers["Location"], data=form)
    assert send(client, "/sign-in/code", code=code_of(hall, secret)).headers["Location"] == f"{START}/account/"


def test_the_console_is_not_served_over_plain_http_elsewhere(hall: Hall) -> None:
    answer = hall.stranger().get(f"{START}/sign-in", base_url="http://town.example")
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_over_https_the_cookie_is_for_https_only(hall: Hall) -> None:
    answer = hall.stranger().get(f"{START}/sign-in", base_url="https://town.example")
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/console"))
