"""Settings are read once, reported all at once when wrong, and shown to nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Missing, SettingsError, normalised_database_url, read_settings
from bot.crypto import new_key

FLOWS = str(Path(__file__).parent.parent / "flows")


def complete(**more: str) -> dict[str, str]:
    return {
        "LINE_CHANNEL_SECRET": "s" * 32,
        "LINE_CHANNEL_ACCESS_TOKEN": "t" * 32,
        "ENCRYPTION_KEYS": new_key(),
        "LOOKUP_KEYS": new_key(),
        "MADOGUCHI_FLOWS": FLOWS,
        **more,
    }


def complaints(environment: dict[str, str]) -> dict[str, str]:
    with pytest.raises(SettingsError) as refused:
        read_settings(environment)
    return {missing.name: missing.reason for missing in refused.value.missing}


def test_everything_missing_is_named_at_once_with_what_it_is_for() -> None:
    found = complaints({"MADOGUCHI_FLOWS": FLOWS})
    assert set(found) == {
        "LINE_CHANNEL_SECRET",
        "LINE_CHANNEL_ACCESS_TOKEN or LINE_CHANNEL_ID",
        "ENCRYPTION_KEYS",
        "LOOKUP_KEYS",
    }
    assert "comes from LINE" in found["LINE_CHANNEL_SECRET"]
    assert "madoguchi keys new" in found["ENCRYPTION_KEYS"]


def test_the_defaults_serve_a_small_town_on_one_machine() -> None:
    settings = read_settings(complete())
    assert settings.on_sqlite
    assert (settings.port, settings.web_concurrency, settings.trusted_proxies) == (8000, 2, 0)
    assert settings.line_api_base == "https://api.line.me"
    assert settings.line_data_base == "https://api-data.line.me"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://somewhere/madoguchi"),
        ("DATABASE_URL", "madoguchi.db"),
        ("LINE_API_BASE", "http://api.line.me"),
        ("LINE_API_BASE", "api.line.me"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eighty"),
        ("PORT", "８０００"),
        ("WEB_CONCURRENCY", "-1"),
        ("WEB_CONCURRENCY", "1000"),
        ("TRUSTED_PROXIES", "1.5"),
        ("ENCRYPTION_KEYS", "short"),
        ("ENCRYPTION_KEYS", "A" * 43 + ",これは鍵ではない"),
        ("LOOKUP_KEYS", ","),
        ("LINE_CHANNEL_SECRET", " , "),
        ("MADOGUCHI_FLOWS", "/nowhere/at/all"),
        ("MADOGUCHI_SERVICES", "nowhere"),
        ("MADOGUCHI_SERVICES", "nowhere.at.all"),
        ("MADOGUCHI_SERVICES", ".handlers"),
        ("MADOGUCHI_CRASH_AT", "after_commit"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str) -> None:
    assert name in complaints(complete(**{name: value}))


@pytest.mark.parametrize("prefix", ["postgres://", "postgresql://", "postgresql+psycopg://"])
def test_a_postgresql_address_is_taken_as_a_paas_writes_it(prefix: str) -> None:
    settings = read_settings(complete(DATABASE_URL=f"{prefix}u:p@db.example/town"))
    assert settings.database_url == "postgresql+psycopg://u:p@db.example/town"
    assert not settings.on_sqlite


def test_several_secrets_and_keys_are_read_newest_first() -> None:
    newest, older = new_key(), new_key()
    settings = read_settings(complete(LINE_CHANNEL_SECRET="new, old", ENCRYPTION_KEYS=f"{newest},{older}"))
    assert settings.channels[0].secrets == ("new", "old")
    assert settings.encryption_keys[0] == read_settings(complete(ENCRYPTION_KEYS=newest)).encryption_keys[0]


def test_a_consultation_account_is_a_channel_of_its_own() -> None:
    extra = {"LINE_CHANNEL_SOUDAN_SECRET": "x", "LINE_CHANNEL_SOUDAN_ID": "1234567890"}
    main, soudan = read_settings(complete(**extra)).channels
    assert (main.name, soudan.name) == ("main", "soudan")
    assert (soudan.access_token, soudan.channel_id) == (None, "1234567890")


def test_an_account_without_a_token_is_refused_by_its_own_name() -> None:
    assert "LINE_CHANNEL_SOUDAN_ACCESS_TOKEN or LINE_CHANNEL_SOUDAN_ID" in complaints(
        complete(LINE_CHANNEL_SOUDAN_SECRET="x")
    )


def test_a_stand_in_on_this_machine_serves_content_too() -> None:
    settings = read_settings(complete(LINE_API_BASE="http://127.0.0.1:9/", MADOGUCHI_CRASH_AT="after_commit"))
    assert settings.line_data_base == settings.line_api_base == "http://127.0.0.1:9"
    assert settings.crash_at == "after_commit"


def test_no_secret_is_shown_when_settings_are_printed_or_refused() -> None:
    environment = complete(DATABASE_URL="postgres://u:pass1234@db/town")
    shown = repr(read_settings(environment))
    environment["PORT"] = "wrong"
    with pytest.raises(SettingsError) as refused:
        read_settings(environment)
    shown += str(refused.value)
    secret = [
        environment[name]
        for name in ("LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN", "ENCRYPTION_KEYS", "LOOKUP_KEYS")
    ]
    assert [value for value in [*secret, "pass1234"] if value in shown] == []


NAMES = [
    "DATABASE_URL",
    "LINE_API_BASE",
    "PORT",
    "ENCRYPTION_KEYS",
    "LINE_CHANNEL_SECRET",
    "TRUSTED_PROXIES",
    "LINE_CHANNEL_A_SECRET",
]


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40)))
def test_whatever_the_environment_holds_is_read_or_refused_with_names(environment: dict[str, str]) -> None:
    missing: list[Missing] = []
    try:
        assert read_settings(complete(**environment)).channels
    except SettingsError as error:
        missing = error.missing
    assert all(one.name and one.reason for one in missing)


@given(st.text())
def test_an_address_is_normalised_only_once(url: str) -> None:
    once = normalised_database_url(url)
    assert normalised_database_url(once) == once


@pytest.mark.parametrize(("name", "value"), [("PUBLIC_URL", "ftp://town.example"), ("MADOGUCHI_CRASH_AT", "somewhere")])
def test_what_could_never_work_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings(complete(LINE_API_BASE="http://127.0.0.1:1", **{name: value}))
    assert [missing.name for missing in raised.value.missing] == [name]
