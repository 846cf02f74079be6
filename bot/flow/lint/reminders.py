"""Reminders: each says when and what, comes to an end, is about a known topic, and a notice that is sent later only speaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.flow.filters import as_date
from bot.flow.leaves import close
from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import AskOp, BeginOp, DoOp, Given, Program, RemindOp
from bot.flow.reminding import service_of
from bot.flow.source import Path
from bot.flow.timing import MORNING, NIGHT, weekdays

_DAY = 86400


def check(page: Page) -> Iterator[Problem]:
    """Yield what is wrong with the reminders of a flow, and with stopping them."""
    yield from _topic(page, ("topic",), page.program.flow.topic)
    secret = {op.variable for op in page.ops if isinstance(op, AskOp) and op.secret}
    for index, op in enumerate(page.ops):
        if isinstance(op, RemindOp) and "." not in op.name:
            path = page.notes.spots[index]
            for rule in (_when, _length, _days, _clock, _dates, _what):
                yield from rule(page, path, op)
            yield from _topic(page, (*path, "topic"), op.topic)
            yield from _discreet(page, path, op, secret)
    yield from _stopped(page)


def _when(page: Page, path: Path, op: RemindOp) -> Iterator[Problem]:
    if op.at is not None and op.after is not None:
        ja, en = "at と after のどちらか一つを書きます。", "Write either at or after."
        yield page.problem("remind_when", (*path, "after"), ja, en, key=True)
    elif op.at is None and op.after is None and op.every is None:
        ja = "いつ知らせるかがありません。at（日付）、after（3 days など）、every（day など）のどれかを書いてください。"
        en = "It does not say when: write at (a date), after (3 days) or every (day)."
        yield page.problem("remind_when", (*path, "remind"), ja, en, key=True)


def _length(page: Page, path: Path, op: RemindOp) -> Iterator[Problem]:
    if op.every is not None and op.until is None:
        ja = "いつまでも届き続けます。until: に最後の日を書いてください（例 until: today|plus_days(30)）。"
        en = "It would never end: write the last day as until (such as until: today|plus_days(30))."
        yield page.problem("endless_reminder", (*path, "every"), ja, en, key=True)
    if op.on is not None and op.every != "week":
        ja, en = "on（曜日）は every: week と組で使います。", "on (days of the week) belongs to every: week."
        yield page.problem("on_alone", (*path, "on"), ja, en, key=True)
    if op.every is None and op.until is not None:
        ja, en = "until は every（くり返し）と組で使います。", "until belongs to every."
        yield page.problem("until_alone", (*path, "until"), ja, en, key=True)


def _days(page: Page, path: Path, op: RemindOp) -> Iterator[Problem]:
    if op.on is None or op.on.expression is not None or weekdays(op.on.constant) is not None:
        return
    named = op.on.constant if isinstance(op.on.constant, list) else [op.on.constant]
    wrong = next(str(each) for each in named if weekdays(each) is None)
    ja = f"「{wrong}」は曜日として読めません。[月, 木] か [mon, thu] のように、半角の「, 」で区切って書いてください。"
    en = f"“{wrong}” is no day of the week: write [mon, thu] or [月, 木], with ordinary commas."
    yield page.problem("no_weekday", (*path, "on"), ja, en)


def _clock(page: Page, path: Path, op: RemindOp) -> Iterator[Problem]:
    if op.time is None:
        return
    if op.after is not None and op.after % _DAY:
        ja = "after が時間や分のときは、time は使えません。どちらか一つにしてください。"
        yield page.problem("time_unused", (*path, "time"), ja, "time cannot be used with hours or minutes.", key=True)
    elif op.quiet is None and not MORNING.strftime("%H:%M") <= op.time < NIGHT.strftime("%H:%M"):
        ja = (
            "夜9時から朝8時のあいだは送らないので、朝8時に送ります。前の晩に送るときは quiet: before と書いてください。"
        )
        en = "Nothing is sent from 21:00 to 8:00: it goes at 8:00. Write quiet: before to send it the evening before."
        yield page.problem("night_reminder", (*path, "time"), ja, en, severity="warning")


def _dates(page: Page, path: Path, op: RemindOp) -> Iterator[Problem]:
    for key, given in (("at", op.at), ("until", op.until)):
        value = _constant(given)
        if given is None or value is None:
            continue
        day = as_date(value)
        if day is None:
            ja = f"「{key}」の「{value}」は日付として読めません。2026-05-31 や、due|plus_days(-7) のように書きます。"
            en = f"“{value}” is no date: write 2026-05-31, or an expression such as due|plus_days(-7)."
            yield page.problem("no_date", (*path, key), ja, en)
        elif page.today is not None and day < page.today and (key == "until" or op.every is None):
            ja = f"{day.isoformat()} はもう過ぎているため、届きません。"
            yield page.problem("past_date", (*path, key), ja, f"{day.isoformat()} has passed: nothing would be sent.")
    first, last = as_date(_constant(op.at)), as_date(_constant(op.until))
    if first is not None and last is not None and last < first:
        ja, en = "until が at より前の日です。", "until is a day before at."
        yield page.problem("past_date", (*path, "until"), ja, en)


def _constant(given: Given | None) -> Any:
    if given is None:
        return None
    if given.expression is None:
        return given.constant
    return given.expression.value({}) if given.expression.constant else None


def _what(page: Page, path: Path, op: RemindOp) -> Iterator[Problem]:
    if bool(op.items) == (op.flow is not None):
        ja = "何を伝えるかを、say（文章）か start（伝えるだけのフロー）のどちらか一つで書きます。"
        en = "Write what it says: either say (a text), or start (a flow that only speaks)."
        yield page.problem("remind_what", (*path, "remind"), ja, en, key=True)
    if op.buttons and not op.items:
        ja, en = "buttons は say の下に出ます。say がありません。", "buttons stand below say, and there is none."
        yield page.problem("buttons_alone", (*path, "buttons"), ja, en, key=True)
    target = None if op.flow is None else page.book.programs.get(op.flow)
    if target is not None:
        yield from _notice(page, path, op, target)


def _notice(page: Page, path: Path, op: RemindOp, target: Program) -> Iterator[Problem]:
    for other in target.ops:
        if isinstance(other, AskOp | DoOp | BeginOp | RemindOp):
            ja = (
                f"「{target.id}」は、伝えるだけのフローではありません（「{other.name}」でたずねたり処理したりします）。"
            )
            en = f"“{target.id}” does more than speak (at “{other.name}”)."
            remedy = ("質問や処理は、ボタンの start: で始めてください。", "Begin questions from a button with start:.")
            yield page.problem("notice_acts", (*path, "start"), ja, en, remedy)
            break
    wanted = target.flow.variables
    for name in (name for name in wanted if name not in op.arguments):
        ja, en = f"「{target.id}」には with: に「{name}」が必要です。", f"“{target.id}” needs “{name}” in with:."
        yield page.problem("missing_argument", (*path, "start"), ja, en)
    for name in (name for name in op.arguments if name not in wanted):
        meant = close(name, wanted)
        ja, en = (
            f"「{target.id}」は「{name}」を受け取りません。{meant[0]}",
            f"“{target.id}” takes no “{name}”.{meant[1]}",
        )
        yield page.problem("unknown_argument", (*path, "with", name), ja, en, key=True)


def _topic(page: Page, path: Path, topic: str | None) -> Iterator[Problem]:
    known = page.book.town.topics
    if topic is None or topic in known:
        return
    meant = close(topic, known)
    ja = f"「{topic}」というお知らせの種類は town.yaml の topics: にありません。{meant[0]}"
    en = f"“{topic}” is not among topics: in town.yaml.{meant[1]}"
    remedy = (
        f"topics: に「{topic}: {{ja: 題名, …}}」を加えてください。",
        f"Add “{topic}: {{ja: …, en: …}}” to topics:.",
    )
    yield page.problem("unknown_topic", path, ja, en, remedy)


def _discreet(page: Page, path: Path, op: RemindOp, secret: set[str]) -> Iterator[Problem]:
    used = op.needs | {name for given in op.arguments.values() if given.expression for name in given.expression.names}
    for name in sorted(used & secret):
        ja = f"「{name}」は secret の答えなので、お知らせに使えません。"
        yield page.problem("secret_reminder", (*path, "remind"), ja, f"“{name}” is secret: no reminder may use it.")
    if page.program.flow.sensitive and op.items:
        for name in sorted(used - secret):
            ja = (
                f"相談などのフロー（sensitive）では、お知らせに答え「{name}」を入れないでください。通知の画面に出ます。"
            )
            en = f"In a sensitive flow no reminder should hold the answer “{name}”: it shows on the locked screen."
            yield page.problem("sensitive_reminder", (*path, "say"), ja, en, severity="warning", key=True)


def _stopped(page: Page) -> Iterator[Problem]:
    service = service_of(page.program.id)
    known = {
        op.reminder
        for name, program in page.book.programs.items()
        if service_of(name) == service
        for op in program.ops
        if isinstance(op, RemindOp)
    }
    for name, path in page.notes.stopped:
        if name not in known:
            meant = close(name, known)
            ja = f"「{name}」という remind は、このサービスのフローにありません。{meant[0]}"
            en = f"No flow of this service has a reminder “{name}”.{meant[1]}"
            yield page.problem("unknown_reminder", path, ja, en)
