"""The roster is told that there is something, never what; failures are tried again; nobody is called once somebody has it."""

from __future__ import annotations

import datetime as dt
import socket
import threading

from bot.alerts import acknowledge, raise_alert, settle
from bot.alerts.inspection import recent, unacknowledged
from bot.alerts.notifier import BACKOFF, LEASE
from bot.alerts.ways import Post
from bot.db import Database
from tests.alerts.conftest import Office
from tests.product import PATIENCE, free_port, wait_until


def test_who_is_on_the_roster_gets_a_mail_that_says_where_and_never_what(office: Office) -> None:
    office.contact("sato")
    office.raise_()
    assert office.later() == 1
    [mail] = office.mail.mails
    text = mail.get_content()
    assert (str(mail["To"]), str(mail["From"])) == ("sato@town.example", "madoguchi@town.example")
    assert "子ども相談" in str(mail["Subject"])
    assert "https://town.example/console/" in text
    assert "https://town.example/alerts/" in text
    for content in ("consultation", "desk.waiting", "waiting:1"):
        assert content not in text + str(mail["Subject"])


def test_a_webhook_is_signed_with_its_time_and_tells_no_more_than_a_mail(office: Office) -> None:
    office.contact("chat", hook=True)
    office.raise_(urgent=True)
    office.later()
    [call] = office.receiver.calls
    assert call["signed"]
    assert abs(call["stamp"] - office.now().timestamp()) < 60
    assert call["path"] == "/alerts?from=town"
    assert (call["service"], call["urgent"]) == ("child", True)
    assert "consultation" not in str(call)
    assert "desk.waiting" not in str(call)


def test_the_same_thing_is_raised_once_until_it_is_settled(office: Office) -> None:
    office.contact("sato")
    first = office.raise_()
    assert office.raise_() is None
    office.later()
    assert len(office.mail.mails) == 1
    with office.database.write() as connection:
        assert settle(connection, office.now(), "waiting:1")
        assert not settle(connection, office.now(), "waiting:1")
    assert office.raise_() == first
    office.later()
    assert len(office.mail.mails) == 2


def test_what_becomes_urgent_is_told_anew_although_somebody_has_it(office: Office) -> None:
    office.contact("sato")
    id_ = office.raise_()
    assert id_ is not None
    office.later()
    with office.database.write() as connection:
        acknowledge(connection, office.now(), id_)
    assert office.raise_(urgent=True) == id_
    assert office.raise_(urgent=True) is None
    office.later()
    assert "至急" in str(office.mail.mails[-1]["Subject"])
    assert office.alert(id_).acknowledged_at is None


def test_a_transaction_that_is_undone_raises_nothing(office: Office) -> None:
    office.contact("sato")
    with office.database.write() as connection:
        assert raise_alert(connection, office.now(), kind="test", service="child", key="undone") is not None
        connection.rollback()
    assert office.later() == 0
    assert office.mail.mails == []


def test_nobody_answering_level_by_level_more_are_called(office: Office) -> None:
    office.contact("first")
    office.contact("second", level=2)
    office.contact("third", level=3)
    office.raise_()
    told = []
    for minutes in (0, 10, 10, 10, 10, 10):
        office.mail.mails.clear()
        office.later(minutes)
        told.append({name.partition("@")[0] for name in office.mail.recipients})
    assert told == [{"first"}, {"first"}, {"first", "second"}, {"first", "second"}, *[{"first", "second", "third"}] * 2]


def test_before_its_minutes_are_over_nobody_is_called_again(office: Office) -> None:
    office.contact("first")
    office.raise_()
    office.later()
    assert office.later(9) == 0
    assert office.later(1) == 1


def test_an_urgent_alert_waits_for_a_third_of_the_time(office: Office) -> None:
    office.contact("first")
    office.raise_(urgent=True)
    office.later()
    assert office.later(3) == 0
    assert office.later(0.5) == 1


def test_a_level_without_anybody_on_call_costs_no_time(office: Office) -> None:
    office.contact("third", level=3)
    office.raise_()
    office.later()
    assert office.mail.recipients == ["third@town.example"]


def test_an_alert_that_finds_nobody_says_so_and_is_told_as_soon_as_somebody_is_on_call(office: Office) -> None:
    id_ = office.raise_()
    assert office.later() == 0
    assert office.alert(id_).unheard
    office.contact("late")
    office.later(10)
    assert office.mail.recipients == ["late@town.example"]
    assert not office.alert(id_).unheard


def test_who_takes_it_on_stops_the_calls_also_those_waiting_for_another_try(office: Office) -> None:
    office.contact("sato")
    office.mail.refusal = "451 later"
    id_ = office.raise_()
    assert id_ is not None
    office.later()
    office.mail.refusal = None
    with office.database.write() as connection:
        assert acknowledge(connection, office.now(), id_)
        assert not acknowledge(connection, office.now(), id_)
    office.later(60)
    assert office.mail.mails == []
    assert [row.status for row in office.sendings()] == ["dropped"]
    with office.database.read() as connection:
        assert unacknowledged(connection) == 0


def test_a_refused_mail_is_tried_again_ever_later_and_shown_when_given_up(office: Office) -> None:
    office.contact("sato")
    office.mail.refusal = "451 later"
    office.raise_()
    assert office.later() == 1
    assert office.sendings()[0].last_result == "mail server refused the recipient (451)"
    assert office.later() == 0, "it waits before it tries again"
    for pause in BACKOFF:
        office.later(pause.total_seconds() / 60)
    first = office.sendings()[0]
    assert (first.status, first.attempts) == ("failed", len(BACKOFF) + 1)
    with office.database.read() as connection:
        [shown] = recent(connection, 10)
    assert (shown.state, shown.sent, shown.failed > 0, shown.trouble) == ("open", 0, True, first.last_result)


def test_after_a_failure_the_message_arrives_at_the_next_try(office: Office) -> None:
    office.contact("chat", hook=True)
    office.receiver.status = 503
    office.raise_()
    office.later()
    assert office.sendings()[0].last_result == "receiver said 503"
    office.receiver.status = 204
    office.later(0.5)
    assert office.sendings()[0].status == "sent"
    assert office.receiver.calls[0]["id"] == office.receiver.calls[1]["id"]


def test_a_redirect_is_not_followed(office: Office) -> None:
    office.contact("chat", hook=True)
    office.receiver.status = 302
    office.raise_()
    office.later()
    assert office.sendings()[0].last_result == "receiver said 302"


def test_a_mail_server_out_of_reach_is_a_failure_without_its_address(office: Office) -> None:
    office.contact("sato")
    office.notifier = office.another_notifier(Post(f"smtp://127.0.0.1:{free_port()}", "a@town.example"))
    office.raise_()
    office.later()
    assert office.sendings()[0].last_result == "mail server: ConnectionRefusedError"


def test_what_a_crash_interrupted_is_sent_when_its_lease_is_over(office: Office) -> None:
    office.contact("sato")
    office.raise_()
    while office.notifier._plan():
        pass
    assert len(office.notifier._claim()) == 1, "the process dies here"
    office.notifier = office.another_notifier()
    assert office.later(1) == 0
    assert office.later(LEASE.total_seconds() / 60) >= 1
    assert office.mail.recipients[0] == "sato@town.example"


def test_a_mail_server_that_hangs_holds_up_no_webhook(office: Office) -> None:
    office.contact("mailed")
    office.contact("hooked", hook=True)
    office.raise_()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        post = Post(f"smtp://127.0.0.1:{silent.getsockname()[1]}", "madoguchi@town.example")
        calling = threading.Thread(target=office.another_notifier(post))
        calling.start()
        wait_until(lambda: office.receiver.calls, PATIENCE, "the webhook")
        hanging, _ = silent.accept()
        assert calling.is_alive(), "the mail is still being tried"
        hanging.close()
        calling.join()
    assert [(one.way, one.status) for one in office.sendings()] == [("mail", "waiting"), ("webhook", "sent")]


def test_two_workers_call_nobody_twice(office: Office) -> None:
    for number in range(6):
        office.contact(f"person{number}")
    for number in range(4):
        office.raise_(f"thing:{number}")
    workers = [threading.Thread(target=office.another_notifier()) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    office.later()
    assert len(office.mail.mails) == 24
    assert len({str(mail["Message-ID"]) for mail in office.mail.mails}) == 24


def test_nothing_due_writes_nothing(database: Database, office: Office) -> None:
    """On SQLite a write would hold up the conversations."""
    with database.write():
        assert office.later() == 0


def test_after_two_days_the_calls_end_and_the_alert_stays(office: Office) -> None:
    office.contact("first")
    id_ = office.raise_()
    office.later()
    for _ in range(60):
        office.later(60)
    assert office.later(dt.timedelta(days=2) / dt.timedelta(minutes=1)) == 0
    assert office.alert(id_).next_at is None
    with office.database.read() as connection:
        assert unacknowledged(connection) == 1
