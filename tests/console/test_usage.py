"""Statistics of use in the console: by day, flow and step, for those who look after the service."""

from __future__ import annotations

import pytest

from bot.console.access import Role
from bot.flow.talk import Counted
from bot.usage import Usage
from tests.console.client import Hall
from tests.console.studio import Studio


def count(hall: Hall) -> None:
    """Let twelve residents begin a report, of whom seven complete it and three stop at the second question."""
    usage = Usage(hall.database)
    garden = "garden.report"
    for number in range(12):
        left = [Counted("completed", garden)] if number < 7 else [Counted("stopped", garden, "note")]
        end = left if number < 10 else [Counted("expired", garden, "what")]
        usage.note(
            hall.now(),
            garden,
            [Counted("begun", garden), Counted("reached", garden, "what"), Counted("reached", garden, "note")],
        )
        usage.note(hall.now(), None, end)
    usage.flush()


@pytest.fixture(scope="module")
def counted(hall: Hall) -> Hall:
    """A hall in which residents have talked."""
    count(hall)
    return hall


def test_a_flow_shows_how_many_completed_it(counted: Hall) -> None:
    page = counted.sign_in(Role.OFFICER).get("/usage/")
    assert "花だんのお知らせ 12 7 3 2 58%" in page


def test_a_flow_shows_the_steps_at_which_residents_stopped(counted: Hall) -> None:
    page = counted.sign_in(Role.OFFICER).get("/usage/?flow=garden.report")
    assert "note 12 3 0 25%" in page
    assert 'aria-labelledby="left-title left-desc"' in page.html


def test_others_services_are_not_counted(counted: Hall) -> None:
    assert "花だん" not in counted.sign_in(Role.OFFICER, services=["tax"]).get("/usage/")


def test_the_numbers_are_given_as_csv(counted: Hall) -> None:
    data = counted.sign_in(Role.MANAGER).get("/usage/csv").data.decode("utf-8-sig")
    assert ",garden.report,note,stopped,3" in data


def test_the_home_page_shows_today(counted: Hall) -> None:
    page = counted.sign_in(Role.OFFICER).get("/")
    assert "今日の利用 24" in page
    assert page.html.count('class="chart"') == 3


def test_the_home_page_shows_at_which_step_of_which_flow_residents_give_up(counted: Hall) -> None:
    page = counted.sign_in(Role.OFFICER).get("/")
    assert "やめた・時間切れが多いところ" in page
    assert "花だんのお知らせ / note 3 花だんのお知らせ / what 2" in page
    assert "やめた・時間切れが多いところ" not in counted.sign_in(Role.OFFICER, services=["tax"]).get("/")


@pytest.mark.browser
def test_the_statistics_are_readable(studio: Studio) -> None:
    count(studio.hall)
    studio.look("/usage/?flow=garden.report", "usage", Role.OFFICER)
    studio.look("/", "home", Role.MANAGER)
