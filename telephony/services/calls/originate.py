"""Originate orders: sent to the switch once the attempt is durable, voided when the switch did not accept them."""

import asyncio
import contextlib
from datetime import timedelta

import structlog

from telephony.domain.calls.events import Originated, OriginateGivenUp
from telephony.domain.calls.permits import DialPermit
from telephony.errors import StoreError, SwitchError, SwitchTimeoutError
from telephony.ids import ChannelId
from telephony.ports.calls.permits import PermitStore
from telephony.ports.calls.switch import Switch
from telephony.ports.clock import Clock
from telephony.services.calls.tracker import Tracker

log = structlog.get_logger(__name__)


class Originator:
    """The originate orders under way."""

    def __init__(self, permits: PermitStore, switch: Switch, tracker: Tracker, clock: Clock, rings: timedelta) -> None:
        """``rings`` is how long a call may ring before it is answered."""
        self._permits = permits
        self._switch = switch
        self._tracker = tracker
        self._clock = clock
        self._rings = rings
        self.under_way: set[asyncio.Task[None]] = set()

    def give(self, permit: DialPermit, *, detects_machines: bool = False) -> None:
        """Order the dial of an attempt that is written down and tracked."""
        task = asyncio.create_task(self._originate(permit, detects_machines=detects_machines))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    def cancel(self) -> None:
        """Stop waiting for the switch."""
        for order in self.under_way:
            order.cancel()

    async def _originate(self, permit: DialPermit, *, detects_machines: bool) -> None:
        try:
            await self._switch.originate(permit, self._rings, detects_machines=detects_machines)
        except SwitchTimeoutError as error:
            # The switch may have accepted the order: its events show the outcome, which is never guessed.
            log.warning("originate_unanswered", attempt=permit.attempt_id, reason=str(error))
            with contextlib.suppress(SwitchError):
                present = {fact.channel for fact in await self._switch.channels()}
                if ChannelId(permit.attempt_id) not in present:
                    await self.give_up(permit)
        except SwitchError as error:
            log.warning("originate_refused", attempt=permit.attempt_id, reason=str(error))
            await self.give_up(permit)
        else:
            self._tracker.record_event(permit.attempt_id, Originated(self._clock.now()))

    async def give_up(self, permit: DialPermit) -> None:
        """Void the permit first: if the switch did accept the order, the gate refuses the call."""
        try:
            await self._permits.refuse(permit.permit_id, "order_not_given", self._clock.now())
        except StoreError as error:
            log.error("permit_void_failed", attempt=permit.attempt_id, reason=str(error))
            return  # it expires within seconds; recovery's sweep settles the attempt
        self._tracker.record_event(permit.attempt_id, OriginateGivenUp(self._clock.now()))
