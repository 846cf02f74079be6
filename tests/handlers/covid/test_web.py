"""Facilities register by themselves, without an account, and take their posters home."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from bot.simulator.client import Simulator
from handlers.covid import facilities, gate, poster
from handlers.covid.models import Facility
from tests.conftest import MakeDatabase
from tests.console.client import Hall

NOW = dt.datetime(2027, 4, 5, 3, tzinfo=dt.UTC)
GOOD = {
    "name": "見本食堂 駅前店",
    "address": "まどぐち町1-1",
    "person": "見本 太郎",
    "phone": "000-000-0000",
    "places": "1階\n2階\n",
    "checklist": ["masks", "seats"],
}


@pytest.fixture
def hall(make_database: MakeDatabase) -> Iterator[Hall]:
    with Simulator.start(webhook="http://127.0.0.1:9/", secret="secret", token="token") as line:
        hall = Hall(make_database("sqlite"), keys={"LINE_API_BASE": line.url})
        yield hall
        hall.close()


@pytest.fixture
def browser_of_a_shop(hall: Hall) -> Client:
    """A browser without any account."""
    return hall.stranger()


def register(client: Client, **more: object) -> TestResponse:
    return client.post("/facilities/new/restaurant", data={**GOOD, **more})


def stored(hall: Hall) -> list[Facility]:
    with hall.database.read() as connection:
        return list(connection.execute(select(Facility)).all())  # type: ignore[arg-type]  # rows have the columns as attributes


def test_a_shop_registers_and_finds_its_posters_at_an_address_of_its_own(hall: Hall, browser_of_a_shop: Client) -> None:
    assert "飲食店" in browser_of_a_shop.get("/facilities/").text
    form = browser_of_a_shop.get("/facilities/new/restaurant").text
    assert "従業員・職員はマスクをつけています" in form
    answer = register(browser_of_a_shop)
    assert answer.status_code == 303
    page = browser_of_a_shop.get(answer.headers["Location"]).text
    assert "取組書は2枚です（1階、2階）" in page
    [row] = stored(hall)
    assert (row.name, row.state, row.checklist, row.may_be_named) == (
        "見本食堂 駅前店",
        "new",
        ["masks", "seats"],
        False,
    )
    assert "見本 太郎".encode() not in row.contact
    assert facilities.contact_of(hall.vault, row)["person"] == "見本 太郎"


def test_the_poster_holds_a_code_per_place_that_opens_the_chat(hall: Hall, browser_of_a_shop: Client) -> None:
    own = register(browser_of_a_shop).headers["Location"]
    printed = browser_of_a_shop.get(f"{own}/print").text
    codes = re.findall(r'<p class="code">([^<]+)</p>', printed)
    assert len(set(codes)) == 2
    assert printed.count("<svg") == 2
    assert poster.chat_address("@simulator", "来場", codes[0]).startswith("https://line.me/R/oaMessage/%40simulator/?")


def test_the_pdf_is_small_and_carries_only_the_letters_it_uses(hall: Hall, browser_of_a_shop: Client) -> None:
    own = register(browser_of_a_shop).headers["Location"]
    answer = browser_of_a_shop.get(f"{own}/poster.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    assert answer.data.count(b"/Type /Page\n") == 2
    assert len(answer.data) < 100_000
    assert re.search(rb"/BaseFont /[A-Z]{6}\+NotoSansCJKJP", answer.data)
    assert b"/FontFile3" in answer.data


def test_every_measure_is_on_the_poster_however_many_there_are() -> None:
    def drawn(number: int) -> bytes:
        measures = [f"取り組み{each}" for each in range(number)]
        sheet = poster.Poster("町", "病", "店", "", "飲食店", measures, "https://example.invalid", "1", 28, "今日")
        return poster.pdf([sheet])

    sizes = [len(drawn(number)) for number in (0, 1, 10, 11, 16, 20)]
    assert sizes == sorted(set(sizes))
    assert drawn(20).count(b"/Type /Page\n") == 1


def test_a_poster_without_measures_has_no_list_of_them(hall: Hall, browser_of_a_shop: Client) -> None:
    own = register(browser_of_a_shop, checklist=[]).headers["Location"]
    assert "measures" not in browser_of_a_shop.get(f"{own}/print").text
    with_some = register(browser_of_a_shop).headers["Location"]
    assert 'class="measures"' in browser_of_a_shop.get(f"{with_some}/print").text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "施設の名前"),
        ({"phone": "なし"}, "電話番号を数字で"),
        ({"places": "1階\n1階"}, "同じ名前が二度"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    hall: Hall, browser_of_a_shop: Client, change: dict[str, str], says: str
) -> None:
    answer = register(browser_of_a_shop, **change)
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="まどぐち町1-1"' in answer.text
    assert stored(hall) == []


def test_hostile_names_are_only_letters(hall: Hall, browser_of_a_shop: Client) -> None:
    own = register(browser_of_a_shop, name='<script>alert("1")</script>').headers["Location"]
    for path in (own, f"{own}/print"):
        answer = browser_of_a_shop.get(path)
        assert "<script>" not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert browser_of_a_shop.get(f"{own}/poster.pdf").status_code == 200


def test_letters_that_nobody_sees_are_left_out(hall: Hall, browser_of_a_shop: Client) -> None:
    assert register(browser_of_a_shop, name="見本\x00食堂\u202e \u200b 本店", places="1\x07階").status_code == 303
    [row] = stored(hall)
    assert row.name == "見本食堂 本店"
    with hall.database.read() as connection:
        assert [each.name for each in facilities.places_of(connection, row.id)] == ["1階"]
    assert register(browser_of_a_shop, name="\u202e\x00").status_code == 422


def test_nobody_finds_another_ones_poster(hall: Hall, browser_of_a_shop: Client) -> None:
    own = register(browser_of_a_shop).headers["Location"]
    other = register(browser_of_a_shop, name="見本書店").headers["Location"]
    uid, secret = own.split("/")[-2], other.split("/")[-1]
    for path in (f"/facilities/{uid}/{secret}", f"/facilities/{uid}/{secret}/poster.pdf", f"/facilities/{uid}/x/print"):
        assert browser_of_a_shop.get(path).status_code == 404


def test_a_retired_facility_has_no_poster_any_more(hall: Hall, browser_of_a_shop: Client) -> None:
    own = register(browser_of_a_shop).headers["Location"]
    with hall.database.write() as connection:
        facilities.retire(connection, stored(hall)[0].id, hall.now())
    assert browser_of_a_shop.get(own).status_code == 404


def test_machines_are_turned_away(hall: Hall, browser_of_a_shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert register(browser_of_a_shop, website="http://spam.example").status_code == 400
    assert register(browser_of_a_shop, name="あ" * 70_000).status_code == 413
    monkeypatch.setattr("handlers.covid.web.AN_HOUR_MOST", 1)
    assert register(browser_of_a_shop).status_code == 303
    assert register(browser_of_a_shop).status_code == 429


def test_one_address_registers_some_and_then_waits_an_hour_while_others_go_on(
    hall: Hall, browser_of_a_shop: Client
) -> None:
    def status(address: str) -> int:
        data = {**GOOD, "name": f"見本食堂{len(stored(hall))}"}
        answer = browser_of_a_shop.post(
            "/facilities/new/restaurant", data=data, environ_overrides={"REMOTE_ADDR": address}
        )
        assert ("まだ登録されていません" in answer.text) is (answer.status_code == 429)
        return answer.status_code

    assert {status("1.2.3.4") for _ in range(gate.MOST)} == {303}
    assert status("1.2.3.4") == 429
    assert status("1.2.3.5") == 303
    assert len(stored(hall)) == gate.MOST + 1


@given(
    address=st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).filter(lambda each: each.is_global),
    seconds=st.lists(st.integers(0, 3 * 3600), max_size=40).map(sorted),
)
def test_no_address_registers_more_than_its_number_within_an_hour(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, seconds: list[int]
) -> None:
    door = gate.Gate(most=3)
    let_in = [at for at in seconds if door.admits(str(address), NOW + dt.timedelta(seconds=at))]
    assert all(later - earlier >= 3600 for earlier, later in pairwise(let_in[::3]))
    assert seconds == [] or let_in


def test_the_neighbours_of_an_ipv6_address_are_the_same_customer_and_a_routers_address_is_nobodys() -> None:
    assert gate.network_of("2a00:1:2:3::1") == gate.network_of("2a00:1:2:3:ffff::9") == "2a00:1:2:3::/64"
    assert gate.network_of("::ffff:1.2.3.4") == "1.2.3.4"
    assert [gate.network_of(each) for each in ("10.0.0.1", "127.0.0.1", "fd00::1", "", None)] == [None] * 5


def test_another_site_cannot_let_its_visitors_register(hall: Hall, browser_of_a_shop: Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = browser_of_a_shop.post("/facilities/new/restaurant", data=GOOD, headers=headers)
    assert (answer.status_code, stored(hall)) == (403, [])
    assert "受け付けられませんでした" in answer.text


def test_an_unknown_kind_is_not_found(browser_of_a_shop: Client) -> None:
    assert browser_of_a_shop.get("/facilities/new/spaceship").status_code == 404
