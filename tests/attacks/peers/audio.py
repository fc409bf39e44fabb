"""RTP as an attacker uses it: tones out, keys out (RFC 4733), and what came in, by tone, key and source.

Tones stand for voices: a peer whose tone is in a recording was heard there. A-law, 8 kHz, 20 ms packets.
"""

import asyncio
import struct
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from tests.attacks.peers.message import Address, sdp

_FRAME: Final = 160
_VOICE: Final = 8
_EVENT: Final = 101


@dataclass
class Audio(asyncio.DatagramProtocol):
    """One RTP socket.

    Attributes:
        address: its own.
        target: where it sends to, once known.
        packets: audio that came in: source and A-law bytes, in order.
        keys: RFC 4733 events that came in: source and event number, once per timestamp.
        strays: sources of anything at all that came in.
    """

    address: Address = ("", 0)
    target: Address | None = None
    packets: list[tuple[Address, bytes]] = field(default_factory=list)
    keys: dict[tuple[Address, int], int] = field(default_factory=dict)
    strays: list[Address] = field(default_factory=list)
    _transport: asyncio.DatagramTransport | None = None
    _task: asyncio.Task[None] | None = None
    _sequence: int = 0
    _timestamp: int = 0

    @classmethod
    async def open(cls, host: str, port: int = 0) -> "Audio":
        """Bind a socket at ``host``."""
        transport, audio = await asyncio.get_running_loop().create_datagram_endpoint(cls, local_addr=(host, port))
        audio._transport = transport
        audio.address = transport.get_extra_info("sockname")[:2]
        return audio

    @property
    def offer(self) -> str:
        """An SDP body that names this socket."""
        return sdp(*self.address)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Store what came in."""
        self.strays.append(addr[:2])
        if len(data) < 12 or data[0] >> 6 != 2:
            return
        kind, timestamp = data[1] & 0x7F, struct.unpack(">I", data[4:8])[0]
        if kind == _VOICE:
            self.packets.append((addr[:2], data[12:]))
        elif kind == _EVENT and len(data) >= 16:
            self.keys[(addr[:2], timestamp)] = data[12]

    def error_received(self, exc: Exception) -> None:
        """Nothing listens there: not a reason to stop."""

    def speak(self, hertz: float, target: Address | None = None) -> None:
        """Send a tone to ``target`` (or to the address set), until ``close`` or the next ``speak``."""
        self.target = target or self.target
        self.hush()
        self._task = asyncio.get_running_loop().create_task(self._run(tone(hertz)))

    def hush(self) -> None:
        """Stop sending."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def press(self, key: int, target: Address | None = None) -> None:
        """Send one key as RFC 4733 does: begin, middle, three times the end."""
        for duration, is_end in ((160, 0), (320, 0), (800, 0x80), (800, 0x80), (800, 0x80)):
            self.send(_EVENT, struct.pack(">BBH", key, 10 | is_end, duration), target or self.target)
        self._timestamp += 960

    def hears(self, hertz: float, least: int = 5) -> bool:
        """Return True if the tone is in at least ``least`` of the packets that came in."""
        loud = 0
        for _, payload in self.packets:
            if len(payload) == _FRAME and _share(decode(payload), hertz) > 0.5:
                loud += 1
        return loud >= least

    def close(self) -> None:
        """Stop sending and give the port back."""
        self.hush()
        if self._transport is not None:
            self._transport.close()

    async def _run(self, samples: bytes) -> None:
        loop = asyncio.get_running_loop()
        due, at = loop.time(), 0
        while True:
            self.send(_VOICE, samples[at : at + _FRAME], self.target)
            self._timestamp += _FRAME
            at = (at + _FRAME) % len(samples)
            due += 0.02
            await asyncio.sleep(max(0, due - loop.time()))  # a packet leaves every 20 ms

    def send(self, kind: int, payload: bytes, target: Address | None) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        header = struct.pack(">BBHII", 0x80, kind, self._sequence, self._timestamp & 0xFFFFFFFF, id(self) & 0xFFFFFFFF)
        if target is not None and self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(header + payload, target)


def tone(hertz: float) -> bytes:
    """Return one second of a tone, A-law."""
    moments = np.arange(8000) / 8000
    return encode((np.sin(2 * np.pi * hertz * moments) * 12000).astype(np.int64))


def encode(samples: npt.NDArray[np.int64]) -> bytes:
    """Return 16-bit samples as A-law (ITU-T G.711)."""
    return bytes(_NEAREST[(samples + 32768) >> 4].astype(np.uint8))


def decode(payload: bytes) -> npt.NDArray[np.int64]:
    """Return A-law bytes as 16-bit samples."""
    return _LINEAR[np.frombuffer(payload, dtype=np.uint8)]


def _share(samples: npt.NDArray[np.int64], hertz: float) -> float:
    """Return how much of the energy is at ``hertz``, 0 to 1; silence is 0."""
    values = samples.astype(float)
    energy = float(np.sum(values**2))
    if energy < len(values) * 200.0**2:
        return 0.0
    wave = np.exp(-2j * np.pi * hertz * np.arange(len(values)) / 8000)
    return float(2 * abs(np.sum(values * wave)) ** 2 / (len(values) * energy))


def _expand(code: int) -> int:
    code ^= 0x55
    segment, value = (code & 0x70) >> 4, ((code & 0x0F) << 4) + 8
    if segment:
        value = (value + 0x100) << (segment - 1)
    return value if code & 0x80 else -value


_LINEAR: Final = np.array([_expand(code) for code in range(256)], dtype=np.int64)
_NEAREST: Final = np.array(
    [int(np.argmin(np.abs(_LINEAR - level))) for level in range(-32768, 32768, 16)], dtype=np.int64
)
