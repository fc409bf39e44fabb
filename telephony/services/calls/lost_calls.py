"""Calls with a lost event: an end, an answer, a leg that never existed. Both switches are asked every 2 s.

A missing event does not prove that nothing happened. So calls are compared with every channel that exists. A fault seen
at two polls is settled; after a (re)connection one poll is enough. The gate's call records show if a trunk leg that
nobody saw was answered, and its recording does if the gate died with the call. Such a person was abandoned, and is not
called again as if nothing had happened. If a seat had the call, it was a conversation, unless it is certain that its
operator was not heard: their result is due.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

import structlog

from telephony.domain.calls.events import (
    CallInterrupted,
    CallLost,
    CustomerLegEnded,
    OperatorChosen,
    OperatorConnected,
    PersonAnswered,
    TrunkLegBegan,
    TrunkLegEnded,
)
from telephony.domain.calls.lifecycle import Call
from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.time_limits import CallClocks
from telephony.domain.evidence.proof import GateLeg
from telephony.errors import SwitchError
from telephony.ids import AttemptId, ChannelId, PermitId
from telephony.ports.calls.switch import ChannelFact, Exchanges
from telephony.ports.clock import Clock
from telephony.services.calls.call_evidence import CallEvidence
from telephony.services.calls.hangup import Hangups
from telephony.services.calls.seat_login import SeatLogins
from telephony.services.calls.seats import Seat, Seats
from telephony.services.calls.tracker import Tracker

log = structlog.get_logger(__name__)

LOOK_S: Final = 2.0
YOUNG: Final = timedelta(seconds=6)
"""An order takes up to 5 s to be answered: a younger call without a channel may not have begun."""
RECORD_GRAIN: Final = timedelta(seconds=1.5)
"""The gate's records are exact to the second; within that, the recording's length gives the end more exactly."""
LEAST_HEARD_S: Final = 1.0
"""Without early media, a call whose recording is at least this long was answered. An operator who was in a call for
less was not heard."""

Channels = Mapping[ChannelId, ChannelFact]


class CallFault(Enum):
    """What can be wrong with a live call."""

    CUSTOMER_GONE = auto()
    TRUNK_GONE = auto()
    ALONE_AT_GATE = auto()
    """The gate has a leg, the pbx has none: the person who answers would hear nobody."""
    JOINED_UNSEEN = auto()
    """In its seat's bridge, but no event reported the connection."""
    UNHEARD = auto()
    """Connected to a seat that is not in this conversation."""
    OVERDUE = auto()


class LostCalls:
    """Compares the live calls with the channels that exist."""

    def __init__(
        self,
        tracker: Tracker,
        seats: Seats,
        phones: SeatLogins,
        exchanges: Exchanges,
        evidence: CallEvidence,
        hangups: Hangups,
        clock: Clock,
        clocks: CallClocks,
    ) -> None:
        self._tracker = tracker
        self._seats = seats
        self._phones = phones
        self._pbx = exchanges.pbx
        self._gate = exchanges.gate
        self._evidence = evidence
        self._hangups = hangups
        self._clock = clock
        self._clocks = clocks
        self._suspects: Mapping[AttemptId, frozenset[CallFault]] = {}
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Compare periodically while both switches are connected, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            if self._pbx.is_connected and self._gate.is_connected:
                try:
                    await self.look()
                except SwitchError as error:
                    log.info("calls_not_compared", reason=str(error))

    async def look(self, known: Collection[Call] | None = None) -> None:
        """Compare once.

        Args:
            known: after a (re)connection, the calls known before it: their faults are settled at once.

        Raises:
            SwitchError: a switch cannot be asked; nothing was done.
        """
        async with self._looking:
            now = self._clock.now()
            calls = [call for call in self._tracker.calls() if _may_be_lost(call, now)] if known is None else known
            ids = [call.attempt.attempt_id for call in calls]
            pbx = {fact.channel: fact for fact in await self._pbx.channels()}
            gate = {fact.channel: fact for fact in await self._gate.channels()}
            self._phones.look(pbx)
            self._seats.settle()
            faults_by_call = {call.attempt.attempt_id: self._faults(call, pbx, gate) for call in self._live_calls(ids)}
            before, self._suspects = self._suspects, faults_by_call
            if known is None:  # only the faults that the last poll saw too
                faults_by_call = {key: faults & before.get(key, frozenset()) for key, faults in faults_by_call.items()}
            await self._settle({key: faults for key, faults in faults_by_call.items() if faults}, pbx, gate)

    def _live_calls(self, ids: Sequence[AttemptId]) -> list[Call]:
        return [call for attempt_id in ids if (call := self._tracker.call(attempt_id)) is not None]

    def _faults(self, call: Call, pbx: Channels, gate: Channels) -> frozenset[CallFault]:
        attempt, faults = call.attempt, set()
        is_at_gate = any(fact.extension == attempt.permit_id for fact in gate.values())
        is_at_gate = is_at_gate or ChannelId(attempt.trunk_channel) in gate
        is_at_pbx = ChannelId(attempt.attempt_id) in pbx and call.customer_gone_at is None
        if call.customer_gone_at is None and not is_at_pbx:
            faults.add(CallFault.CUSTOMER_GONE)
        if call.trunk_gone_at is None and not is_at_gate and (attempt.trunk_channel or not is_at_pbx):
            faults.add(CallFault.TRUNK_GONE)
        if is_at_gate and not is_at_pbx:
            faults.add(CallFault.ALONE_AT_GATE)
        if is_at_pbx and attempt.connected_at is not None and not self._is_talking(attempt.attempt_id):
            faults.add(CallFault.UNHEARD)
        ends_at = self._clocks.ends_at(attempt)
        if is_at_pbx and attempt.connected_at is None and self._bridged(call, pbx) is not None:
            faults.add(CallFault.JOINED_UNSEEN)  # the time limit of waiting calls does not end a conversation
        elif ends_at is not None and self._clock.now() >= ends_at:
            faults.add(CallFault.OVERDUE)
        return frozenset(faults)

    def _is_talking(self, attempt_id: AttemptId) -> bool:
        seat = self._seats.holder_of(attempt_id)
        return seat is not None and seat.state is OperatorState.TALKING

    def _bridged(self, call: Call, pbx: Channels) -> Seat | None:
        fact = pbx[ChannelId(call.attempt.attempt_id)]
        return self._phones.in_bridge(fact.bridge, pbx)

    async def _settle(
        self, faults_by_call: Mapping[AttemptId, frozenset[CallFault]], pbx: Channels, gate: Channels
    ) -> None:
        for attempt_id in [key for key, faults in faults_by_call.items() if CallFault.JOINED_UNSEEN in faults]:
            call = self._tracker.call(attempt_id)  # as it is now
            if call is not None and call.customer_gone_at is None and call.attempt.connected_at is None:
                await self.seen_up(call, pbx[ChannelId(attempt_id)], pbx)
        unseen = self._live_calls([key for key, faults in faults_by_call.items() if CallFault.TRUNK_GONE in faults])
        at_gate = [call.attempt for call in unseen if call.permit_used or call.attempt.trunk_channel]
        legs = await self._evidence.legs(at_gate)
        for attempt_id, faults in faults_by_call.items():
            log.warning("call_state_fixed", attempt=attempt_id, faults=sorted(fault.name.lower() for fault in faults))
            if CallFault.TRUNK_GONE in faults:
                await self._end_trunk_leg(attempt_id, legs)
            if CallFault.CUSTOMER_GONE in faults:
                await self._end_customer_leg(attempt_id)
            call = self._tracker.call(attempt_id)
            if call is None:
                continue
            if call.customer_gone_at is not None and CallFault.TRUNK_GONE in faults:
                self._tracker.record_event(attempt_id, CallLost(self._clock.now()))
            elif CallFault.ALONE_AT_GATE in faults:
                self._cut(call, gate)
            elif faults & {CallFault.UNHEARD, CallFault.OVERDUE}:
                self._hangups.end(call)

    def _cut(self, call: Call, gate: Channels) -> None:
        """Cut a leg at the gate that has no counterpart at the pbx."""
        attempt = call.attempt
        for fact in gate.values():
            if fact.channel != attempt.trunk_channel and fact.extension != attempt.permit_id:
                continue
            if fact.endpoint == attempt.trunk and not attempt.trunk_channel:
                self._tracker.record_event(attempt.attempt_id, TrunkLegBegan(self._clock.now(), fact.channel))
            self._hangups.cut(fact.channel)

    async def seen_up(self, call: Call, fact: ChannelFact, present: Channels) -> None:
        """Record a call that is up as answered, and as connected if a seat is in its bridge.

        Without an operator the dialplan asks for a seat, or plays its message and ends the call itself.
        """
        attempt = call.attempt
        if attempt.answered_at is None:  # its recording began with the answer
            at = self._clock.now() - timedelta(seconds=(await self._evidence.raw(attempt)).length_s)
            call = self._tracker.record_event(attempt.attempt_id, PersonAnswered(at)) or call
        seat = self._phones.in_bridge(fact.bridge, present) if call.attempt.connected_at is None else None
        if seat is not None and seat.row.operator_id is not None:
            now = self._clock.now()
            self._tracker.record_event(attempt.attempt_id, OperatorChosen(now, seat.row.operator_id, seat.row.seat))
            joined = OperatorConnected(call.chosen_at or now)
            call = self._tracker.record_event(attempt.attempt_id, joined) or call
        if call.attempt.connected_at is not None:
            log.info("call_taken_over", attempt=attempt.attempt_id, seat=call.attempt.seat)
            self._seats.adopt(call)

    # Ends that no event reported

    async def _end_trunk_leg(self, attempt_id: AttemptId, legs: Mapping[PermitId, GateLeg]) -> None:
        """Record the end of a trunk leg whose end nobody saw, and before it the answer, if there was one."""
        call = self._tracker.call(attempt_id)
        if call is None or call.trunk_gone_at is not None or not (call.permit_used or call.attempt.trunk_channel):
            return
        attempt, leg, now = call.attempt, legs.get(call.attempt.permit_id), self._clock.now()
        raw = await self._evidence.raw(attempt)
        if not attempt.trunk_channel:
            if leg is None and not raw.is_present:
                return  # it reached the gate, but no trunk leg was created
            self._tracker.record_event(attempt_id, TrunkLegBegan(now, ChannelId(f"unseen-{attempt_id}")))
        ended_at = await self._evidence.end_of(attempt)
        if leg is not None and abs(ended_at - leg.ended_at) > RECORD_GRAIN:
            ended_at = max(leg.ended_at, attempt.started_at)  # a cut recording does not measure the call
        answered_at = max(leg.answered_at, attempt.started_at) if leg is not None and leg.answered_at else None
        if leg is None and attempt.early_media_at is None and raw.length_s >= LEAST_HEARD_S:
            answered_at = now - timedelta(seconds=raw.length_s)
        if answered_at is not None and attempt.answered_at is None:
            log.error("answer_unseen", attempt=attempt_id)
            self._tracker.record_event(attempt_id, PersonAnswered(answered_at))
        self._tracker.record_event(attempt_id, TrunkLegEnded(max(ended_at, answered_at or ended_at), 0, ""))

    async def _end_customer_leg(self, attempt_id: AttemptId) -> None:
        call = self._tracker.call(attempt_id)
        if call is None or call.customer_gone_at is not None:
            return
        at = call.trunk_gone_at or await self._evidence.end_of(call.attempt)
        call = await self._record_conversation(call, at)
        if call.attempt.answered_at is None and not call.attempt.tech_cause:
            self._tracker.record_event(attempt_id, CallInterrupted(self._clock.now()))
        self._tracker.record_event(attempt_id, CustomerLegEnded(at, 0))

    async def _record_conversation(self, call: Call, ended_at: datetime) -> Call:
        """Record a call that had a seat, and whose end nobody saw, as a conversation if it may have been one.

        The connection was a single event, so only the seat's state and the call's length show it. In doubt the
        result is due: counted as abandoned, what the person said would be lost.
        """
        attempt, now = call.attempt, self._clock.now()
        seat = self._seats.holder_of(attempt.attempt_id)
        if attempt.connected_at is not None:
            return call
        has_talked = seat is not None and seat.state is not OperatorState.RESERVED
        if not has_talked and not await self._may_have_talked(call, seat, ended_at):
            return call
        log.error("conversation_unseen", attempt=attempt.attempt_id, is_sure=has_talked)
        began_at = call.chosen_at or attempt.answered_at or (seat.row.since_at if seat is not None else ended_at)
        if attempt.answered_at is None:
            self._tracker.record_event(attempt.attempt_id, PersonAnswered(min(began_at, ended_at)))
        if attempt.operator_id is None and seat is not None and seat.row.operator_id is not None:
            self._tracker.record_event(attempt.attempt_id, OperatorChosen(now, seat.row.operator_id, seat.row.seat))
        joined = OperatorConnected(min(began_at, ended_at))
        return self._tracker.record_event(attempt.attempt_id, joined) or call

    async def _may_have_talked(self, call: Call, seat: Seat | None, ended_at: datetime) -> bool:
        """Return True if the operator of a call may have been heard although no event reported the connection."""
        attempt = call.attempt
        if attempt.answered_at is None or (attempt.seat is None and seat is None):
            return False  # no seat had it
        lasted = ended_at - (call.chosen_at or attempt.answered_at)
        if lasted > self._clocks.operator:
            return True  # a call that no operator takes ends earlier
        if attempt.seat is None and attempt.guaranteed_to is not None:
            return False  # its seat was reserved when it was dialled: no proof that it was routed
        sent_s = (await self._evidence.raw(attempt)).operator_s
        return sent_s is None or min(sent_s, lasted.total_seconds()) >= LEAST_HEARD_S


def _may_be_lost(call: Call, now: datetime) -> bool:
    """Return False if the call's order may still be on its way."""
    return call.customer_gone_at is not None or now - call.attempt.started_at > YOUNG
