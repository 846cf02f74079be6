"""A broadcast's picture, from the clerk's disk to the resident's chat: LINE wants https, so a front stands before us."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import insert, select

from bot import models
from bot.console.access import Role
from bot.models import Resident
from tests.chromium import PATIENCE_MS
from tests.conftest import databases
from tests.console.https import Front
from tests.console.studio import Studio

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def studio(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """A town that the world reaches over https."""
    folder: Path = tmp_path_factory.mktemp("picture")
    front = Front(folder)
    with databases(request, folder) as make, Studio(make("sqlite"), folder, browser, public=front.before) as studio:
        yield studio
    front.close()


def poster() -> bytes:
    """Return a picture as a clerk has it: larger than LINE shows, with data of the camera."""
    picture = Image.new("RGB", (1600, 900), (20, 110, 90))
    exif = picture.getexif()
    exif[0x010E] = "taken at home"
    target = io.BytesIO()
    picture.save(target, "JPEG", exif=exif)
    return target.getvalue()


def drawn(picture: Locator) -> list[int]:
    """Return the size of what the browser really drew; waits until it has."""
    expect(picture).to_be_visible()
    picture.evaluate("each => each.decode()")
    size: list[int] = picture.evaluate("each => [each.naturalWidth, each.naturalHeight]")
    return size


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_residents_see_the_picture_of_a_broadcast(studio: Studio) -> None:
    person = studio.product.line.resident("花子")
    with studio.hall.database.write() as connection:
        channel = connection.execute(select(models.Channel.id)).scalar_one()
        row = {
            "channel_id": channel, "line_user_id": person.id, "reference": "RPICTURE22", "friend": True, "friend_at": 0,
            "created_at": studio.hall.now(),
        }  # fmt: skip
        connection.execute(insert(Resident), row)
    officer = studio.open("/broadcasts/new", Role.OFFICER)
    officer.get_by_label("件名").fill("まつりのポスター")
    press(officer, "次へ（文面）")
    officer.locator("#text_ja").fill("あすは町民まつりです。")
    files = {"name": "poster.jpg", "mimeType": "image/jpeg", "buffer": poster()}
    officer.locator("#image").set_input_files(files)  # type: ignore[arg-type]  # a TypedDict by another name
    press(officer, "保存して次へ（配信先）")
    press(officer, "この条件で次へ（予定）")
    officer.get_by_label("緊急（夜間も送る）").check()
    press(officer, "保存して確認へ")
    assert drawn(officer.locator("img.bubble-picture").first) == [1040, 585]
    press(officer, "承認を依頼する")

    approver = studio.open(officer.url.removeprefix(studio.url), Role.APPROVER)
    press(approver, "この内容で承認する")
    approver.locator("#confirm").get_by_role("button", name="実行する").click()
    expect(approver.get_by_text("承認しました。")).to_be_visible()

    context = studio.browser.new_context(locale="ja-JP", ignore_https_errors=True)
    context.set_default_timeout(PATIENCE_MS)
    chat = context.new_page()
    chat.goto(f"{studio.product.line.url}/")
    expect(chat.get_by_text("あすは町民まつりです。")).to_be_visible(timeout=PATIENCE_MS)
    assert drawn(chat.locator(".photo img")) == [240, 135]
    with context.expect_page() as opened:
        chat.locator(".photo a").click()
    assert drawn(opened.value.locator("img")) == [1040, 585]
    whole = context.request.get(opened.value.url)
    assert whole.headers["content-type"] == "image/jpeg"
    assert b"taken at home" not in whole.body()
    for each in (context, officer.context, approver.context):
        each.close()
