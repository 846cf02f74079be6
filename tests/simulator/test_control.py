"""The stand-in's own side: changes since a version, searchable traffic, curl, transcripts, time, reset, and its guard."""

from __future__ import annotations

import io
import json
import random
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.simulator import create_app
from bot.simulator.client import ControlError, Simulator
from bot.simulator.clock import Clock
from bot.simulator.journal import KEPT, Journal
from bot.simulator.log import EXCHANGES_KEPT, Exchange, TrafficLog
from bot.simulator.storage import dump, load
from bot.simulator.world import World
from tests.simulator.conftest import SECRET, TOKEN, Api, Bot, text


def ask(app: Any, method: str, path: str, body: Any = None, **environ: str) -> tuple[int, dict[str, Any]]:
    """Call a WSGI app without a server."""
    raw = b"" if body is None else json.dumps(body).encode()
    statuses: list[str] = []
    made = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(raw)),
        "CONTENT_TYPE": "application/json",
        "wsgi.input": io.BytesIO(raw),
        **environ,
    }
    answer = b"".join(app(made, lambda status, _headers: statuses.append(status)))
    return int(statuses[0][:3]), json.loads(answer or b"{}")


def a_world() -> World:
    world = World(lambda: 1_800_000_000.0, rng=random.Random(1))
    world.add_channel(secret=SECRET, token=TOKEN)
    return world


def test_a_reader_gets_what_changed_since_a_version(line: Simulator, api: Api) -> None:
    before = line.call("GET", "updates?since=0")["version"]
    hanako = line.resident("花子")
    api.push(hanako.id, text("a"))
    news = line.call("GET", f"updates?since={before}")

    assert [one["kind"] for one in news["changes"]] == ["resident", "message"]
    assert news["changes"][1]["message"]["message"] == text("a")
    assert news["version"] == before + 2
    assert line.call("GET", f"updates?since={news['version']}")["changes"] == []


def test_a_reader_too_far_behind_is_told_to_reload() -> None:
    journal = Journal()
    for number in range(KEPT + 10):
        journal.note("message", number=number)

    assert journal.since(5) == {"version": KEPT + 10, "reload": True, "changes": []}
    assert len(journal.since(10)["changes"]) == KEPT
    assert journal.since(KEPT + 999)["reload"]


def test_the_traffic_log_forgets_the_oldest() -> None:
    log = TrafficLog()
    for _ in range(EXCHANGES_KEPT + 5):
        log.add(Exchange("api", 0.0, "GET", "/", [], b""))

    assert [one.number for one in log][:1] == [6]
    assert log.total == EXCHANGES_KEPT + 5


def test_traffic_is_searched_in_all_its_parts(line: Simulator, api: Api, bot: Bot) -> None:
    hanako = line.resident("花子")
    line.delivered(hanako.say("自動車税のこと"))
    api.push(hanako.id, text("納期限は5月31日です"))

    assert [one["kind"] for one in line.traffic("自動車税")] == ["webhook"]
    push = line.traffic("納期限", kind="api")[-1]
    assert (push["method"], push["url"], push["status"]) == ("POST", "/v2/bot/message/push", 200)
    assert json.loads(push["response"]["body"])["sentMessages"]
    assert line.traffic("納期限", kind="webhook") == []


def test_the_log_never_shows_an_access_token(line: Simulator, api: Api) -> None:
    api("GET", "/v2/bot/info")

    assert TOKEN not in json.dumps(line.traffic())
    assert TOKEN not in json.dumps(line.call("GET", "state"))
    assert SECRET not in json.dumps(line.call("GET", "state"))


def test_an_exchange_can_be_repeated_as_curl(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    api.push(hanako.id, text("It's 納税"))
    number = line.traffic("push")[-1]["number"]
    command = line.http("GET", f"/_sim/traffic/{number}/curl")[2].decode()
    words = shlex.split(command)

    assert words[:4] == ["curl", "-i", "-X", "POST"]
    assert words[4] == f"{line.url}/v2/bot/message/push"
    assert json.loads(words[-1])["messages"] == [text("It's 納税")]
    assert TOKEN not in command
    headers = dict(words[index + 1].split(": ", 1) for index, word in enumerate(words) if word == "-H")
    assert line.http("POST", "/v2/bot/message/push", words[-1].encode(), headers)[0] == 200
    assert len(hanako.answers()) == 2, "the command works as it was pasted"


def test_a_call_that_no_bot_was_known_by_is_repeated_with_a_token_to_fill_in(line: Simulator) -> None:
    line.http("GET", "/v2/bot/info", b"", {"Authorization": "Bearer wrong"})
    number = line.traffic("/v2/bot/info")[-1]["number"]
    command = line.http("GET", f"/_sim/traffic/{number}/curl")[2].decode()
    assert "Authorization: Bearer $TOKEN" in shlex.split(command)


def test_the_stand_ins_own_token_opens_its_own_bot_and_no_other(line: Simulator, api: Api) -> None:
    line.call("POST", "channels", {"name": "desk", "secret": "s", "token": "desk-token"})
    api("GET", "/v2/bot/info")
    number = line.traffic("/v2/bot/info")[-1]["number"]
    words = shlex.split(line.http("GET", f"/_sim/traffic/{number}/curl")[2].decode())
    name, value = next(word for word in words if word.startswith("Authorization")).split(": ")
    found = json.loads(line.http("GET", "/v2/bot/info", b"", {name: value})[2])
    assert found["userId"] == api("GET", "/v2/bot/info").json["userId"]


def test_a_conversation_is_downloaded_as_a_transcript(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    api.reply(hanako.say("こんにちは")["replyToken"], text("ようこそ"))
    status, headers, body = line.http("GET", f"/_sim/transcripts/main/{hanako.id}")

    assert status == 200
    assert headers["content-disposition"].startswith("attachment")
    found = json.loads(body)
    assert (found["with"], [one["message"]["text"] for one in found["messages"]]) == (
        "花子",
        ["こんにちは", "ようこそ"],
    )


def test_every_accepted_send_is_recorded_with_its_keys(line: Simulator, api: Api) -> None:
    hanako, key = line.resident("花子"), "123e4567-e89b-12d3-a456-426614174000"
    answer = api.push(hanako.id, text("a"), key=key)
    api.push("U" + "0" * 32, text("b"))
    token = hanako.say("c")["replyToken"]
    api.reply(token, text("d"))
    pushed, replied = line.sends()

    assert (pushed["kind"], pushed["retry_key"], pushed["delivered"]) == ("push", key, [hanako.id])
    assert pushed["request_id"] == answer.headers["x-line-request-id"]
    assert pushed["message_ids"] == [answer.json["sentMessages"][0]["id"]]
    assert (replied["kind"], replied["reply_token"]) == ("reply", token)
    assert line.sends(since=pushed["number"]) == [replied]


def test_time_moves_forward_only(line: Simulator) -> None:
    before = line.now()

    assert line.advance(3600) == pytest.approx(before + 3600, abs=30)
    with pytest.raises(ControlError, match="forward only"):
        line.advance(-1)


def test_a_world_whose_clock_belongs_to_its_host_does_not_move_it() -> None:
    app = create_app(a_world())

    assert ask(app, "GET", "/_sim/clock")[1] == {"now": 1_800_000_000.0, "can_travel": False}
    assert ask(app, "POST", "/_sim/clock", {"advance": 1})[0] == 409


def test_a_clock_is_its_source_and_what_it_was_advanced_by() -> None:
    clock = Clock(lambda: 100.0)
    clock.advance(20)

    assert clock() == 120.0


def test_reset_forgets_everything_but_the_bots(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    api.push(hanako.id, text("a"))
    line.fault("500", times=None)
    line.reset(people=False)

    assert hanako.messages() == []
    assert line.sends() == []
    assert api("GET", "/v2/bot/info").status == 200
    line.reset()
    assert line.call("GET", "state")["residents"] == []


def test_a_call_that_makes_no_sense_says_why(line: Simulator) -> None:
    for method, path, body, why in (
        ("GET", "residents/nobody", None, "404 not found"),
        ("POST", "residents", {"nom": "花子"}, "400 .*nom"),
        ("POST", "channels/main", {"colour": "red"}, "400 no setting"),
        ("GET", "nothing", None, "404 no such control call"),
        ("PUT", "clock", None, "405"),
    ):
        with pytest.raises(ControlError, match=why):
            line.call(method, path, body)


def test_the_app_works_under_a_prefix() -> None:
    world = a_world()
    hanako = world.add_resident("花子", friend_of="main")
    app = create_app(world)
    body = {"to": hanako.id, "messages": [text("a")]}
    status, sent = ask(
        app, "POST", "/v2/bot/message/push", body, SCRIPT_NAME="/simulator", HTTP_AUTHORIZATION=f"Bearer {TOKEN}"
    )

    assert (status, len(sent["sentMessages"])) == (200, 1)
    _, state = ask(app, "GET", "/_sim/state", SCRIPT_NAME="/simulator")
    assert [one["name"] for one in state["residents"]] == ["花子"]


def test_everything_else_goes_to_the_page() -> None:
    def page(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [json.dumps({"path": environ["PATH_INFO"]}).encode()]

    assert ask(create_app(a_world(), page), "GET", "/") == (200, {"path": "/"})


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_HOST": "madoguchi.example.jp"},
        {"HTTP_HOST": "203.0.113.7:8000"},
        {"HTTP_HOST": "localhost", "HTTP_X_FORWARDED_FOR": "203.0.113.7"},
        {"HTTP_HOST": "localhost", "HTTP_FORWARDED": "for=203.0.113.7"},
        {"HTTP_HOST": "localhost", "HTTP_SEC_FETCH_SITE": "cross-site"},
    ],
    ids=["name", "address", "proxy", "forwarded", "other site"],
)
@pytest.mark.parametrize("path", ["/", "/_sim/state", "/v2/bot/info"])
def test_the_simulator_is_of_no_use_in_a_deployment(environ: dict[str, str], path: str) -> None:
    status, answer = ask(create_app(a_world()), "GET", path, **environ)

    assert status == 403
    assert "simulator" in answer["message"]


@pytest.mark.parametrize("host", ["localhost", "localhost:8900", "127.0.0.1:1", "[::1]:8900", "[::1]", "LOCALHOST"])
def test_this_machine_is_answered(host: str) -> None:
    assert ask(create_app(a_world()), "GET", "/_sim/state", HTTP_HOST=host)[0] == 200


def test_it_can_be_opened_to_other_machines_on_purpose() -> None:
    app = create_app(a_world(), remote=True)

    assert ask(app, "GET", "/_sim/state", HTTP_HOST="10.0.0.5:8900")[0] == 200


def test_the_simulator_imports_nothing_of_the_bot_and_no_sdk() -> None:
    code = (
        "import sys, bot.simulator.control, bot.simulator.platform, bot.simulator.client, bot.simulator.server\n"
        "bad = [m for m in sys.modules if m.startswith(('linebot', 'sqlalchemy', 'bot.'))"
        " and not m.startswith('bot.simulator')]\n"
        "print(bad)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_people_chats_and_menus_survive_in_a_file(tmp_path: Path, bot_server: Bot) -> None:
    options = ("--file", str(tmp_path / "state.json"))
    with Simulator.start(secret=SECRET, token=TOKEN, options=options) as first:
        hanako = first.resident("花子")
        hanako.say("こんにちは")
        Api(first).push(hanako.id, text("ようこそ"))
        first.group("町内会", hanako)
    with Simulator.start(secret=SECRET, token=TOKEN, options=options) as second:
        state = second.call("GET", "state")
        words = [one["message"]["text"] for one in second.messages(hanako.id)]
        assert Api(second).push(hanako.id, text("また")).status == 200

    assert words == ["こんにちは", "ようこそ"]
    assert [one["name"] for one in state["groups"]] == ["町内会"]
    assert state["residents"][0]["friendships"]["main"]["status"] == "friend"


def test_what_is_kept_comes_back_the_same() -> None:
    world = a_world()
    hanako = world.add_resident("花子", friend_of="main")
    world.add_group("町内会", [hanako])
    hanako.say("a")
    again = a_world()
    load(again, json.loads(json.dumps(dump(world))))

    assert dump(again) == dump(world)
    with pytest.raises(ValueError, match="another version"):
        load(a_world(), {"format": 0})


def test_a_test_run_that_dies_leaves_no_simulator_behind() -> None:
    code = (
        "import os\nfrom bot.simulator.client import Simulator\nprint(Simulator.start().url, flush=True)\nos._exit(1)"
    )
    url = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180).stdout.strip()
    line = Simulator(url)

    def gone() -> bool:
        try:
            line.now()
        except OSError:
            return True
        return False

    assert line.until(gone, "the simulator to end")


def test_the_command_says_what_is_wrong() -> None:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot.simulator", *options], capture_output=True, text=True, timeout=180
        )

    assert run("--help").returncode == 0
    missing = run()
    assert missing.returncode == 2
    assert "--secret" in missing.stderr


def test_the_client_presses_the_newest_button_of_a_name(line: Simulator, api: Api, bot: Bot) -> None:
    hanako = line.resident("花子")
    for data in ("old", "new"):
        action = {"type": "postback", "label": "はい", "data": data, "displayText": "はい"}
        api.push(hanako.id, text("?") | {"quickReply": {"items": [{"type": "action", "action": action}]}})
    pressed = hanako.press_button("はい")

    assert pressed["postback"] == {"data": "new"}
    assert hanako.messages()[-1]["message"]["text"] == "はい"
    with pytest.raises(LookupError, match="いいえ"):
        hanako.press_button("いいえ")


def test_waiting_in_vain_says_what_came_instead(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    api.push(hanako.id, text("ようこそ"))

    assert hanako.wait_for("ようこそ") == [text("ようこそ")]
    with pytest.raises(TimeoutError, match="ようこそ"):
        hanako.wait_for("さようなら", patience=0.1)
