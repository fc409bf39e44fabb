"""The tripwire: a trunk leg without a valid permit is hung up from both sides as soon as its event arrives.

The gate's dialplan and the network rules let no such leg through; the tripwire is the alarm behind them, and opens an
incident. It checks the events of the switches and never sees a telephone number. ``telephony.services.calls.hangup``
ends the calls.
"""

import asyncio
from collections.abc import Iterable
from typing import Final

import structlog

from telephony.errors import SwitchError
from telephony.ids import AttemptId, ChannelId, PermitId
from telephony.ports.calls.switch import (
    ChannelFact,
    DtmfPressed,
    Exchanges,
    SwitchFact,
    TrunkLegStarted,
    TrunkPartyChanged,
)
from telephony.services.calls.hangup import Hangups
from telephony.services.calls.seats import Seats
from telephony.services.calls.tracker import Tracker
from telephony.services.evidence.incident_book import IncidentBook
from telephony.services.security.dtmf import DtmfPolicy
from telephony.services.security.intruders import Intruders

log = structlog.get_logger(__name__)

SWEEP_S: Final = 2.0
"""Seconds between sweeps over every channel of both switches, which find what a lost event hid."""
DTMF_S: Final = 60.0
"""Seconds in which the keys pressed at one seat are one incident."""


class Tripwire:
    """Checks every trunk leg, the channels in a conversation, and the DTMF of operators' phones.

    Args:
        tracker: the live calls, each with its permit.
        seats: whose phone a channel is.
        hangups: ends the calls and channels.
        incidents: notes the incidents.
        dtmf: decides which digits may pass, and plays them.
        exchanges: the channels of both switches.
        inside: endpoint of the pbx at the gate: every other channel there is a trunk leg.
        outside: endpoint of the gate at the pbx.
    """

    def __init__(
        self,
        tracker: Tracker,
        seats: Seats,
        hangups: Hangups,
        incidents: IncidentBook,
        dtmf: DtmfPolicy,
        exchanges: Exchanges,
        *,
        inside: str = "pbx",
        outside: str = "gate",
    ) -> None:
        self._tracker = tracker
        self._seats = seats
        self._hangups = hangups
        self._incidents = incidents
        self._dtmf = dtmf
        self._gate = exchanges.gate
        self._pbx = exchanges.pbx
        self._inside = inside
        self._outside = outside
        self._intruders = Intruders(tracker, seats)
        self._suspects: set[ChannelId] = set()
        self._dtmf_at_s: dict[int, float] = {}

    def on_gate(self, fact: SwitchFact) -> bool:
        """Check a fact of the gate; return False when it belongs to no call and the tracker must not get it."""
        match fact:
            case TrunkLegStarted(permit_id=permit_id, channel=channel, trunk=trunk):
                fault = self._fault(permit_id, channel, trunk)
                if fault:
                    self._cut(fault, permit_id, channel)
                    return False
            case TrunkPartyChanged(channel=channel):
                self._diverted(channel)
                return False
            case _:
                pass
        return True

    def on_pbx(self, fact: SwitchFact) -> None:
        """Check a fact of the pbx for intruders in a conversation and for DTMF."""
        for channel in self._intruders.told(fact):
            self._end_intruder(channel)
        if isinstance(fact, DtmfPressed):
            self._key(fact)

    def _end_intruder(self, channel: ChannelId) -> None:
        self._hangups.hang_up(channel)
        text = (
            f"Channel {channel} of the pbx was in a conversation that is not its own: it was hung up. Find out who "
            "uses the pbx's manager account, and change its secret."
        )
        self._incidents.note("stranger_in_a_conversation", channel, text)

    def _key(self, fact: DtmfPressed) -> None:
        seat = next((seat for seat in self._seats.seats.values() if seat.row.channel == fact.channel), None)
        now_s = asyncio.get_running_loop().time()
        rule = self._dtmf.take(seat, fact) if seat is not None else ""
        if seat is None or not rule or now_s - self._dtmf_at_s.get(seat.row.seat, float("-inf")) < DTMF_S:
            return
        self._dtmf_at_s[seat.row.seat] = now_s
        during = f" during attempt {seat.row.attempt_id}" if seat.row.attempt_id else ""
        text = f"A key was pressed on the phone of seat {seat.row.seat}{during}; it was not passed on. [{rule}]"
        self._incidents.note("key_pressed", f"seat {seat.row.seat}", text)

    def _fault(self, permit_id: PermitId, channel: ChannelId, trunk: str) -> str | None:
        """Return the fault of a trunk leg as an incident's kind, or None."""
        attempt_id = self._tracker.by_permit(permit_id) if permit_id else None
        call = self._tracker.call(attempt_id) if attempt_id else None
        if call is None:
            return "trunk_leg_after_its_attempt" if permit_id else "trunk_leg_without_permit"
        if call.attempt.trunk != trunk:
            return "trunk_leg_on_wrong_trunk"
        if call.attempt.trunk_channel and call.attempt.trunk_channel != channel:
            return "second_trunk_leg_of_permit"
        return None

    def _cut(self, kind: str, permit_id: PermitId, channel: ChannelId) -> None:
        self._hangups.cut(channel)
        attempt_id = self._tracker.by_permit(permit_id) if permit_id else None
        call = self._tracker.call(attempt_id) if attempt_id else None
        if call is not None:
            self._hangups.end(call)
        whose = f" of attempt {attempt_id}" if attempt_id else ""
        text = f"A {kind.replace('_', ' ')}{whose} was at the gate: it was hung up. Find out who made it."
        self._incidents.note(kind, attempt_id or channel, text)

    def _diverted(self, channel: ChannelId) -> None:
        attempt_id = self._tracker.by_channel(channel)
        call = self._tracker.call(attempt_id) if attempt_id else None
        self._hangups.cut(channel)
        if call is not None:
            self._hangups.end(call)
        what = f"attempt {attempt_id}" if attempt_id else f"trunk leg {channel}"
        text = f"The carrier names another party than the one called in {what}: the call was ended."
        self._incidents.note("trunk_party_changed", attempt_id or channel, text)

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self.sweep()
            except SwitchError as error:
                log.info("tripwire_sweep_failed", reason=str(error))

    async def sweep(self) -> None:
        """Check every channel once; hang up those that are wrong now and were in the sweep before.

        Raises:
            SwitchError: a switch does not answer.
        """
        at_gate = set(self._at_gate(await self._gate.channels())) if self._gate.is_connected else set()
        at_pbx = await self._pbx.channels() if self._pbx.is_connected else ()
        strays, intruders = set(self._at_pbx(at_pbx)), self._intruders.among(at_pbx)
        for fact, kind in at_gate:
            if fact.channel in self._suspects:
                permit = PermitId(fact.extension if fact.extension.startswith("p") else "")
                self._cut(kind, permit, fact.channel)
        for channel in intruders & self._suspects:
            self._end_intruder(channel)
        for channel in strays & self._suspects:
            self._hangups.hang_up(channel)
            text = f"Channel {channel} of the pbx calls the gate and belongs to no attempt: it was hung up."
            self._incidents.note("pbx_leg_without_attempt", channel, text)
        self._suspects = {fact.channel for fact, _kind in at_gate} | strays | intruders

    def _at_gate(self, channels: Iterable[ChannelFact]) -> Iterable[tuple[ChannelFact, str]]:
        for fact in channels:
            if fact.endpoint != self._inside:
                permit = PermitId(fact.extension if fact.extension.startswith("p") else "")
                kind = self._fault(permit, fact.channel, fact.endpoint)
                if kind:
                    yield fact, kind

    def _at_pbx(self, channels: Iterable[ChannelFact]) -> Iterable[ChannelId]:
        for fact in channels:
            if fact.endpoint == self._outside and self._tracker.call(AttemptId(fact.channel)) is None:
                yield fact.channel
