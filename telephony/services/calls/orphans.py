"""Orphaned calls: the operator pressed call and is gone. They are hung up before the person answers to nobody.

A guaranteed call is for one operator only. When that operator's phone is lost, the call is cancelled: at once while
nothing rings, else when it has rung for ``MIN_RING`` (docs/adr/0402-withdrawn-dials.md). If the person answers before,
the call counts as abandoned.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from telephony.domain.calls.events import CallInterrupted, CallWithdrawn
from telephony.domain.calls.lifecycle import Call
from telephony.domain.law.basis import LEAST_RING_S
from telephony.errors import StoreError, SwitchError
from telephony.ids import ChannelId
from telephony.ports.calls.switch import Switch
from telephony.ports.clock import Clock
from telephony.services.calls.seats import Seats
from telephony.services.calls.tracker import Tracker

log = structlog.get_logger(__name__)

LOOK_S: Final = 0.5
MIN_RING: Final = timedelta(seconds=LEAST_RING_S)
"""A ringing call is not cancelled earlier."""


class OrphanedCalls:
    """Finds orphaned calls and cancels them."""

    def __init__(self, switch: Switch, seats: Seats, tracker: Tracker, clock: Clock) -> None:
        self._switch = switch
        self._seats = seats
        self._tracker = tracker
        self._clock = clock

    async def run(self) -> None:
        """Check periodically, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Hang up every orphaned call that may be cancelled now."""
        for call in list(self._tracker.calls()):
            if self._is_orphaned(call):
                await self._hang_up(call)

    def _is_orphaned(self, call: Call) -> bool:
        attempt = call.attempt
        if attempt.guaranteed_to is None or attempt.answered_at is not None or call.customer_gone_at is not None:
            return False
        return not self._seats.is_kept(attempt.attempt_id)

    async def _hang_up(self, call: Call) -> None:
        attempt, now = call.attempt, self._clock.now()
        if attempt.rang_at is not None and now - attempt.rang_at < MIN_RING:
            return
        if not call.is_withdrawn and not call.is_interrupted:
            event = CallInterrupted(now) if attempt.rang_at is None else CallWithdrawn(now)
            self._tracker.record_event(attempt.attempt_id, event)
        try:
            await self._tracker.flush()  # durable first: after a crash it is found again
            await self._switch.hang_up(ChannelId(attempt.attempt_id))
        except (StoreError, SwitchError) as error:
            log.error("orphaned_call_not_ended", attempt=attempt.attempt_id, reason=str(error))
