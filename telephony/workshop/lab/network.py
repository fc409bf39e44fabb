"""A loopback network for each lab: one /24 of 127/8 no other lab on this machine has, with fixed ports on it.

Reservations are files below ``/run``, made and removed under one lock, whatever folder the labs themselves live in.
"""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony.errors import LabError

RESERVATIONS: Final = Path("/run/telephony-labs")
_FIRST, _LAST = 64, 126


@dataclass(frozen=True, slots=True)
class LabNetwork:
    """The addresses of one lab: 127.``second``.``third``.0/24."""

    second: int
    third: int

    PBX_SIP = 26060
    PBX_AMI = 26038
    GATE_SIP = 26070
    GATE_AMI = 26039
    TRUNK_SIP = 26080
    CARRIER_SIP = 26090
    PHONES_SIP = 26100
    AGI = 26573
    WEB = 28080

    @property
    def name(self) -> str:
        """The network as a CIDR."""
        return f"127.{self.second}.{self.third}.0/24"

    def host(self, last: int) -> str:
        """Return one address of it."""
        return f"127.{self.second}.{self.third}.{last}"

    @property
    def pbx(self) -> str:
        """Where phones register and the pbx's manager interface listens."""
        return self.host(2)

    @property
    def gate(self) -> str:
        """The gate's side towards the pbx, and its manager interface."""
        return self.host(3)

    @property
    def trunk(self) -> str:
        """The gate's side towards the carrier."""
        return self.host(4)

    @property
    def carrier(self) -> str:
        """World's carrier."""
        return self.host(5)

    @property
    def phones(self) -> str:
        """World's phones."""
        return self.host(6)

    @property
    def controller(self) -> str:
        """FastAGI and web of the controller."""
        return self.host(7)

    def user_id(self, place: int) -> int:
        """Return a numeric Unix user of this lab's own; ``place`` 0-3."""
        return 300_000 + ((self.second - _FIRST) * 256 + self.third) * 4 + place


@contextlib.contextmanager
def registry() -> Iterator[Path]:
    """Take the machine's lock on lab networks; yields the folder of reservations.

    Raises:
        LabError: not root.
    """
    try:
        RESERVATIONS.mkdir(mode=0o755, exist_ok=True)
        descriptor = os.open(RESERVATIONS / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LabError(f"{RESERVATIONS}: {error.strerror}; a lab needs root") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield RESERVATIONS
    finally:
        os.close(descriptor)


def reserve(folder: Path) -> LabNetwork:
    """Take a free network for the lab in ``folder``, which must exist (a reservation without folder is void).

    Raises:
        LabError: none is free, or something else on this machine listens on the lab's ports.
    """
    with registry() as reservations:
        taken = {path.name for path in _reserved(reservations)}
        for second in range(_FIRST, _LAST + 1):
            for third in range(256):
                network = LabNetwork(second, third)
                if network.host(0) not in taken and _is_free(network):
                    (reservations / network.host(0)).write_text(str(folder), encoding="utf-8")
                    return network
    raise LabError("no free loopback network for a lab; end old ones with telephony lab down --all")


def release(folder: Path) -> None:
    """Release every network reserved for ``folder``; none is fine."""
    with registry() as reservations:
        for path in _reserved(reservations):
            if path.read_text(encoding="utf-8") == str(folder):
                path.unlink()


def reserved_by(folder: Path) -> LabNetwork | None:
    """Return the network reserved for ``folder``, or None."""
    with registry() as reservations:
        for path in _reserved(reservations):
            if path.read_text(encoding="utf-8") == str(folder):
                _, second, third, _ = path.name.split(".")
                return LabNetwork(int(second), int(third))
    return None


def _reserved(reservations: Path) -> list[Path]:
    reserved = []
    for path in reservations.glob("127.*"):
        if Path(path.read_text(encoding="utf-8")).is_dir():
            reserved.append(path)
        else:
            path.unlink()
    return reserved


def _is_free(network: LabNetwork) -> bool:
    udp = [(network.pbx, network.PBX_SIP), (network.gate, network.GATE_SIP), (network.trunk, network.TRUNK_SIP)]
    udp += [(network.carrier, network.CARRIER_SIP), (network.phones, network.PHONES_SIP)]
    tcp = [(network.pbx, network.PBX_AMI), (network.gate, network.GATE_AMI)]
    tcp += [(network.controller, network.AGI), (network.controller, network.WEB)]
    return all(_can_bind(socket.SOCK_DGRAM, place) for place in udp) and all(
        _can_bind(socket.SOCK_STREAM, place) for place in tcp
    )


def _can_bind(kind: int, place: tuple[str, int]) -> bool:
    with socket.socket(socket.AF_INET, kind) as trial:
        if kind == socket.SOCK_STREAM:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(place)
        except OSError:
            return False
    return True
