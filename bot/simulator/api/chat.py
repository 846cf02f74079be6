"""Small things in a chat: loading dots, read marks, link tokens."""

from __future__ import annotations

from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import LineError, Problem, invalid_body
from bot.simulator.rates import Rate

LINK_SECONDS = 600.0
LINKS_KEPT = 10_000
ONLY_USERS = "Only user id is acceptable, please confirm if there are any group/room ids or illegal ids."


def loading(call: Call) -> Answer:
    """POST /v2/bot/chat/loading/start: dots for 5 to 60 seconds or until the next message; users only."""
    body = call.json()
    seconds = body.get("loadingSeconds", 20)
    problems = []
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 5 <= seconds <= 60:
        problems.append(Problem("Must be between 5 and 60", "loadingSeconds"))
    if not isinstance(seconds, int) or seconds % 5:
        problems.append(Problem("must be a multiple of five", "loadingSeconds"))
    user = body.get("chatId")
    if not isinstance(user, str) or not user.startswith("U"):
        problems.append(Problem(ONLY_USERS, "chatId"))
    if problems:
        raise invalid_body(problems)
    if user in call.world.residents:
        chat = call.world.chat(call.channel.name, str(user))
        chat.loading_until = call.now + seconds
        call.world.journal.note("loading", channel=call.channel.name, chat=user, until=chat.loading_until)
    return Answer(status=202)


def mark_as_read(call: Call) -> Answer:
    """POST /v2/bot/chat/markAsRead: the message of the token and all before it."""
    token = call.json().get("markAsReadToken")
    known = call.world.read_tokens.get(token) if isinstance(token, str) else None
    if known is None or known[0] != call.channel.name:
        raise LineError(400, "Invalid markAsReadToken. Tokens must be used by the bot that received them via Webhook.")
    read_up_to(call, known[1], known[2])
    return Answer()


def mark_chat_as_read(call: Call) -> Answer:
    """POST /v2/bot/message/markAsRead {chat: {userId}}: the partners' old way, everything in the chat."""
    chat = call.json().get("chat")
    user = chat.get("userId") if isinstance(chat, dict) else None
    if not isinstance(user, str) or user not in call.world.residents:
        raise invalid_body([Problem("Invalid userId", "chat.userId")])
    read_up_to(call, user, "9" * 30)
    return Answer()


def read_up_to(call: Call, chat_id: str, message_id: str) -> None:
    """Set the read marks in a chat."""
    chat = call.world.chat(call.channel.name, chat_id)
    for entry in chat.entries:
        if entry.sender != "bot" and (len(entry.id), entry.id) <= (len(message_id), message_id):
            entry.read = True
    call.world.journal.note("read", channel=call.channel.name, chat=chat_id, up_to=message_id)


def link_token(call: Call) -> Answer:
    """POST /v2/bot/user/{userId}/linkToken: for ten minutes and one use."""
    user = call.path[0]
    if user not in call.world.residents:
        raise LineError(400, "The value for the 'userId' parameter is invalid")
    token = call.world.ids.opaque(32)
    tokens = call.channel.link_tokens
    while len(tokens) >= LINKS_KEPT:
        del tokens[next(iter(tokens))]
    tokens[token] = (user, call.now + LINK_SECONDS)
    return Answer({"linkToken": token})


ROUTES = [
    Route("loading", "POST", "/v2/bot/chat/loading/start", loading, Rate(100, 1.0)),
    Route("mark-as-read", "POST", "/v2/bot/chat/markAsRead", mark_as_read),
    Route("mark-chat-as-read", "POST", "/v2/bot/message/markAsRead", mark_chat_as_read),
    Route("link-token", "POST", "/v2/bot/user/{userId}/linkToken", link_token),
]
