"""The secure page: nothing of a talk is on LINE, and a link opens once and only by its button."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from bot.desk import closing, pagekeys, taking, watching, writing
from bot.models import Delivery, PageKey
from tests.desk.conftest import DeskTown
from tests.desk.visitor import Browser, arrive, enter, link_for, on_line


def test_a_talk_on_the_page_leaves_nothing_of_it_on_line(paged: DeskTown) -> None:
    person = paged.resident()
    browser, number = arrive(paged, person)
    browser.say("きのうの夜のことです")
    paged.wait_said(number, "きのうの夜のことです")
    with paged.desk() as desk:
        taking.take(desk, number, paged.kana)
        writing.send(desk, number, paged.kana, "話してくれてありがとう。")
    assert "話してくれてありがとう。" in browser.get("/talk/")
    said = on_line(paged, person)
    for words in ("はじめる前に", "どなたですか", "きのうの夜", "話してくれてありがとう", "担当者"):
        assert words not in said
    assert paged.said(number)[-1].delivery is None


def test_line_tells_once_that_there_is_a_reply_to_somebody_who_is_away(paged: DeskTown) -> None:
    person = paged.resident()
    _, number = arrive(paged, person)
    with paged.desk(dt.timedelta(minutes=2)) as desk:
        taking.take(desk, number, paged.kana)
        writing.send(desk, number, paged.kana, "ひとつめ")
        writing.send(desk, number, paged.kana, "ふたつめ")
    with paged.desk() as desk:
        mine = select(Delivery).where(Delivery.resident_id == desk.find(number).resident_id, Delivery.purpose == "desk")
        assert len(desk.connection.execute(mine).all()) == 1


def notices_of(town: DeskTown, number: int) -> int:
    with town.desk() as desk:
        mine = select(Delivery).where(Delivery.resident_id == desk.find(number).resident_id, Delivery.purpose == "desk")
        return len(desk.connection.execute(mine).all())


def test_who_has_just_left_the_page_is_told_of_a_reply(paged: DeskTown) -> None:
    person = paged.resident()
    browser, number = arrive(paged, person)
    browser.post("/talk/leave")
    with paged.desk() as desk:
        taking.take(desk, number, paged.kana)
        writing.send(desk, number, paged.kana, "また話してください。", although_left=True)
    person.wait_for("お返事があります")


@pytest.mark.parametrize("over", [False, True])
def test_who_put_the_phone_away_before_the_reply_is_told_within_a_minute(paged: DeskTown, over: bool) -> None:
    """They looked a moment ago, but not at the reply; that the talk has been closed since makes no difference."""
    person = paged.resident()
    _, number = arrive(paged, person)
    with paged.desk() as desk:
        taking.take(desk, number, paged.kana)
        writing.send(desk, number, paged.kana, "189に電話してみてください。")
    if over:
        with paged.desk() as desk:
            closing.close(desk, number, paged.kana, "solved")
    assert notices_of(paged, number) == 0, "they seem to look"
    for later in (10, 60, 120):
        with paged.desk(dt.timedelta(seconds=later)) as desk:
            watching.watch(desk)
        assert notices_of(paged, number) == (later >= 60), "once, and not before they have gone"


def test_the_notice_says_nothing_and_gives_a_fresh_link_for_free(paged: DeskTown) -> None:
    person = paged.resident()
    browser, number = arrive(paged, person)
    with paged.desk() as desk:
        taking.take(desk, number, paged.kana)
        row = desk.hold(number)
        desk.change(row, seen_at=desk.now - dt.timedelta(minutes=5))
        writing.send(desk, number, paged.kana, "だいじなお返事です。")
    notice = person.wait_for("お返事があります")
    assert "だいじな" not in str(notice)
    person.press_button("ひらく")
    other = Browser(paged.product.port)
    other.post(link_for(paged, person, count=2))
    assert "だいじなお返事です。" in other.page
    assert "だれにも言えないことです" in other.page, "the talk goes on where it was"
    assert browser.get("/talk/")
    kinds = [send["kind"] for send in paged.product.line.sends() if person.id in send["to"]]
    assert kinds[-1] == "reply", "a link costs nothing"


def test_a_preview_does_not_use_the_link_up_but_its_button_does(paged: DeskTown) -> None:
    person = paged.resident()
    person.say("相談")
    path = link_for(paged, person)
    crawler, browser, thief = (Browser(paged.product.port) for _ in range(3))
    for _ in range(3):
        assert "ページをひらく" in crawler.get(path)
    assert crawler.cookie is None
    browser.post(path)
    assert browser.status == 200
    assert "はじめる前に" in browser.page
    thief.post(path)
    assert thief.status == 410
    assert thief.cookie is None


def test_a_link_ends_after_ten_minutes_and_when_a_fresh_one_is_made(paged: DeskTown) -> None:
    person = paged.resident()
    person.say("相談")
    first = link_for(paged, person)
    person.press_button("新しいリンクをもらう")
    second = link_for(paged, person, count=2)
    browser = Browser(paged.product.port)
    browser.post(first)
    assert browser.status == 410
    lookup, later = paged.runtime.lookup, paged.runtime.now() + dt.timedelta(minutes=11)
    with paged.runtime.database.write() as connection:
        assert pagekeys.use_link(connection, lookup, second.rsplit("/", 1)[1], later) is None


def test_only_digests_of_keys_are_kept(paged: DeskTown) -> None:
    person = paged.resident()
    browser = enter(paged, person)
    assert browser.cookie is not None
    secret = browser.cookie.partition("=")[2].encode()
    with paged.runtime.database.read() as connection:
        kept = connection.execute(select(PageKey.digest)).scalars().all()
    assert all(secret not in digest for digest in kept)


def test_a_form_without_its_token_changes_nothing(paged: DeskTown) -> None:
    person = paged.resident()
    browser, number = arrive(paged, person)
    before = len(paged.said(number))
    browser.post("/talk/", {"text": "にせの文章"})
    assert browser.status == 410
    assert len(paged.said(number)) == before


def test_the_quick_exit_ends_the_session_and_shows_something_harmless(paged: DeskTown) -> None:
    person = paged.resident()
    browser, number = arrive(paged, person)
    browser.post("/talk/leave")
    assert "ごみの出し方" in browser.page
    assert "相談" not in browser.page
    assert paged.entry(number).left_at is not None
    browser.get("/talk/")
    assert browser.status == 410


@pytest.mark.parametrize("words", ["画面を変える", "がめんを かえる", "Leave now"])
def test_who_writes_the_words_of_the_quick_exit_leaves_the_page_too(paged: DeskTown, words: str) -> None:
    person = paged.resident()
    browser, number = arrive(paged, person)
    assert browser.page.count("画面を変える</button>") == 1, "one exit, not the flow's beside it"
    browser.say(words)
    assert "ごみの出し方" in browser.page
    assert "相談" not in browser.page
    assert paged.entry(number).left_at is not None
    browser.get("/talk/")
    assert browser.status == 410


def test_danger_on_the_page_shows_numbers_and_calls_somebody(paged: DeskTown) -> None:
    person = paged.resident()
    browser, number = arrive(paged, person)
    browser.say("しにたい")
    assert 'href="tel:110"' in browser.page
    assert "いま危ないときは" in browser.page
    assert paged.entry(number).danger


def test_danger_words_written_on_line_instead_reach_the_talk_on_the_page(paged: DeskTown) -> None:
    """Who answers the notice where they got it is not left alone with a bot."""
    person = paged.resident()
    _, number = arrive(paged, person)
    person.say("ごみの日はいつ")
    person.say("たすけて")
    assert paged.wait_said(number, "たすけて").dangers == ("たすけて",)
    assert paged.entry(number).danger
    assert [one.text for one in paged.said(number)] == ["たすけて"], "nothing else of what they do there"
    person.say("やめる")
    person.say("しにたい")
    person.wait_for("いま危ないときは")
    paged.wait_said(number, "しにたい")


def test_a_talk_closed_by_the_desk_says_goodbye_on_the_page_only(paged: DeskTown) -> None:
    person = paged.resident()
    browser, number = arrive(paged, person)
    with paged.desk() as desk:
        taking.take(desk, number, paged.kana)
        closing.close(desk, number, paged.kana, "solved")
    assert "話してくれてありがとう。また話したくなったら" in browser.get("/talk/").replace("\n", "")
    assert "話してくれてありがとう" not in on_line(paged, person)
    with paged.desk() as desk:
        closing.reopen(desk, number, paged.kana)
    browser.get("/talk/")
    browser.say("まだいますか")
    paged.wait_said(number, "まだいますか")


def test_the_page_is_kept_by_nobody_on_the_way(paged: DeskTown) -> None:
    browser = enter(paged, paged.resident())
    assert browser.headers["Cache-Control"] == "no-store"
    assert browser.headers["Referrer-Policy"] == "no-referrer"
    assert "script-src 'self'" in browser.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in browser.headers["Content-Security-Policy"]
