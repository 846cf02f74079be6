"""Who looked at what at the desk is in the log, by whatever way they looked."""

from __future__ import annotations

from typing import Any

import pytest

from bot.console.access import Role
from bot.desk import talk
from tests.console.client import START, Clerk
from tests.console.counter import SERVICE, Counter
from tests.product import PATIENCE, wait_until
from tests.webhook.files import photo


def views(counter: Counter, number: int, clerk: Clerk) -> list[str]:
    """Return what is recorded of somebody's views of a consultation, in order."""
    rows = counter.hall.audited()
    mine = [
        row for row in rows if row.staff_id == clerk.staff_id and str(row.subject).startswith(f"consultation:{number}")
    ]
    return [row.action for row in mine if row.action in {"desk.view", "desk.file", "desk.sheet_view", "desk.print"}]


def sent_photo(counter: Counter, clerk: Clerk) -> tuple[int, talk.File]:
    person, number = counter.taken(clerk)
    person.file("image", photo(), "image/jpeg")

    def files() -> list[talk.File]:
        return [file for one in counter.town.said(number) for file in one.files]

    wait_until(lambda: [one.status for one in files()] == ["kept"], PATIENCE, "the photo to be fetched")
    return number, files()[0]


def fetch(clerk: Clerk, path: str) -> Any:
    return clerk.client.get(START + path)


def test_a_photo_is_not_on_the_page_until_it_is_opened_and_then_recorded(counter: Counter) -> None:
    clerk = counter.clerk()
    number, file = sent_photo(counter, clerk)
    page = clerk.get(f"/desk/{number}")
    assert "写真を開く（記録されます）" in page
    assert "<img" not in page.html
    before = views(counter, number, clerk)
    shown = fetch(clerk, f"/desk/{number}/files/{file.id}").get_data(as_text=True)
    assert views(counter, number, clerk) == [*before, "desk.file"]
    source = shown.split('<img class="desk-photo" src="')[1].split('"')[0]
    picture = clerk.client.get(source)
    assert picture.get_data()[:3] == b"\xff\xd8\xff", "it is the picture"
    assert picture.headers["Content-Disposition"].startswith("attachment")
    assert views(counter, number, clerk) == [*before, "desk.file"], "the picture belongs to the page that was recorded"


@pytest.mark.browser
def test_the_page_of_a_photo_reads_well(counter: Counter) -> None:
    number, file = sent_photo(counter, counter.clerk())
    path = f"/desk/{number}/files/{file.id}"
    counter.studio.look(path, "desk-file", Role.COUNSELLOR, services=SERVICE)


def test_a_file_fetched_past_its_page_is_recorded_too(counter: Counter) -> None:
    clerk, colleague = counter.clerk(), counter.clerk()
    number, file = sent_photo(counter, clerk)
    content = f"/desk/{number}/files/{file.id}/content"
    assert fetch(clerk, content).status_code == 200
    assert views(counter, number, clerk) == ["desk.file"]
    shown = fetch(clerk, f"/desk/{number}/files/{file.id}").get_data(as_text=True)
    ticket = shown.split("ticket=")[1].split('"')[0]
    assert fetch(colleague, f"{content}?ticket={ticket}").status_code == 200
    assert views(counter, number, colleague) == ["desk.file"], "a colleague's ticket is none"


def test_a_file_opens_only_in_its_own_talk(counter: Counter) -> None:
    clerk = counter.clerk()
    number, file = sent_photo(counter, clerk)
    _, other = counter.taken(clerk, "二子")
    assert fetch(clerk, f"/desk/{other}/files/{file.id}").status_code == 404
    assert fetch(clerk, f"/desk/{other}/files/{file.id}/content").status_code == 404
    assert fetch(clerk, f"/desk/{number}/files/999999").status_code == 404
    assert views(counter, other, clerk) == []


def test_reading_a_talk_by_the_poll_alone_is_a_view_of_its_own(counter: Counter) -> None:
    clerk, colleague = counter.clerk(), counter.clerk()
    _, number = counter.taken(clerk)
    first = counter.poll(clerk, number)["talk"]
    assert views(counter, number, clerk) == ["desk.view"]
    for _ in range(3):
        assert "ticket" not in counter.poll(clerk, number, ticket=first["ticket"])["talk"]
    assert views(counter, number, clerk) == ["desk.view"], "once, not every two seconds"
    counter.poll(colleague, number, ticket=first["ticket"])
    assert views(counter, number, colleague) == ["desk.view"]


def test_an_opened_page_is_recorded_once_with_all_its_polls(counter: Counter) -> None:
    clerk = counter.clerk()
    _, number = counter.taken(clerk)
    page = fetch(clerk, f"/desk/{number}").get_data(as_text=True)
    ticket = page.split('data-ticket="')[1].split('"')[0]
    counter.poll(clerk, number, ticket=ticket)
    assert views(counter, number, clerk) == ["desk.view"]


def test_sheet_and_print_are_views_too(counter: Counter) -> None:
    clerk = counter.clerk()
    _, number = counter.taken(clerk)
    fetch(clerk, f"/desk/{number}/sheet")
    fetch(clerk, f"/desk/{number}/print?notes=1")
    assert views(counter, number, clerk) == ["desk.sheet_view", "desk.print"]


def test_what_is_exported_holds_the_sheet_the_referral_and_the_talk(counter: Counter) -> None:
    clerk = counter.clerk()
    person, number = counter.taken(clerk)
    counter.send(clerk, number, "お話を聞かせてください。")
    person.say("先週からです")
    message = counter.town.wait_said(number, "先週からです")
    person.file("image", photo(), "image/jpeg")
    wait_until(lambda: counter.town.said(number)[-1].kind == "image", PATIENCE, "the photo")
    clerk.post(f"/desk/{number}/talk/note", {"text": "ないしょのメモ"})
    clerk.post(f"/desk/{number}/sheet/pick", {"field": "matter_since", "message": str(message.id)})
    clerk.post(f"/desk/{number}/record/refer", {"body": "児童相談所"})
    plain = clerk.get(f"/desk/{number}/export").data.decode("utf-8-sig")
    assert "いつから・いつ・どこで：先週からです" in plain
    assert "児童相談所：連絡 " in plain
    assert "〔写真〕" in plain
    assert "ないしょのメモ" not in plain
    assert "ないしょのメモ" in clerk.get(f"/desk/{number}/export?notes=1").data.decode("utf-8-sig")
    assert "児童相談所：連絡 " in clerk.get(f"/desk/{number}/print")
