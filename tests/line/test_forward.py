"""Webhooks are passed on to the town's other system as they came, after they are stored, and never in our own way."""

from __future__ import annotations

import base64
import hmac
import http.server
import threading
import time
from collections.abc import Iterator

import pytest

from bot.line import forward
from bot.line.forward import Forwarder
from tests.conftest import MakeDatabase
from tests.product import PATIENCE, Product, free_port, wait_until


class Vendor:
    """The town's other system."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes, str]] = []
        self.statuses: list[int] = []
        self.go_on = threading.Event()
        self.go_on.set()
        vendor = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                vendor.go_on.wait(PATIENCE)
                vendor.received.append((self.path, body, self.headers["X-Line-Signature"]))
                self.send_response(vendor.statuses.pop(0) if vendor.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback?town=1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    yield vendor
    vendor.close()


@pytest.fixture
def forwarder(vendor: Vendor) -> Iterator[Forwarder]:
    forwarder = Forwarder("main", vendor.url, pauses=(0.05, 0.05))
    yield forwarder
    vendor.go_on.set()
    forwarder.close()


def test_a_webhook_arrives_there_as_line_signed_it(
    make_database: MakeDatabase, tmp_path: object, vendor: Vendor
) -> None:
    from pathlib import Path

    with Product(make_database("sqlite"), Path(str(tmp_path))) as product:
        product.start({"LINE_CHANNEL_FORWARD_URL": vendor.url})
        hanako = product.line.resident("花子")
        vendor.go_on.clear()
        event = hanako.say("自動車税")
        assert product.line.delivered(event) == 200, "the other system has not answered yet"
        assert hanako.wait_for("どの税のお知らせですか")
        vendor.go_on.set()
        wait_until(lambda: vendor.received, PATIENCE, "the copy")
        path, body, signature = vendor.received[0]
        assert path == "/callback?town=1"
        assert event["webhookEventId"].encode() in body
        assert signature == base64.b64encode(hmac.digest(product.secret.encode(), body, "sha256")).decode()


def test_what_was_not_taken_is_sent_again(vendor: Vendor, forwarder: Forwarder) -> None:
    vendor.statuses = [503, 500]
    forwarder.pass_on(b"{}", "signed")
    wait_until(lambda: len(vendor.received) == 3, PATIENCE, "the third try")
    assert forwarder.dropped == 0


def test_after_the_last_try_it_is_let_go_and_counted(vendor: Vendor, forwarder: Forwarder) -> None:
    vendor.statuses = [503, 503, 503]
    forwarder.pass_on(b"{}", "signed")
    wait_until(lambda: forwarder.dropped == 1, PATIENCE, "the webhook to be let go")
    forwarder.pass_on(b"next", "signed")
    wait_until(lambda: vendor.received[-1][1] == b"next", PATIENCE, "the next one")


def test_what_the_other_system_refuses_is_not_repeated(vendor: Vendor, forwarder: Forwarder) -> None:
    vendor.statuses = [400]
    forwarder.pass_on(b"{}", "signed")
    forwarder.pass_on(b"next", "signed")
    wait_until(lambda: len(vendor.received) == 2, PATIENCE, "both")
    assert sorted(body for _, body, _ in vendor.received) == [b"next", b"{}"]


def test_a_system_that_hangs_costs_us_neither_time_nor_memory(
    vendor: Vendor, forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "MOST_WAITING", 20)
    vendor.go_on.clear()
    for number in range(100):
        forwarder.pass_on(str(number).encode(), "signed")
    assert forwarder.dropped >= 100 - 20 - forward.WORKERS
    assert len(forwarder._waiting) <= 20


def test_large_webhooks_are_bounded_by_their_size(vendor: Vendor, forwarder: Forwarder) -> None:
    vendor.go_on.clear()
    for _ in range(40):
        forwarder.pass_on(b"x" * 1_000_000, "signed")
    assert forwarder._bytes <= forward.MOST_BYTES


def test_a_system_that_is_not_there_does_not_hold_up_the_end() -> None:
    forwarder = Forwarder("main", f"http://127.0.0.1:{free_port()}/x", pauses=(600.0,))
    forwarder.pass_on(b"{}", "signed")
    began = time.monotonic()
    forwarder.close()
    assert time.monotonic() - began < forward.STOP_SECONDS + 30
