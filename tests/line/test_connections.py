"""The connections to LINE: every wait is bounded, and whatever the network does is a value."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from bot.line.connections import Answer, Connections
from tests.product import free_port

Serve = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nx-line-request-id: r1\r\n\r\n{}"


class Server:
    """A server that treats each accepted connection as the next behaviour says."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.accepted = 0
        self.open: list[socket.socket] = []
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def behave(self, *behaviours: Serve) -> None:
        def run() -> None:
            for behaviour in behaviours:
                connection, _ = self.listener.accept()
                self.accepted += 1
                self.open.append(connection)
                behaviour(connection)

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        if self._thread is not None:
            self._thread.join(60)
        for connection in self.open:
            connection.close()
        self.listener.close()


def read_request(connection: socket.socket) -> None:
    received = b""
    while not received.endswith(b"{}"):
        received += connection.recv(65536)


def answering(answer: bytes, times: int = 1) -> Serve:
    def serve(connection: socket.socket) -> None:
        for _ in range(times):
            read_request(connection)
            connection.sendall(answer)

    return serve


def answering_and_closing(answer: bytes) -> Serve:
    def serve(connection: socket.socket) -> None:
        answering(answer)(connection)
        connection.close()

    return serve


def closing(connection: socket.socket) -> None:
    read_request(connection)
    connection.close()


def silent(connection: socket.socket) -> None:
    read_request(connection)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def connections(server: Server) -> Iterator[Connections]:
    connections = Connections(server.url, answer_seconds=60)
    yield connections
    connections.close()


@pytest.fixture
def hasty(server: Server) -> Iterator[Connections]:
    """Connections that soon give up an answer."""
    connections = Connections(server.url, answer_seconds=0.3)
    yield connections
    connections.close()


def post(connections: Connections) -> Answer:
    return connections.post("/v2/bot/message/push", b"{}", {})


def test_one_connection_serves_many_requests(server: Server, connections: Connections) -> None:
    server.behave(answering(OK, times=5))
    assert [post(connections) for _ in range(5)] == [Answer(200, b"{}", "r1")] * 5
    assert server.accepted == 1


def test_an_answer_that_does_not_come_in_time_is_no_verdict(server: Server, hasty: Connections) -> None:
    server.behave(silent)
    answer = post(hasty)
    assert (answer.status, answer.trouble) == (None, "TimeoutError")


@pytest.mark.parametrize(
    "behaviour",
    [closing, answering_and_closing(b"nonsense\r\n\r\n"), answering_and_closing(b"HTTP/1.1 20")],
    ids=["closed", "no HTTP", "cut"],
)
def test_an_answer_that_is_none_is_no_verdict(server: Server, connections: Connections, behaviour: Serve) -> None:
    server.behave(behaviour)
    answer = post(connections)
    assert answer.status is None
    assert answer.trouble
    assert not answer.trouble.startswith("connect:"), "it may have been accepted"


def test_a_status_is_a_verdict_even_when_the_rest_of_the_answer_is_cut_off(
    server: Server, connections: Connections
) -> None:
    server.behave(answering_and_closing(OK[:-1]))
    assert post(connections).status == 200


def test_a_request_that_never_left_says_so() -> None:
    connections = Connections(f"http://127.0.0.1:{free_port()}")
    answer = post(connections)
    assert (answer.status, answer.trouble) == (None, "connect: ConnectionRefusedError")


def test_after_trouble_the_next_request_opens_a_new_connection(server: Server, connections: Connections) -> None:
    server.behave(closing, answering(OK))
    assert post(connections).status is None
    assert post(connections).status == 200


def test_a_redirect_is_an_answer_and_is_not_followed(server: Server, connections: Connections) -> None:
    server.behave(answering(b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n"))
    assert post(connections).status == 302


def test_a_second_answer_to_one_request_is_not_taken_for_the_next_one(server: Server, connections: Connections) -> None:
    stray = OK.replace(b"200 OK", b"500 Oh").replace(b"r1", b"r2")
    server.behave(answering(OK + stray), answering(OK))
    assert [post(connections) for _ in range(2)] == [Answer(200, b"{}", "r1")] * 2
    assert server.accepted == 2


def test_an_answer_that_drips_is_given_up_when_its_time_is_over(server: Server, hasty: Connections) -> None:
    def dripping(connection: socket.socket) -> None:
        read_request(connection)
        with contextlib.suppress(OSError):  # the other side hangs up on the way
            for byte in b"HTTP/1.1 200 OK":
                connection.send(bytes([byte]))
                threading.Event().wait(0.1)

    server.behave(dripping)
    assert post(hasty) == Answer(None, trouble="TimeoutError")


def test_an_answer_in_chunks_is_read_whole(server: Server, connections: Connections) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    server.behave(answering(chunked, times=2))
    assert [post(connections) for _ in range(2)] == [Answer(200, b"{}")] * 2
    assert server.accepted == 1
