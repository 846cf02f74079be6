"""The tables of the vehicle tax: anonymous reminders, imported notices, whose they are, what was paid, what is sent when."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.models import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept

_TAX_OFFICE = ("税の担当部署", "The department of taxes")


@kept(
    data=("お知らせの希望（税の種類、何日前か）", "Wishes to be reminded (kind of tax, days before its due date)"),
    purpose=("納期限の前に知らせる", "Reminds residents before the due date"),
    retention=("本人がやめるまで", "Until the resident stops it"),
    seen_by=("だれも見ない", "Nobody"),
)
class TaxReminder(Base):
    """One wish of one resident, without identity: nothing but a kind of tax and days before its due date.

    `remind_at` is when the next one goes out, for the due date `due_on`; it is empty when the town no longer has that tax.
    """

    __tablename__ = "tax_reminders"
    __table_args__ = (
        UniqueConstraint("resident_id", "kind"),
        Index("ix_tax_reminders_remind_at", "remind_at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    days_before: Mapped[int] = mapped_column(SmallInteger)
    due_on: Mapped[dt.date] = mapped_column(Date)
    remind_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    updated_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=(
        "納税通知（連携コードと、それに続けた生年月日・車の番号の鍵つきハッシュ、年度、税目、納期限、税額とeL番号（暗号化）、納付の状態）",
        "Tax notices: hashes of the linking code, alone and with birth date or plate; year, kind, due date, amount, eL number",
    ),
    purpose=("登録した人に納期限と納め方を知らせる", "Tells those who linked it when it is due and how to pay"),
    retention=("納期限から400日（設定による）", "400 days after the due date (a setting)"),
    seen_by=_TAX_OFFICE,
)
class TaxNotice(Base):
    """One tax notice as the tax system wrote it, findable only by who has it in hand.

    `code_hash` is of the linking code, `birth_hash` and `plate_hash` of the code followed by a second factor, `payment_hash` of
    the payment number, by which paid lists name it. `uid` names the row in its sealed columns. `digest` changes with the
    content: the same file again changes nothing. `state` is a value of `handlers.tax.state.State`.
    """

    __tablename__ = "tax_notices"
    __table_args__ = (
        Index("ix_tax_notices_due_on", "due_on", "kind", "state"),
        Index("ix_tax_notices_payment_hash", "payment_hash"),
        Index(
            "ix_tax_notices_said",
            "said_at",
            postgresql_where=text("state = 'said_paid'"),
            sqlite_where=text("state = 'said_paid'"),
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    birth_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    plate_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    payment_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    tax_year: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(40))
    amount: Mapped[bytes] = mapped_column(Sealed("tax_notices.amount"))
    due_on: Mapped[dt.date] = mapped_column(Date)
    el_number: Mapped[bytes | None] = mapped_column(Sealed("tax_notices.el_number"))
    form: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    said_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    paid_on: Mapped[dt.date | None] = mapped_column(Date)
    imported_at: Mapped[dt.datetime] = mapped_column(Moment)
    updated_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=(
        "どのLINEアカウントがどの納税通知を登録したか、本人か家族か",
        "Which account linked which notice, for whom",
    ),
    purpose=("登録した人にだけ知らせる", "Tells only those who linked it"),
    retention=(
        "本人が外すまで。長くても通知を消すまで",
        "Until the resident unlinks it, at most as long as the notice",
    ),
    seen_by=_TAX_OFFICE,
)
class TaxLink(Base):
    """That a resident has linked a notice: one notice, one account. `relation` is own or family."""

    __tablename__ = "tax_links"
    __table_args__ = (Index("ix_tax_links_resident_id", "resident_id"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("tax_notices.id", ondelete="CASCADE"), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"))
    relation: Mapped[str] = mapped_column(String(8))
    linked_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=(
        "登録の失敗回数（アカウント、連携コードごとの鍵つきハッシュ）",
        "Failed tries to link, by hash of account or code",
    ),
    purpose=("連携コードの総当たりを防ぐ", "Stops codes from being tried out"),
    retention=("2日", "Two days"),
    seen_by=_TAX_OFFICE,
)
class TaxFailure(Base):
    """How often linking failed for one account or one code.

    It hangs on a hash of the account, not on the resident's row: who erases their data and comes back is still locked.
    """

    __tablename__ = "tax_failures"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    scope: Mapped[str] = mapped_column(String(8))
    failures: Mapped[int] = mapped_column(Integer)
    locked_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    updated_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)


@kept(
    data=(
        "収納の一覧の受け取り記録（税目、いつまでの納付を含むか、件数）",
        "Paid lists received (kind, paid until when, counts)",
    ),
    purpose=("納めた人に知らせを送らない", "Keeps reminders from who has paid"),
    retention=("2年", "Two years"),
    seen_by=_TAX_OFFICE,
)
class TaxPaidList(Base):
    """A list of payments. Once staff have said so, it holds every payment made up to and including `paid_until`.

    That is of `kind`, or of all kinds where it is empty. `import_uid` is the upload it came from.
    """

    __tablename__ = "tax_paid_lists"
    __table_args__ = (Index("ix_tax_paid_lists_kind", "kind", "paid_until"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    import_uid: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str | None] = mapped_column(String(40))
    paid_until: Mapped[dt.date | None] = mapped_column(Date)
    entries: Mapped[int] = mapped_column(Integer, default=0)
    settled: Mapped[int] = mapped_column(Integer, default=0)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    received_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("収納の一覧と通知の食い違い（行番号、理由）", "Differences between paid lists and notices (line, reason)"),
    purpose=("職員が確かめて直す", "Lets staff look into them"),
    retention=("収納の一覧と同じ", "As long as the paid list"),
    seen_by=_TAX_OFFICE,
)
class TaxDifference(Base):
    """One line of a paid list that does not fit: `reason` is a value of `handlers.tax.settlement.Reason`."""

    __tablename__ = "tax_differences"
    __table_args__ = (UniqueConstraint("list_id", "line"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("tax_paid_lists.id", ondelete="CASCADE"))
    line: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(12))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("tax_notices.id", ondelete="CASCADE"), index=True)
    resolved_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


@kept(
    data=(
        "お知らせの予定と承認（税目、納期限、段階、件数）",
        "Sends planned and approved (kind, due date, stage, counts)",
    ),
    purpose=("いつ何を送るかを決め、承認する", "Decides and approves what is sent when"),
    retention=("2年", "Two years"),
    seen_by=_TAX_OFFICE,
)
class TaxSend(Base):
    """One occasion on which everybody concerned is written to: a kind of tax, a due date and a stage ("before.7", "after.10").

    It may leave from `send_on` to `last_on`; a stage after the due date needs approval and paid lists up to `paid_until`.
    `reached` is the last resident written to, `state` a value of `handlers.tax.sends.State`.
    """

    __tablename__ = "tax_sends"
    __table_args__ = (
        UniqueConstraint("kind", "due_on", "stage"),
        Index("ix_tax_sends_state", "state", "send_on"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    due_on: Mapped[dt.date] = mapped_column(Date)
    stage: Mapped[str] = mapped_column(String(12))
    send_on: Mapped[dt.date] = mapped_column(Date)
    last_on: Mapped[dt.date] = mapped_column(Date)
    paid_until: Mapped[dt.date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10))
    reached: Mapped[int] = mapped_column(BigInteger, default=0)
    recipients: Mapped[int] = mapped_column(Integer, default=0)
    planned_at: Mapped[dt.datetime] = mapped_column(Moment)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Moment)
