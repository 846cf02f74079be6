"""Staff: who they are, in which department they may do what, and where they are signed in."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Moment, Sealed
from bot.models.datamap import kept

_ADMINISTRATORS = ("管理者", "Administrators")


@kept(
    data=("部署の名前", "Names of departments"),
    purpose=("職員がどのサービスを担当するかを決める", "Decides which services staff look after"),
    retention=("廃止するまで", "Until the department is closed"),
    seen_by=("全職員", "All staff"),
)
class Department(Base):
    """A department of the town hall, which looks after services."""

    __tablename__ = "departments"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    closed_at: Mapped[dt.datetime | None] = mapped_column(Moment)


@kept(
    data=("部署が担当するサービスの名前", "Names of the services a department looks after"),
    purpose=("職員が見られるものを担当サービスに限る", "Limits what staff see to the services of their department"),
    retention=("担当が変わるまで", "Until the responsibility changes"),
    seen_by=_ADMINISTRATORS,
)
class DepartmentService(Base):
    """That a department looks after a service, by the name of its folder in `flows/`."""

    __tablename__ = "department_services"

    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id", ondelete="CASCADE"), primary_key=True)
    service: Mapped[str] = mapped_column(String(80), primary_key=True)


@kept(
    data=(
        "職員の氏名、サインイン用のメールアドレス、パスワードのハッシュ値、認証アプリの鍵（暗号化）",
        "Names of staff, their e-mail address for signing in, a hash of the password, the authenticator's key (encrypted)",
    ),
    purpose=("管理画面を使う人を確かめる", "Proves who uses the console"),
    retention=(
        "在任中。退任後は無効にし、記録との対応のために残す",
        "While in office; disabled afterwards and kept, so that the log can be read",
    ),
    seen_by=_ADMINISTRATORS,
)
class Staff(Base):
    """Somebody who may sign in. `sign_in` is an e-mail address in lower case.

    `handle` is an opaque name in cookies and sealed values; a new one ends everything signed in before.
    `last_counter` is the last time step whose code was used: no code is taken twice.
    """

    __tablename__ = "staff"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    sign_in: Mapped[str] = mapped_column(String(160), unique=True)
    handle: Mapped[str] = mapped_column(String(32), unique=True)
    password: Mapped[str | None] = mapped_column(String(200))
    must_change: Mapped[bool]
    totp: Mapped[bytes | None] = mapped_column(Sealed("staff.totp", row="id"))
    last_counter: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(8))
    active: Mapped[bool]
    expires_on: Mapped[dt.date | None] = mapped_column(Date)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("職員の所属部署と役割", "Departments and roles of staff"),
    purpose=("職員ができることを決める", "Decides what staff may do"),
    retention=("役割が変わるまで", "Until the role changes"),
    seen_by=_ADMINISTRATORS,
)
class Membership(Base):
    """That somebody holds a role in a department; `role` is a value of `bot.console.access.Role`."""

    __tablename__ = "memberships"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    department_id: Mapped[int] = mapped_column(
        ForeignKey("departments.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(24), primary_key=True)


@kept(
    data=("サインインの日時、IPアドレス、ブラウザの種類", "Time of sign-in, IP address, kind of browser"),
    purpose=(
        "本人が自分のサインインを確かめ、終わらせる",
        "Lets staff see and end what they are signed in with",
    ),
    retention=("終わってから30日", "30 days after the session ended"),
    seen_by=("本人と管理者", "Their owner and administrators"),
)
class StaffSession(Base):
    """One browser that is signed in. The cookie's token is kept as its SHA-256 only."""

    __tablename__ = "staff_sessions"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    seen_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(String(45))
    agent: Mapped[str] = mapped_column(String(120))


@kept(
    data=(
        "サインインの失敗回数（アカウントと接続元のハッシュ値ごと）",
        "Failed sign-ins, by a hash of account and address",
    ),
    purpose=("パスワードの総当たりを防ぐ", "Stops passwords from being tried out"),
    retention=("1日", "One day"),
    seen_by=("だれも見ない", "Nobody"),
)
class SignInFailure(Base):
    """How often signing in failed for one account or from one address; `key` is a keyed hash of either."""

    __tablename__ = "sign_in_failures"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[dt.datetime] = mapped_column(Moment)
    locked_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    updated_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)


@kept(
    data=("職員が保存した検索条件（個人情報は入れない）", "Searches that staff saved (nothing personal)"),
    purpose=("よく使う一覧をすぐ開く", "Opens lists that are often used"),
    retention=("本人が消すまで", "Until their owner deletes them"),
    seen_by=("本人", "Their owner"),
)
class SavedList(Base):
    """A list as its owner likes to see it: the page's endpoint and its query string."""

    __tablename__ = "saved_lists"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    endpoint: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
