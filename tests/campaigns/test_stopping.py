"""Who is written to because they receive a topic stops it at one press, below the message itself."""

from __future__ import annotations

import pytest

from bot.campaigns.content import Content, Words
from bot.flow import press
from bot.segment import EVERYBODY, All, Any_, Segment, Speaks, Topic
from tests.campaigns.conftest import TownHall


def stop_buttons(hall: TownHall) -> dict[str, list[list[str]]]:
    """Return what can be pressed below each message of the one broadcast, by language."""
    [made] = hall.broadcasts()
    return {
        language: [
            [item["action"]["data"] for item in message.get("quickReply", {}).get("items", [])] for message in messages
        ]
        for language, messages in made.messages.items()
    }


@pytest.mark.parametrize(
    "to", [Topic("events"), All((Topic("events"), Speaks(("ja",))))], ids=["a topic", "a topic in one language"]
)
def test_readers_of_a_topic_stop_it_below_the_last_message(hall: TownHall, to: Segment) -> None:
    card = Content({"ja": Words(text="まつりです。", card_title="まつり", card_text="8月8日")})
    hall.approved(content=card, to=to)
    hall.tick()
    [first, last] = stop_buttons(hall)["ja"]
    assert first == []
    [pressed] = last
    found = press.read(pressed)
    assert found is not None
    assert (found.verb, found.value) == (press.STOP, "events")


@pytest.mark.parametrize(
    "to",
    [EVERYBODY, Any_((Topic("events"), Topic("garbage"))), Any_((Topic("events"), Speaks(("en",))))],
    ids=["everybody", "one of two topics", "a topic or a language"],
)
def test_what_is_not_for_the_readers_of_one_topic_has_no_such_button(hall: TownHall, to: Segment) -> None:
    hall.approved(to=to)
    hall.tick()
    assert stop_buttons(hall) == {"ja": [[]], "en": [[]]}
