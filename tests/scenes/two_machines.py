"""Pbx and gate on separate hosts: three network namespaces, the carrier reached from the gate's alone.

The gate is real, the controller's FastAGI server is the product's, on the gate's host. On the pbx's host there
is only the attacker, as root. The gate's host forwards packets, as a host with containers does.
"""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from telephony.asterisk.firewall import render_firewall
from telephony.asterisk.installation import prepare_folders, write_configuration
from telephony.asterisk.rendering import render_gate, render_pbx
from telephony.settings import Settings
from telephony.workshop.lab import LabOptions, lab_down, launch, netrules
from telephony.workshop.lab.console import command
from telephony.workshop.lab.generate import lab_settings, lab_tables
from telephony.workshop.lab.model import lab_folder
from telephony.workshop.lab.network import LabNetwork
from telephony.workshop.lab.tree import find_asterisk
from tests.attacks.judgement import Judge
from tests.attacks.naive.configuration import write_naive
from tests.attacks.peers.machines import add_machines, entered, ip, remove_machines, wire
from tests.attacks.peers.message import Address
from tests.attacks.peers.peer import SipPeer
from tests.attacks.permits import PermitOffice, permit_office

PBX: Final = "10.251.1.2"
GATE: Final = "10.251.1.3"
TRUNK: Final = "10.251.2.4"
CARRIER: Final = "10.251.2.5"
_USERS: Final = 310_000


class _Network(LabNetwork):
    """The lab's ports on real-looking addresses."""

    def host(self, last: int) -> str:
        return {2: PBX, 3: GATE, 4: TRUNK, 5: CARRIER, 6: PBX, 7: GATE}.get(last, PBX)

    @property
    def name(self) -> str:
        return "10.251.1.0/24"

    def user_id(self, place: int) -> int:
        return _USERS + place


class TwoMachines(Judge):
    """The site; ``names`` are the namespaces of pbx, gate and carrier."""

    def __init__(self, name: str, names: tuple[str, str, str], settings: Settings, carrier: SipPeer) -> None:
        super().__init__(name)
        self.pbx, self.gate, self.outside = names
        self.settings = settings
        self.carrier = carrier
        self.office: PermitOffice | None = None
        self.folder = lab_folder(settings.gate.etc.parent.parent.name)
        self._peers: list[SipPeer] = []
        self._taken: set[str] = set()

    @property
    def inside(self) -> Address:
        """The gate's side towards the pbx."""
        return str(self.settings.gate.sip_host), self.settings.gate.sip_port

    @property
    def trunk(self) -> Address:
        """The gate's side towards the carrier."""
        return str(self.settings.gate.trunk_host), self.settings.gate.trunk_port

    @property
    def link(self) -> tuple[str, str]:
        """User and secret of the pbx at the gate."""
        return "pbx", self.settings.gate.sip_secret.get_secret_value()

    async def attacker(self, host: str = PBX) -> SipPeer:
        """Return a peer on the pbx's host; a foreign address is added there first."""
        if host != PBX and host not in self._taken:
            ip("-n", self.pbx, "address", "add", f"{host}/32", "dev", "lo")
            self._taken.add(host)
        self._peers.append(await SipPeer.open(host, 0, self.pbx))
        return self._peers[-1]

    async def is_quiet(self) -> bool:
        """Return True if the gate has no channel."""
        control = self.folder / "gate" / "run" / "gate.ctl"
        return "PJSIP/" not in command(control, "core show channels concise")

    def forget(self) -> None:
        """Close what the attack opened and forget what the carrier saw."""
        command(self.folder / "gate" / "run" / "gate.ctl", "channel request hangup all")
        for peer in self._peers:
            peer.close()
        for host in self._taken:
            ip("-n", self.pbx, "address", "delete", f"{host}/32", "dev", "lo")
        self._peers.clear()
        self._taken.clear()
        self.carrier.forget()


@contextlib.asynccontextmanager
async def open_two_machines(name: str, scratch: Path) -> AsyncIterator[TwoMachines]:
    """Bring the hosts up, and remove them at the end."""
    lab_id = f"two{os.getpid()}"
    names = (f"{lab_id}-pbx", f"{lab_id}-gate", f"{lab_id}-carrier")
    try:
        _connect(*names)
        settings = _install(lab_id, name == "naive")
        with entered(names[1]):
            if name != "naive":
                assert netrules.apply(render_firewall(settings)) == ""
            folder = lab_folder(lab_id)
            pid = launch.start(find_asterisk(lambda _: None), folder, "gate", settings.gate.user_id)
        if name == "naive":
            launch.await_fact("the gate has booted", lambda: _has_booted(folder), 30)
        else:
            launch.await_ready(folder, "gate", pid)
        carrier = await SipPeer.open(CARRIER, settings.trunks[0].port, names[2])
        two_machines = TwoMachines(name, names, settings, carrier)
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(carrier.close)
            with entered(names[1]):
                office = permit_office(settings, scratch, GATE, settings.controller.agi_port)
                two_machines.office = await stack.enter_async_context(office)
            yield two_machines
    finally:
        lab_down(lab_id)
        remove_machines(*names)


def _connect(pbx: str, gate: str, carrier: str) -> None:
    add_machines(pbx, gate, carrier)
    wire(pbx, f"{PBX}/24", gate, f"{GATE}/24", "in")
    wire(gate, f"{TRUNK}/24", carrier, f"{CARRIER}/24", "out")
    # What root of the pbx does first, and what would let an answer come back.
    ip("-n", pbx, "route", "add", "10.251.2.0/24", "via", GATE)
    ip("-n", carrier, "route", "add", "10.251.1.0/24", "via", TRUNK)
    with entered(gate):
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")


def _install(lab_id: str, is_naive: bool) -> Settings:
    folder = lab_folder(lab_id)
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    settings = lab_settings(lab_tables(LabOptions(seats=1), _Network(64, 0), folder), folder / "telephony.toml")
    for node, files in ((settings.pbx, render_pbx(settings)), (settings.gate, render_gate(settings))):
        prepare_folders(node)
        write_configuration(files, node.etc, node.user_id)
        os.chown(node.etc.parent, node.user_id, node.user_id)
    if is_naive:
        write_naive(settings)
    return settings


def _has_booted(folder: Path) -> bool:
    with contextlib.suppress(Exception):
        return "fully booted" in command(folder / "gate" / "run" / "gate.ctl", "core waitfullybooted", 20)
    return False
