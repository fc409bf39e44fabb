"""Calls of which a fact was lost: an end, an answer, a leg that never was. Both switches are asked every 2 s.

An event that did not come is not a fact that did not happen. So calls are compared with every channel there is, and
what is amiss at two looks is settled; after a (re)connection one look is enough. Whether somebody answered a trunk leg
that nobody saw is read in the gate's own call records, and where the gate died with the call, in its recording: such a
person was abandoned, and is not called again as if nothing had been. Had a seat got the call, it was a conversation,
unless it is sure that its operator was not heard: their result is asked for.
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
"""An order takes up to 5 s to be answered: before, a call without a channel is one that has not begun."""
RECORD_GRAIN: Final = timedelta(seconds=1.5)
"""The gate's records know the second; within that, the recording's length says the end finer."""
LEAST_HEARD_S: Final = 1.0
"""A recording of a call without early media that is at least so long was answered; an operator who was in a call for
less was not heard."""

Channels = Mapping[ChannelId, ChannelFact]


class Amiss(Enum):
    """What can be wrong with a call that is followed."""

    CUSTOMER_GONE = auto()
    TRUNK_GONE = auto()
    ALONE_AT_GATE = auto()
    """The gate has its leg, the pbx has none: nobody would hear who answers."""
    JOINED_UNSEEN = auto()
    """Up in its seat's bridge, and no event told of the joining."""
    UNHEARD = auto()
    """Joined to a seat that is not in this conversation."""
    OVERDUE = auto()


class LostCalls:
    """Compares the calls that live with the channels that exist."""

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
        self._suspects: Mapping[AttemptId, frozenset[Amiss]] = {}
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Look again and again while both switches can be asked, until cancelled."""
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
            known: after a (re)connection, the calls known before it: what is amiss with them is settled at once.

        Raises:
            SwitchError: a switch cannot be asked; nothing was done.
        """
        async with self._looking:
            now = self._clock.now()
            calls = [one for one in self._tracker.calls() if _may_be_lost(one, now)] if known is None else known
            ids = [one.attempt.attempt_id for one in calls]
            pbx = {fact.channel: fact for fact in await self._pbx.channels()}
            gate = {fact.channel: fact for fact in await self._gate.channels()}
            self._phones.look(pbx)
            self._seats.settle()
            amiss = {call.attempt.attempt_id: self._amiss(call, pbx, gate) for call in self._living(ids)}
            before, self._suspects = self._suspects, amiss
            if known is None:  # what was amiss at the look before too, and that alone
                amiss = {one: found & before.get(one, frozenset()) for one, found in amiss.items()}
            await self._settle({one: found for one, found in amiss.items() if found}, pbx, gate)

    def _living(self, ids: Sequence[AttemptId]) -> list[Call]:
        return [call for one in ids if (call := self._tracker.call(one)) is not None]

    def _amiss(self, call: Call, pbx: Channels, gate: Channels) -> frozenset[Amiss]:
        attempt, found = call.attempt, set()
        is_at_gate = any(one.extension == attempt.permit_id for one in gate.values())
        is_at_gate = is_at_gate or ChannelId(attempt.trunk_channel) in gate
        is_at_pbx = ChannelId(attempt.attempt_id) in pbx and call.customer_gone_at is None
        if call.customer_gone_at is None and not is_at_pbx:
            found.add(Amiss.CUSTOMER_GONE)
        if call.trunk_gone_at is None and not is_at_gate and (attempt.trunk_channel or not is_at_pbx):
            found.add(Amiss.TRUNK_GONE)
        if is_at_gate and not is_at_pbx:
            found.add(Amiss.ALONE_AT_GATE)
        if is_at_pbx and attempt.connected_at is not None and not self._is_talking(attempt.attempt_id):
            found.add(Amiss.UNHEARD)
        ends_at = self._clocks.ends_at(attempt)
        if is_at_pbx and attempt.connected_at is None and self._bridged(call, pbx) is not None:
            found.add(Amiss.JOINED_UNSEEN)  # people who talk are not cut by the clock of those who wait
        elif ends_at is not None and self._clock.now() >= ends_at:
            found.add(Amiss.OVERDUE)
        return frozenset(found)

    def _is_talking(self, attempt_id: AttemptId) -> bool:
        seat = self._seats.holder_of(attempt_id)
        return seat is not None and seat.state is OperatorState.TALKING

    def _bridged(self, call: Call, pbx: Channels) -> Seat | None:
        fact = pbx[ChannelId(call.attempt.attempt_id)]
        return self._phones.in_bridge(fact.bridge, pbx)

    async def _settle(self, amiss: Mapping[AttemptId, frozenset[Amiss]], pbx: Channels, gate: Channels) -> None:
        for attempt_id in [one for one, found in amiss.items() if Amiss.JOINED_UNSEEN in found]:
            call = self._tracker.call(attempt_id)  # as it is now
            if call is not None and call.customer_gone_at is None and call.attempt.connected_at is None:
                await self.seen_up(call, pbx[ChannelId(attempt_id)], pbx)
        unseen = self._living([key for key, found in amiss.items() if Amiss.TRUNK_GONE in found])
        at_gate = [call.attempt for call in unseen if call.permit_used or call.attempt.trunk_channel]
        legs = await self._evidence.legs(at_gate)
        for attempt_id, found in amiss.items():
            log.warning("call_put_right", attempt=attempt_id, amiss=sorted(one.name.lower() for one in found))
            if Amiss.TRUNK_GONE in found:
                await self._trunk_over(attempt_id, legs)
            if Amiss.CUSTOMER_GONE in found:
                await self._customer_over(attempt_id)
            call = self._tracker.call(attempt_id)
            if call is None:
                continue
            if call.customer_gone_at is not None and Amiss.TRUNK_GONE in found:
                self._tracker.record_event(attempt_id, CallLost(self._clock.now()))
            elif Amiss.ALONE_AT_GATE in found:
                self._cut(call, gate)
            elif found & {Amiss.UNHEARD, Amiss.OVERDUE}:
                self._hangups.end(call)

    def _cut(self, call: Call, gate: Channels) -> None:
        """End a leg at the gate that has none at the pbx."""
        attempt = call.attempt
        for fact in gate.values():
            if fact.channel != attempt.trunk_channel and fact.extension != attempt.permit_id:
                continue
            if fact.endpoint == attempt.trunk and not attempt.trunk_channel:
                self._tracker.record_event(attempt.attempt_id, TrunkLegBegan(self._clock.now(), fact.channel))
            self._hangups.cut(fact.channel)

    async def seen_up(self, call: Call, fact: ChannelFact, present: Channels) -> None:
        """Take a call that is up for answered, whether we were told or not, and with an operator for a conversation.

        Without one the dialplan asks for a seat, or says sorry and ends the call itself.
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

    # What nobody saw

    async def _trunk_over(self, attempt_id: AttemptId, legs: Mapping[PermitId, GateLeg]) -> None:
        """End a trunk leg whose end nobody saw, and first let the call be answered if it was."""
        call = self._tracker.call(attempt_id)
        if call is None or call.trunk_gone_at is not None or not (call.permit_used or call.attempt.trunk_channel):
            return
        attempt, leg, now = call.attempt, legs.get(call.attempt.permit_id), self._clock.now()
        raw = await self._evidence.raw(attempt)
        if not attempt.trunk_channel:
            if leg is None and not raw.is_present:
                return  # it came to the gate, and no trunk leg was made
            self._tracker.record_event(attempt_id, TrunkLegBegan(now, ChannelId(f"unseen-{attempt_id}")))
        ended_at = await self._evidence.end_of(attempt)
        if leg is not None and abs(ended_at - leg.ended_at) > RECORD_GRAIN:
            ended_at = max(leg.ended_at, attempt.started_at)  # a recording that was cut is no measure of the call
        answered_at = max(leg.answered_at, attempt.started_at) if leg is not None and leg.answered_at else None
        if leg is None and attempt.early_media_at is None and raw.length_s >= LEAST_HEARD_S:
            answered_at = now - timedelta(seconds=raw.length_s)
        if answered_at is not None and attempt.answered_at is None:
            log.error("answer_unseen", attempt=attempt_id)
            self._tracker.record_event(attempt_id, PersonAnswered(answered_at))
        self._tracker.record_event(attempt_id, TrunkLegEnded(max(ended_at, answered_at or ended_at), 0, ""))

    async def _customer_over(self, attempt_id: AttemptId) -> None:
        call = self._tracker.call(attempt_id)
        if call is None or call.customer_gone_at is not None:
            return
        at = call.trunk_gone_at or await self._evidence.end_of(call.attempt)
        call = await self._taken(call, at)
        if call.attempt.answered_at is None and not call.attempt.tech_cause:
            self._tracker.record_event(attempt_id, CallInterrupted(self._clock.now()))
        self._tracker.record_event(attempt_id, CustomerLegEnded(at, 0))

    async def _taken(self, call: Call, ended_at: datetime) -> Call:
        """Make a call that had a seat, and ended unseen, the conversation it was, or may have been: its result is due.

        Only a seat's word and the call's own length tell: the joining was one event. Where they leave a doubt, the
        operator is asked; taken for abandoned, what the person said would be lost.
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
        """Tell whether a call that nobody saw joined may have been heard by the operator it was given to."""
        attempt = call.attempt
        if attempt.answered_at is None or (attempt.seat is None and seat is None):
            return False  # answered, and no seat had it: nobody took them
        lasted = ended_at - (call.chosen_at or attempt.answered_at)
        if lasted > self._clocks.operator:
            return True  # whoever is taken by nobody is let go before
        if attempt.seat is None and attempt.guaranteed_to is not None:
            return False  # its seat was kept for it since it was dialled: that does not say that it was routed
        sent_s = (await self._evidence.raw(attempt)).operator_s
        return sent_s is None or min(sent_s, lasted.total_seconds()) >= LEAST_HEARD_S


def _may_be_lost(call: Call, now: datetime) -> bool:
    """Return False for a call whose order may still be on its way."""
    return call.customer_gone_at is not None or now - call.attempt.started_at > YOUNG
