"""How often one address may register facilities: enough for a shopping street that shares one, too little for a machine."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections import deque

SPAN, MOST = dt.timedelta(hours=1), 30


class Gate:
    """What was registered lately from where, in the memory of one process: addresses are written down nowhere."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lately: deque[tuple[dt.datetime, str]] = deque()

    def admits(self, address: str | None, now: dt.datetime) -> bool:
        """Tell whether `address` may register another facility at `now`, and count it."""
        while self._lately and self._lately[0][0] <= now - SPAN:
            self._lately.popleft()
        network = network_of(address)
        if network is None:
            return True
        if sum(each == network for _, each in self._lately) >= self._most:
            return False
        self._lately.append((now, network))
        return True


def network_of(address: str | None) -> str | None:
    """Return what stands for one customer of a provider: an IPv4 address, or the /64 network of an IPv6 one.

    None for private addresses: those are a router's in front of us (TRUSTED_PROXIES is not set), which everybody shares.
    """
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if not found.is_global:
        return None
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
