"""What 自分のデータ does where a town has no page of its own, and how long an address works where it has one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, select, update

from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.flow.talk import ActionResult
from bot.models import Channel, Consent, Resident, SealedBytes, Submission
from bot.now import TOKYO
from bot.owndata import link
from bot.owndata.actions import CHAT_CHARACTERS, erase_all, hand_over, show, withdraw
from bot.service import ActionContext, Caller

NOW = dt.datetime(2027, 4, 1, 9, 0, tzinfo=TOKYO)
VAULT = Vault([bytes(32)])
LOOKUP = Lookup([bytes(32)])

Act = Callable[..., ActionResult]


@pytest.fixture
def residents(database: Database) -> list[Caller]:
    """Two residents of one channel."""
    callers = []
    with database.write() as connection:
        channel = insert(Channel).values(name="main", created_at=NOW).returning(Channel.id)
        channel_id = connection.execute(channel).scalar_one()
        for name in ("A" * 10, "B" * 10):
            row = {"channel_id": channel_id, "line_user_id": f"U{name}", "reference": name, "friend_at": 0}
            statement = insert(Resident).values(**row, created_at=NOW).returning(Resident.id)
            callers.append(Caller(connection.execute(statement).scalar_one(), channel_id, name, "ja"))
    return callers


@pytest.fixture
def act(database: Database, residents: list[Caller]) -> Act:
    def act(
        action: Callable[[ActionContext, Mapping[str, Any]], ActionResult],
        who: int = 0,
        public_url: str | None = None,
        **arguments: Any,
    ) -> ActionResult:
        with database.write() as connection:
            context = ActionContext(connection, residents[who], NOW, {}, VAULT, LOOKUP, public_url=public_url)
            return action(context, arguments)

    return act


def file(database: Database, resident: Caller, uid: str, **answers: Any) -> None:
    sealed = SealedBytes.seal(VAULT, "submissions.answers", uid, orjson.dumps(answers))
    row = {
        "uid": uid,
        "resident_id": resident.id,
        "flow": "report",
        "revision": "1",
        "answers": sealed,
        "filed_at": NOW,
    }
    with database.write() as connection:
        connection.execute(insert(Submission), row)


def agree(database: Database, resident: Caller, name: str) -> None:
    sealed = SealedBytes.seal(VAULT, "consents.text", name, b"text")
    row = {"uid": name, "resident_id": resident.id, "name": name, "version": "1", "given": True, "text": sealed}
    with database.write() as connection:
        connection.execute(insert(Consent), row | {"decided_at": NOW})


def test_without_a_page_the_answers_come_as_text(act: Act, database: Database, residents: list[Caller]) -> None:
    file(database, residents[0], "a", what="ベンチ", place={"kind": "location", "address": "中央1"}, again=True)
    file(database, residents[1], "b", what="他人の秘密")
    result = act(hand_over)
    assert result.outcome == "text"
    assert result.values["text"].split("\n") == ["■ report（2027-04-01）", "what：ベンチ", "place：中央1", "again：○"]
    assert result.values["cut"] is False


def test_a_long_copy_is_cut_and_says_so(act: Act, database: Database, residents: list[Caller]) -> None:
    file(database, residents[0], "a", what="長" * 2 * CHAT_CHARACTERS)
    result = act(hand_over)
    assert (len(result.values["text"]), result.values["cut"]) == (CHAT_CHARACTERS, True)


def test_one_consent_is_withdrawn_by_name_and_another_stays(
    act: Act, database: Database, residents: list[Caller]
) -> None:
    agree(database, residents[0], "privacy")
    agree(database, residents[0], "reminders")
    assert act(withdraw, name="privacy").outcome == "withdrawn"
    assert act(withdraw, name="privacy").outcome == "none"
    shown = {each["title"]: each["withdrawn_on"] for each in act(show).values["consents"]}
    assert shown == {"privacy": "2027-04-01", "reminders": None}
    assert act(show).values["may_withdraw"] is True


def test_an_address_works_once_for_ten_minutes_and_only_the_latest(
    act: Act, database: Database, residents: list[Caller]
) -> None:
    def make() -> str:
        url: str = act(hand_over, public_url="https://town.example/").values["url"]
        assert url.startswith("https://town.example/own-data/")
        return url.rsplit("/", 1)[1]

    def use(secret: str, after: dt.timedelta) -> int | None:
        with database.write() as connection:
            return link.use(connection, LOOKUP, secret, NOW + after)

    first, latest = make(), make()
    assert use(first, dt.timedelta(minutes=1)) is None
    assert use(latest, dt.timedelta(minutes=9)) == residents[0].id
    assert use(latest, dt.timedelta(minutes=9)) is None
    assert use(make(), dt.timedelta(minutes=11)) is None


def test_erasing_one_resident_leaves_all_others_as_they_were(
    act: Act, database: Database, residents: list[Caller]
) -> None:
    for number, resident in enumerate(residents):
        file(database, resident, str(number), what="ベンチ")
        agree(database, resident, f"privacy {number}")
    before = act(show, who=1)
    result = act(erase_all)
    assert (result.outcome, result.forget) == ("erased", True)
    assert act(show).outcome == "none"
    assert act(show, who=1) == before
    with database.read() as connection:
        rows = dict(connection.execute(select(Resident.id, Resident.reference)).all())
    assert rows[residents[0].id] != residents[0].reference
    assert rows[residents[1].id] == residents[1].reference


def test_what_is_under_a_legal_hold_is_told_before_and_after_erasing(
    act: Act, database: Database, residents: list[Caller]
) -> None:
    file(database, residents[0], "a", what="ベンチ")
    file(database, residents[0], "b", what="街灯")
    with database.write() as connection:
        connection.execute(update(Submission).where(Submission.uid == "b").values(on_hold=True))
    shown = act(show).values
    assert ([each["held"] for each in shown["submissions"]], shown["held"]) == ([False, True], 1)
    assert act(erase_all).values == {"held": 1}
    left = act(show).values
    assert ([each["held"] for each in left["submissions"]], left["held"]) == ([True], 1)
