"""The warden's work: look, end what must not go on, tell the controller, and end everything when it is gone.

Two loops: one looks at the gate's channels and files and ends legs at once, without asking; the other keeps asking
the controller for orders, and its answers are the sign that it lives. Console and disk are looked at in a thread, so
that one that hangs leaves the asking alive to say so.
"""

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import Final

import structlog

from telephony.errors import PeerProtocolError, SwitchError
from telephony.warden.asking import Controller
from telephony.warden.growth import Growth, probe
from telephony.warden.legs import GateConsole, Leg
from telephony.warden.rules import TRY_S, is_reachable
from telephony.warden.settings import WardenSettings
from telephony.wire.watch import Fault, FaultKind, WatchQuestion, WatchState

log = structlog.get_logger(__name__)

LOOK_S: Final = 0.4
"""Seconds between looks at channels and files."""
PROBE_S: Final = 1.5
"""Seconds between proofs that the disk takes more."""
RETRY_S: Final = 0.5
"""Seconds between questions that nobody answers."""
BLIND_S: Final = 3.0
"""Seconds without a look after which the warden says that it sees nothing."""
PROVING_S: Final = 2.0
"""Seconds a leg that is not answered may have no recording: the gate proves it before the INVITE, within one."""
FAULTS_KEPT: Final = 500
_AT_ONCE: Final = frozenset({FaultKind.STALLED, FaultKind.DISK, FaultKind.TRUNCATED})
"""What needs no second look: time has passed already, and a file that is ending never becomes shorter."""


@dataclass(slots=True)
class _Seen:
    """One trunk leg while it is there.

    Attributes:
        since_s: first seen, by the loop's clock.
        recording: its id, "" until known.
        suspect: the fault found at the last look, which this one must confirm.
        is_ended: its end was asked for; it is asked again until the leg is gone, and told once.
    """

    since_s: float
    recording: str = ""
    suspect: FaultKind | None = None
    is_ended: bool = False


class Guard:
    """A running warden.

    Args:
        settings: see ``WardenSettings``.
    """

    def __init__(self, settings: WardenSettings) -> None:
        self._settings = settings
        self._console = GateConsole(settings.control, settings.pbx)
        self._controller = Controller(settings.agi_host, settings.agi_port, settings.key)
        self._growth = Growth(settings.monitor, settings.stall_s)
        self._run_mark = secrets.token_hex(8)
        self._number = 0
        self._seen: dict[str, _Seen] = {}
        self._legs: dict[str, Leg] = {}
        self._known: dict[str, Leg] = {}
        self._faults: list[Fault] = []
        self._news = asyncio.Event()
        self._state = WatchState.BLIND
        self._looked_at_s = self._probed_at_s = float("-inf")
        self._odd_since_s: float | None = None
        self._answered_at_s = _now()
        self._unanswered = 0
        self._is_open = False

    async def run(self) -> None:
        """Watch until cancelled."""
        await self._try_rules()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_for_ever())
            group.create_task(self._ask_for_ever())
            group.create_task(self._tell_for_ever())
            group.create_task(self._try_rules_for_ever())

    async def _look_for_ever(self) -> None:
        while True:
            began_s = _now()
            try:
                faults = await asyncio.to_thread(self._look)
                self._looked_at_s, self._odd_since_s = _now(), None
            except SwitchError as error:
                log.error("gate_not_seen", reason=str(error))
                faults = await self._not_believed(began_s) if isinstance(error, PeerProtocolError) else []
            if self._is_controller_gone():
                faults += await asyncio.to_thread(self._end_all)
            if faults:
                self._faults = (self._faults + faults)[-FAULTS_KEPT:]
                self._news.set()
            await asyncio.sleep(max(0.05, LOOK_S - (_now() - began_s)))

    async def _try_rules_for_ever(self) -> None:
        while self._settings.rules_required:
            await asyncio.sleep(TRY_S)
            await self._try_rules()

    async def _try_rules(self) -> None:
        if not self._settings.rules_required:
            return
        is_open = await is_reachable(self._settings.manager_host, self._settings.manager_port)
        if is_open is not self._is_open:
            log.log(40 if is_open else 20, "network_rules", in_force=not is_open)
        self._is_open = is_open

    async def _not_believed(self, began_s: float) -> list[Fault]:
        """The console lists what cannot be believed: see nothing from now on, and end everything if that lasts."""
        self._looked_at_s = float("-inf")
        self._odd_since_s = began_s if self._odd_since_s is None else self._odd_since_s
        if _now() - self._odd_since_s < BLIND_S:
            return []
        log.error("gate_not_believed")
        try:
            await asyncio.to_thread(self._console.end_all)
        except SwitchError as error:
            log.error("gate_not_cut", reason=str(error))
            return []
        return [Fault(FaultKind.UNSEEN, "all")]

    def _look(self) -> list[Fault]:
        """Look once, in a thread: channels, then their files; end what is at fault and return it."""
        if _now() - self._probed_at_s >= PROBE_S:
            self._state, self._probed_at_s = probe(self._settings.monitor), _now()
        self._legs = {leg.channel: leg for leg in self._believed() if leg.is_trunk}
        self._seen = {key: self._seen.get(key) or _Seen(_now()) for key in self._legs}
        self._growth.keep(set(self._legs))
        faults = []
        for channel, leg in self._legs.items():
            seen = self._seen[channel]
            if not seen.recording:
                seen.recording = self._console.recording(leg)
            kind = self._judge(leg, seen)
            # A leg that is just ending closes its files a moment before it leaves the list: seen twice, or a stall.
            if kind is not None and (kind is seen.suspect or kind in _AT_ONCE):
                log.error("leg_cut", channel=channel, recording=seen.recording, fault=str(kind))
                self._console.end(leg)
                if not seen.is_ended:
                    faults.append(Fault(kind, channel, seen.recording))
                seen.is_ended = True
            seen.suspect = kind
        return faults

    def _believed(self) -> list[Leg]:
        """List the channels; each new one is looked at by itself too, so that no line can pass for another's."""
        legs = self._console.legs()
        before, self._known = self._known, {}
        for leg in legs:
            known = before.get(leg.channel)
            if known is None or known.name != leg.name:
                self._console.recording(leg)
            self._known[leg.channel] = leg
        return legs

    def _judge(self, leg: Leg, seen: _Seen) -> FaultKind | None:
        if not seen.recording:
            is_late = leg.is_up or _now() - seen.since_s > PROVING_S
            return FaultKind.UNRECORDED if is_late else None
        if self._state in {WatchState.FULL, WatchState.READ_ONLY}:
            return FaultKind.DISK
        kind = self._growth.look(leg.channel, seen.recording, _now(), is_up=leg.is_up)
        # Before its INVITE a leg's files are only being made; the dialplan itself proves them.
        is_made = leg.is_up or _now() - seen.since_s > PROVING_S
        return kind if is_made else None

    def _is_controller_gone(self) -> bool:
        # After the machine slept, one question at least has to go unanswered before that counts.
        return self._unanswered >= 2 and _now() - self._answered_at_s > self._settings.controller_gone_s

    def _end_all(self) -> list[Fault]:
        """The controller is gone: end every channel, again at every look until it answers."""
        try:
            legs = self._console.legs()
            if not legs:
                return []
            log.error("controller_gone", legs=len(legs))
            self._console.end_all()
        except SwitchError as error:
            log.error("gate_not_cut", reason=str(error))
            return []
        return [Fault(FaultKind.CONTROLLER_GONE, "all")]

    async def _ask_for_ever(self) -> None:
        """Ask for orders; the controller holds its answer back until there is one, or a second has passed."""
        while True:
            if not await self._ask(()):
                await asyncio.sleep(RETRY_S)

    async def _tell_for_ever(self) -> None:
        """Tell faults at once, beside the question that waits for orders."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._faults:
                telling = tuple(self._faults[:50])
                if await self._ask(telling):
                    del self._faults[: len(telling)]
                else:
                    await asyncio.sleep(RETRY_S)

    async def _ask(self, faults: tuple[Fault, ...]) -> bool:
        self._number += 1
        state = self._state if _now() - self._looked_at_s < BLIND_S else WatchState.BLIND
        if self._is_open:
            state = WatchState.OPEN
        question = WatchQuestion(
            self._run_mark, self._number, time.time_ns() // 1_000_000, state, len(self._legs), faults
        )
        try:
            answer = await self._controller.ask(question)
        except SwitchError as error:
            self._unanswered += 1
            log.warning("controller_silent", reason=str(error), unanswered=self._unanswered)
            return False
        self._answered_at_s, self._unanswered = _now(), 0
        await self._cut(answer.hangups)
        return True

    async def _cut(self, channels: tuple[str, ...]) -> None:
        """Carry out the controller's orders; it repeats them until the gate has told the end of each."""
        if not channels:
            return
        try:
            legs = {leg.channel: leg for leg in await asyncio.to_thread(self._console.legs)}
            for channel in channels:
                if channel in legs:
                    log.warning("leg_cut", channel=channel, fault="ordered")
                    await asyncio.to_thread(self._console.end, legs[channel])
        except SwitchError as error:
            log.error("gate_not_cut", reason=str(error))


def _now() -> float:
    return time.monotonic()
