"""`madoguchi tax prepare`: the tax office hashes where the data is, without a database, settings or the look-up keys themselves."""

from __future__ import annotations

import base64
import csv as csv_module
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.crypto import Lookup, new_key
from bot.db import Database
from bot.flow.book import Book
from handlers.tax.files import PREPARED
from tests.handlers.tax.conftest import Town, csv, line
from tests.imports import loading
from tests.product import ROOT


def madoguchi(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing in its environment but what is given."""
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=180,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment},
    )  # fmt: skip


@pytest.fixture
def lookup_key() -> str:
    return new_key()


@pytest.fixture
def key_file(tmp_path: Path, lookup_key: str) -> Path:
    """What the office that runs Madoguchi hands to the tax office."""
    told = madoguchi("tax", "key", LOOKUP_KEYS=lookup_key)
    assert told.returncode == 0, told.stderr
    path = tmp_path / "import.key"
    path.write_text(told.stdout)
    return path


def prepare(folder: Path, key_file: Path, body: bytes, *more: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    source, out = folder / "notices.csv", folder / "prepared.csv"
    source.write_bytes(body)
    return madoguchi("tax", "prepare", str(source), "--key", str(key_file), "--out", str(out), *more), out


def test_neither_code_nor_birth_date_nor_plate_leaves_the_tax_office(tmp_path: Path, key_file: Path) -> None:
    ended, out = prepare(tmp_path, key_file, csv(line("12345678"), line("23456789")))
    assert ended.returncode == 0, ended.stderr
    with out.open(encoding="utf-8", newline="") as opened:
        rows = list(csv_module.DictReader(opened))
    assert len(rows) == 2
    for row in rows:
        hashes = [row.pop(name) for name in ("code_hash", "birth_hash", "plate_hash", "payment_hash")]
        assert all(len(bytes.fromhex(found)) == 32 for found in hashes)
        assert len(bytes.fromhex(row.pop("key"))) == 4
        assert row.pop("el_payment") in {f"{12345678:020}", f"{23456789:020}"}  # what the resident pays with
        assert row == {
            "tax_year": "2027", "kind": "自動車税種別割", "amount": "34500", "due_on": "2027-05-31", "el_agency": "13800",
            "el_confirmation": "123456", "el_category": "1234567890", "form": "paper",
        }  # fmt: skip


WATCHED = """
import sys
def refuse(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.bind", "sqlite3.connect"}:
        raise SystemExit(f"touched: {event} {arguments}")
sys.addaudithook(refuse)
from bot.cli import main
main()
"""


def test_preparing_touches_neither_network_nor_database(tmp_path: Path, key_file: Path) -> None:
    source, out = tmp_path / "notices.csv", tmp_path / "prepared.csv"
    source.write_bytes(csv(line("12345678")))
    command = [sys.executable, "-c", WATCHED, "tax", "prepare", str(source), "--key", str(key_file), "--out", str(out)]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert (ended.returncode, "touched" in ended.stderr) == (0, False), ended.stderr
    assert out.exists()


DIRTY = """連携コード,氏名,生年月日,登録番号,年度,税目,年税額,納期限,収納機関番号,納付番号,確認番号,納付区分,紙・電子
１２３４－５６７８,髙﨑①,Ｓ５５．３．１,川崎500あ・・12,令和８年度,自動車税,"34,500円",R8.5.31,13800,="00001234",123456,1,紙
23456789,"森
下",昭和55年3月1日,,R8,軽自動車税（種別割）,"１，２３４円",令和8年5月31日,,,,,電子
"""
"""As tax systems write it: letters of CP932's own, full width, eras, a line break in a name, zeros kept from a spreadsheet."""


@pytest.mark.parametrize("encoding", ["cp932", "utf-8-sig", "utf-16"])
def test_a_file_is_read_as_tax_systems_write_it(tmp_path: Path, key_file: Path, encoding: str) -> None:
    ended, out = prepare(tmp_path, key_file, (DIRTY.replace("\n", "\r\n") + "\x1a").encode(encoding))
    assert ended.returncode == 0, ended.stderr
    with out.open(encoding="utf-8", newline="") as opened:
        rows = list(csv_module.DictReader(opened))
    told = [(row["tax_year"], row["amount"], row["due_on"], row["el_payment"], row["form"]) for row in rows]
    assert told == [
        ("2026", "34500", "2026-06-01", "00001234", "paper"),
        ("2026", "1234", "2026-06-01", "", "electronic"),
    ]
    assert [row["plate_hash"] != "" for row in rows] == [True, False]


def test_the_key_handed_out_is_not_the_look_up_key(key_file: Path, lookup_key: str) -> None:
    assert key_file.read_text().strip() != lookup_key


def test_a_prepared_file_is_taken_and_its_notices_are_linked_as_ever(
    tmp_path: Path, key_file: Path, lookup_key: str, database: Database, shipped_book: Book
) -> None:
    _, out = prepare(tmp_path, key_file, csv(line("12345678")))
    lookup = Lookup([base64.urlsafe_b64decode(lookup_key + "=")])
    town = Town(database, shipped_book, lookup=lookup)
    assert town.hand_in(PREPARED, out.read_bytes()).added == 1
    assert town.notices(line("12345678")).unchanged == 1  # the same notice, brought in the other way
    [hanako] = town.residents(1)
    assert town.link(hanako, "12345678").outcome == "linked"


def test_a_file_prepared_with_another_installations_key_is_not_taken(
    tmp_path: Path, key_file: Path, database: Database, shipped_book: Book
) -> None:
    _, out = prepare(tmp_path, key_file, csv(line("12345678")))
    town = Town(database, shipped_book)
    checked = loading.checked(town.database, PREPARED, out.read_bytes(), town=town.town)
    assert (checked.rows, checked.rows_bad) == (1, 1), "staff hear of it before they start"
    assert town.hand_in(PREPARED, out.read_bytes()).added == 0
    assert town.rows() == []


def test_bad_rows_are_told_by_row_and_column_and_nothing_is_written(tmp_path: Path, key_file: Path) -> None:
    body = csv(line("12345678"), line("1234"), line("34567890", due="R8.13.1"))
    ended, out = prepare(tmp_path, key_file, body)
    assert ended.returncode == 1
    assert not out.exists()
    assert "3: 連携コード: " in ended.stderr
    assert "4: 納期限: " in ended.stderr
    assert "1234" not in ended.stderr.replace("12345678", "")
    again, out = prepare(tmp_path, key_file, body, "--skip-bad")
    assert again.returncode == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 2


def test_headings_of_another_system_are_told_by_hand(tmp_path: Path, key_file: Path) -> None:
    body = csv(line("12345678")).replace("納期限".encode("cp932"), "期日".encode("cp932"))
    ended, _ = prepare(tmp_path, key_file, body)
    assert ended.returncode == 1
    assert "納期限" in ended.stderr
    assert prepare(tmp_path, key_file, body, "--column", "due_on=期日")[0].returncode == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_key_saved_by_an_editor_or_a_shell_of_windows_is_read(tmp_path: Path, key_file: Path, encoding: str) -> None:
    key_file.write_text(key_file.read_text(), encoding=encoding)
    ended, _ = prepare(tmp_path, key_file, csv(line("12345678")))
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("name", ["notices.csv", "import.key"])
def test_the_tax_offices_own_files_are_never_written_over(tmp_path: Path, key_file: Path, name: str) -> None:
    body = csv(line("12345678"))
    (tmp_path / "notices.csv").write_bytes(body)
    before = (tmp_path / name).read_bytes()
    arguments = ("prepare", str(tmp_path / "notices.csv"), "--key", str(key_file), "--out", str(tmp_path / name))
    ended = madoguchi("tax", *arguments)
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert (tmp_path / name).read_bytes() == before


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "空です"),
        (csv(), "データの行がありません"),
        (b"PK\x03\x04workbook", "表計算ソフトのブック"),
        (b"\0\1\2", "文字のファイルではありません"),
    ],
)
def test_what_is_no_table_is_told_in_a_sentence(tmp_path: Path, key_file: Path, body: bytes, told: str) -> None:
    ended, out = prepare(tmp_path, key_file, body)
    assert (ended.returncode, told in ended.stderr, "Traceback" in ended.stderr) == (1, True, False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["import.key", "notices.csv"]
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "environment"), [(("tax", "key"), {}), (("tax", "key"), {"LOOKUP_KEYS": "short"})]
)
def test_a_missing_key_is_told_in_a_sentence(arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    ended = madoguchi(*arguments, **environment)
    assert ended.returncode == 2
    assert "LOOKUP_KEYS" in ended.stderr
    assert "Traceback" not in ended.stderr
