"""Files that staff hand in to be read into a service's tables: the upload, how far it is, and what is wrong with it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept


@kept(
    data=(
        "取り込んだファイルの名前（暗号化）、件数、取り込んだ職員",
        "Name of the file (encrypted), numbers of rows, who handed it in",
    ),
    purpose=("取り込みの進みぐあいと結果を示す", "Shows how far an import is and what became of it"),
    retention=("2年", "Two years"),
    seen_by=("サービスの担当職員", "Staff of the service"),
)
class Import(Base):
    """One upload of one `kind`; its `uid` names the upload, its jobs and its pages.

    `status` goes from receiving and uploaded (its columns are to be named) over checking and checked to loading and done; refused
    (the file cannot be read), failed (we could not) and cancelled are ends too. `mapping` leads from a column's name to the heading
    in the file. `digest` is a keyed one: the same file twice is known without keeping it. `rows_read` counts how far the present
    stage has come.
    `trouble` is a code of what is wrong with the whole file, `error` the class and place of a fault of ours. Whoever works on it
    holds `lease_by` until `lease_until`. The file itself goes at `keep_until`.
    """

    __tablename__ = "imports"
    __table_args__ = (Index("ix_imports_kind_digest", "kind", "digest"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    name: Mapped[bytes] = mapped_column(Sealed("imports.name"))
    digest: Mapped[bytes]
    size: Mapped[int] = mapped_column(BigInteger)
    encoding: Mapped[str | None] = mapped_column(String(12))
    delimiter: Mapped[str | None] = mapped_column(String(1))
    mapping: Mapped[dict[str, str]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(10))
    rows: Mapped[int | None] = mapped_column(Integer)
    rows_read: Mapped[int] = mapped_column(Integer, default=0)
    rows_bad: Mapped[int] = mapped_column(Integer, default=0)
    added: Mapped[int] = mapped_column(Integer, default=0)
    changed: Mapped[int] = mapped_column(Integer, default=0)
    unchanged: Mapped[int] = mapped_column(Integer, default=0)
    trouble: Mapped[str | None] = mapped_column(String(60))
    error: Mapped[str | None] = mapped_column(String(240))
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    lease_by: Mapped[str | None] = mapped_column(String(36))
    lease_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    started_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    uploaded_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    started_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    keep_until: Mapped[dt.datetime] = mapped_column(Moment, index=True)


@kept(
    data=("取り込むファイルの中身（暗号化）", "The uploaded file (encrypted)"),
    purpose=("確認してから取り込む", "Read twice: to check, then to load"),
    retention=(
        "種類ごとの日数（初期値14日）。取り消すとすぐに削除",
        "Days set per kind (14 unless told otherwise); gone at once when cancelled",
    ),
    seen_by=("だれも見ない", "Nobody"),
)
class ImportPart(Base):
    """A piece of an uploaded file, encrypted as the row "uid/number"."""

    __tablename__ = "import_parts"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(Sealed("import_parts.content", row=("import_id.uid", "number")))


@kept(
    data=("誤りのある行と列、その内容（暗号化）", "Rows and columns that are wrong, and what stood there (encrypted)"),
    purpose=("ファイルを直せるようにする", "Lets staff mend the file"),
    retention=("ファイルと同じ", "As long as the file"),
    seen_by=("サービスの担当職員", "Staff of the service"),
)
class ImportFault(Base):
    """What is wrong with a column (`row` 0, `count` times) or with one row, numbered as a spreadsheet numbers it.

    `column` is the column's name in the kind, empty for the whole row. `found` is what stood there, encrypted as "uid/row/column";
    only the first thousand rows are kept, all are counted.
    """

    __tablename__ = "import_faults"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    row: Mapped[int] = mapped_column(Integer, primary_key=True)
    column: Mapped[str] = mapped_column(String(60), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    details: Mapped[dict[str, str]] = mapped_column(JSON)
    found: Mapped[bytes | None] = mapped_column(Sealed("import_faults.found", row=("import_id.uid", "row", "column")))
    count: Mapped[int] = mapped_column(Integer, default=1)


@kept(
    data=("前回のファイルの見出しと項目の対応", "Which headings stood for what the last time"),
    purpose=("次の取り込みの手間を省く", "Saves work the next time"),
    retention=("次の取り込みまで", "Until the next import of the kind"),
    seen_by=("サービスの担当職員", "Staff of the service"),
)
class ImportMapping(Base):
    """Which headings stood for which columns the last time a file of this kind was read."""

    __tablename__ = "import_mappings"

    kind: Mapped[str] = mapped_column(String(60), primary_key=True)
    mapping: Mapped[dict[str, str]] = mapped_column(JSON)
    used_at: Mapped[dt.datetime] = mapped_column(Moment)
