"""The network rules as the kernel keeps them: who may send where, tried as each user; no Asterisk takes part."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from telephony.asterisk.audit import network_departures
from telephony.asterisk.audit.reading import list_network_rules
from telephony.asterisk.firewall import render_firewall
from telephony.settings import Settings
from telephony.workshop.lab import netrules
from tests.absence import absent
from tests.dialplan.test_rendering import settings

pytestmark = pytest.mark.asterisk

NET = "127.59.7"
SIGNALLING, MEDIA, ELSEWHERE = f"{NET}.10", f"{NET}.65", f"{NET}.97"
PBX, GATE, TRUNK = f"{NET}.1", f"{NET}.2", f"{NET}.3"
PBX_USER, GATE_USER = 299_801, 299_802
_SEND = """
import encodings.idna, os, socket, sys
os.setgroups([]); os.setgid({user}); os.setuid({user})
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.bind(({source!r}, 0))
try:
    link.sendto(b"audio", ({to!r}, 7078))
except OSError:
    sys.exit(3)
"""


def site(media: list[str]) -> Settings:
    trunk = {"name": "north", "host": SIGNALLING, "caller_ids": ["33199000000"], "media": media}
    return settings(
        firewall={"table": "telephony_lab_media"},
        trunks=[trunk],
        pbx={"sip_host": PBX, "user_id": PBX_USER, "phones": f"{NET}.16/28"},
        gate={"sip_host": GATE, "trunk_host": TRUNK, "user_id": GATE_USER},
    )


@pytest.fixture
def load() -> Iterator[Callable[[Settings], None]]:
    if shutil.which("nft") is None:
        absent("the network rules are tried on a real kernel: root, with nftables")

    def load_rules(chosen: Settings) -> None:
        assert netrules.apply(render_firewall(chosen)) == ""
        table = chosen.firewall.table
        assert list(network_departures(render_firewall(chosen), list_network_rules(table), table)) == []

    yield load_rules
    netrules.remove("media")


def arrives(user: int, source: str, to: str) -> bool:
    """Send a datagram as a user; return True if it arrived."""
    with ExitStack() as stack:
        ear = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        ear.bind((to, 7078))
        ear.settimeout(1)
        script = _SEND.format(user=user, source=source, to=to)
        done = subprocess.run([sys.executable, "-c", script], check=False, timeout=10)
        assert done.returncode in (0, 3)
        if done.returncode == 3:
            return False
        return ear.recv(16) == b"audio"


def test_audio_of_a_carriers_own_media_network_is_closed_by_default(load: Callable[[Settings], None]):
    load(site([]))
    assert arrives(GATE_USER, TRUNK, SIGNALLING)
    assert not arrives(GATE_USER, TRUNK, MEDIA)
    assert not arrives(PBX_USER, PBX, MEDIA)


def test_a_media_network_that_the_settings_name_is_open_to_the_gate_alone(load: Callable[[Settings], None]):
    load(site([f"{NET}.64/27"]))
    assert arrives(GATE_USER, TRUNK, MEDIA)
    assert not arrives(GATE_USER, TRUNK, ELSEWHERE)
    assert not arrives(GATE_USER, GATE, MEDIA)  # its inner side speaks to the pbx alone
    assert not arrives(PBX_USER, PBX, MEDIA)
    assert not arrives(65_534, PBX, MEDIA)  # nor does anybody else of the machine


_CONNECT = """
import encodings.idna, os, socket, sys
os.setgroups([]); os.setgid({user}); os.setuid({user})
try:
    link = socket.create_connection(({to!r}, {port}), 2, source_address=({source!r}, 0))
    sys.exit(0 if link.recv(5) == b"hello" else 4)
except OSError:
    sys.exit(3)
"""


def connects(user: int, source: str, to: str, port: int) -> bool:
    """Connect as a user to a listener of root's that says hello."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server((to, port)))
        listener.settimeout(0.2)
        script = _CONNECT.format(user=user, source=source, to=to, port=port)
        client = subprocess.Popen([sys.executable, "-c", script])
        while client.poll() is None:
            try:
                link, _ = listener.accept()
            except TimeoutError:
                continue
            link.sendall(b"hello")
            link.close()
        assert client.returncode in (0, 3)
        return client.returncode == 0


def test_the_instances_connect_to_the_controller_and_to_nothing_else_of_the_machine(load: Callable[[Settings], None]):
    chosen = site([]).model_copy(
        update={"controller": site([]).controller.model_copy(update={"agi_port": 26_573, "user_id": 0})}
    )
    load(chosen)
    agi = str(chosen.controller.agi_host)
    assert connects(PBX_USER, "127.0.0.1", agi, 26_573)
    assert connects(GATE_USER, "127.0.0.1", agi, 26_573)
    for user in (PBX_USER, GATE_USER):
        assert not connects(user, "127.0.0.1", agi, 26_574)
        assert not connects(user, "127.0.0.1", f"{NET}.200", 26_573)
        assert not connects(user, "127.0.0.1", f"{NET}.200", 26_574)
    assert connects(65_534, "127.0.0.1", agi, 26_574)
