"""A reply token is used once: what would use it again goes another way, without asking LINE."""

from __future__ import annotations

from bot.delivery.replytokens import SpentTokens
from bot.simulator.client import Person, Simulator
from tests.delivery.postoffice import PostOffice
from tests.delivery.test_sender import requests, texts, token_of


def test_a_second_message_under_a_used_token_is_pushed_and_never_tried_as_a_reply(
    office: PostOffice, line: Simulator, hanako: Person
) -> None:
    token = token_of(hanako)
    first = office.finished(office.reply(hanako, "一通目", token))
    second = office.finished(office.reply(hanako, "二通目", token))
    assert (first.kind, first.status) == ("reply", "sent")
    assert (second.kind, second.status, second.doubled) == ("push", "sent", False)
    assert len(requests(line, "reply")) == 1
    assert texts(hanako) == ["一通目", "二通目"]


def test_a_delivery_may_use_its_own_token_again() -> None:
    spent = SpentTokens()
    assert spent.spend("a", 1)
    assert spent.spend("a", 1)
    assert not spent.spend("a", 2)


def test_only_so_many_tokens_are_remembered() -> None:
    spent = SpentTokens(remembered=2)
    for number, token in enumerate("abc"):
        spent.spend(token, number)
    assert spent.spend("a", 9), "forgotten long after it died"
    assert not spent.spend("c", 9)
