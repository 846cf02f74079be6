"""Only what LINE signed for this account comes in, and it comes in whatever its bytes look like."""

from __future__ import annotations

import json

import pytest

from tests.webhook.conftest import Office
from tests.webhook.signed import Signer, signature, text

SAMPLE_BODY = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
SAMPLE_SIGNATURE = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="


def test_the_official_example_of_a_signature_is_accepted(office: Office) -> None:
    assert office.sample.post_with([("x-line-signature", SAMPLE_SIGNATURE)], SAMPLE_BODY) == 200


def test_one_flipped_bit_is_refused_and_stores_nothing(office: Office) -> None:
    before = office.counts()
    body = office.main.pack(text("U" + "1" * 32, "自動車税"))
    flipped = body[:-30] + bytes([body[-30] ^ 1]) + body[-29:]
    assert office.main.post_with([("x-line-signature", signature(office.main.secret, body))], flipped) == 401
    assert office.counts() == before


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("X-Line-Signature", "")],
        [("X-Line-Signature", "これ".encode())],
        [("X-Line-Signature", b"\xff\xfe\x80")],
        [("X-Line-Signature", "not base64 at all!")],
        [("X-Line-Signature", "A" * 3000)],
    ],
    ids=["missing", "empty", "japanese", "bytes", "no base64", "long"],
)
def test_a_signature_that_is_none_is_refused(office: Office, headers: list[tuple[str, str | bytes]]) -> None:
    before = office.counts()
    assert office.main.post_with(headers, office.main.pack(text("U" + "1" * 32, "やあ"))) == 401
    assert office.counts() == before


def test_two_signatures_are_refused_even_when_one_is_right(office: Office) -> None:
    body = office.main.pack()
    right = ("X-Line-Signature", signature(office.main.secret, body))
    assert office.main.post_with([right, right], body) == 401
    assert office.main.post_with([right, ("X-Line-Signature", "x")], body) == 401


@pytest.mark.parametrize("name", ["x-line-signature", "X-LINE-SIGNATURE", "X-Line-Signature"])
def test_the_case_of_the_headers_name_does_not_matter(office: Office, name: str) -> None:
    body = office.main.pack()
    assert office.main.post_with([(name, signature(office.main.secret, body))], body) == 200


def test_a_body_that_a_proxy_wrote_anew_is_refused(office: Office) -> None:
    body = office.main.pack(text("U" + "1" * 32, "やあ"))
    rewritten = json.dumps(json.loads(body), indent=1).encode()
    assert office.main.post_with([("X-Line-Signature", signature(office.main.secret, body))], rewritten) == 401


@pytest.mark.parametrize(
    "written",
    [
        lambda payload: json.dumps(payload, ensure_ascii=True).encode(),
        lambda payload: json.dumps(payload, ensure_ascii=False).encode(),
        lambda payload: json.dumps(payload, ensure_ascii=False, indent=2).replace("\n", "\r\n").encode(),
    ],
    ids=["escapes", "raw UTF-8", "CRLF"],
)
def test_the_bytes_are_verified_as_they_came(office: Office, written: object) -> None:
    person = office.resident()
    payload = json.loads(office.main.pack(text(person.id, "🚗 自動車税 👨‍👩‍👧‍👦")))
    assert callable(written)
    assert office.main.post(written(payload)) == 200
    assert person.wait_for("どの税のお知らせですか")


def test_while_a_secret_is_replaced_both_are_accepted_and_no_third(office: Office) -> None:
    assert office.main.deliver() == 200
    assert office.outgoing_secret.deliver() == 200
    removed = Signer(office.product.port, "0" * 32, office.main.destination)
    assert removed.deliver() == 401


def test_a_webhook_for_another_account_is_refused_and_stores_nothing(office: Office) -> None:
    assert office.main.deliver() == 200
    before = office.counts()
    other = Signer(office.product.port, office.main.secret, "U" + "9" * 32)
    assert other.deliver(text("U" + "1" * 32, "自動車税")) == 403
    assert office.counts() == before


def test_the_secret_of_one_channel_opens_no_other(office: Office, channel_ids: dict[str, int]) -> None:
    for_main = Signer(office.product.port, office.sample.secret, office.main.destination)
    assert office.sample.post_with([("x-line-signature", SAMPLE_SIGNATURE)], SAMPLE_BODY) == 200
    before = office.counts()
    assert for_main.deliver(text("U" + "1" * 32, "自動車税")) == 403
    assert office.counts() == before


def test_a_resident_belongs_to_the_channel_that_was_written_to(office: Office, channel_ids: dict[str, int]) -> None:
    person = office.resident()
    assert office.sample.deliver(text(person.id, "自動車税")) == 200
    assert office.row_of(person.id).channel_id == channel_ids["sample"]
