"""Every event has its effect once, whatever comes twice, late or in the wrong order."""

from __future__ import annotations

import threading
import time

from tests.product import PATIENCE, wait_until
from tests.webhook.conftest import Office
from tests.webhook.signed import text

MINUTE = 60_000
WHICH_TAX = "どの税のお知らせですか"
HOW_MANY_DAYS = "納期限の何日前にお知らせしますか"


def test_an_event_delivered_twice_is_answered_once(office: Office) -> None:
    person = office.resident()
    event = person.say("自動車税")
    assert office.line.delivered(event) == 200
    person.wait_for(WHICH_TAX)
    office.line.duplicate(event)
    wait_until(lambda: _deliveries(office, event) == 2, PATIENCE, "the duplicate to be delivered")
    assert office.line.delivered(event) == 200
    office.settle(person)
    assert office.claims_of(event["webhookEventId"]) == 1
    assert len(office.sends_to(person)) == 1


def test_copies_of_an_event_that_come_at_the_same_moment_have_one_effect(office: Office) -> None:
    person = office.resident()
    event = text(person.id, "自動車税")
    statuses: list[int] = []
    together = threading.Barrier(8)

    def post() -> None:
        together.wait()
        statuses.append(office.main.deliver(event))

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    person.wait_for(WHICH_TAX)
    office.settle(person)
    assert statuses == [200] * 8
    assert office.claims_of(event["webhookEventId"]) == 1
    assert len(office.sends_to(person)) == 1


def test_copies_inside_one_webhook_have_one_effect(office: Office) -> None:
    person = office.resident()
    event = text(person.id, "自動車税")
    assert office.main.deliver(event, event, event) == 200
    person.wait_for(WHICH_TAX)
    office.settle(person)
    assert len(office.sends_to(person)) == 1


def test_a_redelivered_event_never_seen_before_is_answered_with_its_token(office: Office) -> None:
    person = office.resident()
    office.line.hold()
    event = person.say("自動車税")
    office.line.release([])
    office.line.redeliver(event)
    person.wait_for(WHICH_TAX)
    [send] = office.sends_to(person)
    assert send["kind"] == "reply"
    assert send["reply_token"] == event["replyToken"]


def test_a_redelivered_event_that_was_processed_is_skipped(office: Office) -> None:
    person = office.resident()
    event = person.say("自動車税")
    person.wait_for(WHICH_TAX)
    office.line.redeliver(event)
    wait_until(lambda: _deliveries(office, event) == 2, PATIENCE, "the redelivery")
    assert office.line.delivered(event) == 200
    office.settle(person)
    assert len(office.sends_to(person)) == 1


def test_a_redelivery_21_minutes_after_the_event_is_answered_by_a_push(office: Office) -> None:
    person = office.resident()
    token = "e" * 32
    late = text(person.id, "自動車税", replyToken=token, deliveryContext={"isRedelivery": True})
    late["timestamp"] -= 21 * MINUTE
    assert office.main.deliver(late) == 200
    person.wait_for(WHICH_TAX)
    [send] = office.sends_to(person)
    assert send["kind"] == "push"
    assert not office.line.traffic(text=token, kind="api"), "a token that must be dead is not even tried"


def test_events_of_one_resident_in_one_webhook_are_applied_in_the_order_they_happened(office: Office) -> None:
    person = office.resident()
    office.line.hold()
    for words in ("自動車税", "1", "2"):
        person.say(words)
        time.sleep(0.002)  # LINE's timestamps are milliseconds
    office.line.release("reversed", batch=3)
    person.wait_for("登録しました")
    person.say("自動車税")
    person.wait_for("自動車税種別割：納期限")
    person.wait_for("（14日前）")


def test_an_older_text_is_never_taken_as_the_answer_to_a_later_question(office: Office) -> None:
    person = office.resident()
    person.say("自動車税")
    person.wait_for(WHICH_TAX)
    office.line.hold()
    person.say("2")
    time.sleep(0.002)
    person.say("1")
    office.line.release("reversed")
    person.wait_for(HOW_MANY_DAYS, count=2)
    office.settle(person)
    assert not [message for message in person.answers() if "登録しました" in str(message)]
    person.say("3")
    person.wait_for("登録しました")


def test_an_unfollow_that_overtakes_its_follow_stays_the_last_word(office: Office) -> None:
    person = office.resident(friend=False)
    office.line.hold()
    person.follow()
    time.sleep(0.002)
    unfollow = person.block()
    office.line.release("reversed")
    wait_until(lambda: office.row_of(person.id) is not None, PATIENCE, "the unfollow to arrive")
    office.settle(person)
    assert office.line.delivered(unfollow) == 200
    assert office.row_of(person.id).friend is False


def test_a_follow_after_an_unfollow_makes_a_friend_again(office: Office) -> None:
    person = office.resident(friend=False)
    person.follow()
    person.wait_for("ことばを選んでください")
    person.block()
    wait_until(lambda: office.row_of(person.id).friend is False, PATIENCE, "the unfollow to arrive")
    person.follow()
    wait_until(lambda: office.row_of(person.id).friend is True, PATIENCE, "the second follow to arrive")


def test_the_answers_to_one_resident_arrive_in_the_order_of_the_questions(office: Office) -> None:
    person = office.resident()
    office.line.fault("slow", "reply", seconds=0.5)
    for words in ("自動車税", "1", "3"):
        person.say(words)
    person.wait_for("登録しました")
    said = [str(message) for message in person.answers()]
    asked = [
        next(n for n, one in enumerate(said) if phrase in one) for phrase in (WHICH_TAX, HOW_MANY_DAYS, "登録しました")
    ]
    assert asked == sorted(asked)


def _deliveries(office: Office, event: dict[str, object]) -> int:
    found = office.line.event(str(event["webhookEventId"]))
    return int(found["deliveries"])
