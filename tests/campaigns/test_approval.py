"""A campaign is sent as a second person has seen it, or not at all."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from bot import approvals
from bot.campaigns import campaign
from bot.campaigns.campaign import KIND
from bot.campaigns.composition import Composition, columns
from bot.campaigns.content import Content, Words
from bot.campaigns.repeat import Every, Excluded, Repeat
from bot.campaigns.states import NotNow, Outdated, OwnWork, State
from bot.housekeeping import purge
from bot.models import Campaign
from bot.segment import Speaks
from bot.service import JobContext
from tests.campaigns.conftest import WATER, TownHall
from tests.campaigns.work import HOUR, arrived, carry_out


@pytest.mark.parametrize("step", ["draft", "asked", "refused", "withdrawn"])
def test_nothing_is_sent_that_no_second_person_has_allowed(hall: TownHall, step: str) -> None:
    hall.friends(2)
    id_ = hall.compose()
    if step != "draft":
        hall.submit(id_)
    with hall.database.write() as connection:
        if step == "refused":
            campaign.refuse(connection, hall.vault, id_, hall.approver, hall.now(), "日付が違います")
        if step == "withdrawn":
            campaign.take_back(connection, hall.vault, id_, hall.officer, hall.now())
    hall.later(days=1)
    assert hall.tick() == 0
    carry_out(hall)
    assert (hall.broadcasts(), arrived(hall)) == ([], [])


def test_a_state_set_past_the_approval_sends_nothing(hall: TownHall) -> None:
    """Whatever a bug or a hand in the database makes of its state: the grant is looked up anew when it begins."""
    hall.friends(2)
    id_ = hall.compose()
    with hall.database.write() as connection:
        forged = update(Campaign).where(Campaign.id == id_).values(state=State.SCHEDULED.value, next_at=hall.now())
        connection.execute(forged)
    hall.tick()
    assert hall.broadcasts() == []
    assert (hall.opened(id_).state, hall.opened(id_).row.note) == (State.DRAFT, "unapproved")


def test_what_was_changed_after_the_approval_is_not_sent(hall: TownHall) -> None:
    id_ = hall.approved()
    with hall.database.write() as connection:
        row = hall.opened(id_).row
        other = Composition("断水", Content({"ja": Words(text="本日は晴天なり")}))
        forged = columns(hall.vault, row.uid, other, row.channel_id, None)
        connection.execute(update(Campaign).where(Campaign.id == id_).values(forged))
    hall.tick()
    assert (hall.broadcasts(), hall.opened(id_).state) == ([], State.DRAFT)


def test_neither_the_author_nor_the_last_editor_nor_the_asker_approves(hall: TownHall) -> None:
    id_ = hall.compose()
    with hall.database.write() as connection:
        changed = replace(hall.opened(id_).composition, title="断水（変更）")
        campaign.change(connection, hall.vault, id_, 1, changed, hall.third, hall.now())
    hall.submit(id_, by=hall.approver)
    for own in (hall.officer, hall.third):
        with pytest.raises(OwnWork):
            hall.approve(id_, by=own)
    with pytest.raises(approvals.SamePerson):
        hall.approve(id_, by=hall.approver)
    assert hall.opened(id_).state is State.ASKED


def test_an_approver_who_saw_something_else_looks_again(hall: TownHall) -> None:
    id_ = hall.compose()
    seen = hall.opened(id_).digest
    with hall.database.write() as connection:
        changed = replace(hall.opened(id_).composition, to=Speaks(("en",)))
        campaign.change(connection, hall.vault, id_, 1, changed, hall.officer, hall.now())
    hall.submit(id_)
    with hall.database.write() as connection, pytest.raises(approvals.Changed):
        campaign.approve(connection, hall.vault, id_, seen, hall.approver, hall.now())


@pytest.mark.parametrize(
    "different",
    [
        {"title": "別"},
        {"content": Content({"ja": Words(text="別")})},
        {"content": replace(WATER, image="picture")},
        {"to": Speaks(("en",))},
        {"urgent": True},
        {"send_at": dt.datetime(2030, 1, 1, tzinfo=dt.UTC)},
        {"stale_hours": 1},
        {"repeat": Repeat(Every.DAY)},
        {"excluded": Excluded(holidays=True)},
    ],
)
def test_everything_that_changes_what_is_sent_changes_the_digest(hall: TownHall, different: dict[str, Any]) -> None:
    assert hall.opened(hall.compose()).digest != hall.opened(hall.compose(**different)).digest


def test_a_draft_is_not_overwritten_by_who_did_not_see_the_latest_change(hall: TownHall) -> None:
    id_ = hall.compose()
    composition = hall.opened(id_).composition
    with hall.database.write() as connection:
        campaign.change(connection, hall.vault, id_, 1, replace(composition, title="新"), hall.third, hall.now())
        with pytest.raises(Outdated):
            campaign.change(connection, hall.vault, id_, 1, replace(composition, title="古"), hall.officer, hall.now())
    assert hall.opened(id_).composition.title == "新"


def test_what_waits_or_is_scheduled_cannot_be_changed(hall: TownHall) -> None:
    id_ = hall.compose()
    hall.submit(id_)
    with hall.database.write() as connection, pytest.raises(NotNow):
        campaign.change(connection, hall.vault, id_, 1, hall.opened(id_).composition, hall.officer, hall.now())


def test_the_approval_of_what_is_still_repeated_outlives_the_others(hall: TownHall) -> None:
    repeated = hall.approved(send_at=hall.now() + HOUR, repeat=Repeat(Every.MONTH_END))
    once = hall.approved(content=Content({"ja": Words(text="一度だけ")}))
    hall.tick()
    hall.later(days=1000)
    with hall.database.write() as connection:
        context = JobContext(connection, hall.now(), hall.now(), hall.office.outbox, {}, lambda *_: [])
        while purge(context):
            pass
        assert approvals.latest(connection, KIND, str(repeated)) is not None
        assert approvals.latest(connection, KIND, str(once)) is None
