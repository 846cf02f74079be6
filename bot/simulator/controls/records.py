"""What happened: changes, accepted sends, the traffic on the wire, transcripts."""

from __future__ import annotations

import json
import urllib.parse

from bot.simulator.api.routes import Handler
from bot.simulator.calls import Answer, Call
from bot.simulator.controls.arguments import number
from bot.simulator.controls.people import chat_of
from bot.simulator.curl import as_curl
from bot.simulator.transcript import moves


def updates(call: Call) -> Answer:
    """GET updates?since=N: what changed after version N (short polling)."""
    return Answer(call.world.updates(number(call, "since")))


def sends(call: Call) -> Answer:
    """GET sends?since=N&limit=…: every accepted send after number N, with retry key and request id."""
    with call.world.lock:
        found = call.world.sends.since(number(call, "since"), number(call, "limit", 100_000))
        return Answer({"total": call.world.sends.total, "sends": [send.as_json() for send in found]})


def traffic(call: Call) -> Answer:
    """GET traffic?since=N&text=…&kind=api|webhook&limit=…: exchanges, searchable."""
    with call.world.lock:
        found = call.world.log.search(
            call.query("text") or "", call.query("kind") or "", number(call, "since"), number(call, "limit", 200)
        )
        return Answer({"total": call.world.log.total, "exchanges": [exchange.as_json() for exchange in found]})


def curl(call: Call) -> Answer:
    """GET traffic/{number}/curl: one exchange as a command line (text)."""
    with call.world.lock:
        exchange = call.world.log.find(int(call.path[0]))
    if exchange is None:
        raise KeyError(call.path[0])
    base = f"http://{call.environ.get('HTTP_HOST', 'localhost')}{call.environ.get('SCRIPT_NAME', '')}"
    return Answer(
        as_curl(exchange, base, call.world.own_token(exchange.channel)).encode(),
        content_type="text/plain; charset=utf-8",
    )


def transcript(call: Call) -> Answer:
    """GET transcripts/{channel}/{id or name}: a conversation to download, as JSON; `moves` tells it turn by turn."""
    with call.world.lock:
        chat = chat_of(call)
        resident = call.world.residents.get(chat.id)
        name = resident.name if resident else call.world.groups[chat.id].name
        data = chat.as_json() | {"with": name, "moves": moves(chat, call.world)}
    file = urllib.parse.quote(f"{chat.channel}-{chat.id}.json")
    body = json.dumps(data, ensure_ascii=False, indent=1).encode()
    return Answer(body, headers=(("Content-Disposition", f'attachment; filename="{file}"'),))


CALLS: list[tuple[str, str, Handler]] = [
    ("GET", "updates", updates),
    ("GET", "sends", sends),
    ("GET", "traffic", traffic),
    ("GET", "traffic/{number}/curl", curl),
    ("GET", "transcripts/{channel}/{id}", transcript),
]
