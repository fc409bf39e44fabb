"""The call tracker: turns facts from both switches into call events, keeps every call's state, writes both down.

It has the live calls, advances them by the domain's table, and notifies observers (seats, dialer, recorder). Events and
projections are written in batches; the attempt itself was durable before it was dialled. Other services decide what to
dial, who talks and what is recorded.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from telephony.domain.calls.attempts import Attempt, CallEvent
from telephony.domain.calls.events import (
    CallEventValue,
    CallLost,
    CarrierRang,
    CustomerLegEnded,
    EarlyMediaBegan,
    OperatorConnected,
    OriginateGivenUp,
    PersonAnswered,
    TrunkLegBegan,
    TrunkLegEnded,
)
from telephony.domain.calls.lifecycle import Call, IllegalCallEventError, advance
from telephony.errors import StoreError
from telephony.ids import AttemptId, ChannelId, PermitId
from telephony.ports.calls.attempts import AttemptStore
from telephony.ports.calls.switch import (
    LegAnswered,
    LegBridged,
    LegEnded,
    LegRang,
    LegUnbridged,
    OriginateFailed,
    SwitchFact,
    TrunkLegStarted,
    TrunkMediaEarly,
)
from telephony.ports.clock import Clock

log = structlog.get_logger(__name__)

FLUSH_S: Final = 0.1
"""Seconds between batches: a crash loses at most this much of a call's history, never the attempt."""
TRUNK_GRACE: Final = timedelta(seconds=2)
"""How long late facts are waited for: the two connections have no common order."""


class CallObserver(Protocol):
    """Is notified of every change of a call."""

    def on_call(self, call: Call, event: CallEventValue) -> None:
        """Handle one change, in the event loop, at once; must not raise."""


class Tracker:
    """Every live call, by attempt and by trunk channel."""

    def __init__(self, attempts: AttemptStore, clock: Clock) -> None:
        self._attempts = attempts
        self._clock = clock
        self._calls: dict[AttemptId, Call] = {}
        self._by_permit: dict[PermitId, AttemptId] = {}
        self._by_trunk: dict[ChannelId, AttemptId] = {}
        self._events: list[CallEvent] = []
        self._changed: dict[AttemptId, Attempt] = {}
        self._observers: list[CallObserver] = []
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()

    def observe(self, *observers: CallObserver) -> None:
        """Register observers of call changes, in this order, after those registered before."""
        self._observers += observers

    def calls(self) -> Iterable[Call]:
        """Return the live calls."""
        return self._calls.values()

    def call(self, attempt_id: AttemptId) -> Call | None:
        """Return a live call, or None."""
        return self._calls.get(attempt_id)

    def by_permit(self, permit_id: PermitId) -> AttemptId | None:
        """Return the live attempt that a permit belongs to."""
        return self._by_permit.get(permit_id)

    def by_channel(self, trunk_channel: ChannelId) -> AttemptId | None:
        """Return the live attempt that a trunk channel belongs to."""
        return self._by_trunk.get(trunk_channel)

    def begin(self, attempt: Attempt, *, permit_used: bool = False, is_withdrawn: bool = False) -> Call:
        """Track an attempt that is durable already."""
        call = Call(attempt, permit_used=permit_used, is_withdrawn=is_withdrawn)
        self._calls[attempt.attempt_id] = call
        self._by_permit[attempt.permit_id] = attempt.attempt_id
        if attempt.trunk_channel:
            self._by_trunk[ChannelId(attempt.trunk_channel)] = attempt.attempt_id
        return call

    def record_event(self, attempt_id: AttemptId, event: CallEventValue) -> Call | None:
        """Advance a call; an event of a call that is gone, or that its state does not allow, has no effect."""
        call = self._calls.get(attempt_id)
        if call is None:
            return None
        try:
            after = advance(call, event)
        except IllegalCallEventError as error:
            log.info("call_event_ignored", attempt=attempt_id, reason=str(error))
            return None
        self._calls[attempt_id] = after
        if isinstance(event, TrunkLegBegan):
            self._by_trunk[event.channel] = attempt_id
        self._record(after, event)
        for observer in self._observers:
            observer.on_call(after, event)
        if after.has_ended:
            self._forget(after)
        return after

    def on_pbx(self, fact: SwitchFact) -> None:
        """Handle a fact from the pbx, where a customer leg has the attempt id as its unique id."""
        match fact:
            case LegAnswered(channel=channel, at=at):
                # The gate's answer is the true one; the pbx's comes a little later over another connection.
                call = self._calls.get(AttemptId(channel))
                if call is not None and call.attempt.answered_at is None:
                    self.record_event(AttemptId(channel), PersonAnswered(at))
            case LegBridged(channel=channel, at=at):
                self._record_connected(AttemptId(channel), at)
            case LegUnbridged(channel=channel, at=at):
                # A leg that leaves a seat was in it, even if no event reported it.
                call = self._calls.get(AttemptId(channel))
                self._record_connected(AttemptId(channel), (call and call.chosen_at) or at)
            case LegEnded(channel=channel, at=at, cause=cause):
                self.record_event(AttemptId(channel), CustomerLegEnded(at, cause))
            case OriginateFailed(attempt_id=attempt_id, at=at):
                self.record_event(attempt_id, OriginateGivenUp(at))
            case _:
                pass

    def _record_connected(self, attempt_id: AttemptId, at: datetime) -> None:
        call = self._calls.get(attempt_id)
        if call is not None and call.attempt.connected_at is None:  # else it was recorded before the event came
            self.record_event(attempt_id, OperatorConnected(at))

    def on_gate(self, fact: SwitchFact) -> None:
        """Handle a fact from the gate, where a trunk leg is known by its permit first, then by its channel."""
        if isinstance(fact, TrunkLegStarted):
            attempt_id = self._by_permit.get(fact.permit_id)
            if attempt_id is not None:
                self.record_event(attempt_id, TrunkLegBegan(fact.at, fact.channel))
            return
        if not isinstance(fact, LegRang | TrunkMediaEarly | LegAnswered | LegEnded):
            return
        attempt_id = self._by_trunk.get(fact.channel)
        if attempt_id is None:
            return
        match fact:
            case LegRang(at=at):
                self.record_event(attempt_id, CarrierRang(at))
            case TrunkMediaEarly(at=at):
                self.record_event(attempt_id, EarlyMediaBegan(at))
            case LegAnswered(at=at):
                self.record_event(attempt_id, PersonAnswered(at))
            case LegEnded(at=at, cause=cause, tech_cause=tech_cause):
                self.record_event(attempt_id, TrunkLegEnded(at, cause, tech_cause))

    def _record(self, call: Call, event: CallEventValue) -> None:
        names = (field.name for field in fields(event) if field.name != "at")
        values = {name: getattr(event, name) for name in names}  # asdict() copies deeply: ten times slower
        self._events.append(CallEvent(call.attempt.attempt_id, type(event).__name__, event.at, values))
        self._changed[call.attempt.attempt_id] = call.attempt
        self._wake.set()

    def _forget(self, call: Call) -> None:
        attempt = call.attempt
        self._calls.pop(attempt.attempt_id, None)
        self._by_permit.pop(attempt.permit_id, None)
        self._by_trunk.pop(ChannelId(attempt.trunk_channel), None)

    async def flush(self) -> None:
        """Write what is pending; it is kept and tried again if the database fails."""
        async with self._writing:  # one batch at a time: an older projection never overtakes a newer one
            if not self._changed:
                return
            events, self._events = self._events, []
            changed, self._changed = self._changed, {}
            try:
                await self._attempts.save(events, list(changed.values()))
            except (StoreError, asyncio.CancelledError):
                self._events = events + self._events
                self._changed = changed | self._changed
                raise

    async def run(self) -> None:
        """Write batches and settle calls of which no more facts will come, until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(FLUSH_S)
            self._settle(self._clock.now())
            try:
                await self.flush()
            except StoreError as error:
                log.error("call_events_not_saved", pending=len(self._events), reason=str(error))

    def _settle(self, now: datetime) -> None:
        for call in list(self._calls.values()):
            since = call.nothing_more_since
            if since is not None and now - since > TRUNK_GRACE:
                self.record_event(call.attempt.attempt_id, CallLost(now))
