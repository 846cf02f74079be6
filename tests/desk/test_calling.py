"""Who is called when nobody answers, within the office's hours and outside."""

from __future__ import annotations

import datetime as dt

from bot.alerts.raising import acknowledge
from bot.desk import taking, talk, writing
from bot.simulator.client import Person
from tests.desk.conftest import DeskTown
from tests.desk.watched import MINUTE, alert, watch
from tests.product import PATIENCE, wait_until


def test_when_nobody_answers_help_is_called_step_by_step_and_at_last_pardon_asked(town: DeskTown) -> None:
    _, number = town.arrive()
    watch(town, 4 * MINUTE)
    assert alert(town, f"desk.waiting:{number}") is None
    watch(town, 6 * MINUTE)
    first = alert(town, f"desk.waiting:{number}")
    assert not first.urgent
    watch(town, 11 * MINUTE)
    assert alert(town, f"desk.waiting:{number}").urgent
    watch(town, 16 * MINUTE)
    watch(town, 17 * MINUTE)
    [apology] = town.said(number)
    assert apology.text is not None
    assert "お待たせして申し訳ありません" in apology.text
    # It is due by the clock of `watch`, which is ahead: the product's own may find that out and send it at once.
    assert apology.direction == "system"
    assert apology.delivery in {"waiting", "sent"}
    with town.desk() as desk:
        kinds = [one.kind for one in talk.happened(desk, number)]
        taking.take(desk, number, town.kana)
    assert kinds == ["opened", "unanswered", "supervisor", "apologised"]
    assert alert(town, f"desk.waiting:{number}").settled_at is not None


def test_a_counsellor_who_has_fallen_silent_is_noticed(town: DeskTown) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        writing.send(desk, number, town.kana, "はい。")
    person.say("それで、どうすればいいですか")
    town.wait_said(number, "それで、どうすればいいですか")
    watch(town, 11 * MINUTE)
    assert alert(town, f"desk.silent:{number}") is not None
    with town.desk() as desk:
        writing.send(desk, number, town.kana, "一緒に考えましょう。")
    assert alert(town, f"desk.silent:{number}").settled_at is not None


def test_a_talk_to_which_nothing_comes_is_ended_but_never_one_in_danger(town: DeskTown) -> None:
    calm_person, calm = town.arrive()
    _, urgent = town.arrive("子ども（18歳未満）", "はい", name="太郎")
    with town.desk() as desk:
        for number in (calm, urgent):
            taking.take(desk, number, town.kana)
            writing.send(desk, number, town.kana, "いますか。")
    watch(town, dt.timedelta(hours=3))
    assert (town.entry(calm).state, town.entry(calm).close_reason) == ("closed", "no_reply")
    said = len(calm_person.answers())
    calm_person.say("まだいます")
    calm_person.wait_for("メッセージの内容がわかりませんでした")
    assert len(calm_person.answers()) > said, "the bot listens again"
    assert town.entry(urgent).state == "active"
    assert alert(town, f"desk.silent:{urgent}").urgent


def come_after_hours(town: DeskTown) -> tuple[Person, int]:
    """Let somebody leave a calm message outside hours; return them with the number of their consultation."""
    town.choose(closed_until=town.runtime.now() + dt.timedelta(days=1))
    person = town.resident()
    for answer in ("相談", "同意する", "親・保護者", "いいえ", "まどぐち町", "5", "夜のことです"):
        said = len(person.answers())
        person.say(answer)
        wait_until(lambda said=said: len(person.answers()) > said, PATIENCE, f"an answer to {answer}")  # type: ignore[misc]  # mypy knows no default of a lambda
    person.wait_for("いまは受付時間外です")
    number = town.consultation_of(person)
    assert town.entry(number).outside
    return person, number


def test_outside_hours_nobody_is_called_for_a_calm_consultation(town: DeskTown) -> None:
    _, number = come_after_hours(town)
    watch(town, dt.timedelta(hours=2))
    assert alert(town, f"desk.waiting:{number}") is None


def test_outside_hours_danger_calls_somebody_until_it_is_taken_on(town: DeskTown) -> None:
    person, number = come_after_hours(town)
    assert alert(town, f"desk.danger:{number}") is None
    person.say("もう死にたい")
    shown = str(person.wait_for("いま危ないときは"))
    assert "110" in shown
    assert "189" in shown
    called = alert(town, f"desk.danger:{number}")
    assert called.urgent
    assert called.next_at is not None, "until somebody takes it on, they are called again"
    with town.runtime.database.write() as connection:
        assert acknowledge(connection, town.runtime.now(), called.id)
    assert alert(town, f"desk.danger:{number}").next_at is None
