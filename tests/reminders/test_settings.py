"""「通知の設定」: residents see what they will be told, change the time of day, and stop each of it by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, select

from bot import audience
from bot.models import Reminder, Topic
from bot.now import TOKYO
from bot.runtime import Runtime
from bot.service import Ahead, Service, Upcoming
from tests.reminders.conftest import Arrived
from tests.test_conversation import Talker

WEEK = dt.timedelta(days=7)


@pytest.fixture
def hanako(runtime: Runtime) -> Talker:
    """A resident who is reminded of the waste every Monday morning."""
    hanako = Talker(runtime)
    for words in ("ごみの日", "月曜日", "その日の朝8時"):
        hanako.say(words)
    return hanako


def due(runtime: Runtime) -> list[dt.datetime]:
    with runtime.database.read() as connection:
        return [
            row.due_at.astimezone(TOKYO)
            for row in connection.execute(select(Reminder.due_at).order_by(Reminder.due_at))
        ]


def test_topics_reminders_area_and_time_are_shown(hanako: Talker) -> None:
    for words in ("通知の設定", "地域", "同意する", "南部"):
        hanako.say(words)
    shown = hanako.say("お知らせの設定")
    topics = ("・ごみの日：受け取る", "・町の行事：受け取らない", "・地域：南部")
    for line in (*topics, "10:00ごろ", "4月5日（月） 08:00　ごみの日のお知らせ"):
        assert line in shown


@pytest.mark.parametrize(("language", "words"), [("やさしい日本語", "つうちの せってい"), ("English", "notifications")])
def test_it_speaks_the_residents_language(hanako: Talker, language: str, words: str) -> None:
    hanako.say("ことば")
    hanako.say(language)
    assert {"English": "Your notifications", "やさしい日本語": "おしらせの せってい"}[language] in hanako.say(words)


def test_a_topic_is_switched_off_and_on_again(runtime: Runtime, hanako: Talker, arrived: Arrived) -> None:
    hanako.say("通知の設定")
    hanako.press("お知らせの種類")
    assert "「ごみの日」のお知らせを止めました" in hanako.press("ごみの日")
    assert arrived(2 * WEEK) == []
    hanako.say("通知の設定")
    hanako.press("お知らせの種類")
    assert "「ごみの日」をお知らせします" in hanako.press("ごみの日")
    assert len(arrived(2 * WEEK)) == 2
    with runtime.database.read() as connection:
        assert list(audience.topics_of(connection, 1)) == ["garbage"], "a broadcast to the topic reaches her too"


def test_one_reminder_is_stopped_for_good(runtime: Runtime, hanako: Talker, arrived: Arrived) -> None:
    hanako.say("通知の設定")
    hanako.press("届く予定を止める")
    assert "お知らせを止めました" in hanako.press("4/5 ごみの日のお知らせ")
    assert due(runtime) == []
    assert arrived(2 * WEEK) == []


def test_another_time_of_day_moves_what_has_no_hour_of_its_own(runtime: Runtime, hanako: Talker) -> None:
    hanako.say("健診")
    hanako.say("見本 花子")
    hanako.say("通知の設定")
    hanako.press("受け取る時間")
    hanako.press("夕方6時")
    assert [f"{moment:%m-%d %H:%M}" for moment in due(runtime)] == ["04-05 08:00", "04-08 18:00"]


def test_who_sets_a_reminder_of_a_stopped_topic_again_hears_of_it(hanako: Talker, arrived: Arrived) -> None:
    hanako.say("通知の設定")
    hanako.press("お知らせの種類")
    hanako.press("ごみの日")
    for words in ("このままでよい", "ごみの日", "火曜日", "その日の朝8時"):
        hanako.say(words)
    assert len(arrived(2 * WEEK)) == 2


class Letters:
    """A service that keeps what it will tell in a table of its own."""

    def __init__(self) -> None:
        self.stopped: list[str] = []

    def tell(self, connection: Connection, resident_id: int, language: str) -> Sequence[Upcoming]:
        del connection, resident_id
        moment = dt.datetime(2027, 5, 1, 10, tzinfo=TOKYO)
        return [] if self.stopped else [Upcoming("7", "Tax" if language == "en" else "納期限", moment)]

    def stop(self, connection: Connection, resident_id: int, key: str) -> bool:
        del connection, resident_id
        self.stopped.append(key)
        return key == "7"


def test_a_services_own_reminders_stand_beside_them(runtime: Runtime, hanako: Talker) -> None:
    letters = Letters()
    runtime.services.all = (*runtime.services.all, Service("letters", ahead=Ahead(letters.tell, letters.stop)))
    assert "5月1日（土） 10:00　納期限" in hanako.say("通知の設定")
    hanako.press("届く予定を止める")
    assert "お知らせを止めました" in hanako.press("5/1 納期限")
    assert letters.stopped == ["7"]


def test_the_topics_of_the_town_can_be_broadcast_to_once_they_are_published(runtime: Runtime) -> None:
    with runtime.database.read() as connection:
        titles = dict(connection.execute(select(Topic.name, Topic.titles)).all())
    assert titles["events"]["en"] == "Town events"
