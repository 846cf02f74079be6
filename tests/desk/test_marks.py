"""By its marks a page that shows a talk learns which of its parts are old, and nothing else makes them change."""

from __future__ import annotations

from bot.desk import marks, referral, retention, taking, writing
from bot.desk.marks import Marks
from tests.desk.conftest import DeskTown
from tests.product import PATIENCE, wait_until
from tests.webhook.files import photo


def now(town: DeskTown, number: int) -> Marks:
    entry = town.entry(number)
    with town.desk() as desk:
        return marks.marks(desk, entry)


def changed(before: Marks, after: Marks) -> set[str]:
    return {part for part in ("top", "messages", "beside", "latest") if getattr(before, part) != getattr(after, part)}


def test_a_new_message_leaves_the_others_as_they_are(town: DeskTown) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
    before = now(town, number)
    assert now(town, number) == before, "nothing has happened"
    message = None
    for text in ("はじめ", "つぎ"):
        person.say(text)
        message = town.wait_said(number, text)
    after = now(town, number)
    assert changed(before, after) == {"latest"}
    assert message is not None
    assert after.latest == message.id


def test_each_part_is_told_of_what_it_shows(town: DeskTown) -> None:
    person, number = town.arrive()
    seen = now(town, number)

    def news(at_least: set[str]) -> None:
        nonlocal seen
        before, seen = seen, now(town, number)
        assert at_least <= changed(before, seen), at_least

    def do(part: str, act: object, *more: object) -> None:
        with town.desk() as desk:
            act(desk, number, *more)  # type: ignore[operator]  # one of the functions below
        news({part})

    do("top", taking.take, town.kana)
    do("beside", writing.note, town.kana, "メモ")
    do("messages", writing.draft, town.kana, "下書き")
    draft = town.said(number)[-1].id
    do("messages", lambda desk, _number: writing.discard_draft(desk, draft))
    do("top", taking.grade, town.kana, "A")
    do("top", retention.hold, town.kana)
    do("beside", referral.refer, town.kana, "見本の児童相談所")
    [case] = rows(town, number)
    do("beside", lambda desk, _number: referral.accept(desk, case, town.kana))
    do("beside", lambda desk, _number: referral.safe(desk, case, town.kana))
    sent = person.say("取り消すことば")
    town.wait_said(number, "取り消すことば")
    seen = now(town, number)
    person.unsend(sent["message"]["id"])
    wait_until(lambda: town.said(number)[-1].status == "unsent", PATIENCE, "the words to be taken back")
    news({"messages"})
    person.file("image", photo((60, 0, 0)), "image/jpeg")
    wait_until(
        lambda: [one.status for said in town.said(number) for one in said.files] == ["kept"], PATIENCE, "a photo"
    )
    news({"messages", "latest"})


def rows(town: DeskTown, number: int) -> list[int]:
    with town.desk() as desk:
        return [row.id for row in referral.referrals(desk, number)]


def test_marks_that_a_page_makes_up_match_nothing(town: DeskTown) -> None:
    _, number = town.arrive()
    found = now(town, number)
    assert marks.read(str(found)) == found
    for text in ("", "x", "...", "a.b.c.-1", "a.b.c.９", "a.b.c.1.2", str(found) + "x"):
        assert marks.read(text) != found
