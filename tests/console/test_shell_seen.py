"""The frame of every page in Chromium: at a desk and on a phone, in both languages, by keyboard."""

from __future__ import annotations

import pytest
from passlib.totp import TOTP
from sqlalchemy import select

from bot.console import people
from bot.console.access import Role
from bot.console.passwords import hashed
from bot.models import Staff
from tests.console.studio import Studio

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("path", "name"), [("/", "home"), ("/account/", "account"), ("/account/password", "password")])
def test_a_page_of_everybody_is_readable(studio: Studio, path: str, name: str) -> None:
    studio.look(path, name, Role.MANAGER)


def test_keys_lead_home(studio: Studio) -> None:
    page = studio.open("/account/", Role.OFFICER)
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url(f"{studio.url}/")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_signing_in_for_the_first_time_is_readable_at_every_step(studio: Studio, size: str) -> None:
    staff_id = studio.hall.add_staff(Role.OFFICER)
    with studio.hall.database.write() as connection:
        people.set_password(connection, staff_id, hashed("correct horse battery"), must_change=True)
        address = connection.execute(select(Staff.sign_in).where(Staff.id == staff_id)).scalar_one()
    page = studio.open_as("/", staff_id, size)
    page.context.clear_cookies()
    page.goto(f"{studio.url}/sign-in")
    studio.check(page, f"sign-in-{size}")
    page.get_by_label("メールアドレス").fill(address)
    page.get_by_label("パスワード").fill("correct horse battery")
    page.get_by_role("button", name="つぎへ").click()
    page.get_by_role("heading", name="認証アプリの設定").wait_for()
    studio.check(page, f"sign-in-setup-{size}")
    key = page.locator("span.code").inner_text().replace("-", "")
    page.get_by_label("認証アプリの6桁の番号").fill(TOTP(key).generate().token)
    page.get_by_role("button", name="設定してサインイン").click()
    page.get_by_role("heading", name="パスワードを変える").wait_for()
    studio.check(page, f"sign-in-password-{size}")
    page.context.clear_cookies()
    page.goto(f"{studio.url}/sign-in")
    page.get_by_label("メールアドレス").fill(address)
    page.get_by_label("パスワード").fill("correct horse battery")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="番号の確認").wait_for()
    studio.check(page, f"sign-in-code-{size}")
