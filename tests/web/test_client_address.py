"""The client's address is read through the site's own proxies, and no further."""

from ipaddress import IPv4Network, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.settings import WebSettings
from telephony.web.http.client_address import client_address

PROXIES = (IPv4Network("127.0.0.0/8"), IPv4Network("192.0.2.0/28"), IPv6Network("2001:db8:1::/48"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.1, 198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.1", "198.51.100.7, 192.0.2.3"], "198.51.100.7"),
        ("127.0.0.1", ["192.0.2.3, 192.0.2.4"], "192.0.2.3"),
        ("127.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
        ("127.0.0.1", ["[2001:db8:9::7]:4711"], "2001:db8:9::7"),
        ("127.0.0.1", ["2001:db8:9::7, 2001:db8:1::1"], "2001:db8:9::7"),
        ("::ffff:127.0.0.1", ["::ffff:198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["198.51.100.7, unknown"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("198.51.100.7", ["203.0.113.1"], "198.51.100.7"),
        ("", ["203.0.113.1"], ""),
    ],
)
def test_the_rightmost_address_that_no_trusted_proxy_owns_is_the_client(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert client_address(peer, forwarded, PROXIES) == client


@given(st.lists(st.one_of(st.text(max_size=20), st.ip_addresses().map(str)), max_size=30), st.ip_addresses(v=4))
def test_nothing_a_client_writes_itself_changes_its_address(written: list[str], client: object) -> None:
    entry = "198.51.100.7" if any(client in network for network in PROXIES[:2]) else str(client)  # type: ignore[operator]
    text = client_address("127.0.0.1", [*written, entry], PROXIES)
    assert text == str(ip_address(entry))


def test_networks_as_wide_as_the_world_are_no_proxies() -> None:
    assert WebSettings(trusted_proxies=("127.0.0.1/32", "2001:db8:1::/48")).trusted_proxies[1].version == 6
    for wide in ("0.0.0.0/0", "::/0", "0.0.0.0/1"):
        with pytest.raises(ValueError, match="trusts anybody's header"):
            WebSettings(trusted_proxies=(wide,))
