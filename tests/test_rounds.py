"""The small recurring work of a process: it outlives faults, takes its time, and ends when the process does."""

from __future__ import annotations

from bot.rounds import Round, Rounds
from tests.product import PATIENCE, wait_until


def test_a_fault_in_one_round_keeps_no_other_from_going() -> None:
    def fails() -> None:
        raise RuntimeError("once more")

    gone: list[int] = []
    rounds = Rounds([Round("fails", 0, fails), Round("goes", 0, lambda: gone.append(1))])
    rounds.start()
    wait_until(lambda: len(gone) >= 2, PATIENCE, "the second round")
    rounds.stop()


def test_what_begins_later_waits_for_its_time() -> None:
    order: list[str] = []
    rounds = Rounds(
        [Round("later", 0, lambda: order.append("later"), first=5), Round("now", 0, lambda: order.append("now"))]
    )
    rounds.start()
    wait_until(lambda: "later" in order, PATIENCE, "the later one")
    rounds.stop()
    assert order[0] == "now"
