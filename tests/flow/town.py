"""A small town's services, for talks with the engine."""

from __future__ import annotations

from bot.flow.talk import ActionResult, Pressed
from tests.flow.talking import Resident, book

TAX = """
flow: tax.register
title: {ja: 納税のお知らせ, ja-easy: ぜいきんの おしらせ, en: Tax reminder}
start: {keywords: [自動車税, vehicle tax]}
menu: {ja: 自動車税, en: Vehicle tax}
expires_after: 30 minutes
retain_answers: 30 days
steps:
  - ask: kind
    text: {ja: 車の種類を選んでください。, en: What kind of vehicle is it?}
    type: choice
    choices:
      car: {ja: 乗用車, en: Car}
      kei: {ja: 軽自動車, en: Light vehicle}
      none: {ja: その他, en: Other}
  - ask: days
    text: 「{{ labels.kind }}」ですね。何日前にお知らせしますか。
    type: number
    min: 1
    max: 60
    why: お知らせを送る日を決めるためです。
  - ask: note
    text: メモはありますか。
    required: false
  - if: kind == "kei"
    then:
      - say: 軽自動車税は町の税金です。
  - do: tax.register
    with: {kind: kind, days: days}
    on:
      registered: done
      full: {say: 受付は終了しました。}
  - end
  - id: done
    say: "{{ due|jdate('曜日') }}の{{ days }}日前にお知らせします。"
    buttons:
      - {label: 納めました, do: tax.mark_paid, with: {kind: kind}, on: {marked: thanks}}
      - {label: くわしく, open: "https://example.jp/tax"}
  - end
  - id: thanks
    say: ありがとうございました。
"""


OTHER = """
flow: waste
title: 粗大ごみ
start: {keywords: [ごみ]}
menu: {label: 粗大ごみ, order: 5}
steps:
  - ask: item
    text: 何を出しますか。
  - say: "{{ item }}ですね。"
"""


GREETING = """
flow: greeting
title: あいさつ
start: {follow: true}
steps:
  - ask: language
    type: language
    text: ことばを選んでください。
  - say: {ja: こんにちは。, en: Hello.}
  - start: menu
"""


BOOK = book(TAX, OTHER, GREETING)


REGISTERED = ActionResult("registered", {"due": "2026-06-01"})


def resident() -> Resident:
    return Resident(BOOK, {"tax.register": REGISTERED, "tax.mark_paid": ActionResult("marked")})


def pressed(data: str) -> Pressed:
    return Pressed(data)
