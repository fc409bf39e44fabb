"""What operators hear, and when: the lab's own voice packets, watched on the loopback interface.

Two kinds of stream matter: the carrier's voice on its way to the gate, whose first packet leaves with the answer, and
the pbx's on its way to a phone. The time from the first packet of the one to the first audible packet of the other is
how long an operator waits for a called person's voice. Nothing inside Asterisk or the controller is read. The lab's
people speak from their first packet on. Needs the right to open a packet socket (root).
"""

import contextlib
import ctypes
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from telephony.workshop.lab import Lab

_LINK: Final = 14
_RTP: Final = _LINK + 20 + 8 + 12
_VOICE: Final = 160
"""G.711, 20 ms."""
_OUTGOING: Final = 4
"""``PACKET_OUTGOING``: the loopback interface shows each packet twice."""
_ATTACH_FILTER: Final = 26
"""``SO_ATTACH_FILTER``."""
_IDLE_S: Final = 1.0
_AUDIBLE: Final = 700.0
"""Mean absolute sample, of 32,768, above which a packet is speech; a seat between two calls is far below."""
_LATEST_S: Final = 2.5


@dataclass(slots=True)
class Heard:
    """What was seen, seconds since the epoch.

    Attributes:
        answers: when each call's voice left the carrier.
        onsets: by phone stream, when speech began after at least a second without.
    """

    answers: list[float] = field(default_factory=list)
    onsets: dict[int, list[float]] = field(default_factory=dict)


@contextlib.contextmanager
def listening(lab: Lab) -> Iterator[Heard]:
    """Capture a lab's voice packets while the context lasts; none when the machine does not allow it."""
    heard = Heard()
    try:
        tap = _tap(lab)
    except PermissionError:
        yield heard
        return
    is_over = threading.Event()
    thread = threading.Thread(target=_watch, args=(tap, lab, heard, is_over), name="audio probe", daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        is_over.set()
        thread.join()
        tap.close()


def delays_ms(heard: Heard) -> list[float]:
    """Return how long after each answer some operator heard speech begin, milliseconds; without speech none.

    A seat begins to hear once for each call, so each onset is given to the nearest answer before it, once.
    """
    onsets = sorted(at for onset in heard.onsets.values() for at in onset)
    delays = []
    for answer in sorted(heard.answers):
        onset = next((at for at in onsets if 0 <= at - answer <= _LATEST_S), None)
        if onset is not None:
            onsets.remove(onset)
            delays.append((onset - answer) * 1000)
    return delays


def _tap(lab: Lab) -> socket.socket:
    """Open a packet socket that sees only datagrams to the gate's outer side and to the phones."""
    addresses = [struct.unpack("!I", socket.inet_aton(end))[0] for end in _ends(lab)]
    # BPF: accept when the destination address is one of the two.
    program = [
        (0x20, 0, 0, _LINK + 16),
        (0x15, 1, 0, addresses[0]),
        (0x15, 0, 1, addresses[1]),
        (0x06, 0, 0, 0x40000),
        (0x06, 0, 0, 0),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *instruction) for instruction in program))
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    tap.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HL", len(program), ctypes.addressof(code)))
    tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 2**20)
    tap.bind(("lo", 0))
    tap.settimeout(0.2)
    return tap


def _ends(lab: Lab) -> tuple[str, str]:
    """Return the addresses of the gate's outer side and of the phones."""
    return lab.gate.address("trunk")[0], lab.world.address("phones")[0]


def _watch(tap: socket.socket, lab: Lab, heard: Heard, is_over: threading.Event) -> None:
    outer = socket.inet_aton(_ends(lab)[0])
    from_carrier: dict[int, float] = {}
    spoke: dict[int, float] = {}
    while not is_over.is_set():
        try:
            packet, where = tap.recvfrom(2048)
        except TimeoutError:
            continue
        if where[2] == _OUTGOING or len(packet) != _RTP + _VOICE:
            continue
        at = time.time()
        port = int.from_bytes(packet[_LINK + 22 : _LINK + 24], "big")
        if packet[_LINK + 16 : _LINK + 20] == outer:
            # A call's port may be used again, never within a second of its last packet.
            if at - from_carrier.get(port, 0.0) > _IDLE_S:
                heard.answers.append(at)
            from_carrier[port] = at
        elif loudness(packet[_RTP:]) > _AUDIBLE:
            if at - spoke.get(port, 0.0) > _IDLE_S:
                heard.onsets.setdefault(port, []).append(at)
            spoke[port] = at


def loudness(payload: Sequence[int]) -> float:
    """Return the mean absolute sample of A-law bytes (ITU-T G.711), full scale 32,768."""
    return sum(_LEVEL[byte] for byte in payload) / max(1, len(payload))


def _level(byte: int) -> int:
    byte ^= 0x55
    exponent, mantissa = (byte >> 4) & 7, byte & 15
    return (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)


_LEVEL: Final = tuple(_level(byte) for byte in range(256))
