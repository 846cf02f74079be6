"""The forms of a campaign, and the way from a form to what it says and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from bot.campaigns.composition import MOST_STALE_HOURS, STALE_HOURS, Composition
from bot.campaigns.content import MOST_BUTTONS, Content, Words
from bot.campaigns.repeat import Every, Excluded, Repeat, RepeatWrong
from bot.console.language import language_of_request
from bot.line.limits import ALT_TEXT_UTF16, LABEL_GRAPHEMES, TEXT_UTF16
from bot.now import TOKYO

CARD_TEXT = 400
WEEKDAYS = (
    lazy_gettext("月曜日"),
    lazy_gettext("火曜日"),
    lazy_gettext("水曜日"),
    lazy_gettext("木曜日"),
    lazy_gettext("金曜日"),
    lazy_gettext("土曜日"),
    lazy_gettext("日曜日"),
)


class MultiCheckboxField(SelectMultipleField):  # type: ignore[misc]  # WTForms has no types
    """Several of a few things, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NewForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What a campaign is called, whose it is, and on which account."""

    title = StringField(
        lazy_gettext("件名"),
        [InputRequired(), Length(max=120)],
        description=lazy_gettext("職員だけが見る名前です。住民には表示されません。"),
    )
    department = SelectField(lazy_gettext("担当部署"), coerce=int)
    channel = SelectField(lazy_gettext("LINEアカウント"), coerce=int)


class ScheduleForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """When it is sent, until when it makes sense, and when again."""

    when = RadioField(
        lazy_gettext("いつ送りますか"),
        choices=[
            SelectChoice("now", lazy_gettext("承認されたらすぐ")),
            SelectChoice("later", lazy_gettext("日時を指定する")),
        ],
    )
    day = DateField(lazy_gettext("日"), [Optional()])
    time = TimeField(lazy_gettext("時刻"), [Optional()])
    stale_hours = IntegerField(
        lazy_gettext("遅れてよい時間"),
        [InputRequired(), NumberRange(1, MOST_STALE_HOURS)],
        description=lazy_gettext("予定からこの時間（1〜168）を過ぎたら送らず、画面で知らせます。"),
    )
    urgent = BooleanField(
        lazy_gettext("緊急（夜間も送る）"),
        description=lazy_gettext("21時から8時は、緊急のものだけを送ります。週3通までの上限にも入りません。"),
    )
    every = SelectField(
        lazy_gettext("くり返し"),
        choices=[
            SelectChoice("", lazy_gettext("くり返さない")),
            SelectChoice(Every.DAY.value, lazy_gettext("毎日")),
            SelectChoice(Every.WEEK.value, lazy_gettext("毎週（曜日を選ぶ）")),
            SelectChoice(Every.MONTH.value, lazy_gettext("毎月（日を選ぶ）")),
            SelectChoice(Every.MONTH_END.value, lazy_gettext("毎月末日")),
            SelectChoice(Every.NTH_WEEKDAY.value, lazy_gettext("毎月 第○ △曜日")),
        ],
    )
    weekdays = MultiCheckboxField(
        lazy_gettext("曜日"), choices=[SelectChoice(str(number), title) for number, title in enumerate(WEEKDAYS)]
    )
    month_day = IntegerField(
        lazy_gettext("何日"),
        [Optional(), NumberRange(1, 31)],
        description=lazy_gettext("その月にない日は、末日に送ります。"),
    )
    nth = IntegerField(lazy_gettext("第何週"), [Optional(), NumberRange(1, 5)])
    until = DateField(lazy_gettext("くり返しの最後の日"), [Optional()])
    holidays = BooleanField(lazy_gettext("祝日は送らない"))
    weekends = BooleanField(lazy_gettext("土曜日・日曜日は送らない"))
    days = TextAreaField(
        lazy_gettext("そのほかの送らない日"),
        [Optional(), Length(max=2000)],
        description=lazy_gettext("1行に1日、2027-08-13 のように書きます。"),
        render_kw={"rows": 3},
    )

    def composition(self, before: Composition) -> Composition | None:
        """Return what is filled in, None when it says no time; the errors are then in the form."""
        send_at = None
        if self.when.data == "later" or self.every.data:
            if self.day.data is None or self.time.data is None:
                self.day.errors = [_("日と時刻を入れてください。")]
                return None
            send_at = dt.datetime.combine(self.day.data, self.time.data, TOKYO).astimezone(dt.UTC)
        try:
            days = tuple(dt.date.fromisoformat(line.strip()) for line in (self.days.data or "").split() if line.strip())
        except ValueError:
            self.days.errors = [_("日付は 2027-08-13 のように書いてください。")]
            return None
        try:
            repeat = self._repeat()
        except RepeatWrong as error:
            self.every.errors = [error.in_(language_of_request())]
            return None
        excluded = Excluded(self.holidays.data, self.weekends.data, days) if repeat else Excluded()
        return replace(
            before,
            send_at=send_at,
            stale_hours=self.stale_hours.data,
            urgent=self.urgent.data,
            repeat=repeat,
            excluded=excluded,
        )

    def _repeat(self) -> Repeat | None:
        if not self.every.data:
            return None
        weekdays = tuple(int(one) for one in self.weekdays.data or ())
        return Repeat(Every(self.every.data), weekdays, self.month_day.data, self.nth.data, self.until.data)


def schedule_values(composition: Composition) -> dict[str, Any]:
    """Return what a schedule form shows of a composition."""
    at = None if composition.send_at is None else composition.send_at.astimezone(TOKYO)
    values: dict[str, Any] = {
        "when": "now" if at is None else "later",
        "day": at and at.date(),
        "time": at and at.time(),
        "stale_hours": composition.stale_hours or STALE_HOURS,
        "urgent": composition.urgent,
        "every": "",
        "holidays": composition.excluded.holidays,
        "weekends": composition.excluded.weekends,
        "days": "\n".join(day.isoformat() for day in composition.excluded.days),
    }
    if (rule := composition.repeat) is not None:
        values |= {
            "every": rule.every.value,
            "weekdays": [str(one) for one in rule.weekdays],
            "month_day": rule.day,
            "nth": rule.nth,
            "until": rule.until,
        }
    return values


class _ContentForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    image = FileField(
        lazy_gettext("画像"), description=lazy_gettext("JPEGかPNG、8MBまで。位置情報などは取り除きます。")
    )
    no_image = BooleanField(lazy_gettext("画像を外す"))
    card_image = FileField(lazy_gettext("カードの画像"))
    no_card_image = BooleanField(lazy_gettext("カードの画像を外す"))


def _key(language: str) -> str:
    return language.replace("-", "_")


def content_form(languages: Mapping[str, str]) -> type[Any]:
    """Return the form for a content in these languages."""
    fields: dict[str, Any] = {}
    for language in languages:
        key = _key(language)
        fields |= {
            f"text_{key}": TextAreaField(
                lazy_gettext("本文"), [Length(max=TEXT_UTF16)], render_kw={"rows": 5, "lang": "ja"}
            ),
            f"card_title_{key}": StringField(lazy_gettext("カードの見出し"), [Length(max=100)]),
            f"card_text_{key}": TextAreaField(
                lazy_gettext("カードの本文"), [Length(max=CARD_TEXT)], render_kw={"rows": 3}
            ),
            f"notice_{key}": StringField(
                lazy_gettext("通知に出る文"),
                [Length(max=ALT_TEXT_UTF16 // 2)],
                description=lazy_gettext("カードや画像のとき、スマホの通知に出る文です。空ならカードの文が出ます。"),
            ),
        }
        for number in range(1, MOST_BUTTONS + 1):
            fields[f"label{number}_{key}"] = StringField(
                lazy_gettext("ボタン%(number)sの名前", number=number), [Length(max=LABEL_GRAPHEMES * 2)]
            )
    for number in range(1, MOST_BUTTONS + 1):
        fields[f"target{number}"] = StringField(
            lazy_gettext("ボタン%(number)sの行き先", number=number),
            [Length(max=1000)],
            render_kw={"placeholder": "https://…"},
        )
    return type("ContentForm", (_ContentForm,), fields)


def content_values(content: Content, languages: Mapping[str, str]) -> dict[str, Any]:
    """Return what a content form shows of a content."""
    values: dict[str, Any] = {}
    for language in languages:
        words, key = content.words.get(language, Words()), _key(language)
        values |= {
            f"text_{key}": words.text,
            f"card_title_{key}": words.card_title,
            f"card_text_{key}": words.card_text,
            f"notice_{key}": words.notice,
        }
        values |= {f"label{number}_{key}": label for number, label in enumerate(words.labels, 1)}
    return values | {f"target{number}": target for number, target in enumerate(content.targets, 1)}


def content_of(form: Any, languages: Mapping[str, str], before: Content) -> Content:
    """Return what a content form says; pictures stay as they were unless they are taken off."""
    targets = tuple(
        target for number in range(1, MOST_BUTTONS + 1) if (target := _typed(form[f"target{number}"]).strip())
    )
    words = {}
    for language in languages:
        key = _key(language)
        labels = [_typed(form[f"label{number}_{key}"]) for number in range(1, MOST_BUTTONS + 1)]
        said = Words(
            _typed(form[f"text_{key}"]),
            _typed(form[f"card_title_{key}"]),
            _typed(form[f"card_text_{key}"]),
            tuple(label for label in labels if label),
            _typed(form[f"notice_{key}"]),
        )
        if not said.empty:
            words[language] = said
    return Content(
        words,
        None if form.no_image.data else before.image,
        None if form.no_card_image.data else before.card_image,
        targets,
    )


def _typed(field: Any) -> str:
    return str(field.data or "").replace("\r\n", "\n").strip()


def fields_of(form: Any, language: str) -> dict[str, Any]:
    """Return the fields of one language by what they hold."""
    key = _key(language)
    names = ["text", "card_title", "card_text", "notice", *(f"label{n}" for n in range(1, MOST_BUTTONS + 1))]
    return {name: form[f"{name}_{key}"] for name in names}
