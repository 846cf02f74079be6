"""Flows in the console: read, tried without a trace, paused, and published by two people."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from bot.console.access import Role
from bot.editions import pause, texts_of
from bot.models import Conversation, Delivery, Publication, Submission
from bot.now import Now
from tests.console.client import START, Clerk, Hall, Seen
from tests.console.studio import Studio
from tests.product import PATIENCE, wait_until

FLOW = "/flows/garden.report"


def text_of(clerk: Clerk) -> str:
    """Return the YAML as the sandbox shows it."""
    found = re.search(r'<textarea[^>]*id="yaml"[^>]*>(.*?)</textarea>', clerk.get(f"{FLOW}/try").html, re.DOTALL)
    assert found
    return found.group(1).replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&").lstrip("\n")


def turn(clerk: Clerk, page: Seen | None, yaml: str, **sent: str) -> Seen:
    talk = re.search(r'name="talk" value="([^"]*)"', page.html) if page else None
    form = {"yaml": yaml, "talk": talk.group(1) if talk else "", "language": "ja", **sent}
    return clerk.post(f"{FLOW}/try/turn", form, status=200)


def test_a_flow_is_read_as_outline_drawing_and_text(hall: Hall) -> None:
    page = hall.sign_in(Role.OFFICER).get(FLOW)
    assert "■ 花だんのお知らせ（garden.report）" in page
    assert "<svg" in page.html
    assert "flow: garden.report" in page


def test_the_list_shows_only_flows_of_ones_services(hall: Hall) -> None:
    assert "花だん" in hall.sign_in(Role.OFFICER, services=["garden"]).get("/flows/")
    assert "花だん" not in hall.sign_in(Role.OFFICER, services=["tax"]).get("/flows/")
    hall.sign_in(Role.OFFICER, services=["tax"]).get(FLOW, status=404)


def test_a_talk_is_tried_beside_its_text_and_leaves_no_trace(hall: Hall) -> None:
    clerk = hall.sign_in(Role.OFFICER)
    yaml = text_of(clerk).replace("花だんはどうなっていますか。", "花はどうですか。")

    def stored() -> list[int]:
        with hall.database.read() as connection:
            models = (Conversation, Delivery, Submission)
            return [connection.execute(select(func.count()).select_from(model)).scalar_one() for model in models]

    before = stored()
    first = turn(clerk, None, yaml)
    assert "花はどうですか。" in first
    pressed = re.search(r'name="pressed" value="([^"]*)">[^<]*かわいている', first.html)
    assert pressed
    second = turn(clerk, first, yaml, pressed=pressed.group(1).replace("&amp;", "&"))
    assert "くわしく教えてください。" in second
    assert "ありがとうございました。" in turn(clerk, second, yaml, said="水がない")
    assert stored() == before


def test_a_mistake_in_the_text_is_named_with_its_line(hall: Hall) -> None:
    clerk = hall.sign_in(Role.OFFICER)
    page = turn(clerk, None, text_of(clerk).replace("type: choice", "type: choise"))
    assert "note-danger" in page.html


def test_a_forged_talk_begins_anew(hall: Hall) -> None:
    clerk = hall.sign_in(Role.OFFICER)
    form = {"yaml": text_of(clerk), "talk": "forged", "language": "ja"}
    assert "花だんはどうなっていますか。" in clerk.post(f"{FLOW}/try/turn", form, status=200)


def test_a_manager_pauses_and_resumes(hall: Hall) -> None:
    clerk = hall.sign_in(Role.MANAGER)
    clerk.post(f"{FLOW}/pause", {"ja": "お休みです。"})
    hall.runtime.editions.refresh()
    assert hall.runtime.editions.book().pause_of("garden.report") == {"ja": "お休みです。"}
    assert "停止中" in clerk.get("/flows/")
    clerk.post(f"{FLOW}/resume")
    hall.runtime.editions.refresh()
    assert hall.runtime.editions.book().pause_of("garden.report") is None
    assert [row.action for row in hall.audited() if row.action.startswith("flow.")][-2:] == [
        "flow.pause",
        "flow.resume",
    ]


def test_a_pause_of_the_whole_service_is_called_so_and_ended_only_by_the_button_that_says_so(hall: Hall) -> None:
    clerk = hall.sign_in(Role.MANAGER)
    with hall.database.write() as connection:
        pause(connection, "garden", {"ja": "サービスのお休みです。"}, "operator", Now())
    page = clerk.get(FLOW)
    assert "サービス「garden」のすべての会話が止まっています。" in page
    assert "サービス全体を再開する" in page
    clerk.post(f"{FLOW}/pause", {"ja": "この会話のお休みです。"})
    page = clerk.get(FLOW)
    assert "この会話のお休みです。" in page, "what residents are told"
    assert "サービス全体を再開する" not in page
    clerk.post(f"{FLOW}/resume")
    assert "サービス全体を再開する" in clerk.get(FLOW), "the service still waits"
    clerk.post(f"{FLOW}/resume")
    assert "停止していませんでした。" in clerk.client.get(START + FLOW).get_data(as_text=True)
    clerk.post(f"{FLOW}/resume", {"what": "tax"})
    assert "サービス全体を再開する" in clerk.get(FLOW)
    clerk.post(f"{FLOW}/resume", {"what": "garden"})
    assert "止まっています" not in clerk.get(FLOW)


def test_publishing_takes_two_people(hall: Hall) -> None:
    author, other = hall.sign_in(Role.MANAGER), hall.sign_in(Role.APPROVER)
    yaml = text_of(author).replace("くわしく教えてください。", "もう少し教えてください。")
    place = author.post(f"{FLOW}/propose", {"yaml": yaml}).location
    assert "もう少し教えてください。" in author.get(place)
    author.post(f"{place}/ask")
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', other.get(place).html)
    assert digest
    author.post(f"{place}/decide", {"decision": "grant", "digest": digest.group(1)})
    assert "くわしく教えてください。" in text_of(author), "nobody approves what they asked for"
    other.post(f"{place}/decide", {"decision": "grant", "digest": "00"})
    assert "くわしく教えてください。" in text_of(author), "only what was shown is approved"
    other.post(f"{place}/decide", {"decision": "grant", "digest": digest.group(1)})
    assert "もう少し教えてください。" in text_of(author)
    assert hall.audited("flow.publish")
    assert "公開1からいままでに変わったところです。" in author.get(f"{FLOW}/difference/1")


def publications(hall: Hall) -> int:
    with hall.database.read() as connection:
        return connection.execute(select(func.count()).select_from(Publication)).scalar_one()


@pytest.mark.parametrize("yaml", ["flow: garden.report\nsteps: []\n# わたしの一時間\n", "わたしの一時間" * 20_000])
def test_what_is_broken_cannot_be_proposed_and_is_not_lost(hall: Hall, yaml: str) -> None:
    clerk = hall.sign_in(Role.MANAGER)
    before = publications(hall)
    answer = clerk.post(f"{FLOW}/propose", {"yaml": yaml}, status=200)
    assert "まだ公開の準備はできません" in answer
    assert "わたしの一時間" in answer
    assert "note-danger" in answer.html
    assert publications(hall) == before


HOSTILE = {
    "empty": "",
    "no mapping": "- 1\n- 2\n",
    "control characters": "flow: garden.report\x07\nsteps: []\n",
    "tabs": "flow: garden.report\n\tsteps:\n",
    "another flow": "flow: tax.remind\nsteps:\n  - say: こんにちは。\n",
    "deep": "[" * 5_000,
    "aliases": "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
    "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\nflow: garden.report\nsteps: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
    "round and round": "flow: garden.report\ntitle: 花\nsteps:\n  - id: one\n    say: また。\n  - goto: one\n",
    "too long": "x" * 100_001,
}


@pytest.mark.parametrize("yaml", HOSTILE.values(), ids=HOSTILE)
def test_a_text_that_cannot_be_tried_says_why_and_does_no_harm(hall: Hall, yaml: str) -> None:
    answer = turn(hall.sign_in(Role.OFFICER), None, yaml)
    assert "note-danger" in answer.html
    assert 'class="bubble' not in answer.html


def test_a_text_that_would_explode_stays_small(hall: Hall) -> None:
    yaml = "flow: garden.report\ntitle: 花\nsteps:\n  - say: \"{{ 'x' * 99999999999 }}\"\n"
    assert len(turn(hall.sign_in(Role.OFFICER), None, yaml).data) < 20_000


@pytest.mark.browser
def test_a_clerk_tries_a_flow_on_the_phone(studio: Studio) -> None:
    page = studio.open(f"{FLOW}/try", Role.OFFICER)
    page.get_by_role("button", name="はじめる").click()
    page.get_by_role("button", name="かわいている").click()
    page.get_by_text("くわしく教えてください。", exact=True).wait_for()
    page.get_by_label("住民として送る").fill("水がない")
    page.keyboard.press("Enter")
    page.get_by_text("ありがとうございました。", exact=True).wait_for()
    studio.check(page, "try-after")


@pytest.mark.browser
def test_a_drawing_wider_than_the_window_is_shown_from_where_the_flow_begins(studio: Studio) -> None:
    page = studio.open_as(FLOW, studio.hall.add_staff(Role.OFFICER), "phone")
    page.set_viewport_size({"width": 240, "height": 844})  # this flow is a small one
    page.reload()
    drawing = page.locator(".picture")
    assert drawing.evaluate("box => box.scrollWidth > box.clientWidth")
    frame, first = drawing.bounding_box(), drawing.locator("svg rect").first.bounding_box()
    assert frame is not None
    assert first is not None
    assert frame["x"] <= first["x"] + first["width"] / 2 <= frame["x"] + frame["width"]


@pytest.mark.browser
def test_the_pages_about_flows_are_readable(studio: Studio) -> None:
    for path, name in (
        ("/flows/", "flows"),
        (FLOW, "flow"),
        (f"{FLOW}/try", "try"),
        ("/flows/publications/", "publications"),
    ):
        studio.look(path, name, Role.MANAGER)
    studio.look("/flows/publications/1", "publication", Role.APPROVER)
    editions = studio.hall.runtime.editions
    with studio.hall.database.read() as connection:
        texts = texts_of(connection, 1)
    changed = {name: text.replace("ありがとうございました。", "たすかりました。") for name, text in texts.items()}
    editions.activate(editions.propose(changed), "test")
    page = studio.open(f"{FLOW}/difference/1", Role.OFFICER)

    def changed_is_in_force() -> bool:
        page.reload()
        return any("たすかりました。" in line for line in page.locator(".line-add").all_inner_texts())

    wait_until(changed_is_in_force, PATIENCE, "the server to read the new publication")
    page.context.close()
    studio.look(f"{FLOW}/difference/1", "difference", Role.OFFICER)
