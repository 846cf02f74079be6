"""Whose webhook it is: signed by one of a channel's secrets, meant for its account."""

from __future__ import annotations

import base64
import hmac
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from bot.config import ChannelSettings
from bot.db import Database
from bot.line.channels import Channels
from bot.now import Now

BODY = b'{"events":[]}'
BOT, OTHER_BOT = "U" + "1" * 32, "U" + "2" * 32


def signed_with(secret: str) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), BODY, "sha256"))


def channels(database: Database, *secrets: str, name: str = "main") -> Channels:
    return Channels(database, [ChannelSettings(name, secrets, "token")], Now())


def test_an_old_secret_counts_until_it_is_removed(database: Database) -> None:
    rotating, done = channels(database, "new", "old"), channels(database, "new")
    assert rotating.signer_of(BODY, signed_with("new")) is not None
    assert rotating.signer_of(BODY, signed_with("old")) is not None
    assert done.signer_of(BODY, signed_with("new")) is not None
    assert done.signer_of(BODY, signed_with("old")) is None


@pytest.mark.parametrize("signature", [b"", b"x", "税".encode(), signed_with("new")[:-1], signed_with("new") + b"="])
def test_what_is_no_signature_of_ours_is_nobodys(database: Database, signature: bytes) -> None:
    assert channels(database, "new").signer_of(BODY, signature) is None


def test_a_channel_keeps_its_row_when_its_secrets_change(database: Database) -> None:
    before = channels(database, "old").signer_of(BODY, signed_with("old"))
    after = channels(database, "new").signer_of(BODY, signed_with("new"))
    assert before is not None
    assert after is not None
    assert before.id == after.id


def test_the_account_of_a_channel_is_learnt_once_and_known_to_every_process(database: Database) -> None:
    one, another = channels(database, "s"), channels(database, "s")
    first, second = (each.signer_of(BODY, signed_with("s")) for each in (one, another))
    assert first is not None
    assert second is not None
    assert one.accepts(first, BOT)
    assert not another.accepts(second, OTHER_BOT), "the other process had learnt it already"
    assert another.accepts(second, BOT)
    assert one.accepts(first, None), "calls from before 2021 name no account"


def test_of_many_first_webhooks_at_once_one_asks_the_database(database: Database) -> None:
    one = channels(database, "s")
    channel, written = one.only(), []
    event.listen(database.engine, "before_cursor_execute", lambda *seen: written.append(seen[2]))
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: one.accepts(channel, BOT), range(40)))
    assert len([statement for statement in written if statement.startswith("UPDATE channels")]) == 1
