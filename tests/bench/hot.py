"""The hot path, side by side with the yardstick in one run: answered events a second, latency, processor time, memory.

Run: python -m tests.bench.hot [--seconds 6] [--rounds 2] [--only PART] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from tests.bench.bots import OUR_FORM, Bot, ours, yardstick
from tests.bench.case import Case, Start, measure
from tests.bench.plot import latency_plot
from tests.bench.walk import YARDSTICK

RATES = (100.0, 200.0, 400.0, 600.0, 800.0)


def _ours(engine: str, workers: int) -> Start:
    def start(line: str, extra: Mapping[str, str]) -> AbstractContextManager[Bot]:
        return ours(line, engine, workers, extra)

    return start


def _yardstick(variant: str) -> Start:
    def start(line: str, _extra: Mapping[str, str]) -> AbstractContextManager[Bot]:
        return yardstick(line, variant)

    return start


SQLITE, POSTGRES = _ours("sqlite", 1), _ours("postgres", 2)
ONE_ACCOUNT = replace(OUR_FORM, accounts=OUR_FORM.accounts[:1])
sqlite = partial(Case, form=OUR_FORM, start=SQLITE)
postgres = partial(Case, form=OUR_FORM, start=POSTGRES)

ALTERNATING = (
    sqlite("sqlite"),
    Case("yardstick wal", YARDSTICK, _yardstick("wal"), together=20),
    postgres("postgres"),
    Case("yardstick postgres", YARDSTICK, _yardstick("postgres"), together=20),
    Case("yardstick delete", YARDSTICK, _yardstick("delete"), together=20),
)
"""Measured in turn, several times: what else the machine does then weighs on all alike."""

ONCE = (
    sqlite("sqlite one account", form=ONE_ACCOUNT),
    sqlite("sqlite ten in a webhook", size=10, together=400),
    sqlite("sqlite fifty in a webhook", size=50, together=1000),
    sqlite("sqlite 50 ms of LINE", latency=0.05),
    sqlite("sqlite TLS", tls=True),
    sqlite("sqlite duplicates", duplicates=0.05),
    sqlite("sqlite one web process at 100/s", rate=100.0),
    postgres("postgres ten in a webhook", size=10, together=400),
    postgres("postgres at 100/s", rate=100.0),
)


def main() -> None:
    """Read the arguments, measure, and write table, JSON and plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", default="", help="the names of the cases to measure, comma-separated")
    parser.add_argument("--out", type=Path, help="a folder for hot.json and latency.svg")
    parser.add_argument("--plot", action="store_true", help="measure latency against rate, too")
    arguments = parser.parse_args()
    figures: dict[str, list[dict[str, Any]]] = {}
    for cases, rounds in ((ALTERNATING, arguments.rounds), (ONCE, 1)):
        for case in [
            case
            for _ in range(rounds)
            for case in cases
            if case.name in arguments.only.split(",") or not arguments.only
        ]:
            seen = measure(case, arguments.seconds)
            figures.setdefault(case.name, []).append(seen)
            sys.stdout.write(f"{line_of(case.name, seen)}\n")
            sys.stdout.flush()
    sys.stdout.write("\n".join(ratios(figures)) + "\n")
    curves = {}
    if arguments.plot:
        for name, make in (("SQLite, one process", sqlite), ("PostgreSQL, two web processes", postgres)):
            curves[name] = [(rate, measure(make(name, rate=rate), arguments.seconds)["answer_ms"]) for rate in RATES]
        wal = partial(Case, form=YARDSTICK, start=_yardstick("wal"))
        curves["yardstick (WAL)"] = [
            (rate, measure(wal("wal", rate=rate), arguments.seconds)["answer_ms"]) for rate in RATES[:3]
        ]
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "hot.json").write_bytes(
            orjson.dumps({"cases": figures, "curves": curves}, option=orjson.OPT_INDENT_2)
        )
        if curves:
            (arguments.out / "latency.svg").write_text(latency_plot(curves), encoding="utf-8")


def line_of(name: str, seen: dict[str, Any]) -> str:
    """Return one line of the table."""
    answer, acknowledge = seen["answer_ms"], seen["acknowledge_ms"]
    return (
        f"{name:32} {seen['answered_per_second']:>8,.0f}/s answered {seen['acknowledged_per_second']:>8,.0f}/s acknowledged"
        f"  reply p50 {answer.get('p50')} p95 {answer.get('p95')} p99 {answer.get('p99')} ms, ack p99 {acknowledge.get('p99')} ms"
        f"  {seen['cpu_ms_per_event']:.2f} ms CPU/event  PSS {seen['pss_mib']} MiB"
        f"  lost {seen['lost']} doubled {seen['doubled']} disorder {seen['out_of_order']} pushed {seen['pushed']}"
        f" 503 {seen['refused']} wrong {seen['wrong']}"
    )


def ratios(figures: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Return what is promised, as ratios of medians of this very run."""

    def rate(name: str) -> float:
        return float(statistics.median(seen["answered_per_second"] for seen in figures[name]))

    pairs = (
        ("sqlite", "yardstick wal", "at least 2.5"),
        ("postgres", "yardstick postgres", "at least 3"),
        ("sqlite ten in a webhook", "sqlite", "at least 1.5"),
        ("postgres ten in a webhook", "postgres", "at least 1.3"),
        ("sqlite 50 ms of LINE", "sqlite", "more than 0.8"),
        ("sqlite TLS", "sqlite", "more than 0.8"),
    )
    return [
        f"{first} : {second} = {rate(first) / rate(second):.2f} ({wanted})"
        for first, second, wanted in pairs
        if first in figures and second in figures
    ]


if __name__ == "__main__":
    main()
