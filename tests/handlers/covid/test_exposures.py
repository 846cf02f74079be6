"""An exposure: who was there at the time is told once, when a second person has allowed it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot import approvals
from bot.models import Alert, Delivery
from handlers.covid import exposures, facilities
from handlers.covid.exposures import Draft, NotPossible
from handlers.covid.facilities import Application
from tests.handlers.covid.guests import HALF, ask, draft, found, grant, guests, opened, poster, scan, withdraw
from tests.handlers.covid.town import VAULT, Town, at


def test_an_exposure_counts_who_was_there_at_the_time_and_nobody_else(town: Town) -> None:
    facility, other = opened(town), opened(town, "見本書店", "shop")
    early = guests(town, 1, facility, 13)
    there = guests(town, 2, facility, 18)
    guests(town, 3, other, 18)
    town.now = at(5, 22)
    id_ = ask(town, draft(facility, 18, 20))
    assert found(town, id_).matched == 2
    grant(town, id_)
    town.task(exposures.tell, exposure=id_)
    told = [row.resident_id for row in town.sent(exposures.NOTICE)]
    assert told == [who.id for who in there]
    assert early[0].id not in told
    assert (found(town, id_).state, found(town, id_).told) == ("told", 2)


def test_an_exposure_may_be_of_one_room(town: Town) -> None:
    facility = opened(town, "見本ホール", "event", "1階", "2階")
    guests(town, 2, facility, 18)
    with town.database.read() as connection:
        upper = facilities.places_of(connection, facility)[1].id
    town.now = at(5, 22)
    assert found(town, ask(town, draft(facility, 18, 20, place=upper))).matched == 0
    assert found(town, ask(town, draft(facility, 18, 20))).matched == 2


def test_nobody_is_told_before_a_second_person_allowed_it(town: Town) -> None:
    facility = opened(town)
    guests(town, 2, facility, 18)
    id_ = ask(town, draft(facility, 18, 20))
    town.task(exposures.tell, exposure=id_)
    assert town.sent(exposures.NOTICE) == []
    with pytest.raises(approvals.SamePerson):
        grant(town, id_, by=town.officer)
    with town.database.read() as connection:
        waiting = approvals.waiting(connection, ["covid"])
        alert = connection.execute(
            select(Alert.kind, Alert.urgent, Alert.about).where(Alert.settled_at.is_(None))
        ).one()
    assert [row.subject for row in waiting] == [str(id_)]
    assert tuple(alert) == ("covid.exposure", True, f"exposure:{id_}")
    grant(town, id_)
    with town.database.read() as connection:
        assert connection.execute(select(Alert.id).where(Alert.settled_at.is_(None))).all() == []
    with pytest.raises(approvals.AlreadyDecided):
        grant(town, id_)


def test_what_was_changed_after_it_was_shown_is_not_allowed(town: Town) -> None:
    facility = opened(town)
    id_ = ask(town, draft(facility, 18, 20))
    with town.database.write() as connection:
        row = exposures.find(connection, id_)
        shown = exposures.digest(row, facilities.find(connection, facility))
        application = Application("別の店", "restaurant", "まどぐち町1", "見本 太郎", "000-000")
        facilities.change(connection, VAULT, facilities.find(connection, facility), application, town.now)
        with pytest.raises(approvals.Changed):
            exposures.grant(connection, VAULT, town.jobs, row, shown, town.approver, town.now)


def test_each_resident_is_told_once_however_often_they_were_there_and_the_work_is_done(town: Town) -> None:
    facility = opened(town)
    [hanako] = guests(town, 1, facility, 13)
    town.now = at(5, 16)
    assert scan(town, hanako, poster(town, facility)) == "in"
    id_ = ask(town, draft(facility, 13, 17))
    assert found(town, id_).matched == 2
    grant(town, id_)
    for _ in range(2):
        town.task(exposures.tell, exposure=id_)
    assert [row.key for row in town.sent(exposures.NOTICE)] == [f"covid.exposure/{id_}/{hanako.id}"]


def test_a_notice_is_urgent_and_names_the_facility_only_if_both_allow_it(town: Town) -> None:
    shy, open_ = opened(town), opened(town, "見本ホール", "event", named=True)
    guests(town, 1, shy, 18)
    guests(town, 1, open_, 19)
    with pytest.raises(NotPossible, match="not_named"):
        ask(town, draft(shy, 18, 20, named=True))
    for wanted in (draft(shy, 18, 20), draft(open_, 18, 20), draft(open_, 18, 20, named=True)):
        id_ = ask(town, wanted)
        grant(town, id_)
        town.task(exposures.tell, exposure=id_)
    texts = [town.text_of(row) for row in town.sent(exposures.NOTICE)]
    assert ["見本食堂" in text for text in texts] == [False] * 3
    assert ["見本ホール" in text for text in texts] == [False, False, True]
    assert {row.priority for row in town.sent(exposures.NOTICE)} == {2}


def test_everybody_reads_it_in_their_own_language_and_who_blocked_us_is_only_counted(town: Town) -> None:
    facility = opened(town)
    guests(town, 1, facility, 18, language="en")
    guests(town, 1, facility, 18, language="ja-easy")
    guests(town, 2, facility, 18, friend=False)
    id_ = ask(town, draft(facility, 18, 20))
    grant(town, id_)
    town.task(exposures.tell, exposure=id_)
    texts = [town.text_of(row) for row in town.sent(exposures.NOTICE)]
    assert ["Important notice" in text for text in texts] == [True, False]
    assert "たいせつな おしらせ" in texts[1]
    assert (found(town, id_).told, found(town, id_).unreachable) == (2, 2)
    with town.database.read() as connection:
        assert exposures.deliveries(connection, id_) == {"waiting": 2}


def test_a_withdrawal_corrects_exactly_those_who_were_told(town: Town) -> None:
    facility = opened(town)
    told = guests(town, 3, facility, 18)
    id_ = ask(town, draft(facility, 18, 20))
    grant(town, id_)
    town.task(exposures.tell, exposure=id_)
    guests(town, 1, facility, 19)
    withdraw(town, id_)
    for _ in range(2):
        town.task(exposures.correct, exposure=id_)
        town.task(exposures.tell, exposure=id_)
    assert [row.resident_id for row in town.sent(exposures.CORRECTION)] == [who.id for who in told]
    assert len(town.sent(exposures.NOTICE)) == 3
    with pytest.raises(NotPossible, match="state"):
        withdraw(town, id_)


def test_a_withdrawal_stops_what_has_not_left(town: Town) -> None:
    facility = opened(town)
    guests(town, 2, facility, 18)
    id_ = ask(town, draft(facility, 18, 20))
    grant(town, id_)
    withdraw(town, id_)
    town.task(exposures.tell, exposure=id_)
    assert (town.sent(exposures.NOTICE), found(town, id_).state) == ([], "withdrawn")


def test_refused_is_not_told(town: Town) -> None:
    facility = opened(town)
    guests(town, 2, facility, 18)
    id_ = ask(town, draft(facility, 18, 20))
    with town.database.write() as connection:
        row = exposures.find(connection, id_)
        shown = exposures.digest(row, facilities.find(connection, facility))
        exposures.refuse(connection, VAULT, row, shown, town.approver, town.now, "日時ちがい")
    town.task(exposures.tell, exposure=id_)
    assert (found(town, id_).state, town.sent(exposures.NOTICE)) == ("refused", [])


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        (Draft(1, None, at(5, 20), at(5, 18), HALF, False), "order"),
        (Draft(1, None, at(1, 8), at(5, 8), HALF, False), "too_long"),
        (Draft(1, None, at(9, 8), at(9, 9), HALF, False), "future"),
    ],
)
def test_times_that_cannot_be_are_refused(town: Town, wanted: Draft, fault: str) -> None:
    opened(town)
    with pytest.raises(NotPossible, match=fault):
        ask(town, wanted)


def test_a_thousand_are_told_in_several_commits(town: Town) -> None:
    facility = opened(town)
    guests(town, 1100, facility, 18)
    id_ = ask(town, draft(facility, 18, 20))
    grant(town, id_)
    town.task(exposures.tell, exposure=id_)
    with town.database.read() as connection:
        letters = connection.execute(select(func.count()).where(Delivery.purpose == exposures.NOTICE)).scalar_one()
    assert (letters, found(town, id_).told) == (1100, 1100)
