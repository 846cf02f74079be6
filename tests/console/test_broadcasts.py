"""Broadcasts in the console: from the first word to the report, each step by who may take it, all of it in the log."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import insert, select, update

from bot import models
from bot.campaigns import testers
from bot.campaigns.starting import begin_due
from bot.console import people
from bot.console.access import Role
from bot.delivery import broadcast
from bot.models import Attribute, Batch, Broadcast, Campaign, Channel, Delivery, Quota, Resident, Subscription, Topic
from tests.console.client import Clerk, Hall

TEXT = "あすの午前9時から、まどぐち町北部で断水します。"


@pytest.fixture(scope="module")
def town(hall: Hall) -> Hall:
    """A town hall with residents, of whom some receive a topic and some live in the north."""
    now = hall.now()
    with hall.database.write() as connection:
        channel = connection.execute(select(Channel.id)).scalar_one_or_none()
        if channel is None:
            made = insert(Channel).values(name="main", created_at=now).returning(Channel.id)
            channel = connection.execute(made).scalar_one()
        rows = [
            {
                "channel_id": channel, "line_user_id": f"U{number:032}", "reference": f"REF{number:07}",
                "language": "en" if number % 4 == 0 else None, "friend": True, "friend_at": 0, "created_at": now,
            }
            for number in range(20)
        ]  # fmt: skip
        connection.execute(insert(Resident), rows)
        ids = connection.execute(select(Resident.id).order_by(Resident.id)).scalars().all()
        connection.execute(insert(Topic), {"name": "water", "titles": {"ja": "水道", "en": "Water"}})
        connection.execute(
            insert(Subscription), [{"resident_id": one, "topic": "water", "since": now} for one in ids[:6]]
        )
        kept = {"name": "area", "set_at": now, "keep_until": now + dt.timedelta(days=9)}
        connection.execute(
            insert(Attribute), [kept | {"resident_id": one, "value": "north" if one % 2 else "south"} for one in ids]
        )
    return hall


def compose(clerk: Clerk, title: str = "断水のお知らせ", **words: str) -> int:
    """Take the first two steps and return the campaign's number."""
    form = clerk.get("/broadcasts/new")
    [department] = re.findall(
        r'<option[^>]* value="(\d+)"', form.html.split('name="department"')[1].split("</select>")[0]
    )
    channel = re.findall(r'<option[^>]* value="(\d+)"', form.html.split('name="channel"')[1].split("</select>")[0])[0]
    made = clerk.post("/broadcasts/new", {"title": title, "department": department, "channel": channel})
    number = int(made.location.split("/")[2])
    clerk.post(f"/broadcasts/{number}/content", {"edition": edition(clerk, number), "text_ja": TEXT, **words})
    return number


def edition(clerk: Clerk, number: int) -> str:
    with clerk.hall.database.read() as connection:
        return str(connection.execute(select(Campaign.edition).where(Campaign.id == number)).scalar_one())


def state(hall: Hall, number: int) -> str:
    with hall.database.read() as connection:
        return connection.execute(select(Campaign.state).where(Campaign.id == number)).scalar_one()


def approve(approver: Clerk, number: int) -> None:
    page = approver.get(f"/broadcasts/{number}")
    [shown] = re.findall(r'name="shown" value="([0-9a-f]+)"', page.html)
    approver.post(f"/broadcasts/{number}/approve", {"shown": shown})


def pretend_sent(hall: Hall) -> int:
    """Make of the latest broadcast one that LINE took for everybody; return its number."""
    now = hall.now()
    with hall.database.write() as connection:
        row = connection.execute(select(Broadcast.__table__).order_by(Broadcast.id.desc()).limit(1)).one()
        ids = connection.execute(select(Resident.id).order_by(Resident.id)).scalars().all()
        delivery = {
            "channel_id": row.channel_id, "kind": "multicast", "purpose": "broadcast", "priority": 4, "status": "sent",
            "retry_key": f"key {row.id}", "due_at": now, "attempts": 1, "uncertain": False, "doubled": False, "created_at": now,
        }  # fmt: skip
        made = connection.execute(insert(Delivery).values(delivery).returning(Delivery.id)).scalar_one()
        batch = {
            "delivery_id": made, "broadcast_id": row.id, "language": "ja", "first_id": ids[0], "last_id": ids[-1],
            "recipients": len(ids), "members": b"",
        }  # fmt: skip
        connection.execute(insert(Batch), batch)
        done = {"status": "done", "planned": len(ids), "frozen_at": now, "finished_at": now, "left_out": {"blocked": 2}}
        connection.execute(update(Broadcast).where(Broadcast.id == row.id).values(done))
    return int(row.id)


def test_from_the_first_word_to_the_report(town: Hall) -> None:
    officer, approver = town.sign_in(Role.OFFICER), town.sign_in(Role.APPROVER)
    card = {"card_title_ja": "断水", "card_text_ja": "9時から15時まで"}
    number = compose(officer, target1="https://town.example/water", label1_ja="くわしく", **card)
    page = officer.get(f"/broadcasts/{number}")
    assert TEXT in page
    assert "直すところがあります" not in page
    assert "全員" in page
    officer.post(f"/broadcasts/{number}/submit")
    assert state(town, number) == "asked"
    assert "この内容で承認する" not in officer.get(f"/broadcasts/{number}")
    approve(approver, number)
    assert state(town, number) == "started"
    sent = pretend_sent(town)
    seen = officer.get(f"/broadcasts/sent/{sent}")
    assert "LINEが受け付けた 20" in seen
    assert "data-stop" in officer.partial(f"/broadcasts/sent/{sent}/live").html
    correction = officer.post(f"/broadcasts/sent/{sent}/correct")
    assert correction.location.endswith("/content")
    actions = [row.action for row in town.audited() if row.subject == f"campaign:{number}"]
    assert actions == ["broadcast.composed", "broadcast.changed", "broadcast.submitted", "broadcast.approved"]


@pytest.mark.parametrize(
    ("name", "encoding", "mark"), [("utf-8", "utf-8-sig", b"\xef\xbb\xbf"), ("cp932", "cp932", b"")]
)
def test_the_report_is_a_csv_that_excel_and_older_software_open(
    town: Hall, name: str, encoding: str, mark: bytes
) -> None:
    officer, approver = town.sign_in(Role.OFFICER), town.sign_in(Role.APPROVER)
    number = compose(officer, "=1+1の件", text_ja=f"お知らせ {name}")
    officer.post(f"/broadcasts/{number}/submit")
    approve(approver, number)
    sent = pretend_sent(town)
    answer = officer.client.get(f"/console/broadcasts/sent/{sent}/report.csv?encoding={name}")
    assert answer.data.startswith(mark)
    lines = answer.data.decode(encoding).split("\r\n")
    assert "件名,'=1+1の件" in lines
    assert "LINEが受け付けた,20" in lines
    assert "対象外（ブロック中）,2" in lines


def test_the_same_words_again_need_a_tick(town: Hall) -> None:
    officer, approver = town.sign_in(Role.OFFICER), town.sign_in(Role.APPROVER)
    first = compose(officer, text_ja="同じお知らせ")
    officer.post(f"/broadcasts/{first}/submit")
    approve(approver, first)
    again = compose(officer, "二度目", text_ja="同じお知らせ")
    assert "同じ内容を同じ人たちに送る配信がほかにあります" in officer.get(f"/broadcasts/{again}")
    officer.post(f"/broadcasts/{again}/submit")
    assert state(town, again) == "draft"
    officer.post(f"/broadcasts/{again}/submit", {"knowingly": "yes"})
    assert state(town, again) == "asked"
    assert "重複を確認ずみ" in approver.get(f"/broadcasts/{again}")


def test_what_was_sent_back_says_why(town: Hall) -> None:
    officer, approver = town.sign_in(Role.OFFICER), town.sign_in(Role.APPROVER)
    number = compose(officer, text_ja="日付のまちがった知らせ")
    officer.post(f"/broadcasts/{number}/submit")
    approver.post(f"/broadcasts/{number}/refuse", {"reason": "日付が違います"})
    assert "日付が違います" in officer.get(f"/broadcasts/{number}")
    assert state(town, number) == "draft"


def test_an_approver_who_wrote_it_is_refused_even_by_hand(town: Hall) -> None:
    manager = town.sign_in(Role.MANAGER)
    number = compose(manager, text_ja="ひとりで送る")
    manager.post(f"/broadcasts/{number}/submit")
    page = manager.get(f"/broadcasts/{number}")
    assert 'name="shown"' not in page.html
    manager.post(f"/broadcasts/{number}/approve", {"shown": "00" * 32})
    with town.database.read() as connection:
        digest = connection.execute(select(Campaign.digest).where(Campaign.id == number)).scalar_one()
    manager.post(f"/broadcasts/{number}/approve", {"shown": digest.hex()})
    assert state(town, number) == "asked"


def test_the_conditions_are_built_counted_and_saved(town: Hall) -> None:
    officer = town.sign_in(Role.OFFICER)
    number = compose(officer, text_ja="北の人へ")
    path = f"/broadcasts/{number}/audience"
    officer.get(path)
    built: dict[str, Any] = {
        "join": "all",
        "join-0": "any",
        "subject-0-0": "topic",
        "was-0-0": "topic",
        "values-0-0": "water",
        "subject-0-1": "language",
        "was-0-1": "language",
        "values-0-1": "en",
        "join-1": "all",
        "subject-1-0": "area",
        "was-1-0": "area",
        "values-1-0": "north",
    }
    counted = officer.post(f"{path}/reach", built, status=200)
    assert re.search(r"<b>(\d+)</b>", counted.html).group(1) == "6"  # type: ignore[union-attr]  # or the test fails
    assert "REF" in counted.text
    officer.post(path, built | {"do": "save", "edition": edition(officer, number)})
    assert "（分野：水道またはことば：English）かつ" in officer.get(f"/broadcasts/{number}")
    saved = officer.post("/broadcasts/segments/new", built | {"do": "save", "name": "北部の水道"})
    officer.get(saved.location)
    assert "北部の水道" in officer.get("/broadcasts/segments")
    other = compose(officer, text_ja="保存した条件の人へ")
    use = saved.location.rsplit("/", 1)[1]
    officer.post(f"/broadcasts/{other}/audience", {"use": use, "edition": edition(officer, other)})
    assert "北部の水道" in officer.get(f"/broadcasts/{other}")
    officer.post(f"{saved.location}/delete")
    assert officer.get(saved.location, status=404)


def test_the_buttons_of_the_builder_change_the_form_and_nothing_else(town: Hall) -> None:
    officer = town.sign_in(Role.OFFICER)
    number = compose(officer, text_ja="条件を足す")
    before = edition(officer, number)
    one = {"join": "all", "join-0": "all", "subject-0-0": "area", "was-0-0": ""}
    more = officer.post(f"/broadcasts/{number}/audience", one | {"do": "condition-0"}, status=200)
    assert 'name="subject-0-1"' in more.html
    block = officer.post(f"/broadcasts/{number}/audience", one | {"do": "block"}, status=200)
    assert 'name="join-1"' in block.html
    less = officer.post(f"/broadcasts/{number}/audience", one | {"do": "drop-0-0"}, status=200)
    assert 'value="area" selected' not in less.html
    assert edition(officer, number) == before


def test_the_schedule_repeats_and_leaves_days_out(town: Hall) -> None:
    officer, approver = town.sign_in(Role.OFFICER), town.sign_in(Role.APPROVER)
    number = compose(officer, text_ja="くり返し")
    path = f"/broadcasts/{number}/schedule"
    officer.get(path)
    refused = officer.post(path, {"when": "later", "stale_hours": "3", "edition": edition(officer, number)}, status=200)
    assert "日と時刻を入れてください" in refused
    day = (town.now.tokyo() + dt.timedelta(days=2)).date()
    wanted = {
        "when": "later", "day": day.isoformat(), "time": "10:00", "stale_hours": "3", "every": "nth_weekday",
        "weekdays": "1", "nth": "2", "holidays": "y", "days": "2027-08-13", "edition": edition(officer, number),
    }  # fmt: skip
    officer.post(path, wanted)
    page = officer.get(f"/broadcasts/{number}")
    assert "毎月第2火曜日" in page
    assert "祝日を除く" in page
    officer.post(f"/broadcasts/{number}/submit")
    approve(approver, number)
    assert state(town, number) == "scheduled"
    officer.post(f"/broadcasts/{number}/suspend")
    assert state(town, number) == "suspended"
    officer.post(f"/broadcasts/{number}/resume")
    officer.post(f"/broadcasts/{number}/stop")
    assert state(town, number) == "stopped"
    with town.database.write() as connection:
        from bot.campaigns.composition import Means

        means = Means(town.vault, lambda _language: {}, None)
        assert begin_due(connection, means, town.now() + dt.timedelta(days=60)) == 0


def test_two_who_change_it_at_once_do_not_overwrite_one_another(town: Hall) -> None:
    officer, other = town.sign_in(Role.OFFICER), town.sign_in(Role.OFFICER)
    number = compose(officer, text_ja="最初")
    seen = edition(officer, number)
    officer.post(f"/broadcasts/{number}/content", {"edition": seen, "text_ja": "一人目"})
    other.post(f"/broadcasts/{number}/content", {"edition": seen, "text_ja": "二人目"})
    assert "一人目" in officer.get(f"/broadcasts/{number}")


def test_what_is_typed_is_shown_on_a_telephone_before_it_is_saved(town: Hall) -> None:
    officer = town.sign_in(Role.OFFICER)
    number = compose(officer, text_ja="保存したもの")
    typed = {
        "text_ja": "{{ town.name }}から",
        "text_en": "From the town",
        "card_text_ja": "カード",
        "notice_ja": "通知の文",
    }
    shown = officer.post(f"/broadcasts/{number}/preview", typed, status=200)
    assert "まどぐち町から" in shown
    assert "通知の文" in shown
    assert "From the town" in shown
    assert "保存したもの" in officer.get(f"/broadcasts/{number}")


def test_a_half_written_variable_does_not_break_the_preview(town: Hall) -> None:
    officer = town.sign_in(Role.OFFICER)
    number = compose(officer)
    officer.post(f"/broadcasts/{number}/preview", {"text_ja": "{{ town.na"}, status=200)


def picture(kind: str = "JPEG", **more: Any) -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (1600, 900), "teal").save(file, kind, **more)
    file.seek(0)
    return file


def test_a_picture_is_drawn_anew_and_shown_to_staff_and_what_is_none_is_refused(town: Hall) -> None:
    officer = town.sign_in(Role.OFFICER)
    number = compose(officer, text_ja="画像つき")
    exif = Image.Exif()
    exif[0x010E] = "撮影場所のメモ"
    sent = {"edition": edition(officer, number), "text_ja": "画像つき", "image": (picture(exif=exif), "photo.jpg")}
    officer.post(f"/broadcasts/{number}/content", sent, content_type="multipart/form-data")
    page = officer.get(f"/broadcasts/{number}")
    [address] = set(re.findall(r'src="/console(/broadcasts/pictures/[^"]+)"', page.html))
    shown = officer.client.get(f"/console{address}")
    assert shown.mimetype == "image/jpeg"
    assert not Image.open(io.BytesIO(shown.data)).getexif()
    assert "PUBLIC_URL" in page, "without an address for LINE to fetch it from, nobody is asked to approve it"
    broken = {"edition": edition(officer, number), "text_ja": "画像つき", "image": (io.BytesIO(b"<svg/>"), "x.jpg")}
    refused = officer.post(f"/broadcasts/{number}/content", broken, status=200, content_type="multipart/form-data")
    assert "画像として読み取れません" in refused


def test_a_test_goes_to_the_telephones_of_staff_only(town: Hall) -> None:
    officer = town.sign_in(Role.OFFICER)
    number = compose(officer, text_ja="試しに送る")
    shown = officer.post("/broadcasts/testers/code", status=200)
    assert re.search(r"\b\d{8}\b", shown.text)
    with town.database.write() as connection:
        mine = connection.execute(select(Resident.id).limit(1)).scalar_one()
        row = {"resident_id": mine, "staff_id": officer.staff_id, "since": town.now()}
        connection.execute(insert(models.Tester), row)
    officer.get("/broadcasts/testers")
    officer.post(f"/broadcasts/{number}/test", {"staff": str(officer.staff_id)})
    with town.database.read() as connection:
        pushed = select(Delivery.resident_id).where(Delivery.purpose == testers.PURPOSE)
        assert set(connection.execute(pushed).scalars()) == {mine}
    town.sign_in(Role.OFFICER).post(f"/broadcasts/testers/{mine}/remove", status=404)
    officer.post(f"/broadcasts/testers/{mine}/remove")


def test_another_departments_campaigns_are_not_there(town: Hall) -> None:
    mine = town.sign_in(Role.OFFICER, services=["tax"])
    number = compose(mine, text_ja="税のお知らせ")
    stranger = town.sign_in(Role.OFFICER, Role.APPROVER, services=["covid"])
    assert stranger.get(f"/broadcasts/{number}", status=404)
    stranger.post(f"/broadcasts/{number}/submit", status=404)
    assert "税のお知らせ" not in stranger.get("/broadcasts/")
    assert town.sign_in(Role.APPROVER).get(f"/broadcasts/{number}"), "a department that serves the whole town sees all"


def test_the_quota_is_forecast_in_words(town: Hall) -> None:
    officer = town.sign_in(Role.OFFICER)
    number = compose(officer, text_ja="上限")
    with town.database.write() as connection:
        channel = connection.execute(select(Channel.id)).scalar_one()
        row = {"channel_id": channel, "allowed": 12, "used": 0, "sent_since": 0, "asked_at": town.now()}
        connection.execute(insert(Quota).values(row))
    said = officer.get(f"/broadcasts/{number}/reach")
    assert "20通が必要ですが、今月の残りは12通です" in said
    with town.database.write() as connection:
        connection.execute(Quota.__table__.delete())  # type: ignore[attr-defined]  # a Table at run time


def test_pause_resume_and_stop_are_recorded(town: Hall) -> None:
    officer, approver = town.sign_in(Role.OFFICER), town.sign_in(Role.APPROVER)
    number = compose(officer, text_ja="止める")
    officer.post(f"/broadcasts/{number}/submit")
    approve(approver, number)
    with town.database.read() as connection:
        sent = connection.execute(select(Broadcast.id).order_by(Broadcast.id.desc()).limit(1)).scalar_one()
    for verb, expected in (("pause", "paused"), ("resume", "approved"), ("stop", "stopped")):
        officer.post(f"/broadcasts/sent/{sent}/{verb}")
        with town.database.read() as connection:
            assert broadcast.find(connection, sent).status == expected
    assert "一時停止" not in approver.get(f"/broadcasts/sent/{sent}")
    done = [row.action for row in town.audited() if row.subject == f"broadcast:{sent}"]
    assert done == ["broadcast.sending.pause", "broadcast.sending.resume", "broadcast.sending.stop"]


@pytest.mark.parametrize(
    ("note", "said"),
    [(f"{broadcast.BROKEN} (KeyError): see the log", "システムの不具合"), ("this needs 9", "LINEの月の上限か")],
)
def test_why_one_stands_still_is_said_as_it_is(town: Hall, note: str, said: str) -> None:
    officer, approver = town.sign_in(Role.OFFICER), town.sign_in(Role.APPROVER)
    number = compose(officer, text_ja=said)
    officer.post(f"/broadcasts/{number}/submit")
    approve(approver, number)
    with town.database.write() as connection:
        sent = connection.execute(select(Broadcast.id).order_by(Broadcast.id.desc()).limit(1)).scalar_one()
        assert broadcast.move(connection, sent, broadcast.State.HELD, note=note)
    shown = officer.get(f"/broadcasts/sent/{sent}")
    assert [words for words in ("システムの不具合", "LINEの月の上限か") if words in shown] == [said]
    officer.post(f"/broadcasts/sent/{sent}/stop")


@pytest.mark.parametrize("name", ["", "?state=asked", "?state=nothing"])
def test_the_list_opens(town: Hall, name: str) -> None:
    town.sign_in(Role.MANAGER).get(f"/broadcasts/{name}")


def test_what_waits_is_listed_for_whoever_may_approve_it(town: Hall) -> None:
    officer, approver = town.sign_in(Role.OFFICER), town.sign_in(Role.APPROVER)
    number = compose(officer, "一覧から承認する", text_ja="一覧")
    officer.post(f"/broadcasts/{number}/submit")
    assert f"/broadcasts/{number}" in approver.get("/approvals/").links()
    stranger = town.sign_in(Role.APPROVER, services=["covid"])
    assert f"/broadcasts/{number}" not in stranger.get("/approvals/").links()
    approve(approver, number)
    assert f"/broadcasts/{number}" not in approver.get("/approvals/").links()


def test_who_only_approves_for_a_department_steers_and_corrects_nothing_there(town: Hall) -> None:
    writer, approver = town.sign_in(Role.OFFICER, services=["tax"]), town.sign_in(Role.APPROVER, services=["tax"])
    number = compose(writer, text_ja="税の窓口は土曜日も開いています。")
    writer.post(f"/broadcasts/{number}/submit")
    approve(approver, number)
    with town.database.read() as connection:
        sent = connection.execute(select(Broadcast.id).order_by(Broadcast.id.desc()).limit(1)).scalar_one()
    with town.database.write() as connection:
        writes = people.department(connection, "健康課の配信係", ["covid"])
        approves = people.department(connection, "tax課")
        people.set_roles(connection, approver.staff_id, [(writes, Role.OFFICER), (approves, Role.APPROVER)])
    assert "税の窓口" in approver.get(f"/broadcasts/{number}")
    for verb in ("pause", "stop", "correct"):
        approver.post(f"/broadcasts/sent/{sent}/{verb}", status=404)
    with town.database.read() as connection:
        assert broadcast.find(connection, sent).status == "approved"
