"""Access tokens: fetched ahead, once for all who need one, each channel its own, and through the change of a secret."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from bot.config import ChannelSettings
from bot.line.client import LineClient
from bot.line.connections import Connections
from bot.line.token import NoToken, Token
from bot.simulator.client import Simulator

SECRET, CHANNEL_ID = "5" * 32, "1234567890"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator.start(secret=SECRET, options=("--channel-id", CHANNEL_ID)) as simulator:
        yield simulator


@pytest.fixture
def line(simulator: Simulator) -> Simulator:
    simulator.clear_faults()
    simulator.reset()
    return simulator


class Watch:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


Make = Callable[..., Token]


@pytest.fixture
def token(line: Simulator) -> Iterator[Make]:
    connections = Connections(line.url)

    def make(watch: Watch, *secrets: str) -> Token:
        return Token(ChannelSettings("main", secrets or (SECRET,), None, CHANNEL_ID), connections, watch)

    yield make
    connections.close()


def json_of(exchange: dict[str, Any]) -> Any:
    return orjson.loads(exchange["response"]["body"])


def fetched(line: Simulator) -> int:
    return len(line.traffic(text="oauth2/v3/token", kind="api"))


def test_a_token_is_kept_until_it_ends_soon(line: Simulator, token: Make) -> None:
    watch = Watch()
    ours = token(watch)
    first = ours.current()
    watch.seconds += 600
    assert ours.current() == first
    watch.seconds += 290
    assert ours.current() != first
    assert fetched(line) == 2


def test_a_round_replaces_it_ahead_so_that_nobody_waits(line: Simulator, token: Make) -> None:
    watch = Watch()
    ours = token(watch)
    first = ours.current()
    ours.keep_fresh()
    assert fetched(line) == 1
    watch.seconds += 700
    ours.keep_fresh()
    assert fetched(line) == 2
    assert ours.current() != first
    assert fetched(line) == 2


def test_while_line_gives_none_the_old_one_serves_to_its_end(line: Simulator, token: Make) -> None:
    watch = Watch()
    ours = token(watch)
    first = ours.current()
    watch.seconds += 800
    line.fault("503", "token-stateless", times=None)
    ours.keep_fresh()
    assert ours.current() == first
    watch.seconds += 90
    with pytest.raises(NoToken):
        ours.current()


def test_many_who_meet_the_same_401_fetch_one_token(line: Simulator) -> None:
    client = LineClient([ChannelSettings("main", (SECRET,), None, CHANNEL_ID)], line.url)
    hanako = line.resident("花子")
    body = orjson.dumps({"to": hanako.id, "messages": [{"type": "text", "text": "お知らせ"}]})
    assert client.push("main", body, "00000000-0000-4000-8000-000000000000").status == 200
    line.configure(revoke=json_of(line.traffic(text="oauth2/v3/token", kind="api")[0])["access_token"])
    statuses: list[int | None] = []

    def push(number: int) -> None:
        statuses.append(client.push("main", body, f"00000000-0000-4000-8000-{number:012d}").status)

    workers = [threading.Thread(target=push, args=(number,)) for number in range(1, 9)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    client.close()
    assert statuses == [200] * 8
    assert fetched(line) == 2


def test_while_a_secret_is_replaced_either_of_the_two_gets_a_token(line: Simulator, token: Make) -> None:
    assert token(Watch(), "n" * 32, SECRET).current()
    assert token(Watch(), SECRET, "o" * 32).current()


def test_no_right_secret_is_said_in_a_sentence(line: Simulator, token: Make) -> None:
    with pytest.raises(NoToken, match="no secret is right"):
        token(Watch(), "n" * 32, "o" * 32).current()


def test_many_who_wait_for_one_that_line_does_not_give_do_not_ask_one_after_the_other(
    line: Simulator, token: Make
) -> None:
    ours, refused = token(Watch()), []
    line.fault("hang", "token-stateless", seconds=6.0)

    def need() -> None:
        try:
            ours.current()
        except NoToken as error:
            refused.append(str(error))

    everybody = [threading.Thread(target=need) for _ in range(8)]
    everybody[0].start()
    line.until(lambda: line.call("GET", "faults")["faults"] == [], "the first to be asking")
    for one in everybody[1:]:
        one.start()
    for one in everybody:
        one.join()
    assert len(refused) == 8, "those who waited would be given one by now, and did not ask"
    assert ours.current()


def test_each_channel_has_a_token_of_its_own(line: Simulator) -> None:
    line.call("POST", "channels", {"name": "counsel", "secret": "7" * 32, "channel_id": "9876543210"})
    client = LineClient(
        [
            ChannelSettings("main", (SECRET,), None, CHANNEL_ID),
            ChannelSettings("counsel", ("7" * 32,), None, "9876543210"),
        ],
        line.url,
    )
    hanako = line.resident("花子", channel="counsel")
    body = orjson.dumps({"to": hanako.id, "messages": [{"type": "text", "text": "相談室です"}]})
    assert client.push("counsel", body, "00000000-0000-4000-8000-000000000000").status == 200
    assert client.get("main", "/v2/bot/info").status == 200
    assert orjson.loads(client.get("counsel", "/v2/bot/info").body) != orjson.loads(
        client.get("main", "/v2/bot/info").body
    )
    client.close()
    assert [send["channel"] for send in line.sends()] == ["counsel"]
