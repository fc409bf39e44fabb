"""Network namespaces as separate hosts: made, wired with veth, entered by the calling thread, removed."""

import contextlib
import ctypes
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_NEW_NET: Final = 0x40000000
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def entered(name: str) -> Iterator[None]:
    """Let the calling thread open sockets and start processes in a namespace; "" is where it is already."""
    if not name:
        yield
        return
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    there = os.open(Path("/run/netns") / name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _enter(there)
        try:
            yield
        finally:
            _enter(here)
    finally:
        os.close(here)
        os.close(there)


def _enter(descriptor: int) -> None:
    if _LIBC.setns(descriptor, _NEW_NET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def add_machines(*names: str) -> None:
    """Make namespaces with their loopback up."""
    for name in names:
        ip("netns", "add", name)
        ip("-n", name, "link", "set", "lo", "up")


def remove_machines(*names: str) -> None:
    """Remove namespaces, and with them their wires; missing ones are fine."""
    for name in names:
        subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


def wire(left: str, one_address: str, other: str, other_address: str, label: str) -> None:
    """Connect two namespaces; addresses with prefix length; ``label`` names the interfaces."""
    ip("link", "add", f"{label}0", "netns", left, "type", "veth", "peer", "name", f"{label}1", "netns", other)
    for name, address, device in ((left, one_address, f"{label}0"), (other, other_address, f"{label}1")):
        ip("-n", name, "address", "add", address, "dev", device)
        ip("-n", name, "link", "set", device, "up")


def ip(*words: str) -> None:
    """Run ip(8); its own ``-n`` wants a root that is a mount point, and a chroot has none: nsenter(1) goes there."""
    inside: tuple[str, ...] = ()
    if words[0] == "-n":
        inside, words = ("nsenter", f"--net=/run/netns/{words[1]}"), words[2:]
    subprocess.run([*inside, "ip", *words], check=True, capture_output=True)
