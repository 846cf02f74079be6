"""A stolen database tells nothing, and no sealed value can be moved, changed or taken for another."""

from __future__ import annotations

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto import CannotOpen, Lookup, Vault, key_id, new_key

OLD, NEW = os.urandom(32), os.urandom(32)
COLUMN = "submissions.answers"
VAULT = Vault([NEW, OLD])


@given(st.binary(max_size=500), st.one_of(st.integers(1, 2**63), st.text(min_size=1, max_size=40)))
def test_what_was_sealed_opens_in_its_own_place(plain: bytes, row: int | str) -> None:
    sealed = VAULT.seal(COLUMN, row, plain)
    assert VAULT.open(COLUMN, row, sealed) == plain
    assert len(sealed) == len(plain) + 33


@pytest.mark.parametrize(("column", "row"), [(COLUMN, 8), ("conversations.state", 7), ("submissions", "answers/7")])
def test_a_value_moved_to_another_row_or_column_does_not_open(column: str, row: int | str) -> None:
    sealed = VAULT.seal(COLUMN, 7, b"consultation")
    with pytest.raises(CannotOpen, match="another row"):
        VAULT.open(column, row, sealed)


@given(st.integers(0, 60), st.integers(0, 7))
def test_a_value_with_one_changed_bit_does_not_open(position: int, bit: int) -> None:
    sealed = bytearray(VAULT.seal(COLUMN, 7, b"twenty-eight bytes of secret"))
    sealed[position % len(sealed)] ^= 1 << bit
    with pytest.raises(CannotOpen):
        VAULT.open(COLUMN, 7, bytes(sealed))


@given(st.binary(max_size=80))
def test_bytes_that_nobody_sealed_do_not_open(junk: bytes) -> None:
    with pytest.raises(CannotOpen):
        VAULT.open(COLUMN, 7, junk)


def test_the_same_words_are_never_sealed_alike() -> None:
    assert len({VAULT.seal(COLUMN, 7, b"yes") for _ in range(100)}) == 100


def test_while_keys_are_replaced_old_values_open_and_new_ones_use_the_newest() -> None:
    before = Vault([OLD]).seal(COLUMN, 7, b"old")
    assert VAULT.open(COLUMN, 7, before) == b"old"
    assert not VAULT.is_newest(before)
    after = VAULT.seal(COLUMN, 7, b"new")
    assert VAULT.is_newest(after)
    with pytest.raises(CannotOpen, match="no key in ENCRYPTION_KEYS"):
        Vault([OLD]).open(COLUMN, 7, after)


def test_an_error_names_the_column_and_never_the_value() -> None:
    sealed = VAULT.seal(COLUMN, 7, b"very private")
    with pytest.raises(CannotOpen) as refused:
        VAULT.open(COLUMN, 8, sealed)
    assert COLUMN in str(refused.value)
    assert "private" not in str(refused.value)


def test_a_new_key_has_32_bytes_and_a_name_that_does_not_tell_it() -> None:
    key = base64.urlsafe_b64decode(new_key() + "=")
    assert len(key) == 32
    assert key_id(key) not in key
    assert new_key() != new_key()


def test_a_record_is_found_under_the_newest_and_under_older_keys() -> None:
    stored_before = Lookup([OLD]).digest("tax.notice", "12345678")
    lookup = Lookup([NEW, OLD])
    assert lookup.digests("tax.notice", "12345678") == [lookup.digest("tax.notice", "12345678"), stored_before]


@given(st.lists(st.text(max_size=8), min_size=1, max_size=3), st.lists(st.text(max_size=8), min_size=1, max_size=3))
def test_different_values_have_different_digests_however_they_are_cut_into_parts(a: list[str], b: list[str]) -> None:
    lookup = Lookup([NEW])
    assert (lookup.digest("x", *a) == lookup.digest("x", *b)) == (a == b)
    assert lookup.digest("x", *a) != lookup.digest("y", *a)
