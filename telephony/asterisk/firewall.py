"""The network rules of the lock, as one nftables table.

Someone with the pbx's AMI account can use any host in an Originate, and a phone can use any address for its audio: only
these rules block access to the carrier, another telephone service or an eavesdropper. They identify the instances by
numeric Unix user, so they work on the host that runs them. The installation loads the table; ``telephony check``
detects when it is missing.
"""

import os
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from telephony.settings import Settings, TrunkSettings


def render_firewall(settings: Settings) -> str:
    """Return an ``nft -f`` script that creates or replaces the site's table."""
    table = settings.firewall.table
    rules, passing = (
        "\n".join(f"        {line}" for line in lines) for lines in (_rules(settings), _passing(settings))
    )
    return f"""# the lock's network rules; numeric users: {settings.pbx.user_id} pbx, {settings.gate.user_id} gate
table inet {table}
delete table inet {table}
table inet {table} {{
    chain output {{
        type filter hook output priority filter; policy accept;
{rules}
    }}
    chain forward {{
        type filter hook forward priority filter; policy accept;
{passing}
    }}
}}
"""


def _rules(settings: Settings) -> list[str]:
    pbx, gate, controller = settings.pbx, settings.gate, settings.controller
    user = os.getuid() if controller.user_id is None else controller.user_id
    audio = f"meta skuid {gate.user_id} meta l4proto udp"
    askers = f"{{ {pbx.user_id}, {gate.user_id}, {user} }}"
    lines = ["# the carrier, signalling and audio: only the gate's user, not even root"]
    lines += [f"{_carrier(trunk)} meta skuid != {gate.user_id} reject" for trunk in settings.trunks]
    lines += [f"ip daddr {_text(network)} meta skuid != {gate.user_id} reject" for network in _media(settings)]
    lines += ["# the manager interfaces: only the controller's user"]
    lines += [f"ip daddr {node.ami_host} tcp dport {node.ami_port} meta skuid != {user} reject" for node in (pbx, gate)]
    lines += [
        "# only the two instances (and the controller itself) ask for permits and seats",
        f"ip daddr {controller.agi_host} tcp dport {controller.agi_port} meta skuid != {askers} reject",
        "# nobody else answers when the controller, pbx or gate is dead: neither a verdict nor a manager's greeting",
        f"ip saddr {controller.agi_host} tcp sport {controller.agi_port} meta skuid != {user} reject",
        *(
            f"ip saddr {node.ami_host} tcp sport {node.ami_port} meta skuid != {node.user_id} reject"
            for node in (pbx, gate)
        ),
        "# audio of the pbx's side goes only to the pbx, audio of the carrier's side only to the carriers",
        f"{audio} ip saddr {gate.sip_host} {_but([pbx.sip_host, gate.sip_host])} reject",
        f"{audio} ip saddr {gate.trunk_host} {_but([*_carriers(settings), gate.trunk_host])} reject",
    ]
    return lines + _confined(settings)


def _confined(settings: Settings) -> list[str]:
    """Return rules that allow the two instances only their peers: no other telephone service, listener or proxy."""
    pbx, gate = settings.pbx, settings.gate
    managers = [IPv4Network("127.0.0.0/8")] if pbx.ami_host.is_loopback or gate.ami_host.is_loopback else []
    talkers = f"meta skuid {{ {pbx.user_id}, {gate.user_id} }}"
    datagrams = "meta l4proto != tcp"
    gates = _but([pbx.sip_host, gate.sip_host, gate.trunk_host, *_carriers(settings)])
    return [
        "# the pbx reaches its phones and the gate, the gate the pbx and the carriers, both the controller",
        f"meta skuid {pbx.user_id} {datagrams} {_but([pbx.phones, pbx.sip_host, gate.sip_host])} reject",
        f"meta skuid {gate.user_id} {datagrams} {gates} reject",
        f"{talkers} meta l4proto tcp {_but([settings.controller.agi_host, *managers])} reject",
        # they answer managers, but open connections only to the controller
        f"{talkers} meta l4proto tcp ct state new ip daddr != {settings.controller.agi_host} reject",
        # other services on this host (a database, the pages, a proxy) are not reachable either
        f"{talkers} ct state new tcp dport != {settings.controller.agi_port} reject",
        f"{talkers} ip6 daddr != ::1 reject",
    ]


def _but(hosts: Iterable[IPv4Address | IPv4Network]) -> str:
    """Return a match for all other addresses; not a set, because nft lists overlapping sets differently."""
    return " ".join(f"ip daddr != {_text(host)}" for host in dict.fromkeys(hosts))


def _text(host: IPv4Address | IPv4Network) -> str:
    return str(host).removesuffix("/32")


def _passing(settings: Settings) -> list[str]:
    """Return rules against forwarding: a host that routes, for containers, would let anybody reach the carrier."""
    hosts = dict.fromkeys(_text(host) for host in _carriers(settings) if not host.is_loopback)
    lines = ["# nothing is forwarded to or from the carrier through this host: users are unknown here"]
    return lines + [f"ip {side} {host} reject" for host in hosts for side in ("daddr", "saddr")]


def _carriers(settings: Settings) -> list[IPv4Address | IPv4Network]:
    """Return the carriers' addresses, signalling and audio."""
    return [*(trunk.host for trunk in settings.trunks), *_media(settings)]


def _media(settings: Settings) -> list[IPv4Network]:
    """Return the carriers' separate audio networks; empty unless the settings name them."""
    return list(dict.fromkeys(network for trunk in settings.trunks for network in trunk.media))


def _carrier(trunk: TrunkSettings) -> str:
    """Return a match for packets to a carrier: the whole address, but only one port on 127.0.0.1."""
    if str(trunk.host) == "127.0.0.1":
        return f"ip daddr {trunk.host} udp dport {trunk.port}"
    return f"ip daddr {trunk.host}"
