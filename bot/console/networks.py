"""From where the console may be opened: over https or on this machine, and from the networks the town has listed."""

from __future__ import annotations

import ipaddress

from flask import abort, request

from bot.config import Settings, is_loopback


def refuse_strangers(settings: Settings) -> None:
    """End the request with 403 where the list of networks or plain http forbids it."""
    address = _address()
    networks = settings.console_networks
    if networks and not any(address in network for network in networks):
        abort(403)
    if not request.is_secure and not is_loopback(request.host_url) and not _is_behind_https(settings):
        abort(403)


def origin() -> str:
    """Return by what a caller is counted: the address, of IPv6 the network of one household or office.

    Whoever has such a network (/64) has all its addresses, more than anybody could count.
    """
    address = _address()
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _address() -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the caller's address; what a proxy wrote in its place ("unknown", a port behind it) is an address nobody has."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return ipaddress.ip_address("0.0.0.0")  # noqa: S104 - the one nobody has
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _is_behind_https(settings: Settings) -> bool:
    return bool(settings.public_url and settings.public_url.startswith("https://") and not settings.trusted_proxies)
