"""Vehicle tax (自動車税・軽自動車税): notices that residents link, how to pay them, reminders, and what was paid."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.flow.book import Book
from bot.service import Service
from handlers.tax import wording
from handlers.tax.actions import ACTIONS
from handlers.tax.ahead import AHEAD
from handlers.tax.dates import due_days
from handlers.tax.files import KINDS
from handlers.tax.jobs import JOBS
from handlers.tax.kinds import check_names
from handlers.tax.linking import release
from handlers.tax.owndata import own_data
from handlers.tax.reading import el_digits
from handlers.tax.retention import days_kept
from handlers.tax.schedule import read_schedule

_SETTINGS: tuple[Callable[[Mapping[str, Any]], object], ...] = (
    due_days,
    check_names,
    read_schedule,
    days_kept,
    el_digits,
)


def check(book: Book) -> list[str]:
    """Return what is missing or wrong: the reminders' words, the due dates and stages in town.yaml."""
    missing = []
    for read in _SETTINGS:
        try:
            read(book.town.town)
        except ValueError as error:
            missing.append(str(error))
    return missing + wording.check(book)


service = Service(
    "tax",
    ACTIONS,
    JOBS,
    check,
    own_data=own_data,
    release=release,
    imports=KINDS,
    ahead=AHEAD,
    pages="handlers.tax.pages",
    sample="handlers.tax.sample",
    title="自動車税",
)
