"""The month's messages: staff know before a send whether they suffice, and talks go on when everything else must wait."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from bot.delivery.outbox import Priority
from bot.delivery.quota import Forecast, Gauge, Quota, gauges
from bot.models import Quota as QuotaRow
from bot.simulator.client import Person, Simulator
from tests.delivery.postoffice import PostOffice

MINUTE = dt.timedelta(minutes=1)


def put(office: PostOffice, person: Person, priority: Priority) -> int:
    letter = office.letter(person, priority.name, priority=priority)
    with office.database.write() as connection:
        office.outbox.put(connection, [letter], office.now())
    return int(office.rows()[-1].id)


def test_a_forecast_says_what_is_needed_and_what_is_left() -> None:
    assert str(Forecast(41_200, 12_000, 0)) == "this needs 41,200 of the 12,000 left this month"
    assert not Forecast(41_200, 12_000, 0).fits
    assert Forecast(41_200, None, 0).fits


@pytest.mark.parametrize(("needed", "fits"), [(0, True), (900, True), (901, False)])
def test_a_send_may_not_touch_the_reserve(needed: int, fits: bool) -> None:
    assert Gauge(allowed=2000, used=1000, reserve=100).forecast(needed).fits is fits


def test_the_gauge_shows_lines_number_to_every_process(office: PostOffice, line: Simulator, hanako: Person) -> None:
    line.configure(quota_limit=200, quota_used=150)
    office.quota.refresh()
    assert office.quota.gauge(office.channel_id) == Gauge(200, 150, 10)
    another = Quota(office.client, office.database, office.now)
    another.refresh()
    assert another.gauge(office.channel_id).left == 50


def test_what_we_send_counts_before_line_is_asked_again(office: PostOffice, line: Simulator) -> None:
    line.configure(quota_limit=200)
    office.quota.refresh()
    office.quota.note(office.channel_id, 120)
    assert office.quota.gauge(office.channel_id).left == 80
    office.quota.refresh()
    with office.database.read() as connection:
        assert gauges(connection, 5)[office.channel_id] == Gauge(200, 120, 10)
    office.now.offset += 2 * MINUTE
    office.quota.refresh()
    assert office.quota.gauge(office.channel_id).left == 200, "LINE's own word replaces ours"


def test_line_is_asked_once_a_minute_at_most(office: PostOffice, line: Simulator) -> None:
    for _ in range(5):
        office.quota.refresh()
    assert len(line.traffic(text="quota/consumption", kind="api")) == 1


def test_line_out_of_reach_is_not_asked_all_the_time(office: PostOffice, line: Simulator) -> None:
    line.fault("500", "quota", times=None)
    for _ in range(5):
        office.quota.refresh()
    assert len(line.traffic(text="quota/consumption", kind="api")) == 1
    line.clear_faults()
    line.configure(quota_limit=200, quota_used=150)
    office.now.offset += MINUTE
    office.quota.refresh()
    assert office.quota.gauge(office.channel_id).left == 50


def test_while_line_does_not_tell_the_last_word_stands(office: PostOffice, line: Simulator) -> None:
    line.configure(quota_limit=200, quota_used=150)
    office.quota.refresh()
    office.now.offset += 2 * MINUTE
    line.fault("500", "quota", times=None)
    office.quota.refresh()
    assert office.quota.gauge(office.channel_id).left == 50
    with office.database.read() as connection:
        assert connection.execute(select(QuotaRow.used)).scalar_one() == 150


def test_an_account_without_a_limit_never_holds_anything_back(office: PostOffice) -> None:
    office.quota.refresh()
    office.quota.note(office.channel_id, 1_000_000)
    assert office.quota.full() == []


def test_when_only_the_reserve_is_left_talks_go_on_and_the_rest_waits(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.configure(quota_limit=200, quota_used=190)
    office.quota.refresh()
    ids = {priority: put(office, line.resident(priority.name), priority) for priority in Priority}
    office.later(MINUTE)
    sent = {priority for priority, id_ in ids.items() if priority.exempt and office.recorded(id_).status == "sent"}
    assert sent == {Priority.REPLY, Priority.TALK}
    assert {office.row(id_).status for priority, id_ in ids.items() if not priority.exempt} == {"waiting"}

    line.configure(quota_limit=2000)
    office.now.offset += 2 * MINUTE
    office.quota.refresh()
    assert {office.finished(id_).status for id_ in ids.values()} == {"sent"}


def test_a_reply_goes_on_when_the_month_is_used_up_altogether(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    line.configure(quota_limit=200, quota_used=200)
    office.quota.refresh()
    token = hanako.say("こんにちは")["replyToken"]
    assert office.finished(office.reply(hanako, "ようこそ", token)).status == "sent"


@pytest.mark.parametrize("priority", Priority)
def test_at_night_only_what_is_urgent_leaves(office: PostOffice, hanako: Person, priority: Priority) -> None:
    put(office, hanako, priority)
    office.now.offset += dt.timedelta(hours=10)  # 22:00
    assert len(office.take()) == (1 if priority <= Priority.EMERGENCY else 0)
    office.now.offset += dt.timedelta(hours=11)  # 9:00
    assert len(office.take(owner="in the morning")) == 1
