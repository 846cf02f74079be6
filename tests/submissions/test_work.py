"""The work on a submission: each change is in its history, nobody overwrites anybody unseen, and what is held stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.models import Delivery, Submission, SubmissionChange
from bot.owndata.erase import erase
from bot.submissions import entry, messages, work
from bot.submissions.reading import lines, open_answers
from bot.submissions.states import NEXT, Source, Status
from bot.submissions.table import CP932, UTF8, Table, guarded, in_cp932
from bot.submissions.work import Changed, Hand, NotAllowed, Work
from tests.submissions import office
from tests.submissions.office import NOW, VAULT

DESK = Work(VAULT)


def history(database: Database, number: int) -> list[tuple[str, str | None, str | None, str | None]]:
    with database.read() as connection:
        return [(one.kind, one.before, one.after, one.text) for one in DESK.history(connection, number)]


def test_what_is_done_with_a_submission_stands_in_its_history_and_words_are_encrypted(database: Database) -> None:
    with database.write() as connection:
        hanako = office.staff(connection)
        hand = Hand(hanako, NOW)
        number = office.file(connection, {"category": "road"})
        row = work.one(connection, number)
        DESK.set_status(connection, row, Status.WORKING, 0, hand)
        DESK.assign(connection, row, hanako, 1, hand)
        DESK.note(connection, row, "現地を確認した", hand)
        DESK.hold(connection, row, "係争中", 2, hand, held=True)
        stored = connection.execute(select(SubmissionChange.text)).scalars().all()
    assert history(database, number) == [
        ("hold", "0", "1", "係争中"),
        ("note", None, None, "現地を確認した"),
        ("assignment", None, str(hanako), None),
        ("status", "new", "working", None),
    ]
    assert not any("現地".encode() in (text or b"") for text in stored)


def test_two_people_cannot_overwrite_each_other_unseen(database: Database) -> None:
    with database.write() as connection:
        number = office.file(connection, {})
        seen = work.one(connection, number)
        DESK.set_status(connection, seen, Status.WORKING, seen.version, Hand(None, NOW))
    hand = Hand(None, NOW)
    with pytest.raises(Changed), database.write() as connection:
        DESK.set_status(connection, seen, Status.DONE, seen.version, hand)
    with pytest.raises(Changed), database.write() as connection:
        DESK.assign(connection, seen, 7, seen.version, hand)
    with pytest.raises(Changed), database.write() as connection:
        DESK.hold(connection, seen, "", seen.version, hand, held=True)
    assert [one[0] for one in history(database, number)] == ["status"], "what was refused left nothing"


def test_a_status_follows_only_where_it_makes_sense(database: Database) -> None:
    with database.write() as connection:
        for status in Status:
            number = office.file(connection, {}, status=status.value)
            row = work.one(connection, number)
            for wanted in set(Status) - set(NEXT[status]):
                with pytest.raises(NotAllowed):
                    DESK.set_status(connection, row, wanted, 0, Hand(None, NOW))
    assert Status.NEW not in NEXT[Status.DONE], "what is over is taken up again, not made new"


def test_what_is_held_outlives_its_time_and_the_residents_erasure(database: Database) -> None:
    from bot.housekeeping import purge
    from bot.service import JobContext

    with database.write() as connection:
        person = office.resident(connection)
        held, free = (office.file(connection, {}, resident_id=person.id, on_hold=one) for one in (True, False))
        erase(connection, person.id)
        assert connection.execute(select(Submission.id)).scalars().all() == [held]
        connection.execute(update(Submission).values(keep_until=NOW - dt.timedelta(days=1)))
        context = JobContext(connection, NOW, NOW, Outbox(VAULT, "test"), {}, lambda *_: [])
        purge(context)
        assert connection.execute(select(Submission.id)).scalars().all() == [held]
        connection.execute(update(Submission).values(on_hold=False))
        purge(context)
        assert connection.execute(select(Submission.id)).first() is None
    assert free != held


def given(**answers: str | list[str]) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in answers.items()}


def test_a_telephone_entry_is_read_by_the_flows_own_rules_and_stands_among_the_others(database: Database) -> None:
    book = office.book()
    program = book.programs["report.damage"]
    shown = {field.name: field for field in entry.fields(book, program, "ja", NOW)}
    assert list(shown) == ["category", "place", "bench", "seen_on", "urgent", "detail"], "no photo by telephone"
    assert shown["category"].options == [("road", "道路"), ("park", "公園")]
    assert shown["bench"].sometimes

    said = given(
        category="park",
        place="見本公園の入口",
        bench="３",
        seen_on="令和8年6月30日",
        urgent="yes",
        detail="座面が割れている",
    )
    taken = entry.take(book, program, said, "ja", NOW)
    assert taken.errors == {}
    with database.write() as connection:
        hanako = office.staff(connection)
        number = entry.file(connection, VAULT, program, taken.answers, Source.TELEPHONE, Hand(hanako, NOW))
    row = office.row_of(database, number)
    assert (row.source, row.status, row.entered_by, row.resident_id) == ("telephone", "new", hanako, None)
    assert row.keep_until == NOW + dt.timedelta(days=90)
    answered = lines(book, row, open_answers(VAULT, row), "ja", NOW)
    assert [(line.label, line.text) for line in answered] == [
        ("種類", "公園"),
        ("場所", "見本公園の入口"),
        ("ベンチ", "3"),
        ("見た日", "2026年6月30日"),
        ("急ぎ", "はい"),
        ("様子", "座面が割れている"),
    ]
    assert history(database, number) == [("entered", None, "telephone", None)]


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"category": "park", "bench": "21"}, {"bench"}),
        ({"seen_on": "2026/7/2"}, {"seen_on"}),
        ({"seen_on": "あした来る"}, {"seen_on"}),
        ({"category": "moon"}, {"category"}),
    ],
)
def test_what_the_flow_would_refuse_is_refused_on_the_telephone_too(answers: dict[str, str], wrong: set[str]) -> None:
    book = office.book()
    taken = entry.take(book, book.programs["report.damage"], given(**answers), "ja", NOW)
    assert set(taken.errors) == wrong
    assert all(taken.errors.values()), "with a sentence"


def test_an_answer_to_a_question_that_does_not_apply_is_left_out() -> None:
    book = office.book()
    taken = entry.take(book, book.programs["report.damage"], given(category="road", bench="3"), "ja", NOW)
    assert taken.answers == {"category": "road"}


def test_repeated_questions_are_taken_down_as_one_round_and_secrets_are_not_asked() -> None:
    book = office.book()
    program = book.programs["visit.children"]
    assert [field.name for field in entry.fields(book, program, "ja", NOW)] == ["name", "age"]
    taken = entry.take(book, program, given(name="見本 太郎", age="5"), "ja", NOW)
    assert taken.answers == {"children": [{"name": "見本 太郎", "age": 5}]}


def test_a_message_goes_once_per_form_at_the_priority_of_a_talk_and_is_noted(database: Database) -> None:
    outbox = Outbox(VAULT, "test")
    with database.write() as connection:
        person = office.resident(connection)
        number = office.file(connection, {}, resident_id=person.id)
        row = work.one(connection, number)
        assert messages.send(connection, outbox, DESK, row, "確認しました。", "form-1", Hand(None, NOW))
        assert not messages.send(connection, outbox, DESK, row, "確認しました。", "form-1", Hand(None, NOW))
        sent = connection.execute(select(Delivery.priority, Delivery.purpose, Delivery.resident_id)).all()
    assert [tuple(one) for one in sent] == [(1, messages.PURPOSE, person.id)]
    assert history(database, number) == [("message", None, None, "確認しました。")]


def test_nobody_is_written_to_who_blocked_the_account_or_never_had_one(database: Database) -> None:
    outbox = Outbox(VAULT, "test")
    with database.write() as connection:
        blocked = office.resident(connection, friend=False)
        for number in (
            office.file(connection, {}, resident_id=blocked.id),
            office.file(connection, {}, source="telephone"),
        ):
            row = work.one(connection, number)
            with pytest.raises(messages.NoResident):
                messages.send(connection, outbox, DESK, row, "x", "form", Hand(None, NOW))
        assert connection.execute(select(Delivery.id)).first() is None


def test_a_template_is_filled_and_chosen_by_language_and_flow(database: Database) -> None:
    hand = Hand(None, NOW)
    with database.write() as connection:
        any_flow = messages.keep_template(
            connection, None, None, "受付", {"ja": "{手続き}（{受付番号}）を{町名}で", "en": "No {受付番号}"}, hand
        )
        messages.keep_template(connection, None, "visit.children", "訪問", {"ja": "訪問します"}, hand)
        mine = [row.name for row in messages.templates_for(connection, "report.damage")]
        number = office.file(connection, {})
        row = work.one(connection, number)
        stored = messages.template(connection, any_flow)
    assert mine == ["受付"]
    text = messages.in_language(stored.texts, "ja-easy")
    assert messages.fill(text, row, "通報", "見本町", "ja") == f"通報（{number}）を見本町で"
    assert messages.in_language(stored.texts, "en").startswith("No ")


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+81 90", "-1+2", "@SUM(A1)", "\t=1", "＝1+1"])
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    assert guarded(text) == f"'{text}"


def test_what_cp932_lacks_is_written_as_a_geta_and_counted() -> None:
    assert in_cp932("髙﨑〜見本−🙂") == ("髙﨑～見本－〓", 1)


@pytest.mark.parametrize("encoding", [UTF8, CP932])
def test_a_table_has_a_column_per_question_and_opens_in_a_spreadsheet(database: Database, encoding: str) -> None:
    book = office.book()
    with database.write() as connection:
        hanako = office.staff(connection)
        answers: dict[str, Any] = {
            "category": "road",
            "detail": '=1+1 "穴"\n🙂',
            "gone_question": "古い答え",
            "photo": {"attachment": "b", "kind": "image"},
            "place": {"latitude": 35.5, "longitude": 139.5, "address": "見本町1"},
        }
        number = office.file(connection, answers, assigned_to=hanako)
    row = office.row_of(database, number)
    table = Table(
        book, VAULT, encoding, ["番号", "日時", "方法", "状況", "担当", "住民"], lambda code: f"<{code}>", NOW
    )
    written = b"".join([table.begin("report.damage"), *table.rows([row], {hanako: "見本 花子"}, {})])
    lines_ = written.decode("utf-8-sig" if encoding == UTF8 else CP932)
    lacking = ",<lacking>" if encoding == CP932 else ""
    assert lines_.startswith(
        f"番号,日時,方法,状況,担当,住民,種類,写真,場所,ベンチ,見た日,急ぎ,様子,<others>{lacking}\r\n"
    )
    smile, counted = ("🙂", "") if encoding == UTF8 else ("〓", ",1")
    assert lines_.endswith(
        f'{number},2026-07-01 12:00,<line>,<new>,見本 花子,,道路,<file>,"見本町1 35.500000,139.500000",,,,'
        f'"\'=1+1 ""穴""\n{smile}",gone_question：古い答え{counted}\r\n'
    )
