"""A campaign is sent when, how often and as a second person allowed it, once each time, and never otherwise."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest
from sqlalchemy import update

from bot import approvals
from bot.campaigns import campaign, starting
from bot.campaigns.campaign import KIND
from bot.campaigns.content import Content, Words
from bot.campaigns.repeat import Every, Repeat
from bot.campaigns.states import TRANSITIONS, AlikeSent, InThePast, NotNow, State, Unsound
from bot.delivery import broadcast
from bot.models import Campaign
from bot.segment import Speaks
from tests.campaigns.conftest import TownHall
from tests.campaigns.work import HOUR, arrived, carry_out


def test_what_a_second_person_allowed_reaches_everybody_once(hall: TownHall) -> None:
    friends = hall.friends(3)
    id_ = hall.approved()
    assert hall.tick() == 1
    assert hall.tick() == 0
    carry_out(hall)
    assert arrived(hall) == sorted(friends)
    [made] = hall.broadcasts()
    assert (made.created_by, made.approved_by, made.status) == ("職員", "係長", broadcast.State.DONE)
    assert hall.opened(id_).state is State.STARTED
    assert [run.outcome for run in hall.runs(id_)] == ["started"]


def test_it_stands_before_its_time_and_leaves_at_its_time(hall: TownHall) -> None:
    hall.friends(1)
    send_at = hall.now() + HOUR
    hall.approved(send_at=send_at)
    assert hall.tick() == 0
    hall.later(minutes=56)
    assert hall.tick() == 1
    [made] = hall.broadcasts()
    assert made.send_at == send_at
    carry_out(hall)
    assert arrived(hall) == []
    hall.later(minutes=4)
    carry_out(hall)
    assert len(arrived(hall)) == 1


def test_what_came_too_late_is_shown_and_not_sent(hall: TownHall) -> None:
    hall.friends(1)
    id_ = hall.approved(send_at=hall.now() + HOUR, stale_hours=2)
    hall.later(hours=4)
    hall.tick()
    carry_out(hall)
    assert (hall.opened(id_).state, arrived(hall)) == (State.STALE, [])
    assert [run.outcome for run in hall.runs(id_)] == ["stale"]
    with hall.database.write() as connection:
        campaign.redraft(connection, id_)
    with pytest.raises(InThePast):
        hall.submit(id_)


def test_a_repeated_one_is_sent_each_time_under_one_approval_and_a_missed_time_is_not_made_up_for(
    hall: TownHall,
) -> None:
    id_ = hall.approved(send_at=hall.now() + HOUR, repeat=Repeat(Every.DAY), stale_hours=2)
    hall.later(hours=1)
    hall.tick()
    hall.later(days=3)
    hall.tick()
    hall.later(hours=24)
    hall.tick()
    assert [run.outcome for run in hall.runs(id_)] == ["started", "stale", "started"]
    assert len(hall.broadcasts()) == 2
    assert hall.opened(id_).state is State.SCHEDULED


def test_a_repeated_one_ends_after_its_last_day(hall: TownHall) -> None:
    until = hall.now.tokyo().date() + dt.timedelta(days=1)
    id_ = hall.approved(send_at=hall.now() + HOUR, repeat=Repeat(Every.DAY, until=until))
    for _ in range(3):
        hall.later(hours=24)
        hall.tick()
    assert hall.opened(id_).state is State.STARTED
    assert len(hall.runs(id_)) == 2


def test_a_suspended_one_waits_and_a_stopped_one_never_comes_back(hall: TownHall) -> None:
    id_ = hall.approved(send_at=hall.now() + HOUR, repeat=Repeat(Every.DAY))
    with hall.database.write() as connection:
        campaign.suspend(connection, id_)
    hall.later(hours=2)
    assert (hall.tick(), hall.broadcasts()) == (0, [])
    with hall.database.write() as connection:
        campaign.resume(connection, id_)
    hall.tick()
    assert len(hall.broadcasts()) == 1
    with hall.database.write() as connection:
        campaign.stop(connection, id_)
        with pytest.raises(NotNow):
            campaign.resume(connection, id_)
    hall.later(days=2)
    assert (hall.tick(), len(hall.broadcasts())) == (0, 1)


def test_several_clocks_begin_it_once(hall: TownHall) -> None:
    hall.friends(1)
    id_ = hall.approved()
    clocks = [threading.Thread(target=hall.tick) for _ in range(6)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert (len(hall.broadcasts()), len(hall.runs(id_))) == (1, 1)


def test_a_clock_that_dies_at_work_leaves_nothing_and_the_next_one_begins_it_once(hall: TownHall) -> None:
    id_ = hall.approved()

    class Killed(Exception):
        """The process ends here."""

    def die() -> None:
        with hall.database.write() as connection:
            starting.begin_due(connection, hall.means, hall.now())
            raise Killed

    with pytest.raises(Killed):
        die()
    assert (hall.broadcasts(), hall.runs(id_)) == ([], [])
    hall.tick()
    hall.tick()
    assert len(hall.broadcasts()) == 1


def test_a_tick_counted_twice_begins_it_once(hall: TownHall) -> None:
    """The ledger of times holds even where the next time was not moved on."""
    id_ = hall.approved(send_at=hall.now() + HOUR, repeat=Repeat(Every.DAY))
    due_at = hall.opened(id_).row.next_at
    hall.later(hours=1)
    hall.tick()
    with hall.database.write() as connection:
        connection.execute(update(Campaign).where(Campaign.id == id_).values(next_at=due_at))
    hall.tick()
    assert len(hall.broadcasts()) == 1


def test_the_same_words_to_the_same_people_need_a_second_look(hall: TownHall) -> None:
    hall.approved()
    hall.tick()
    again = hall.compose(title="別の題")
    with pytest.raises(AlikeSent):
        hall.submit(again)
    hall.submit(again, knowingly=True)
    assert hall.opened(again).row.knowingly is True


def test_other_people_other_words_or_a_week_later_need_none(hall: TownHall) -> None:
    hall.approved()
    hall.tick()
    hall.submit(hall.compose(to=Speaks(("en",))))
    hall.submit(hall.compose(content=Content({"ja": Words(text="断水は終わりました。")})))
    hall.later(days=8)
    hall.submit(hall.compose())


def test_a_correction_reaches_exactly_those_who_got_it_however_much_they_got_this_week(hall: TownHall) -> None:
    got = hall.friends(2)
    first = None
    for number in range(3):
        hall.approved(content=Content({"ja": Words(text=f"お知らせ{number}")}))
        hall.tick()
        carry_out(hall)
        first = hall.broadcasts()[-1].id
    assert first is not None
    hall.friends(2)
    before = arrived(hall)
    with hall.database.write() as connection:
        id_ = campaign.correct(connection, hall.vault, first, hall.officer, hall.now(), "訂正")
        written = replace(hall.opened_in(connection, id_).composition, content=Content({"ja": Words(text="訂正です")}))
        campaign.change(connection, hall.vault, id_, 1, written, hall.officer, hall.now())
    hall.submit(id_)
    hall.approve(id_)
    hall.tick()
    carry_out(hall)
    assert arrived(hall) == sorted([*before, *got])
    assert hall.broadcasts()[-1].corrects_id == first


def test_what_is_still_going_is_stopped_before_it_is_corrected(hall: TownHall) -> None:
    hall.approved()
    hall.tick()
    [made] = hall.broadcasts()
    with hall.database.write() as connection, pytest.raises(NotNow):
        campaign.correct(connection, hall.vault, made.id, hall.officer, hall.now(), "訂正")


def test_a_refused_campaign_comes_back_with_its_reason_and_can_be_mended(hall: TownHall) -> None:
    id_ = hall.compose()
    hall.submit(id_)
    with hall.database.write() as connection:
        campaign.refuse(connection, hall.vault, id_, hall.approver, hall.now(), "日付が違います")
        row = approvals.latest(connection, KIND, str(id_))
        assert approvals.reason_of(hall.vault, row) == "日付が違います"
    assert hall.opened(id_).state is State.DRAFT
    hall.submit(id_)
    hall.approve(id_)
    assert hall.tick() == 1


def test_what_it_says_is_encrypted_until_it_is_sent(hall: TownHall) -> None:
    assert "断水".encode() not in hall.opened(hall.compose()).row.contents


@pytest.mark.parametrize("state", State)
def test_no_state_leads_to_sending_but_through_a_question(state: State) -> None:
    leading = {one for one, following in TRANSITIONS.items() if State.SCHEDULED in following}
    assert leading == {State.ASKED, State.SUSPENDED}
    if State.SUSPENDED in TRANSITIONS[state]:
        assert state is State.SCHEDULED


@pytest.mark.parametrize(
    "faulty",
    [
        Content({"en": Words(text="No water")}),
        Content({"ja": Words(text="断水")} | {"en": Words(card_text="only a card")}),
        Content({"ja": Words(text="{{ resident.name }}様")}),
        Content({"ja": Words(text="{{ town.name ")}),
        Content({"ja": Words(text="あ" * 5001)}),
        Content({"ja": Words(card_text="本文", labels=("開く",))}),
        Content({"ja": Words(card_text="本文", labels=("開く",))}, targets=("javascript:alert(1)",)),
    ],
)
def test_what_line_would_refuse_or_nobody_can_fill_in_is_not_even_asked_about(hall: TownHall, faulty: Content) -> None:
    with pytest.raises(Unsound):
        hall.submit(hall.compose(content=faulty))


def test_the_towns_values_and_the_day_are_filled_in_when_it_is_sent(hall: TownHall) -> None:
    text = "{{ town.name }}は{{ today|jdate }}に断水します。"
    send_at = dt.datetime(2035, 5, 6, 3, 0, tzinfo=dt.UTC)
    hall.approved(content=Content({"ja": Words(text=text)}), send_at=send_at)
    hall.now.offset += send_at - hall.now()
    hall.tick()
    [made] = hall.broadcasts()
    assert made.messages["ja"][0]["text"] == "まどぐち町は2035年5月6日に断水します。"
