"""Nobody who waits is forgotten: waiting counts from the first word without an answer, and does not end with the office's hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bot.desk import queue, taking, talk, watching, writing
from bot.now import TOKYO
from tests.desk.conftest import DeskTown
from tests.desk.watched import MINUTE, alert, watch
from tests.product import PATIENCE, wait_until


def happened(town: DeskTown, number: int) -> list[str]:
    with town.desk() as desk:
        return [one.kind for one in talk.happened(desk, number)]


def wait_longer(town: DeskTown, number: int, longer: dt.timedelta) -> None:
    """Let a resident have waited for longer than they have."""
    with town.desk() as desk:
        row = desk.hold(number)
        desk.change(row, resident_at=row.resident_at - longer)


def test_who_goes_on_writing_has_waited_since_their_first_word(town: DeskTown) -> None:
    """A frightened child writes again and again; that must neither stop the alarm nor cost them their place."""
    person, number = town.arrive()
    since = town.entry(number).waits
    person.say("だれかいますか")
    town.wait_said(number, "だれかいますか")
    assert town.entry(number).waits == since
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        writing.send(desk, number, town.kana, "はい、います。")
    assert town.entry(number).waits is None
    person.say("よかった")
    town.wait_said(number, "よかった")
    again = town.entry(number).waits
    assert again is not None
    assert since is not None
    assert again > since, "after our answer they wait anew"


def test_writing_on_does_not_put_off_the_call_for_help(town: DeskTown) -> None:
    person, number = town.arrive()
    wait_longer(town, number, 6 * MINUTE)
    person.say("まだですか")
    town.wait_said(number, "まだですか")
    watch(town, dt.timedelta())
    assert alert(town, f"desk.waiting:{number}") is not None


def test_of_two_equally_urgent_the_one_who_has_waited_longer_comes_first(town: DeskTown) -> None:
    person, first = town.arrive()
    _, second = town.arrive(name="次郎")
    person.say("もしもし")
    town.wait_said(first, "もしもし")
    _, answered = town.arrive(name="三郎")
    wait_longer(town, answered, 9 * MINUTE)
    with town.desk() as desk:
        taking.take(desk, answered, town.kana)
        writing.send(desk, answered, town.kana, "どうされましたか。")
        order = [one.id for one in queue.queue(desk, [town.office_id]) if one.id in {first, second, answered}]
    assert order == [first, second, answered], "who is not waiting for us comes last"


def test_who_was_answered_and_given_back_is_not_asked_for_pardon(town: DeskTown) -> None:
    _, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        writing.send(desk, number, town.kana, "いかがですか。")
        taking.leave(desk, number, town.kana)
    for minutes in (6, 11, 16, 17):
        watch(town, minutes * MINUTE)
    assert alert(town, f"desk.waiting:{number}") is None
    assert "apologised" not in happened(town, number)
    watch(town, dt.timedelta(hours=3))
    assert (town.entry(number).state, town.entry(number).close_reason) == ("closed", "no_reply")


def test_a_paused_talk_is_called_for_when_the_resident_writes_and_never_ends_by_itself(town: DeskTown) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        writing.send(desk, number, town.kana, "調べてきます。")
        taking.pause(desk, number, town.kana)
    watch(town, dt.timedelta(days=1))
    assert town.entry(number).state == "paused"
    assert alert(town, f"desk.silent:{number}") is None
    person.say("どうなりましたか")
    town.wait_said(number, "どうなりましたか")
    watch(town, 11 * MINUTE)
    assert alert(town, f"desk.silent:{number}") is not None


def test_after_the_last_admission_those_who_were_admitted_are_still_called_for(town: DeskTown) -> None:
    _, number = town.arrive()
    with town.desk(6 * MINUTE) as desk:
        rules = desk.book.offices["family"].model_copy(update={"last_admission": 24 * 3600 - 1})
        late = replace(desk, book=replace(desk.book, offices={"family": rules}))
        watching.watch(late)
    assert alert(town, f"desk.waiting:{number}") is not None


def test_who_still_waits_when_the_office_closes_is_asked_for_pardon_and_called_for_the_next_day(town: DeskTown) -> None:
    _, number = town.arrive()
    town.choose(closed_until=town.runtime.now() + dt.timedelta(hours=2))
    watch(town, 16 * MINUTE)
    watch(town, 17 * MINUTE)
    [apology] = town.said(number)
    assert apology.direction == "system"
    assert "お待たせして申し訳ありません" in str(apology.text)
    assert happened(town, number) == ["opened", "apologised"]
    assert alert(town, f"desk.waiting:{number}").urgent
    town.choose(closed_until=None)
    now = town.runtime.now().astimezone(TOKYO)
    tomorrow = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(0, 6), TOKYO) - now
    watch(town, tomorrow)
    assert happened(town, number)[-1] == "unanswered"
    assert alert(town, f"desk.waiting:{number}").settled_at is None


def test_an_office_that_never_closes_does_not_forget_at_midnight_who_waits(town: DeskTown) -> None:
    _, number = town.arrive()
    now = town.runtime.now().astimezone(TOKYO)
    midnight = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(0), TOKYO)
    with town.desk() as desk:
        desk.change(desk.hold(number), resident_at=midnight - 4 * MINUTE)
    watch(town, midnight + 2 * MINUTE - now)
    assert alert(town, f"desk.waiting:{number}") is not None


def test_who_is_in_danger_before_the_desk_has_the_number_they_are_told(town: DeskTown) -> None:
    person = town.resident()
    person.say("相談")
    person.wait_for("はじめる前に")
    person.press_button("同意する")
    person.wait_for("どなたですか")
    person.say("たすけて")
    person.wait_for("いま危ないときは")
    number = town.consultation_of(person)
    assert town.entry(number).number > 0
    for answer in ("子ども（18歳未満）", "はい"):
        said = len(person.answers())
        person.say(answer)
        wait_until(lambda said=said: len(person.answers()) > said, PATIENCE, f"an answer to {answer}")  # type: ignore[misc]  # mypy knows no default of a lambda
    person.wait_for(f"受付番号 {town.entry(number).number}）")
