"""The guard: checks the gate's legs, cuts those at fault, reports to the controller, cuts all when it is gone.

Two main loops. One checks the gate's channels and files and cuts legs at once, without asking. The other keeps asking
the controller for orders; its answers show that it is alive. Console and disk are read in a thread: if they hang, the
other loop can still report it.
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
"""Seconds between checks of channels and files."""
PROBE_S: Final = 1.5
"""Seconds between disk probes."""
RETRY_S: Final = 0.5
"""Seconds before an unanswered question is repeated."""
BLIND_S: Final = 3.0
"""Seconds without a successful check after which the warden reports that it is blind."""
PROVING_S: Final = 2.0
"""Seconds an unanswered leg may have no recording: the gate checks it before the INVITE, within one second."""
FAULTS_KEPT: Final = 500
_AT_ONCE: Final = frozenset({FaultKind.STALLED, FaultKind.DISK, FaultKind.TRUNCATED})
"""Faults that need no second check: time has passed already, and a file that is ending never gets shorter."""


@dataclass(slots=True)
class _Seen:
    """One trunk leg while it exists.

    Attributes:
        since_s: first seen, by the loop's clock.
        recording: its id, "" until known.
        suspect: the fault seen by the last check, which the next must confirm.
        is_ended: its end was ordered and reported; the order is repeated until the leg is gone.
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
        self._checked_at_s = self._probed_at_s = float("-inf")
        self._untrusted_since_s: float | None = None
        self._answered_at_s = _now()
        self._unanswered = 0
        self._is_open = False

    async def run(self) -> None:
        """Watch until cancelled."""
        await self._try_rules()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._check_forever())
            group.create_task(self._ask_forever())
            group.create_task(self._report_forever())
            group.create_task(self._try_rules_forever())

    async def _check_forever(self) -> None:
        while True:
            began_s = _now()
            try:
                faults = await asyncio.to_thread(self._check)
                self._checked_at_s, self._untrusted_since_s = _now(), None
            except SwitchError as error:
                log.error("gate_unreadable", reason=str(error))
                faults = await self._distrust(began_s) if isinstance(error, PeerProtocolError) else []
            if self._is_controller_gone():
                faults += await asyncio.to_thread(self._end_all)
            if faults:
                self._faults = (self._faults + faults)[-FAULTS_KEPT:]
                self._news.set()
            await asyncio.sleep(max(0.05, LOOK_S - (_now() - began_s)))

    async def _try_rules_forever(self) -> None:
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

    async def _distrust(self, began_s: float) -> list[Fault]:
        """Handle a list of channels that cannot be trusted: report blind, and cut all channels if that lasts."""
        self._checked_at_s = float("-inf")
        self._untrusted_since_s = began_s if self._untrusted_since_s is None else self._untrusted_since_s
        if _now() - self._untrusted_since_s < BLIND_S:
            return []
        log.error("gate_not_believed")
        try:
            await asyncio.to_thread(self._console.end_all)
        except SwitchError as error:
            log.error("gate_hangup_failed", reason=str(error))
            return []
        return [Fault(FaultKind.UNSEEN, "all")]

    def _check(self) -> list[Fault]:
        """Check channels, then their files, in a thread; cut legs at fault and return the faults."""
        if _now() - self._probed_at_s >= PROBE_S:
            self._state, self._probed_at_s = probe(self._settings.monitor), _now()
        self._legs = {leg.channel: leg for leg in self._verified_legs() if leg.is_trunk}
        self._seen = {key: self._seen.get(key) or _Seen(_now()) for key in self._legs}
        self._growth.keep(set(self._legs))
        faults = []
        for channel, leg in self._legs.items():
            seen = self._seen[channel]
            if not seen.recording:
                seen.recording = self._console.recording(leg)
            kind = self._fault_of(leg, seen)
            # An ending leg closes its files just before it leaves the list: only a fault seen twice counts, or a stall.
            if kind is not None and (kind is seen.suspect or kind in _AT_ONCE):
                log.error("leg_cut", channel=channel, recording=seen.recording, fault=str(kind))
                self._console.end(leg)
                if not seen.is_ended:
                    faults.append(Fault(kind, channel, seen.recording))
                seen.is_ended = True
            seen.suspect = kind
        return faults

    def _verified_legs(self) -> list[Leg]:
        """List the channels; check each new one by itself too, so that no forged line passes for another channel."""
        legs = self._console.legs()
        before, self._known = self._known, {}
        for leg in legs:
            known = before.get(leg.channel)
            if known is None or known.name != leg.name:
                self._console.recording(leg)
            self._known[leg.channel] = leg
        return legs

    def _fault_of(self, leg: Leg, seen: _Seen) -> FaultKind | None:
        if not seen.recording:
            is_late = leg.is_up or _now() - seen.since_s > PROVING_S
            return FaultKind.UNRECORDED if is_late else None
        if self._state in {WatchState.FULL, WatchState.READ_ONLY}:
            return FaultKind.DISK
        kind = self._growth.look(leg.channel, seen.recording, _now(), is_up=leg.is_up)
        # Before its INVITE a leg's files are being created; the dialplan itself checks them.
        is_due = leg.is_up or _now() - seen.since_s > PROVING_S
        return kind if is_due else None

    def _is_controller_gone(self) -> bool:
        # After the host was suspended, at least one question must go unanswered first.
        return self._unanswered >= 2 and _now() - self._answered_at_s > self._settings.controller_gone_s

    def _end_all(self) -> list[Fault]:
        """Cut every channel because the controller is gone; repeated at every check until it answers."""
        try:
            legs = self._console.legs()
            if not legs:
                return []
            log.error("controller_gone", legs=len(legs))
            self._console.end_all()
        except SwitchError as error:
            log.error("gate_hangup_failed", reason=str(error))
            return []
        return [Fault(FaultKind.CONTROLLER_GONE, "all")]

    async def _ask_forever(self) -> None:
        """Ask for orders, until cancelled; the controller answers when there is one, or after a second."""
        while True:
            if not await self._ask(()):
                await asyncio.sleep(RETRY_S)

    async def _report_forever(self) -> None:
        """Report faults at once, in parallel to the question that waits for orders."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._faults:
                batch = tuple(self._faults[:50])
                if await self._ask(batch):
                    del self._faults[: len(batch)]
                else:
                    await asyncio.sleep(RETRY_S)

    async def _ask(self, faults: tuple[Fault, ...]) -> bool:
        self._number += 1
        state = self._state if _now() - self._checked_at_s < BLIND_S else WatchState.BLIND
        if self._is_open:
            state = WatchState.OPEN
        question = WatchQuestion(
            self._run_mark, self._number, time.time_ns() // 1_000_000, state, len(self._legs), faults
        )
        try:
            answer = await self._controller.ask(question)
        except SwitchError as error:
            self._unanswered += 1
            log.warning("controller_unreachable", reason=str(error), unanswered=self._unanswered)
            return False
        self._answered_at_s, self._unanswered = _now(), 0
        await self._cut(answer.hangups)
        return True

    async def _cut(self, channels: tuple[str, ...]) -> None:
        """Carry out the controller's orders; it repeats each until the gate has reported the leg's end."""
        if not channels:
            return
        try:
            legs = {leg.channel: leg for leg in await asyncio.to_thread(self._console.legs)}
            for channel in channels:
                if channel in legs:
                    log.warning("leg_cut", channel=channel, fault="ordered")
                    await asyncio.to_thread(self._console.end, legs[channel])
        except SwitchError as error:
            log.error("gate_hangup_failed", reason=str(error))


def _now() -> float:
    return time.monotonic()
