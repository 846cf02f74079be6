"""Names of files from residents are harmless to store and to show, whatever was in them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.line.limits import graphemes
from bot.media.filename import LONGEST, safe_name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("写真.jpg", "写真.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\cmd.exe", "cmd.exe"),
        ("診断\x00書.pdf", "診断書.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("", "file"),
        ('a<b>"c|d?e*f.png', "abcdef.png"),
        ("長" * 300 + ".pdf", "長" * 75 + "….pdf"),
        ("👨‍👩‍👧‍👦.png", "👨👩👧👦.png"),
    ],
)
def test_a_name_is_kept_as_far_as_it_is_harmless(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


@given(st.text(max_size=400))
def test_no_name_is_a_path_or_a_trick_or_empty(sent: str) -> None:
    name = safe_name(sent)
    assert name
    assert name not in {".", ".."}
    assert not set('/\\:<>"|?*\x00') & set(name)
    assert not [letter for letter in name if unicodedata.category(letter) in {"Cc", "Cf", "Cs"}]
    assert graphemes(name) <= LONGEST
    assert safe_name(name) == name
