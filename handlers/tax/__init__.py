"""Vehicle tax (自動車税・軽自動車税): reminders before the due date."""

from bot.flow.book import Book
from bot.service import Service
from handlers.tax.actions import ACTIONS
from handlers.tax.dates import due_days
from handlers.tax.jobs import JOBS, NOTICE
from handlers.tax.owndata import own_data


def check(book: Book) -> list[str]:
    """Return what is missing: the reminder's words, or the due dates in town.yaml."""
    missing = (
        [] if NOTICE in book.programs else [f"there is no flow called {NOTICE}: it holds the words of the reminder"]
    )
    try:
        due_days(book.town.town)
    except ValueError as error:
        missing.append(str(error))
    return missing


service = Service("tax", ACTIONS, JOBS, check, own_data=own_data)
