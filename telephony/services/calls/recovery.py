"""Recovery: after a restart or a lost link, every call is taken over, terminated or settled (I4).

At start every unused permit is voided and every unfinished attempt is tracked again. A restored link brings the list of
channels that exist. Conversations are taken over with their seat. Unanswered calls are terminated and their leads tried
again. An answered call without an operator is left to its dialplan. ``lost_calls`` settles calls that are gone once
both switches can be asked.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import structlog

from telephony.domain.calls.attempts import Attempt
from telephony.domain.calls.events import CallEventValue, CallInterrupted, CallLost, CallWithdrawn, TrunkLegBegan
from telephony.domain.calls.lifecycle import Call
from telephony.errors import StoreError, SwitchError
from telephony.ids import AttemptId, ChannelId
from telephony.ports.calls.switch import ChannelFact, Exchanges
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.calls.lost_calls import LostCalls
from telephony.services.calls.seat_login import SeatLogins
from telephony.services.calls.seats import Seats
from telephony.services.calls.tracker import Tracker
from telephony.services.trunks.capacity import TrunkCapacity

log = structlog.get_logger(__name__)

SWEEP_S: Final = 10.0
"""Seconds between sweeps for attempts that are not tracked."""
STRAY_AGE: Final = timedelta(seconds=20)
"""An unfinished attempt this old that is not tracked was never dialled."""
AGAIN_S: Final = 1.0
PBX, GATE = "pbx", "gate"


class _WhenOver:
    """Sets its event when none of the calls is left."""

    def __init__(self, left: Callable[[], Sequence[Call]]) -> None:
        self._left = left
        self.event = asyncio.Event()

    def on_call(self, _call: Call, _event: CallEventValue) -> None:
        if not self._left():
            self.event.set()


class Recovery:
    """Brings the tracker, the seats and the database back in line with the channels that exist."""

    def __init__(
        self,
        store: Store,
        exchanges: Exchanges,
        lost: LostCalls,
        tracker: Tracker,
        seats: Seats,
        phones: SeatLogins,
        trunks: TrunkCapacity,
        clock: Clock,
    ) -> None:
        self._store = store
        self._switch = exchanges.pbx
        self._gate = exchanges.gate
        self._lost = lost
        self._tracker = tracker
        self._seats = seats
        self._phones = phones
        self._trunks = trunks
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: set[str] = set()
        self.ready = asyncio.Event()
        """Set when the calls of both links have been settled once: nothing is dialled before."""

    @property
    def under_way(self) -> tuple[asyncio.Task[None], ...]:
        """The tasks that are settling calls now."""
        return tuple(self._tasks)

    async def begin(self) -> None:
        """Before the links connect: void unused permits, track every unfinished attempt again."""
        voided = await self._store.permits.void_unused(self._clock.now())
        unfinished = await self._store.attempts.unfinished()
        used = await self._store.permits.used({attempt.permit_id for attempt in unfinished})
        for attempt in unfinished:
            withdrawn = await self._was_withdrawn(attempt)
            is_used = attempt.permit_id in used or bool(attempt.trunk_channel)
            self._tracker.begin(attempt, permit_used=is_used, is_withdrawn=withdrawn)
            self._trunks.adopt(attempt.trunk)
        log.info("recovery_began", permits_voided=voided, attempts_unfinished=len(unfinished))

    async def _was_withdrawn(self, attempt: Attempt) -> bool:
        """Return True if the dial was cancelled while it rang: this is written down before the pbx is told."""
        if attempt.rang_at is None or attempt.answered_at is not None:
            return False
        events = await self._store.attempts.events(attempt.attempt_id)
        return any(event.kind == CallWithdrawn.__name__ for event in events)

    def restored(self, node: str, channels: Sequence[ChannelFact]) -> None:
        """Settle the calls of a restored link, in the background."""
        # Only the calls known now: a later call cannot be in a list of channels made before it.
        known = list(self._tracker.calls())
        if node == PBX:
            self._phones.restore({fact.channel: fact for fact in channels})
        task = asyncio.create_task(self._settle(node, known, {fact.channel: fact for fact in channels}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle(self, node: str, known: Sequence[Call], present: Mapping[ChannelId, ChannelFact]) -> None:
        for known_call in known:
            call = self._tracker.call(known_call.attempt.attempt_id)  # as it is now: the others took time
            if call is None:
                continue
            if node == PBX:
                await self._settle_customer(call, present)
            else:
                self._settle_trunk(call.attempt, present)
        self._seen.add(node)
        if self._seen >= {PBX, GATE}:
            await self._settle_lost(known)

    async def _settle_lost(self, known: Sequence[Call]) -> None:
        """Settle calls that exist on neither side, once both can be asked; then calls may leave."""
        while self._switch.is_connected and self._gate.is_connected:
            try:
                await self._lost.look(known)
            except SwitchError as error:
                log.error("calls_not_settled", reason=str(error))
                await asyncio.sleep(AGAIN_S)
                continue
            self._seats.settle()
            with contextlib.suppress(StoreError):  # what cannot be written now is counted later
                await self._tracker.flush()
            self.ready.set()
            return

    def _settle_trunk(self, attempt: Attempt, present: Mapping[ChannelId, ChannelFact]) -> None:
        if not attempt.trunk_channel:
            for fact in present.values():
                if fact.extension == attempt.permit_id and fact.endpoint == attempt.trunk:
                    self._tracker.record_event(attempt.attempt_id, TrunkLegBegan(self._clock.now(), fact.channel))

    async def _settle_customer(self, call: Call, present: Mapping[ChannelId, ChannelFact]) -> None:
        attempt = call.attempt
        fact = present.get(ChannelId(attempt.attempt_id))
        if call.customer_gone_at is not None or fact is None:
            return  # a call that is gone is settled when the gate can be asked too
        if fact.is_up or attempt.answered_at is not None:
            await self._lost.seen_up(call, fact, present)  # no second call, no conversation cut
        else:
            await self._interrupt(attempt.attempt_id)

    async def _interrupt(self, attempt_id: AttemptId) -> None:
        self._tracker.record_event(attempt_id, CallInterrupted(self._clock.now()))
        try:
            await self._switch.hang_up(ChannelId(attempt_id))
        except SwitchError as error:
            log.error("hangup_failed", attempt=attempt_id, reason=str(error))

    async def cancel_unanswered(self, within_s: float) -> None:
        """At an orderly stop: cancel the calls that ring; wait at most ``within_s`` seconds for their ends."""
        is_over = _WhenOver(self._unanswered)
        self._tracker.observe(is_over)
        ringing = self._unanswered()
        await asyncio.gather(*(self._interrupt(call.attempt.attempt_id) for call in ringing))
        if self._unanswered():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await is_over.event.wait()

    def _unanswered(self) -> list[Call]:
        return [call for call in self._tracker.calls() if call.attempt.answered_at is None and not call.has_ended]

    async def run(self) -> None:
        """Sweep for attempts that were written but are not tracked, until cancelled."""
        await self.ready.wait()
        while True:
            try:
                await self.sweep()
            except StoreError as error:
                log.error("recovery_sweep_failed", reason=str(error))
            await asyncio.sleep(SWEEP_S)

    async def sweep(self) -> None:
        """Settle unfinished attempts that are not tracked: their order was never sent."""
        now = self._clock.now()
        for attempt in await self._store.attempts.unfinished():
            if self._tracker.call(attempt.attempt_id) is None and now - attempt.started_at > STRAY_AGE:
                self._tracker.begin(attempt)
                self._tracker.record_event(attempt.attempt_id, CallLost(now))
