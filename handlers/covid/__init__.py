"""An infectious disease: advice and follow-up of people's health, visits to facilities and notices of exposure."""

from bot.flow.book import Book
from bot.service import Service
from handlers.covid import rules
from handlers.covid.actions import ACTIONS
from handlers.covid.centres import CENTRES
from handlers.covid.exposures import CORRECTION, NOTICE, TASKS
from handlers.covid.jobs import JOBS, QUESTION, RELEASE
from handlers.covid.owndata import own_data


def check(book: Book) -> list[str]:
    """Return what is missing: the words of a message that the town sends, or a row of the tables."""
    words = (QUESTION, RELEASE, NOTICE, CORRECTION)
    missing = [
        f"there is no flow called {flow}: it holds the words of a message"
        for flow in words
        if flow not in book.programs
    ]
    return missing + rules.missing(book)


service = Service(
    "covid",
    ACTIONS,
    JOBS,
    check,
    TASKS,
    own_data=own_data,
    imports=[CENTRES],
    pages="handlers.covid.pages",
    public="handlers.covid.web",
    sample="handlers.covid.sample",
    title="感染症",
)
