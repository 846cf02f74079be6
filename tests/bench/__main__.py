"""All measurements, one after the other, each in a process of its own: `make bench`."""

from __future__ import annotations

import subprocess
import sys

MEASUREMENTS = ("flow", "simulator", "push")
MINUTES = 10


def main() -> int:
    """Run every measurement and return how many did not end well."""
    failed = 0
    for name in MEASUREMENTS:
        sys.stdout.write(f"\n{name}\n")
        sys.stdout.flush()
        ended = subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False, timeout=MINUTES * 60)
        failed += ended.returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
