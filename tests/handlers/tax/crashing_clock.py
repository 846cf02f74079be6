"""A clock of a process that dies by SIGKILL in the middle of the second page of a send: `python -m … <moment as ISO>`."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import signal
import sys
from typing import Any

from bot.config import read_settings
from bot.now import Now
from bot.runtime import Runtime
from handlers.tax import sends


def main(moment: str) -> None:
    """Visit what is due at `moment`, and die in the second page: its rows are written and not committed."""
    sends.ROWS_A_COMMIT = 2
    count, write_page = itertools.count(1), sends._send_some

    def dying(*arguments: Any) -> None:
        write_page(*arguments)
        if next(count) == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    vars(sends)["_send_some"] = dying
    now = Now(dt.datetime.fromisoformat(moment) - dt.datetime.now(dt.UTC))
    Runtime(read_settings(os.environ), now).clock.visit_due()


if __name__ == "__main__":
    main(sys.argv[1])
