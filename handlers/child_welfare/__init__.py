"""Consultation about children and families: how urgent one is, its fact sheet, its numbers. The talking is the desk's."""

from bot.consulting import Consulting
from bot.flow.book import Book
from bot.service import Service
from handlers.child_welfare.numbers import JOBS, count
from handlers.child_welfare.sheet import BODIES, FIELDS
from handlers.child_welfare.triage import faults, names, urgency

INTAKE = "child_welfare.intake"


def check(book: Book) -> list[str]:
    """Return what is missing: the intake, the rules of urgency, the danger words, an office."""
    missing = [] if INTAKE in book.programs else [f"there is no flow called {INTAKE}"]
    if book.danger_of(INTAKE) is None:
        missing.append("there are no danger words for child_welfare: write a file with danger: child_welfare")
    return [*missing, *faults(book)]


service = Service(
    "child_welfare",
    title="こども家庭相談",
    jobs=JOBS,
    check=check,
    consulting=Consulting(urgency, names, FIELDS, BODIES, count),
    pages="handlers.child_welfare.pages",
    sample="handlers.child_welfare.sample",
)
