"""The record says what is true: nobody may be taken to have read what never reached them."""

from __future__ import annotations

from bot.desk import record, taking, writing
from tests.desk.conftest import DeskTown
from tests.product import PATIENCE, wait_until


def test_the_record_does_not_pass_off_as_read_what_never_arrived(town: DeskTown) -> None:
    person, number = town.arrive()
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
    try:
        town.product.line.fault("400", "push", times=None)
        with town.desk() as desk:
            writing.send(desk, number, town.kana, "断られた言葉")
        wait_until(lambda: town.said(number)[0].delivery == "failed", PATIENCE, "the refusal to be known")
    finally:
        town.product.line.clear_faults()
    person.block()
    wait_until(lambda: town.entry(number).blocked, PATIENCE, "the desk to know")
    with town.desk() as desk:
        writing.send(desk, number, town.kana, "見えない言葉")
    wait_until(lambda: town.said(number)[1].delivery == "blocked", PATIENCE, "how it travels")
    with town.desk() as desk:
        text = record.transcript(desk, number)
    assert "断られた言葉（届いていません）" in text
    assert "見えない言葉（届いていません）" in text
