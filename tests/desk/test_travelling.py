"""What a counsellor sees of a message on its way, and the resident of a counsellor who writes: with LINE as it is on bad days."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.desk import taking, talk, typing, writing
from bot.simulator.client import Person
from tests.desk.conftest import DeskTown
from tests.product import PATIENCE, wait_until
from tests.webhook.files import photo


@pytest.fixture(autouse=True)
def _line_is_well_again(town: DeskTown) -> Iterator[None]:
    yield
    town.product.line.clear_faults()


def write(town: DeskTown, number: int, text: str) -> int:
    with town.desk() as desk:
        return writing.send(desk, number, town.kana, text)


def taken(town: DeskTown) -> tuple[Person, int]:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
    return person, number


def wait_travel(town: DeskTown, number: int, message: int, how: str) -> None:
    def travel() -> bool:
        with town.desk() as desk:
            return talk.deliveries(desk, number)[message] == how

    wait_until(travel, PATIENCE, f"the message to be seen as {how}")
    assert next(one for one in town.said(number) if one.id == message).delivery == how


def test_what_line_refuses_is_seen_as_not_sent(town: DeskTown) -> None:
    person, number = taken(town)
    town.product.line.fault("400", "push")
    message = write(town, number, "断られる言葉")
    wait_travel(town, number, message, "failed")
    assert "断られる言葉" not in str(person.answers())


def test_a_reply_that_line_refuses_is_seen_as_not_sent(town: DeskTown) -> None:
    person, number = taken(town)
    write(town, number, "こんにちは。")
    person.wait_for("こんにちは。")
    person.say("はい")
    town.wait_said(number, "はい")
    town.product.line.fault("400", "reply")
    wait_travel(town, number, write(town, number, "断られる返事"), "failed")


@pytest.mark.parametrize("kind", ["500", "503", "drop-before"])
def test_while_line_cannot_take_it_the_desk_sees_that_it_is_tried_again(town: DeskTown, kind: str) -> None:
    person, number = taken(town)
    town.product.line.fault(kind, "push", times=None)
    message = write(town, number, "遅れて届く言葉")
    wait_travel(town, number, message, "again")
    town.product.line.clear_faults()
    wait_travel(town, number, message, "sent")
    assert len(person.wait_for("遅れて届く言葉")) == 1


def test_who_has_blocked_the_account_is_not_taken_for_reached(town: DeskTown) -> None:
    """LINE accepts such a push and shows it to nobody."""
    person, number = taken(town)
    before = write(town, number, "届いた言葉")
    person.wait_for("届いた言葉")
    wait_travel(town, number, before, "sent")
    assert not town.entry(number).blocked
    person.block()
    wait_until(lambda: town.entry(number).blocked, PATIENCE, "the desk to know")
    after = write(town, number, "届かない言葉")
    wait_travel(town, number, after, "blocked")
    wait_travel(town, number, before, "sent")
    person.follow()
    wait_until(lambda: not town.entry(number).blocked, PATIENCE, "the desk to know that they are back")


def loading_until(town: DeskTown, person: Person) -> float:
    return float(town.product.line.call("GET", f"chats/main/{person.id}")["loading_until"])


def test_a_resident_sees_that_somebody_writes_until_the_message_comes(town: DeskTown) -> None:
    person, number = taken(town)
    with town.desk() as desk:
        typing.typing(desk, number)
    wait_until(lambda: loading_until(town, person) > town.product.line.now(), PATIENCE, "the dots on the phone")
    [asked] = town.product.line.traffic(text="loading/start", kind="api")[-1:]
    assert (person.id in asked["request"]["body"], asked["status"]) == (True, 202)
    write(town, number, "書きました。")
    person.wait_for("書きました。")
    assert loading_until(town, person) == 0


def test_no_dots_on_a_screen_that_was_left(town: DeskTown) -> None:
    """Whoever looks over their shoulder learns nothing."""
    gone, left = taken(town)
    gone.say("画面を変える")
    wait_until(lambda: town.entry(left).left_at is not None, PATIENCE, "the desk to see it")
    there, number = taken(town)
    with town.desk() as desk:
        typing.typing(desk, left)
        typing.typing(desk, number)
    wait_until(lambda: loading_until(town, there) > 0, PATIENCE, "the dots of the other one")
    assert not town.product.line.traffic(text=f'"{gone.id}","loadingSeconds"', kind="api")


def test_the_later_pictures_of_a_set_are_seen_by_who_looks_at_the_talk(town: DeskTown) -> None:
    person, number = taken(town)

    def states() -> list[str]:
        return [file.status for one in town.said(number) for file in one.files]

    for picture in (1, 2, 3):
        image_set = {"id": f"set-{person.id}", "index": picture, "total": 3}
        person.file("image", photo((picture * 60, 0, 0)), "image/jpeg", image_set=image_set)
        wait_until(lambda picture=picture: states() == ["kept"] * picture, PATIENCE, f"{picture} pictures")  # type: ignore[misc]  # mypy knows no default of a lambda
    pictures = [one for one in town.said(number) if one.kind == "image"]
    assert [len(one.files) for one in pictures] == [3]
