"""All measurements, one after the other, each in a process of its own: `make bench`, or some by name."""

from __future__ import annotations

import subprocess
import sys

MEASUREMENTS = (
    "start",
    "flow",
    "simulator",
    "hot",
    "push",
    "alert",
    "covid",
    "imports",
    "desk",
    "console",
    "flood",
    "growth",
    "scale",
)
MINUTES = 30


def main() -> int:
    """Run every measurement and return how many did not end well."""
    failed = 0
    for name in sys.argv[1:] or MEASUREMENTS:
        sys.stdout.write(f"\n{name}\n")
        sys.stdout.flush()
        ended = subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False, timeout=MINUTES * 60)
        failed += ended.returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
