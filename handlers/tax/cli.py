"""`madoguchi tax`: what the tax office does on its own machines, without this installation's database or settings."""

from __future__ import annotations

import base64
import binascii
import codecs
import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli import stop

if TYPE_CHECKING:
    from bot.imports import RowFault
    from bot.imports.examine import Examined

PREPARED = (
    "key", "code_hash", "birth_hash", "plate_hash", "payment_hash", "tax_year", "kind", "amount", "due_on",
    "el_agency", "el_payment", "el_confirmation", "el_category", "form",
)  # fmt: skip
"""The columns of a prepared file, as the kind tax.prepared takes them."""

MOST_TOLD = 200


@click.group()
def tax() -> None:
    """Prepare tax notices where they are, so that birth dates stay there."""


@tax.command("key")
def print_key() -> None:
    """Print the key with which the tax office prepares its files; it is made from LOOKUP_KEYS and opens nothing."""
    from bot.crypto import derive
    from handlers.tax.records import PURPOSE

    newest = (os.environ.get("LOOKUP_KEYS") or "").split(",")[0].strip()
    if not newest:
        stop("LOOKUP_KEYS is not set: run this where Madoguchi runs.", 2)
    key = _key(newest, "LOOKUP_KEYS")
    click.echo(base64.urlsafe_b64encode(derive(key, PURPOSE)).decode().rstrip("="))


@tax.command("prepare")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "key_file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="File with what `madoguchi tax key` printed.")  # fmt: skip
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write the prepared file."
)
@click.option("--column", "columns", multiple=True, metavar="NAME=HEADING",
              help="Which heading of the file holds a column (due_on=納期), where it is not found by itself.")  # fmt: skip
@click.option("--skip-bad", is_flag=True, help="Write the good rows although others are bad.")
def prepare(source: Path, key_file: Path, out: Path, columns: Sequence[str], skip_bad: bool) -> None:
    """Write a file for the import in which code, birth date and plate are keyed hashes; needs no network and no database."""
    key = _key(_text_of(key_file), str(key_file))
    if out.resolve() in {source.resolve(), key_file.resolve()}:
        stop(f"--out {out} は元のファイルです。別の名前にしてください。", 2)
    unfinished = out.with_name(f"{out.name}.part")
    try:
        good, bad = _write(unfinished, key, _examined(source, dict(_pairs(columns))))
        if bad and not skip_bad:
            stop(
                f"{bad}行に誤りがあるため、何も書き出していません。直すか、--skip-bad でよい行だけを書き出してください。"
            )
        if not good and not bad:
            stop("見出しだけで、データの行がありません。何も書き出していません。")
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"{out}: {good}件の通知を書き出しました。" + (f"誤りのある{bad}行は除きました。" if bad else ""))


def _write(target: Path, key: bytes, rows: Iterable[Examined]) -> tuple[int, int]:
    """Write the good rows, tell what is wrong with the others by row and column, and return how many there are of each."""
    from bot.crypto import Lookup, key_id

    lookup, name = Lookup([key]), key_id(key).hex()
    good = bad = told = 0
    with target.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(PREPARED)
        for examined in rows:
            if examined.faults:
                bad += 1
                told = _tell(examined.faults, told)
            else:
                good += 1
                writer.writerow(_line(lookup, name, examined.row.values))
    if told > MOST_TOLD:
        click.echo(f"ほかに {told - MOST_TOLD} か所", err=True)
    return good, bad


def _tell(faults: Iterable[RowFault], told: int) -> int:
    from bot.imports import sentences
    from handlers.tax.files import NOTICES

    for fault in faults:
        told += 1
        if told <= MOST_TOLD:
            column = NOTICES.column(fault.column)
            place = column.label["ja"] if column else "-"
            click.echo(f"{fault.row}: {place}: {sentences.fault(NOTICES, fault.code, fault.details, 'ja')}", err=True)
    return told


def _examined(source: Path, mapping: Mapping[str, str]) -> Iterator[Examined]:
    """Yield the rows of the tax office's file; end with a sentence where it is no such file."""
    from bot.imports import sentences, sheet
    from bot.imports.examine import Examiner
    from handlers.tax.files import NOTICES, check_notice

    try:
        with source.open("rb") as opened:
            encoding = sheet.encoding_of(iter(lambda: opened.read(1 << 18), b""))
        with source.open("rb", buffering=0) as opened:
            delimiter = sheet.delimiter_of(opened, encoding)
        with source.open("rb", buffering=0) as opened:
            rows = sheet.records(opened, encoding, delimiter)
            headings = sheet.named(next(rows, sheet.Record(1, [])).cells)
            at = sheet.places(headings, _columns(headings, mapping))
            yield from Examiner(NOTICES, at, len(headings), check_notice).examine(rows)
    except sheet.Unusable as error:
        stop(sentences.trouble(error.trouble, "ja"))


def _columns(headings: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Return which heading holds each column: as told, or by its name."""
    from bot.imports.kind import fold_heading
    from handlers.tax.files import NOTICES

    unknown = sorted(set(mapping) - {column.name for column in NOTICES.columns})
    if unknown:
        stop(f"There is no column {', '.join(unknown)}: {', '.join(column.name for column in NOTICES.columns)}.", 2)
    found = {
        column.name: heading
        for column in NOTICES.columns
        for heading in headings
        if fold_heading(heading) in column.headings
    }
    found.update(mapping)
    missing = [column.label["ja"] for column in NOTICES.columns if column.required and column.name not in found]
    if missing:
        stop(f"見出しが見つかりません：{'、'.join(missing)}。--column 名前=見出し で指定してください。")
    return found


def _line(lookup: Any, key: str, values: Mapping[str, Any]) -> list[object]:
    from handlers.tax.records import record_of

    record = record_of(lookup, values)
    hashes = (record.hashes.code, record.hashes.birth, record.hashes.plate, record.hashes.payment)
    el = ["", "", "", ""] if record.el is None else [*record.el.as_values().values()]
    about = [record.tax_year, record.kind, record.amount, record.due_on.isoformat()]
    return [key, *(found.hex() if found else "" for found in hashes), *about, *el, record.form]


def _pairs(given: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [pair.partition("=") for pair in given]
    if any(not name or not heading for name, _, heading in pairs):
        stop("--column is written NAME=HEADING, such as due_on=納期", 2)
    return [(name, heading) for name, _, heading in pairs]


def _text_of(key_file: Path) -> str:
    """Return what stands in a small file, as a shell or an editor of Windows may have saved it."""
    content = key_file.read_bytes()[:1000]
    encoding = "utf-16" if content[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else "utf-8-sig"
    return content.decode(encoding, errors="replace").strip()


def _key(text: str, where: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        stop(f"{where} holds no key of 32 bytes in base64.", 2)
    return key
