"""How the demo's residents have used their town's account: four weeks of talks, so that the charts show what they show."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from sqlalchemy import insert

from bot.flow.program import Program
from bot.models import FlowCount
from bot.now import TOKYO
from bot.sample import SampleContext
from bot.usage import CONTACT, What

DAYS = 28
BEGUN = {"tax.link": 14, "garbage.bulky": 11, "report.damage": 5, "covid.support": 7, "notices": 4}
"""How many begin each flow on a quiet day."""

WEEK = (1.3, 1.1, 1.0, 1.0, 1.2, 0.7, 0.5)
"""Monday is the busiest."""

LEAVING = (11, 6, 17, 9)
"""One of so many leaves at a question, by its place; most at the second, where they must look something up."""


def fill(context: SampleContext) -> None:
    """Enter the totals of the days before today."""
    today = context.now.astimezone(TOKYO).date()
    counts: Counter[tuple[dt.date, str, str, str]] = Counter()
    for back in range(1, DAYS):
        day = today - dt.timedelta(days=back)
        for number, (flow, quiet) in enumerate(BEGUN.items()):
            program = context.book.programs.get(flow)
            if program is not None:
                begun = round(quiet * WEEK[day.weekday()]) + (back * 7 + number * 3) % 4
                counts.update(_talks(day, program, begun, back))
    rows = [
        {"day": day, "flow": flow, "step": step, "what": what, "number": number}
        for (day, flow, step, what), number in sorted(counts.items())
        if number
    ]
    context.connection.execute(insert(FlowCount), rows)


def _talks(day: dt.date, program: Program, begun: int, back: int) -> Counter[tuple[dt.date, str, str, str]]:
    """Return what one day's talks of a flow add up to: at each question a few leave, the rest complete it."""
    flow, left = program.id, begun
    counts: Counter[tuple[dt.date, str, str, str]] = Counter({(day, flow, "", What.BEGUN): begun})
    for place, step in enumerate(program.questions):
        counts[(day, flow, step, What.REACHED)] = left
        leaving = (left + back % 5) // LEAVING[place % len(LEAVING)]
        stopped = min(left, leaving) * 2 // 3
        counts[(day, flow, step, What.STOPPED)] = stopped
        counts[(day, flow, step, What.EXPIRED)] = expired = min(left, leaving) - stopped
        counts[(day, flow, "", CONTACT)] += left
        left -= stopped + expired
    counts[(day, flow, "", CONTACT)] += begun
    counts[(day, flow, "", What.COMPLETED)] = left
    return counts
