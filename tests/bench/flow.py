"""How many turns of a talk one core carries: from stored JSON bytes to stored JSON bytes and neutral messages.

Run: python -m tests.bench.flow [seconds]
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from bot.flow.engine import turn
from bot.flow.load import load_texts
from bot.flow.talk import ActionResult, Pressed, Said, Surroundings

FLOW = """
flow: bench
title: {ja: 申請, ja-easy: もうしこみ, en: Application}
start: {keywords: [申請]}
steps:
  - ask: name
    text: {ja: お名前を入力してください。, en: Please enter your name.}
  - ask: kind
    text: {ja: "{{ name }}さん、車の種類を選んでください。", en: "{{ name }}, which kind of vehicle is it?"}
    type: choice
    why: {ja: 税額が変わるためです。, en: The tax depends on it.}
    choices:
      car: {ja: 乗用車, en: Car}
      kei: {ja: 軽自動車, en: Light vehicle}
      bike: {ja: バイク, en: Motorcycle}
  - ask: days
    text: {ja: "{{ labels.kind }}ですね。何日前に知らせますか（今日は{{ today|jdate('曜日') }}）。", en: "How many days before?"}
    type: number
    min: 1
    max: 60
    constraint: answer != 13
    why: {ja: 日を決めるためです。, en: To choose the day.}
  - ask: done
    text: {ja: よろしいですか。, en: All right?}
    type: yes_no
"""


BATCH = 50


def rate(once: Callable[[], object], seconds: float) -> float:
    """Return how often `once` runs in a second, by the fastest tenth of small batches: others may share the machine."""
    batches = []
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        for _ in range(BATCH):
            once()
        batches.append(time.perf_counter() - begun)
    return BATCH / sorted(batches)[len(batches) // 10]


def main(seconds: float) -> None:
    loaded = load_texts({"flows/bench.yaml": FLOW})
    around = Surroundings(
        dt.datetime(2026, 5, 1, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo")),
        lambda name, arguments: ActionResult(name + str(arguments)),
    )

    def after(*texts: str) -> tuple[bytes | None, str]:
        state, data = None, ""
        for text in texts:
            answer = turn(loaded.book, state, Said(text), around)
            state, data = answer.state, answer.quick[0].data if answer.quick else ""
        return state, data

    named, _ = after("申請")
    kind, pressed = after("申請", "山田")
    days, _ = after("申請", "山田", "1")
    cases = {
        "a text answered, a choice asked": lambda: turn(loaded.book, named, Said("山田太郎"), around),
        "a choice typed as a number, a number asked": lambda: turn(loaded.book, kind, Said("２"), around),
        "a choice pressed, a number asked": lambda: turn(loaded.book, kind, Pressed(pressed), around),
        "a number answered within limits and constraint": lambda: turn(loaded.book, days, Said("３０日"), around),
        "a wrong number, asked again": lambda: turn(loaded.book, days, Said("99"), around),
        "one question back": lambda: turn(loaded.book, days, Said("戻る"), around),
    }
    for name, once in cases.items():
        sys.stdout.write(f"{rate(once, seconds):>10,.0f} turns/s  {name}\n")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
