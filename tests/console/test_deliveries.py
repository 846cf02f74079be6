"""What happened to this message: found, sent again or let go; and failed events, opened by their service's staff only."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, select

from bot.console import people
from bot.console.access import Role
from bot.delivery.inspection import PAYLOAD
from bot.models import Attempt, Channel, Delivery, FailedEvent, Resident, SealedBytes
from bot.now import TOKYO
from bot.setaside import RAW
from tests.console.client import Hall

WORDS = "わたしの秘密の相談です"


class Post:
    """The outbox of a hall, with rows of every kind."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        with hall.database.write() as connection:
            found = connection.execute(select(Channel.id)).scalar_one_or_none()
            if found is None:
                made = insert(Channel).values(name="main", created_at=hall.now()).returning(Channel.id)
                found = connection.execute(made).scalar_one()
        self.channel_id = found
        self.number = 0

    def resident(self, reference: str) -> int:
        row = {"channel_id": self.channel_id, "line_user_id": f"U{reference}", "reference": reference, "friend_at": 0}
        return self.hall.enter(Resident, **row, created_at=self.hall.now())

    def delivery(self, resident_id: int, status: str, purpose: str = "conversation", **more: Any) -> int:
        self.number += 1
        now, key = self.hall.now(), os.urandom(8).hex()
        content = orjson.dumps({"token": None, "messages": [{"type": "text", "text": WORDS}]})
        row = {
            "channel_id": self.channel_id, "resident_id": resident_id, "kind": "push", "purpose": purpose, "priority": 1,
            "status": status, "retry_key": key, "payload": SealedBytes.seal(self.hall.vault, PAYLOAD, key, content),
            "due_at": now, "attempts": 1, "uncertain": False, "doubled": False, "created_at": now, "finished_at": now,
        }  # fmt: skip
        return self.hall.enter(Delivery, **(row | more))

    def status(self, id_: int) -> str:
        with self.hall.database.read() as connection:
            return connection.execute(select(Delivery.status).where(Delivery.id == id_)).scalar_one()

    def event(self, resident_id: int, flow: str | None) -> int:
        event_id = os.urandom(8).hex()
        raw = {
            "type": "message", "webhookEventId": event_id, "timestamp": 1, "replyToken": "tokentoken",
            "source": {"type": "user", "userId": "Uvery-private"}, "message": {"type": "text", "id": "1", "text": WORDS},
        }  # fmt: skip
        sealed = SealedBytes.seal(self.hall.vault, RAW, event_id, orjson.dumps(raw))
        return self.hall.enter(
            FailedEvent, channel_id=self.channel_id, event_id=event_id, resident_id=resident_id, flow=flow, raw=sealed,
            error="RuntimeError", place="handlers.tax.actions:1 register", failed_at=self.hall.now(),
        )  # fmt: skip


@pytest.fixture(scope="module")
def post(hall: Hall) -> Post:
    return Post(hall)


def test_a_message_is_found_by_the_residents_reference_and_its_attempts_are_shown(hall: Hall, post: Post) -> None:
    resident = post.resident("FINDME2222")
    id_ = post.delivery(resident, "failed", last_result="http 400")
    with hall.database.write() as connection:
        tried = {"delivery_id": id_, "number": 1, "at": hall.now(), "verdict": "failed", "http_status": 400}
        connection.execute(insert(Attempt), tried)
    other = post.delivery(post.resident("OTHER33333"), "sent")
    clerk = hall.sign_in(Role.OFFICER)
    page = clerk.get("/deliveries/?resident=findme2222")
    assert f"/deliveries/{id_}" in page.links()
    assert f"/deliveries/{other}" not in page.links()
    one = clerk.get(f"/deliveries/{id_}")
    assert "400" in one
    assert WORDS not in one.html
    assert "この参照番号の住民はいません" in clerk.get("/deliveries/?resident=NOBODY")


def test_messages_are_found_by_status_and_day(hall: Hall, post: Post) -> None:
    resident = post.resident("BYDAY44444")
    old = hall.now() - dt.timedelta(days=10)
    first = post.delivery(resident, "unknown", created_at=old)
    second = post.delivery(resident, "stale")
    clerk = hall.sign_in(Role.OFFICER)
    assert f"/deliveries/{second}" in clerk.get("/deliveries/?status=stale").links()
    assert f"/deliveries/{first}" not in clerk.get("/deliveries/?status=stale").links()
    day = old.astimezone(TOKYO).date().isoformat()
    # Rows are numbered in the order of their times; this one, entered late on purpose, is found by its resident.
    found = clerk.get(f"/deliveries/?resident=BYDAY44444&until={day}&since={day}").links()
    assert f"/deliveries/{second}" not in found
    clerk.get("/deliveries/?since=nonsense&status=nothing")


def test_what_failed_is_sent_again_once_and_what_was_too_old_is_let_go(hall: Hall, post: Post) -> None:
    resident = post.resident("AGAIN55555")
    failed, stale = post.delivery(resident, "failed"), post.delivery(resident, "stale")
    clerk = hall.sign_in(Role.OFFICER)
    again = clerk.post(f"/deliveries/{failed}/retry").location
    assert again != f"/deliveries/{failed}"
    assert post.status(int(again.rsplit("/", 1)[1])) == "waiting"
    clerk.post(f"/deliveries/{failed}/retry")
    assert "もう一度送ることはできません" in clerk.client.get(f"/console/deliveries/{failed}").text
    clerk.post(f"/deliveries/{stale}/release")
    assert post.status(stale) == "waiting"
    done = {row.subject for row in hall.audited() if row.action.startswith("delivery.")}
    assert {f"delivery:{failed}", f"delivery:{stale}"} <= done


def test_who_only_sees_a_departments_messages_sends_none_of_them_again(hall: Hall, post: Post) -> None:
    [*_, service] = [service.name for service in hall.runtime.services.all]
    counsellor = hall.sign_in(Role.COUNSELLOR, services=[service])
    failed = post.delivery(post.resident("MIXED77777"), "failed", purpose=f"{service}.report")
    with hall.database.write() as connection:
        sees = people.department(connection, f"{service}課")
        mends = people.department(connection, "別の課", ["tax"])
        people.set_roles(connection, counsellor.staff_id, [(sees, Role.COUNSELLOR), (mends, Role.OFFICER)])
    assert "もう一度送る" not in counsellor.get(f"/deliveries/{failed}")
    counsellor.post(f"/deliveries/{failed}/retry", status=404)
    assert post.status(failed) == "failed"


def test_all_that_was_held_for_the_quota_is_let_go_by_who_serves_the_whole_town(hall: Hall, post: Post) -> None:
    held = post.delivery(post.resident("HELD666666"), "held")
    hall.sign_in(Role.OFFICER, services=["garden"]).post("/deliveries/release", status=404)
    clerk = hall.sign_in(Role.MANAGER)
    assert "保留をすべて送る" in clerk.get("/deliveries/")
    clerk.post("/deliveries/release")
    assert post.status(held) == "waiting"


def test_messages_of_another_departments_service_are_not_there(hall: Hall, post: Post) -> None:
    [*_, other] = [service.name for service in hall.runtime.services.all]
    resident = post.resident("SECRET7777")
    secret, common = post.delivery(resident, "sent", f"{other}.reminder"), post.delivery(resident, "sent")
    clerk = hall.sign_in(Role.OFFICER, services=["somewhere else"])
    links = clerk.get("/deliveries/?resident=SECRET7777").links()
    assert f"/deliveries/{common}" in links
    assert f"/deliveries/{secret}" not in links
    clerk.get(f"/deliveries/{secret}", status=404)
    clerk.post(f"/deliveries/{secret}/retry", status=404)
    assert f"/deliveries/{secret}" in hall.sign_in(Role.OFFICER).get("/deliveries/?resident=SECRET7777").links()


def test_a_failed_event_is_opened_by_its_services_staff_only_and_that_is_recorded(hall: Hall, post: Post) -> None:
    id_ = post.event(post.resident("EVENT88888"), "tax.remind")
    clerk = hall.sign_in(Role.OFFICER, services=["tax"])
    assert "RuntimeError" in clerk.get("/failed-events/")
    closed = clerk.get(f"/failed-events/{id_}")
    assert WORDS not in closed.html
    assert hall.audited("event.opened") == []
    opened = clerk.post(f"/failed-events/{id_}/open", status=200)
    assert WORDS in opened.html
    assert "Uvery-private" not in opened.html
    assert "tokentoken" not in opened.html
    [entry] = hall.audited("event.opened")
    assert (entry.subject, entry.service, entry.staff_id) == (f"event:{id_}", "tax", clerk.staff_id)
    for stranger in (hall.sign_in(Role.OFFICER, services=["covid"]), hall.sign_in(Role.COUNSELLOR, services=["taxi"])):
        stranger.get(f"/failed-events/{id_}", status=404)
        stranger.post(f"/failed-events/{id_}/open", status=404)
        stranger.post(f"/failed-events/{id_}/again", status=404)
    administrator = hall.sign_in(Role.ADMINISTRATOR)
    assert "内容を見る" not in administrator.get(f"/failed-events/{id_}")
    administrator.post(f"/failed-events/{id_}/open", status=403)


def test_an_event_of_no_flow_is_for_who_serves_the_whole_town(hall: Hall, post: Post) -> None:
    id_ = post.event(post.resident("NOFLOW9999"), None)
    hall.sign_in(Role.OFFICER, services=["tax"]).get(f"/failed-events/{id_}", status=404)
    hall.sign_in(Role.OFFICER).get(f"/failed-events/{id_}")


def test_an_event_is_run_again_and_gone(hall: Hall, post: Post) -> None:
    id_ = post.event(post.resident("RERUN22222"), "tax.remind")
    clerk = hall.sign_in(Role.OFFICER)
    clerk.post(f"/failed-events/{id_}/again")
    clerk.get(f"/failed-events/{id_}", status=404)
    assert [row.detail["outcome"] for row in hall.audited("event.again")] == ["applied"]


def test_the_home_page_says_what_went_wrong(hall: Hall, post: Post) -> None:
    post.delivery(post.resident("TILE333333"), "failed")
    page = hall.sign_in(Role.OFFICER, Role.APPROVER).get("/")
    for title in ("送れなかったもの（24時間）", "保留・時間切れ", "処理できなかったイベント", "承認待ち"):
        assert title in page
