"""A flow in plain Japanese, for reviewers who read no YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.flow import model
from bot.flow.called import Called, beginnings, targets
from bot.flow.content import Button, Content, Option
from bot.flow.inwords import Reader, in_japanese
from bot.flow.timing import weekdays

_TYPES = {
    "text": "文章", "number": "数", "digits": "数字", "date": "日付", "time": "時刻", "datetime": "日時", "yes_no": "はい・いいえ",
    "choice": "一つ選ぶ", "choices": "いくつでも選ぶ", "phone": "電話番号", "postal_code": "郵便番号", "email": "メールアドレス",
    "kana": "かな", "location": "位置情報", "photo": "写真", "file": "ファイル", "lookup": "一覧から探す",
    "language": "ことば", "services": "メニューの項目",
}  # fmt: skip


_EVERY = {"day": "毎日", "weekday": "平日ごと", "week": "毎週", "month": "毎月"}


def outline(flow: model.Flow, called: Called | None = None) -> str:
    """Return the outline of a flow, a line per step, indented where steps depend on something; `called` names others."""
    return "\n".join(_Outline(flow, called or Called()).lines())


class _Outline:
    def __init__(self, flow: model.Flow, called: Called) -> None:
        self.flow = flow
        self.called = called
        self.reader = Reader(flow)
        self.beginnings_of = beginnings(flow, self.reader, called)
        self.targets = targets(flow)

    def lines(self) -> Iterator[str]:
        yield f"■ {self.text(self.flow.title)}（{self.flow.flow}）"
        yield f"  はじまり：{'、'.join(self.beginnings()) or '他のフローから'}"
        yield f"  途中でやめたとき：{_span(self.flow.expires_after)}で終了"
        kept = self.flow.retain_answers
        yield f"  答えの保存：{_span(kept) if kept else 'しない'}"
        yield from self.steps(self.flow.steps, "", "  ")

    def beginnings(self) -> Iterator[str]:
        start = self.flow.start
        if start.keywords:
            yield "「" + "」「".join(start.keywords) + "」と送る"
        if start.code:
            yield "「" + "」「".join(start.code) + "」と符号（QRコードから）"
        if self.flow.menu is not None:
            yield f"メニューの「{self.text(self.flow.menu.label)}」"
        if start.follow:
            yield "友だち追加"

    def steps(self, steps: Sequence[Any], number: str, indent: str) -> Iterator[str]:
        for index, step in enumerate(steps, 1):
            here = f"{number}{index}"
            own = step.id or (step.ask if isinstance(step, model.Ask) and step.ask in self.targets else None)
            name = f"［{own}］" if own else ""
            when = f"{self.reader.when(step.relevant)}だけ、" if step.relevant else ""
            head, *rest = self.step(step, here, indent)
            yield f"{indent}{here}. {name}{when}{head}"
            yield from rest

    def step(self, step: Any, number: str, indent: str) -> Iterator[str]:
        deeper = indent + "    "
        match step:
            case model.Say():
                yield "伝える：" + "／".join(self.item(item) for item in step.say)
                yield from (f"{deeper}・ボタン {self.button(button)}" for button in step.buttons)
            case model.Ask():
                yield from self.ask(step, deeper)
            case model.Consent():
                yield f"同意を求める（{step.version}版）：{self.text(step.text)}"
                yield f"{deeper}・同意しないとき → {self.to(step.refused) if step.refused else '終了'}"
            case model.Confirm():
                yield "答えを確認してもらう：" + "、".join(self.reader.called(name) for name in step.confirm)
            case model.If():
                yield f"{self.reader.when(step.if_)}："
                yield from self.branch("はい", step.then, f"{number}a", deeper)
                yield from self.branch("いいえ", step.else_, f"{number}b", deeper)
            case model.Do():
                yield f"処理する：{self.called.action(step.do)}" + (
                    f"（{'、'.join(step.with_)}）" if step.with_ else ""
                )
                for outcome, branch in step.on.items():
                    yield from self.branch(f"結果 {outcome}", branch, f"{number}.{outcome}", deeper)
            case model.Remind():
                yield from self.remind(step, deeper)
            case model.StopReminder():
                yield f"お知らせ「{step.stop_reminder}」をやめる"
            case model.Handoff():
                yield from self.handoff(step, deeper)
            case model.Repeat():
                yield f"くり返す：{step.repeat}（{step.most}回まで）"
                yield from self.steps(step.steps, f"{number}.", deeper)
                yield f"{deeper}・{self.text(step.more) if step.more else f'{self.reader.value(step.count)}回'}"
            case _:
                yield self.short(step)

    def short(self, step: Any) -> str:
        match step:
            case model.Goto():
                return f"{self.to(step.goto)}進む"
            case model.Set():
                return "決める：" + "、".join(
                    f"「{name}」は{self.reader.value(value)}" for name, value in step.set.items()
                )
            case model.Call():
                return f"{self.called.flow(step.call)}を行って、ここに戻る"
            case model.Begin():
                return f"終了し、{self.called.flow(step.start)}を始める"
        return "終了"

    def ask(self, step: model.Ask, indent: str) -> Iterator[str]:
        optional = "" if step.required else "、答えなくてもよい"
        secret = "、表示しない" if step.secret else ""
        used = f"、配信の区分「{step.segment}」に使う" if step.segment else ""
        yield f"たずねる（{_TYPES[step.type]}{optional}{secret}{used}）：{self.text(step.text)}"
        yield from (f"{indent}・{self.option(option)}" for option in step.choices)
        limits = (("から", step.min), ("まで", step.max))
        bounds = [f"{self.reader.value(value)}{word}" for word, value in limits if value is not None]
        if bounds:
            yield f"{indent}・範囲：{''.join(bounds)}"
        if step.constraint:
            message = f"（ちがうときの文章：{self.text(step.constraint_message)}）" if step.constraint_message else ""
            yield f"{indent}・条件：{self.reader.must(step.ask, step.constraint)}{message}"
        for word, texts in (("説明", step.hint), ("「なぜ？」への答え", step.why)):
            if texts is not None:
                yield f"{indent}・{word}：{self.text(texts)}"
        if step.on_fail:
            yield f"{indent}・{step.retries or 1}回読み取れないとき → {self.to(step.on_fail)}"

    def remind(self, step: model.Remind, indent: str) -> Iterator[str]:
        about = f"、種類「{step.topic}」" if step.topic else ""
        yield f"あとで知らせる（{step.remind}{about}）：{self.moment(step)}"
        if step.start is not None:
            yield f"{indent}・文章：{self.called.flow(step.start)}"
        elif step.say:
            yield f"{indent}・文章：" + "／".join(self.item(item) for item in step.say)
        yield from (f"{indent}・ボタン {self.button(button)}" for button in step.buttons)
        if step.quiet == "before":
            yield f"{indent}・夜（21時から8時）にあたるときは、前の晩の20時に"
        if step.holiday is not None:
            yield f"{indent}・役所が休みの日なら{'次の' if step.holiday == 'after' else '前の'}平日に"

    def moment(self, step: model.Remind) -> str:
        first = f"{self.reader.value(step.at)}" if step.at is not None else ""
        if step.after is not None:
            first = f"{_span(step.after)}後"
        every = _EVERY[step.every] if step.every else ""
        if step.on is not None:
            every += f"（{self.days(step.on)}）"
        until = f"{self.reader.value(step.until)}まで" if step.until is not None else ""
        return "、".join(
            part for part in (first + ("から" if first and every else ""), every, until, step.time or "") if part
        )

    def days(self, on: Any) -> str:
        found = weekdays(on)
        return self.reader.value(on) if found is None else "・".join("月火水木金土日"[day] for day in found)

    def handoff(self, step: model.Handoff, indent: str) -> Iterator[str]:
        where = f"、{self.reader.value(step.office)}に合う窓口" if step.office else ""
        yield f"担当者につなぐ（{step.handoff}{where}）：{self.text(step.waiting)}"
        if step.carry:
            yield f"{indent}・担当者に渡す答え：{'、'.join(self.reader.called(name) for name in step.carry)}"
        yield f"{indent}・受付時間外：{self.text(step.outside)}"
        if step.full is not None:
            yield f"{indent}・混んでいるとき：{self.text(step.full)}"
        yield f"{indent}・窓口がないとき → {self.to(step.nowhere) if step.nowhere else '次へ'}"
        yield f"{indent}・相談が終わったら → {self.to(step.on_close) if step.on_close else '次へ'}"

    def option(self, option: Option) -> str:
        way = f" → {self.to(option.goto)}" if option.goto else ""
        when = f"（{self.reader.when(option.relevant)}だけ）" if option.relevant else ""
        return f"{self.text(option.label)}{when}{way}"

    def button(self, button: Button) -> str:
        return f"「{self.text(button.label)}」 → {self.pressed(button)}"

    def pressed(self, button: Button) -> str:
        if button.goto:
            return self.to(button.goto)
        if button.do:
            return self.called.action(button.do)
        if button.start:
            return f"{self.called.flow(button.start)}を始める"
        return self.text(button.open) if button.open else "コピー"

    def branch(self, word: str, steps: Sequence[Any] | None, number: str, indent: str) -> Iterator[str]:
        if steps is None:
            return
        if len(steps) == 1 and isinstance(steps[0], model.Goto | model.End):
            yield f"{indent}・{word} → {self.to(steps[0].goto) if isinstance(steps[0], model.Goto) else '終了'}"
            return
        yield f"{indent}・{word}："
        yield from self.steps(steps, f"{number}.", indent + "  ")

    def item(self, item: Mapping[str, str] | Content) -> str:
        if not isinstance(item, Content):
            return self.text(item)
        kinds = {
            "image": "画像",
            "card": "カード",
            "cards": "カード",
            "location": "場所",
            "sticker": "スタンプ",
            "flex": "Flex",
        }
        shown = next(word for key, word in kinds.items() if getattr(item, key) is not None)
        return f"〔{shown}〕" + (self.text(item.alt) if item.alt else "")

    def to(self, name: str) -> str:
        """Return where a way leads: the step by its first words, with the id that stands before it."""
        if name == "end":
            return "終了へ"
        words = self.beginnings_of.get(name)
        return f"［{name}］へ" if words is None else f"「{words}」［{name}］へ"

    def text(self, texts: Mapping[str, str]) -> str:
        return self.reader.text(in_japanese(texts))


def _span(seconds: int) -> str:
    for size, unit in ((86400, "日"), (3600, "時間"), (60, "分")):
        if seconds % size == 0 and seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}秒"
