"""Events beside messages and buttons: what needs no answer gets none, what does gets the right one, and nothing breaks."""

from __future__ import annotations

from typing import Any

import pytest

from bot.simulator.client import Person
from tests.product import PATIENCE, wait_until
from tests.webhook.conftest import Office
from tests.webhook.signed import event

GREETING = "友だち追加ありがとうございます"
WELCOME_BACK = "またご利用いただき"


@pytest.fixture
def person(office: Office) -> Person:
    """Somebody who is in the middle of a talk."""
    person = office.resident()
    person.say("自動車税")
    person.wait_for("どの税のお知らせですか")
    office.settle(person)
    return person


def unanswered(office: Office, person: Person, *events: dict[str, Any]) -> None:
    """Deliver events that say nothing to the talk; see that it is where it was."""
    before = len(office.sends_to(person))
    assert office.main.deliver(*events) == 200
    person.say("1")
    person.wait_for("何日前にお知らせしますか")
    office.settle(person)
    assert len(office.sends_to(person)) == before + 1


def test_a_failed_account_link_has_neither_source_nor_token_and_changes_nothing(office: Office, person: Person) -> None:
    before = office.counts()
    failed = person.act("account_link", nonce="n" * 20, failed=True)
    assert "source" not in failed
    assert office.line.delivered(failed) == 200
    assert office.counts() == before


@pytest.mark.parametrize("nonce", ["unknown" * 3, "used" * 5, "", None], ids=["unknown", "reused", "empty", "absent"])
def test_an_account_link_nobody_asked_for_links_nothing(office: Office, person: Person, nonce: str | None) -> None:
    link = {"result": "ok"} if nonce is None else {"result": "ok", "nonce": nonce}
    linked = [event(person.id, "accountLink", link=link) for _ in range(2)]
    unanswered(office, person, *linked)


@pytest.mark.parametrize(
    "params",
    [
        {"status": "FAILED"},
        {"newRichMenuAliasId": "second", "status": "SUCCESS"},
        {"newRichMenuAliasId": "gone", "status": "RICHMENU_ALIAS_ID_NOTFOUND"},
    ],
    ids=lambda params: str(params["status"]),
)
def test_a_changed_rich_menu_speaks_for_itself(office: Office, person: Person, params: dict[str, str]) -> None:
    unanswered(office, person, event(person.id, "postback", postback={"data": "switch", "params": params}))


@pytest.mark.parametrize(
    "params",
    [{"date": "2027-05-01"}, {"time": "10:00"}, {"datetime": "2027-05-01T10:00"}, {"date": None}, {}, None],
    ids=["date", "time", "datetime", "null", "empty", "none"],
)
def test_a_picker_that_no_question_opened_is_answered_kindly(
    office: Office, person: Person, params: dict[str, Any] | None
) -> None:
    postback = {"data": "picked"} | ({} if params is None else {"params": params})
    assert office.main.deliver(event(person.id, "postback", postback=postback)) == 200
    person.wait_for("どの税のお知らせですか", count=2)


def test_a_beacon_that_reports_every_ten_seconds_is_never_answered(office: Office, person: Person) -> None:
    stays = [event(person.id, "beacon", beacon={"hwid": "d41d8cd98f", "type": "stay"}) for _ in range(6)]
    for number, stay in enumerate(stays):
        stay["timestamp"] -= (6 - number) * 10_000
    unanswered(office, person, *stays)


def test_a_video_watched_twice_says_nothing(office: Office, person: Person) -> None:
    watched = [event(person.id, "videoPlayComplete", videoPlayComplete={"trackingId": "t"}) for _ in range(2)]
    unanswered(office, person, *watched)


def test_a_membership_and_what_line_may_add_one_day_say_nothing(office: Office, person: Person) -> None:
    membership = event(person.id, "membership", membership={"type": "joined", "membershipId": 3189})
    unanswered(office, person, membership, event(person.id, "hologram", hologram={"depth": 3}))


@pytest.mark.parametrize(
    ("follow", "greeting"),
    [({"isUnblocked": True}, WELCOME_BACK), ({"isUnblocked": False}, GREETING), (None, GREETING)],
    ids=["unblocked", "new", "absent"],
)
def test_a_new_friend_is_greeted_and_one_who_comes_back_is_welcomed_back(
    office: Office, follow: dict[str, bool] | None, greeting: str
) -> None:
    person = office.resident()
    followed = event(person.id, "follow", **({} if follow is None else {"follow": follow}))
    assert office.main.deliver(followed) == 200
    person.wait_for(greeting)
    assert office.row_of(person.id).friend is True


def test_who_comes_back_finds_the_language_chosen_before(office: Office) -> None:
    person = office.resident(friend=False)
    person.follow()
    person.wait_for("choose your language")
    person.press_button("English")
    person.wait_for("We will continue in English")
    person.block()
    wait_until(lambda: office.row_of(person.id).friend is False, PATIENCE, "the block to arrive")
    person.follow()
    assert person.wait_for("Welcome back.")
    assert office.row_of(person.id).language == "en"
