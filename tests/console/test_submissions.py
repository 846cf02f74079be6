"""A clerk's work on what residents filed: found, read, noted, assigned, answered, printed, taken down, handed out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from bot.console.access import Role
from bot.models import Delivery, MessageTemplate
from bot.submissions import search
from tests.conftest import databases
from tests.console.client import START, Clerk, Hall
from tests.console.filing import SERVICES, Filing, told, write_flows


@pytest.fixture(scope="module")
def hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The console of a town that keeps what is filed."""
    folder = tmp_path_factory.mktemp("filing")
    with databases(request, folder) as make:
        hall = Hall(make("sqlite"), flows=write_flows(folder), services=SERVICES)
        yield hall
        hall.close()


@pytest.fixture(scope="module")
def filing(hall: Hall) -> Filing:
    return Filing(hall)


@pytest.fixture(scope="module")
def clerk(hall: Hall) -> Clerk:
    return hall.sign_in(Role.OFFICER, services=["report", "visit"])


def test_the_list_shows_what_is_open_newest_first_and_filters_by_all_that_is_asked(
    hall: Hall, filing: Filing, clerk: Clerk
) -> None:
    person = filing.resident()
    old = filing.file({"detail": "街路樹の枝"}, minutes=30, resident_id=person.id)
    done = filing.file({"detail": "マンホール"}, minutes=20, status="done")
    mine = filing.file({"detail": "街路樹の根"}, minutes=10, assigned_to=clerk.staff_id)
    page = clerk.get("/submissions/")
    assert page.text.index(f"{mine}") < page.text.index(f"{old}")
    assert f"{done}番を開く" not in page.html
    for query, found in {
        "status=done": [done],
        "status=any&q=街路樹": [mine, old],
        "status=any&q=街路樹+根": [mine],
        "who=mine": [mine],
        f"number={done}": [done],
        f"number={person.reference.lower()}": [old],
        "flow=visit.children": [],
        "since=2999-01-01": [],
    }.items():
        html = clerk.get(f"/submissions/?{query}").html
        assert {number for number in (old, done, mine) if f'/submissions/{number}"' in html} == set(found), query


def test_nobody_sees_what_their_services_or_their_role_do_not_reach(hall: Hall, filing: Filing) -> None:
    report = filing.file({"detail": "x"})
    worry = filing.file({"worry": "ひみつの相談"}, flow="worry.talk")
    other = hall.sign_in(Role.OFFICER, services=["visit"])
    other.get(f"/submissions/{report}", status=404)
    other.get(f"/submissions/{report}/print", status=404)
    other.post(f"/submissions/{report}/status", {"status": "done", "version": "0"}, status=404)
    assert f'/submissions/{report}"' not in other.get("/submissions/?status=any").html
    other.get("/submissions/table.csv?flow=report.damage", status=404)

    officer = hall.sign_in(Role.OFFICER, services=["worry"])
    officer.get(f"/submissions/{worry}", status=404)
    counsellor = hall.sign_in(Role.COUNSELLOR, services=["worry"])
    assert "ひみつの相談" in counsellor.get(f"/submissions/{worry}"), "what is delicate is the counsellor's"
    assert "未対応の申請・通報" not in officer.get("/"), "nor is it counted for others"
    assert "未対応の申請・通報" in counsellor.get("/")
    gone = filing.file({"worry": "x"}, flow="worry.gone")
    officer.get(f"/submissions/{gone}", status=404)


def test_a_day_with_one_submission(hall: Hall, filing: Filing, clerk: Clerk) -> None:
    number = filing.file({"category": "road", "detail": "穴が開いている"}, resident_id=filing.resident().id)
    page = clerk.get(f"/submissions/{number}")
    assert "道路" in page
    assert "穴が開いている" in page
    clerk.post(f"/submissions/{number}/assign", {"staff": str(clerk.staff_id), "version": "0"})
    clerk.post(f"/submissions/{number}/status", {"status": "working", "version": "1"})
    clerk.post(f"/submissions/{number}/note", {"text": "明日 現地へ行く"})
    page = clerk.get(f"/submissions/{number}")
    assert "明日 現地へ行く" in page
    assert "未対応 → 処理中" in page
    assert filing.row(number).assigned_to == clerk.staff_id
    assert "明日 現地へ行く" in clerk.get(f"/submissions/{number}/print")
    acts = [row.action for row in hall.audited() if row.subject == f"submission:{number}"]
    assert {
        "submissions.view",
        "submissions.assign",
        "submissions.status",
        "submissions.note",
        "submissions.print",
    } <= set(acts)
    assert not any("現地" in str(row.detail) for row in hall.audited()), "the log holds no content"


def test_who_was_overtaken_is_told_and_changes_nothing(hall: Hall, filing: Filing, clerk: Clerk) -> None:
    number = filing.file({})
    clerk.post(f"/submissions/{number}/status", {"status": "working", "version": "0"})
    clerk.post(f"/submissions/{number}/status", {"status": "cancelled", "version": "0"})
    assert "ほかの人が先に変えました" in told(clerk)
    assert filing.row(number).status == "working"
    clerk.post(f"/submissions/{number}/status", {"status": "gone", "version": "1"}, status=400)
    clerk.post(f"/submissions/{number}/assign", {"staff": "999999", "version": "1"}, status=400)


def test_only_a_manager_holds_and_needs_a_reason(hall: Hall, filing: Filing, clerk: Clerk) -> None:
    number = filing.file({})
    manager = hall.sign_in(Role.MANAGER, services=["report"])
    clerk.post(f"/submissions/{number}/hold", {"held": "1", "reason": "x", "version": "0"}, status=403)
    manager.post(f"/submissions/{number}/hold", {"held": "1", "reason": "", "version": "0"})
    assert not filing.row(number).on_hold
    manager.post(f"/submissions/{number}/hold", {"held": "1", "reason": "係争中のため", "version": "0"})
    assert filing.row(number).on_hold
    assert "係争中のため" in manager.get(f"/submissions/{number}")
    assert f'/submissions/{number}"' in manager.get("/submissions/?hold=1").html


def test_a_message_is_written_from_a_template_and_goes_once(hall: Hall, filing: Filing, clerk: Clerk) -> None:
    clerk.post("/submissions/templates/new", {"name": "", "text-ja": "", "flow": ""}, status=200)
    clerk.post(
        "/submissions/templates/new",
        {
            "name": "確認",
            "flow": "report.damage",
            "text-ja": "{手続き}（{受付番号}）を確認しました。",
            "text-en": "We have {受付番号}.",
        },
    )
    with hall.database.read() as connection:
        template = connection.execute(select(MessageTemplate.id).order_by(MessageTemplate.id.desc())).scalars().first()
    person = filing.resident(language="en")
    number = filing.file({}, resident_id=person.id)
    page = clerk.get(f"/submissions/{number}?template={template}")
    assert f"We have {number}." in page, "in the resident's language"
    sent = {"text": f"We have {number}.", "once": "abc"}
    clerk.post(f"/submissions/{number}/message", sent)
    clerk.post(f"/submissions/{number}/message", sent)
    clerk.post(f"/submissions/{number}/message", {"text": "あ" * 5001, "once": "long"})
    with hall.database.read() as connection:
        mine = select(Delivery.priority).where(Delivery.resident_id == person.id)
        assert connection.execute(mine).scalars().all() == [1]
    assert clerk.get(f"/submissions/{number}").text.count(f"We have {number}.") == 1
    clerk.get(f"/submissions/templates/{template}")
    clerk.post(f"/submissions/templates/{template}", {"name": "確認2", "flow": "", "text-ja": "確認しました。"})
    assert "確認2" in clerk.get("/submissions/templates/")
    clerk.post(f"/submissions/templates/{template}/drop")
    assert "文例を削除しました" in told(clerk)
    assert "確認2" not in clerk.get("/submissions/templates/")


def test_a_photo_is_opened_on_demand_and_that_is_recorded(hall: Hall, filing: Filing, clerk: Clerk) -> None:
    person = filing.resident()
    number = filing.file({"photo": {"attachment": "bundle-1", "kind": "image"}}, resident_id=person.id)
    photo = filing.photo(number, person.id, "bundle-1")
    elsewhere = filing.file({})
    page = clerk.get(f"/submissions/{number}")
    assert "写真を表示" in page
    assert "<img" not in page.html
    assert hall.audited("submissions.file") == []
    part = clerk.partial(f"/submissions/{number}/files/{photo}/picture", "swap")
    assert f"/submissions/{number}/files/{photo}" in part.html
    seen = clerk.get(f"/submissions/{number}/files/{photo}")
    assert seen.data.startswith(b"\xff\xd8")
    assert seen.headers["Content-Disposition"].startswith("attachment")
    assert {row.detail["file"] for row in hall.audited("submissions.file")} == {photo}
    clerk.get(f"/submissions/{elsewhere}/files/{photo}", status=404)


def test_what_is_said_on_the_telephone_comes_into_the_same_list(hall: Hall, filing: Filing) -> None:
    operator = hall.sign_in(Role.OPERATOR, services=["report"])
    assert "通報" in operator.get("/submissions/new")
    operator.get("/submissions/new/visit.children", status=404)
    operator.get("/submissions/new/report.damage")
    wrong = operator.post("/submissions/new/report.damage", {"a-seen_on": "いつか", "a-category": "road"}, status=200)
    assert "いつか" in wrong.html
    assert 'id="a-seen_on-error"' in wrong.html
    operator.post("/submissions/new/report.damage", {"source": "telephone"}, status=200)
    operator.post(
        "/submissions/new/report.damage",
        {"source": "telephone", "a-category": "park", "a-bench": "２", "a-detail": "電話の声", "note": "折り返し不要"},
    )
    [entered] = hall.audited("submissions.enter")
    number = int(entered.subject.partition(":")[2])
    assert "受付番号は" in told(operator)
    operator.get(f"/submissions/{number}", status=403)
    officer = hall.sign_in(Role.OFFICER, services=["report"])
    page = officer.get(f"/submissions/{number}")
    for words in ("公園", "電話の声", "折り返し不要", "電話"):
        assert words in page
    assert f'/submissions/{number}"' in officer.get("/submissions/?source=telephone").html


@pytest.mark.parametrize(("encoding", "codec"), [("utf-8", "utf-8-sig"), ("cp932", "cp932")])
def test_the_list_is_saved_as_a_table_by_a_child_process(
    hall: Hall, filing: Filing, clerk: Clerk, encoding: str, codec: str
) -> None:
    number = filing.file({"category": "park", "detail": "=表計算に渡す言葉"}, status="waiting")
    clerk.post("/submissions/table.csv", status=405)
    assert clerk.client.get(f"{START}/submissions/table.csv").status_code == 302, "one procedure must be chosen"
    query = f"flow=report.damage&status=waiting&encoding={encoding}&q=表計算"
    answer = clerk.client.get(f"{START}/submissions/table.csv?{query}")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode(codec))))
    mine = next(row for row in rows if row[0] == str(number))
    assert rows[0][:2] == ["受付番号", "受付日時"]
    assert (
        dict(zip(rows[0], mine, strict=True)).items()
        >= {"状況": "住民の返事待ち", "種類": "公園", "様子": "'=表計算に渡す言葉"}.items()
    )
    assert all(row[3] == "住民の返事待ち" for row in rows[1:])
    assert hall.audited("submissions.table")


def test_a_search_that_was_cut_short_says_so_and_goes_on(
    hall: Hall, filing: Filing, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LOOKED_AT", 3)
    monkeypatch.setattr(search, "_CHUNK", 3)
    needle = filing.file({"detail": "ずっと前のこと"}, minutes=60 * 24 * 300)
    for number in range(9):
        filing.file({"detail": f"このごろのこと{number}"})
    page = clerk.get("/submissions/?status=any&q=ずっと前")
    assert "3件を調べたところで止めました" in page
    seen = 0
    while f'/submissions/{needle}"' not in page.html:
        seen += 1
        assert seen < 40
        following = next(link for link in page.links() if "after=" in link)
        page = clerk.get(following.replace("&amp;", "&"))
    assert seen > 1


def test_new_ones_are_counted_on_the_home_page(hall: Hall, filing: Filing) -> None:
    reader = hall.sign_in(Role.OFFICER, services=["visit"])
    assert "未対応の申請・通報" not in reader.get("/") or "0" in reader.get("/")
    filing.file({}, flow="visit.children")
    assert "未対応の申請・通報" in reader.get("/")
