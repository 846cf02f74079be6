"""A town with notices and residents: what tests of linking, reminding and reconciling share."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot import approvals
from bot.approvals import Decision
from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.flow.book import Book
from bot.flow.load import load
from bot.flow.talk import ActionResult
from bot.imports import ImportKind, work
from bot.models import Channel, Delivery, Resident, Staff
from bot.notice import notice
from bot.now import TOKYO, Now
from bot.service import ActionContext, Caller, JobContext, Services, load_services
from handlers.tax import reading, sends, settlement
from handlers.tax.files import NOTICES, PAYMENTS
from handlers.tax.models import TaxNotice, TaxPaidList, TaxSend
from tests.imports import loading
from tests.product import ROOT

SERVICES: Services = load_services("handlers")
APRIL = dt.datetime(2027, 4, 20, 9, 0, tzinfo=TOKYO)
DUE = dt.date(2027, 5, 31)
BIRTHS = ("昭和55年3月1日", "S60.12.24", "H1.1.8")
HEADINGS = "連携コード,生年月日,登録番号,年度,税目,年税額,納期限,収納機関番号,納付番号,確認番号,納付区分,紙・電子"


def line(
    code: str,
    birth: str = BIRTHS[0],
    plate: str = "川崎 500 あ ・・12",
    kind: str = "自動車税種別割",
    due: str = "R9.5.31",
) -> str:
    """Return one row as the tax system writes it."""
    year = reading.tax_year(re.split(r"[-.]", due)[0])
    return f'{code},{birth},{plate},令和{year - 2018}年度,{kind},"34,500",{due},13800,{int(code) % 10**10:020},123456,1234567890,紙'


def csv(*lines: str, headings: str = HEADINGS) -> bytes:
    """Return a file as the tax system writes it: CP932, CRLF."""
    return "\r\n".join([headings, *lines, ""]).encode("cp932")


@dataclass
class Town:
    """One installation: what staff and residents do, in this process, on a real database."""

    database: Database
    book: Book
    vault: Vault = loading.VAULT
    lookup: Lookup = loading.LOOKUP

    @property
    def town(self) -> Mapping[str, Any]:
        return self.book.town.town

    def set(self, **changes: Any) -> None:
        """Change the town's variables."""
        self.book = replace(self.book, town=self.book.town.model_copy(update={"town": {**self.town, **changes}}))

    def residents(self, count: int, language: str | None = "ja") -> list[Caller]:
        with self.database.write() as connection:
            if connection.execute(select(Channel.id)).first() is None:
                connection.execute(insert(Channel).values(name="main", created_at=APRIL))
            known = len(connection.execute(select(Resident.id)).all())
            rows = [
                {
                    "channel_id": 1, "line_user_id": f"U{number}", "reference": f"R{number:09}", "friend": True, "friend_at": 0,
                    "language": language, "created_at": APRIL,
                }
                for number in range(known, known + count)
            ]  # fmt: skip
            ids = connection.execute(
                insert(Resident).returning(Resident.id, sort_by_parameter_order=True), rows
            ).scalars()
            return [Caller(id_, 1, str(row["reference"]), language) for id_, row in zip(ids, rows, strict=True)]

    def act(self, name: str, who: Caller, now: dt.datetime = APRIL, **arguments: Any) -> ActionResult:
        with self.database.write() as connection:
            context = ActionContext(connection, who, now, self.town, self.vault, self.lookup, self.book, SERVICES.all)
            return SERVICES.action(name)(context, arguments)

    def link(
        self, who: Caller, code: str, birth: str = "1980-03-01", now: dt.datetime = APRIL, **more: Any
    ) -> ActionResult:
        return self.act("tax.link_notice", who, now, code=code, birth_date=birth, relation="own", **more)

    def notices(self, *lines: str) -> Any:
        return self.hand_in(NOTICES, csv(*lines))

    def hand_in(self, kind: ImportKind, body: bytes) -> Any:
        """Let staff hand a file in, have it checked and load it; return the import as it ended."""
        desk = loading.imports(self.database, self.vault, self.lookup)
        bench = loading.bench(self.database, vault=self.vault, lookup=self.lookup, town=self.town)
        uid = desk.receive(work.Upload(kind, "data.csv", io.BytesIO(body), None), Now()())
        row = loading.row_of(self.database, uid)
        with self.database.write() as connection:
            headings = work.proposal(connection, kind, desk.preview(row).headings)
            desk.begin_check(connection, row, headings, Now()())
        loading.go_through(bench, kind, uid)
        row = loading.row_of(self.database, uid)
        assert row.status == "checked", row.trouble
        with self.database.write() as connection:
            desk.start(connection, row, None, Now()())
        loading.go_through(bench, kind, uid)
        return loading.row_of(self.database, uid)

    def paid(self, *codes: str, on: str = "R9.5.20", until: dt.date | None = None, now: dt.datetime = APRIL) -> Any:
        """Hand in a paid list; with `until` staff confirm how far it is complete."""
        body = csv(*(f"{code},{on}" for code in codes), headings="連携コード,納付日")
        row = self.hand_in(PAYMENTS, body)
        if until is not None:
            self.confirm(row.uid, until, now)
        return row

    def confirm(self, uid: str, until: dt.date, now: dt.datetime, left_out: int = 0) -> int:
        with self.database.write() as connection:
            list_id = connection.execute(select(TaxPaidList.id).where(TaxPaidList.import_uid == uid)).scalar_one()
            return settlement.confirm(connection, list_id, None, until, None, now, left_out=left_out)

    def state(self, code: str) -> str:
        from handlers.tax.linking import find_by_code

        with self.database.read() as connection:
            found: str = find_by_code(connection, self.lookup, code).state
            return found

    def sends(self) -> Sequence[Any]:
        with self.database.read() as connection:
            return connection.execute(select(TaxSend.__table__).order_by(TaxSend.send_on)).all()

    def tick(self, now: dt.datetime) -> None:
        """Let the clock come by until it has nothing left to do."""

        def compose(flow: str, language: str | None, values: Mapping[str, Any]) -> list[dict[str, Any]]:
            return notice(self.book, flow, language, values, now)

        with self.database.write() as connection:
            sends.plan_sends(connection, self.town, now)
        more = True
        while more:
            with self.database.write() as connection:
                context = JobContext(connection, now, now, Outbox(self.vault, "test"), self.town, compose, self.book)
                more = sends.send_due(context)

    def waiting(self) -> list[tuple[int, str, str]]:
        """Return resident, purpose and status of everything in the outbox."""
        with self.database.read() as connection:
            rows = connection.execute(select(Delivery).order_by(Delivery.id))
            return [(row.resident_id, row.purpose, row.status) for row in rows]

    def approve(self, send: Any, now: dt.datetime = APRIL) -> None:
        """Let two members of staff agree to a send as it reads now."""
        with self.database.write() as connection:
            asker, decider = (self._staff(connection, name) for name in ("a", "b"))
            digest = sends.digest(send, sends.texts_of(self.book, send))
            id_ = approvals.ask(
                connection, sends.APPROVAL, str(send.id), digest, asker, now, title="test", service="tax"
            )
            approvals.decide(connection, self.vault, id_, Decision.GRANTED, digest, decider, now)

    @staticmethod
    def _staff(connection: Any, name: str) -> int:
        known = connection.execute(select(Staff.id).where(Staff.sign_in == f"{name}@example.jp")).scalar_one_or_none()
        if known is not None:
            return int(known)
        row = {
            "name": name, "sign_in": f"{name}@example.jp", "handle": name * 8, "must_change": False, "language": "ja",
            "active": True, "created_at": APRIL,
        }  # fmt: skip
        return int(connection.execute(insert(Staff).values(row).returning(Staff.id)).scalar_one())

    def deliver_all(self, now: dt.datetime) -> None:
        """Let everything that waits be sent."""
        with self.database.write() as connection:
            done = {"status": "sent", "payload": None, "finished_at": now}
            connection.execute(update(Delivery).where(Delivery.status == "waiting").values(done))

    def rows(self) -> Sequence[Any]:
        with self.database.read() as connection:
            return connection.execute(select(TaxNotice.__table__).order_by(TaxNotice.id)).all()


@pytest.fixture(scope="session")
def shipped_book() -> Book:
    return load(ROOT / "flows", SERVICES.registry).book


MakeTown = Callable[[], Town]


@pytest.fixture
def town(database: Database, shipped_book: Book) -> Town:
    return Town(database, shipped_book)
