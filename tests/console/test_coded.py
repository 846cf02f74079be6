"""What is stored as a code is shown in words: why something was sent, which language, which browser, who published."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from bot.console.access import Role
from bot.console.words import browser
from bot.models import Attribute, Channel, Resident
from tests.console.client import Hall

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0": (
        "Edge (Windows)"
    ),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36": (
        "Chrome (Windows)"
    ),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17 Safari/605.1": (
        "Safari (Mac)"
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) CriOS/126 Safari/604": (
        "Chrome (iPhone)"
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0": "Firefox (Linux)",
    "curl/8.5.0": "curl/8.5.0",
    "": "–",
}


@pytest.mark.parametrize(("agent", "name"), AGENTS.items())
def test_a_browser_is_named_as_its_owner_knows_it(agent: str, name: str) -> None:
    assert browser(agent) == name


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("conversation", "会話の返事"),
        ("broadcast", "一斉配信"),
        ("reminder.garbage", "予約のお知らせ（"),
        ("tax.reminder", "納期限のお知らせ"),
        ("covid.exposure", "大切なお知らせ"),
        ("gone.notice", "gone.notice"),
    ],
)
def test_a_message_says_why_it_was_sent(town_hall: Hall, code: str, words: str) -> None:
    with town_hall.console.test_request_context("/"):
        assert town_hall.console.jinja_env.filters["purpose"](code).startswith(words)


def test_a_delivery_tells_in_words_what_line_answered(town_hall: Hall) -> None:
    with town_hall.console.test_request_context("/"):
        filters = town_hall.console.jinja_env.filters
        assert filters["result"]("refused 400 the user") == "断られた 400 the user"
        assert filters["verdict"]("no_verdict") == "返事がない"


def test_a_resident_is_shown_in_words(town_hall: Hall) -> None:
    now = town_hall.now()
    with town_hall.database.write() as connection:
        channel = connection.execute(select(Channel.id).order_by(Channel.id).limit(1)).scalar_one_or_none()
        if channel is None:
            made = insert(Channel).values(name="main", created_at=now).returning(Channel.id)
            channel = connection.execute(made).scalar_one()
    resident = town_hall.enter(
        Resident, channel_id=channel, line_user_id="Ucoded", reference="RCODED2222", language="ja-easy", friend=True,
        friend_at=0, created_at=now,
    )  # fmt: skip
    with town_hall.database.write() as connection:
        row = {"resident_id": resident, "name": "area", "value": "north", "set_at": now, "keep_until": now}
        connection.execute(insert(Attribute), row)
    officer = town_hall.sign_in(Role.OFFICER)
    assert "やさしい日本語" in officer.get("/residents/")
    page = officer.get("/residents/RCODED2222")
    assert "やさしい日本語" in page
    assert "北部" in page
    assert "north" not in page
    assert "はじめての起動" in officer.get("/flows/publications/")


def test_ones_own_page_is_marked_in_the_bar(town_hall: Hall) -> None:
    seen = town_hall.sign_in(Role.OFFICER).get("/account/")
    current = [one for tag, one in seen.tree.tags if tag == "a" and one.get("aria-current") == "page"]
    assert [one["href"] for one in current] == ["/console/account/"]
