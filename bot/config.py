"""Settings: one frozen object read from the environment at start, which reports everything missing at once."""

from __future__ import annotations

import base64
import binascii
import importlib.util
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.crash import POINTS

LINE_API = "https://api.line.me"
LINE_API_DATA = "https://api-data.line.me"
_ADDRESS = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_CHANNEL_SECRET = re.compile(r"LINE_CHANNEL_(?:([A-Z0-9]+)_)?SECRET")


@dataclass(frozen=True, slots=True)
class Missing:
    """One setting that is absent or wrong: its name, and what it is for or what is wrong with it."""

    name: str
    reason: str


class SettingsError(Exception):
    """The settings are incomplete or wrong; set what `missing` names and start again."""

    def __init__(self, missing: list[Missing]) -> None:
        self.missing = missing
        lines = "\n".join(f"  {m.name}: {m.reason}" for m in missing)
        super().__init__(f"Madoguchi cannot start with these settings:\n{lines}")


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One LINE channel. `secrets` holds several while one is being replaced; a long-lived token or a channel id is set.

    What it receives is passed on to `forward_url`, where a town has a vendor's system beside this one.
    """

    name: str
    secrets: tuple[str, ...] = field(repr=False)
    access_token: str | None = field(default=None, repr=False)
    channel_id: str | None = None
    forward_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the environment says. Keys are raw bytes, newest first."""

    database_url: str = field(repr=False)
    channels: tuple[ChannelSettings, ...]
    encryption_keys: tuple[bytes, ...] = field(repr=False)
    lookup_keys: tuple[bytes, ...] = field(repr=False)
    line_api_base: str = LINE_API
    public_url: str | None = None
    trusted_proxies: int = 0
    port: int = 8000
    web_concurrency: int = 2
    flows: Path = Path("flows")
    services: str = "handlers"
    hot_reload: bool = False
    quota_reserve: int = 5
    broadcasts_a_week: int = 3
    metrics_token: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    console_networks: tuple[Network, ...] = ()
    database_direct_url: str | None = field(default=None, repr=False)
    smtp_url: str | None = field(default=None, repr=False)
    alert_from: str | None = None
    alert_minutes: int = 10
    crash_at: str | None = None

    @property
    def on_sqlite(self) -> bool:
        """Tell whether one process on one machine is all there is."""
        return self.database_url.startswith("sqlite")

    @property
    def line_data_base(self) -> str:
        """Return the base for content and images: LINE has a host of its own for them, a stand-in does not."""
        return LINE_API_DATA if self.line_api_base == LINE_API else self.line_api_base


def normalised_database_url(url: str) -> str:
    """Return `url` as SQLAlchemy wants it; a PaaS writes `postgres://`.

    >>> normalised_database_url("postgres://u@h/d")
    'postgresql+psycopg://u@h/d'
    """
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def pooled(url: str) -> str:
    """Return `url` marked as one that leads through a pooler, which hands each transaction to another connection.

    >>> pooled("postgresql+psycopg://u@h/d?sslmode=require")
    'postgresql+psycopg://u@h/d?sslmode=require&madoguchi=pooled'
    """
    if url.startswith("sqlite"):
        return url
    return f"{url}{'&' if '?' in url else '?'}madoguchi=pooled"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read all settings. Raises SettingsError naming every one that is missing or wrong."""
    return _Reader(environment).settings()


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.missing: list[Missing] = []

    def settings(self) -> Settings:
        direct_url = self._direct_url()
        settings = Settings(
            database_url=pooled(self._database_url()) if direct_url else self._database_url(),
            channels=self._channels(),
            encryption_keys=self._keys("ENCRYPTION_KEYS", "encrypts answers, texts and names in the database"),
            lookup_keys=self._keys("LOOKUP_KEYS", "finds records by a keyed hash instead of the value itself"),
            line_api_base=self._line_api_base(),
            public_url=self._public_url(),
            trusted_proxies=self._number("TRUSTED_PROXIES", 0, 0, 10),
            port=self._number("PORT", 8000, 1, 65535),
            web_concurrency=self._number("WEB_CONCURRENCY", 2, 1, 64),
            flows=self._flows(),
            services=self._checked(
                "MADOGUCHI_SERVICES",
                "handlers",
                _importable,
                "is no Python package that can be imported here; it lists the services",
            ),
            hot_reload=self._get("MADOGUCHI_HOT_RELOAD") == "1",
            quota_reserve=self._number("QUOTA_RESERVE", 5, 0, 90),
            broadcasts_a_week=self._number("BROADCASTS_A_WEEK", 3, 1, 100),
            metrics_token=self._get("METRICS_TOKEN"),
            secret_key=self._get("SECRET_KEY"),
            console_networks=self._networks("CONSOLE_ALLOWED_NETWORKS"),
            database_direct_url=direct_url,
            smtp_url=self._smtp_url(),
            alert_from=self._alert_from(),
            alert_minutes=self._number("ALERT_MINUTES", 10, 1, 24 * 60),
            crash_at=self._crash_at(),
        )
        if self.missing:
            raise SettingsError(self.missing)
        return settings

    def _get(self, name: str) -> str | None:
        return self.environment.get(name, "").strip() or None

    def _require_list(self, name: str, purpose: str) -> tuple[str, ...]:
        values = tuple(part.strip() for part in (self._get(name) or "").split(",") if part.strip())
        if not values:
            self.missing.append(Missing(name, f"is not set; it {purpose}"))
        return values

    def _checked(self, name: str, default: str, accept: Callable[[str], bool], complaint: str) -> str:
        value = self._get(name) or default
        if not accept(value):
            self.missing.append(Missing(name, complaint))
        return value

    def _database_url(self) -> str:
        url = self._checked(
            "DATABASE_URL",
            "sqlite:///madoguchi.db",
            lambda value: value.startswith(("sqlite:///", "postgres://", "postgresql://", "postgresql+psycopg://")),
            "must begin with sqlite:///, postgres:// or postgresql://",
        )
        return normalised_database_url(url)

    def _direct_url(self) -> str | None:
        url = self._get("DATABASE_DIRECT_URL")
        if url is None:
            return None
        if not url.startswith(("postgres://", "postgresql://", "postgresql+psycopg://")):
            self.missing.append(Missing("DATABASE_DIRECT_URL", "must begin with postgres:// or postgresql://"))
        return normalised_database_url(url)

    def _smtp_url(self) -> str | None:
        url = self._get("SMTP_URL")
        if url is not None and not (urlsplit(url).scheme in {"smtp", "smtps"} and urlsplit(url).hostname):
            self.missing.append(
                Missing(
                    "SMTP_URL", "must be smtp://name:password@host:587 (STARTTLS) or smtps://name:password@host:465"
                )
            )
        return url

    def _alert_from(self) -> str | None:
        sender = self._get("ALERT_FROM")
        if sender is None and self._get("SMTP_URL") is not None:
            self.missing.append(
                Missing("ALERT_FROM", "is not set; it is the address that alerts by SMTP_URL come from")
            )
        if sender is not None and not _ADDRESS.fullmatch(sender):
            self.missing.append(Missing("ALERT_FROM", "is no e-mail address; write it without a name"))
        return sender

    def _line_api_base(self) -> str:
        def acceptable(value: str) -> bool:
            parts = urlsplit(value)
            return bool(parts.hostname) and (parts.scheme == "https" or is_loopback(value))

        return self._checked(
            "LINE_API_BASE",
            LINE_API,
            acceptable,
            "must be an https:// address (http:// only for a stand-in on loopback)",
        ).rstrip("/")

    def _public_url(self) -> str | None:
        url = self._get("PUBLIC_URL")
        if url is not None and not (url.startswith("https://") or is_loopback(url)):
            self.missing.append(Missing("PUBLIC_URL", "must begin with https://: LINE accepts no other address"))
        return url

    def _channels(self) -> tuple[ChannelSettings, ...]:
        names = sorted(
            match.group(1) or "MAIN" for key in self.environment if (match := _CHANNEL_SECRET.fullmatch(key))
        )
        if "MAIN" not in names:
            names.insert(0, "MAIN")
        return tuple(self._channel(name) for name in dict.fromkeys(names))

    def _channel(self, name: str) -> ChannelSettings:
        prefix = "LINE_CHANNEL_" if name == "MAIN" else f"LINE_CHANNEL_{name}_"
        secrets = self._require_list(
            prefix + "SECRET", "proves that a webhook comes from LINE (comma-separated while rotating)"
        )
        token, channel_id = self._get(prefix + "ACCESS_TOKEN"), self._get(prefix + "ID")
        if token is None and channel_id is None:
            self.missing.append(
                Missing(
                    f"{prefix}ACCESS_TOKEN or {prefix}ID",
                    "is not set; one of them lets us answer (a long-lived token, or the channel id for 15-minute tokens)",
                )
            )
        return ChannelSettings(name.lower(), secrets, token, channel_id, self._forward_url(prefix + "FORWARD_URL"))

    def _forward_url(self, name: str) -> str | None:
        url = self._get(name)
        if url is not None and not (url.startswith("https://") or is_loopback(url)):
            self.missing.append(Missing(name, "must begin with https://: what it receives are residents' own words"))
        return url

    def _keys(self, name: str, purpose: str) -> tuple[bytes, ...]:
        keys = []
        for part in self._require_list(name, f"{purpose}; make one with `madoguchi keys new`"):
            try:
                key = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
            except (binascii.Error, ValueError):
                key = b""
            if len(key) != 32:
                self.missing.append(
                    Missing(name, "holds something that is no key of 32 bytes in base64; see `madoguchi keys new`")
                )
                break
            keys.append(key)
        return tuple(keys)

    def _number(self, name: str, default: int, low: int, high: int) -> int:
        text = self._get(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            self.missing.append(Missing(name, f"must be a whole number from {low} to {high}"))
            return default
        return int(text)

    def _networks(self, name: str) -> tuple[Network, ...]:
        try:
            return tuple(
                ipaddress.ip_network(part.strip()) for part in (self._get(name) or "").split(",") if part.strip()
            )
        except ValueError as error:
            self.missing.append(Missing(name, f"{error}; write networks as 192.0.2.0/24, comma-separated"))
            return ()

    def _flows(self) -> Path:
        path = Path(self._get("MADOGUCHI_FLOWS") or "flows")
        if not path.is_dir():
            self.missing.append(Missing("MADOGUCHI_FLOWS", f"{path} is no folder; it holds the conversations in YAML"))
        return path

    def _crash_at(self) -> str | None:
        point = self._get("MADOGUCHI_CRASH_AT")
        if point is not None and point not in POINTS:
            self.missing.append(Missing("MADOGUCHI_CRASH_AT", f"is none of {', '.join(POINTS)}; unset it"))
        if point is not None and not is_loopback(self._line_api_base()):
            self.missing.append(Missing("MADOGUCHI_CRASH_AT", "is for tests against a stand-in on loopback; unset it"))
        return point


def _importable(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def is_loopback(url: str) -> bool:
    """Tell whether `url` names this machine.

    >>> is_loopback("http://127.0.0.1:8000/x"), is_loopback("https://api.line.me")
    (True, False)
    """
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}
