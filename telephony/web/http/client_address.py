"""The client's address of a request, behind the site's own proxies. Pure.

Anybody can write ``X-Forwarded-For``. It is believed only as far as proxies that the settings name vouch for it: read
from the right, each entry was appended by the hop after it, so the first one that no trusted proxy owns is the client.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
HOPS: Final = 20
"""The most entries that are read: nobody has more proxies of their own, and the header may be long."""


def client_address(peer: str, forwarded: Iterable[str], trusted: Sequence[Network]) -> str:
    """Return the client's address.

    Args:
        peer: the address of the connection.
        forwarded: values of the ``X-Forwarded-For`` headers, in order.
        trusted: networks of the site's own proxies.
    """
    at = _read(peer)
    if at is None or not _is_among(at, trusted):
        return peer if at is None else str(at)
    entries = [entry for value in forwarded for entry in value.split(",")]
    for entry in reversed(entries[-HOPS:]):
        before = _read(entry)
        if before is None:
            break  # the proxy did not know: only its own address is left
        at = before
        if not _is_among(at, trusted):
            break
    return str(at)


def _read(text: str) -> Address | None:
    """Return the address in ``192.0.2.7``, ``192.0.2.7:4711``, ``2001:db8::7`` or ``[2001:db8::7]:4711``."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_among(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
