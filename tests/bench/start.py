"""How fast it is there: a web process from its start until it is ready, and the command line's help.

Run: python -m tests.bench.start [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import time

from tests.bench.bots import GUNICORN, our_environment
from tests.bench.push import database_of
from tests.product import ROOT, listens, wait_until

NOBODY = "http://127.0.0.1:9"


def ready(engine: str) -> float:
    """Return the seconds from starting gunicorn until /readyz says yes, with the shipped flows and all services."""
    with database_of(engine) as url:
        environment = our_environment(NOBODY, url, 1) | {
            "MADOGUCHI_FLOWS": str(ROOT / "flows"),
            "MADOGUCHI_SERVICES": "handlers",
        }
        upgrade = [sys.executable, "-m", "bot.cli", "db", "upgrade"]
        subprocess.run(upgrade, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        _until_ready(environment)  # the first start of all publishes the flows
        return _until_ready(environment)


def _until_ready(environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    command = [GUNICORN, "--config", "python:bot.serve", "bot.app:from_environment()"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_until(lambda: listens(int(environment["PORT"])), 30, "the web process")
        return time.perf_counter() - begun
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def help_shown() -> float:
    """Return the seconds that `madoguchi --help` takes."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bot.cli", "--help"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    for engine in ("sqlite", "postgres"):
        times = [ready(engine) for _ in range(rounds)]
        sys.stdout.write(f"ready on {engine}: {statistics.median(times):.2f} s (median of {rounds}; wanted < 2)\n")
    times = [help_shown() for _ in range(rounds)]
    sys.stdout.write(f"madoguchi --help: {statistics.median(times):.2f} s (wanted < 0.3)\n")


if __name__ == "__main__":
    main()
