"""Recovery: after a restart or a lost link, every call is taken over, ended or settled (I4).

At start every unused permit is void and every unfinished attempt is followed again. When a link is back it brings the
list of channels that exist: conversations under way are taken over with their seat; calls nobody has answered are
ended and their leads tried again; an answered one without an operator is left to its dialplan; what is gone is
settled, its end read from the length of its recording.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from telephony.domain.attempts import Attempt
from telephony.domain.calls import (
    Call,
    CallInterrupted,
    CallLost,
    CallWithdrawn,
    CustomerLegEnded,
    OperatorChosen,
    OperatorConnected,
    PersonAnswered,
    TrunkLegBegan,
    TrunkLegEnded,
)
from telephony.errors import ArchiveError, StoreError, SwitchError
from telephony.ids import ChannelId
from telephony.ports.archive import Archive
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.ports.switch import ChannelFact, Switch
from telephony.services.phones import Phones
from telephony.services.seats import Seats
from telephony.services.tracker import Tracker
from telephony.services.trunks import Trunks

log = structlog.get_logger(__name__)

SWEEP_S: Final = 10.0
"""Seconds between looks for attempts that nobody follows."""
STRAY_AGE: Final = timedelta(seconds=20)
"""An unfinished attempt that old, which nobody follows, was never dialled."""
PBX, GATE = "pbx", "gate"


class Recovery:
    """Brings the tracker, the seats and the database back in step with what exists."""

    def __init__(
        self,
        store: Store,
        switch: Switch,
        archive: Archive,
        tracker: Tracker,
        seats: Seats,
        phones: Phones,
        trunks: Trunks,
        clock: Clock,
    ) -> None:
        """Keep the parts."""
        self._store = store
        self._switch = switch
        self._archive = archive
        self._tracker = tracker
        self._seats = seats
        self._phones = phones
        self._trunks = trunks
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: set[str] = set()
        self.ready = asyncio.Event()
        """Set when both links have been settled once: nothing is dialled before."""

    async def begin(self) -> None:
        """Before the links: void unused permits, follow every unfinished attempt again."""
        voided = await self._store.permits.void_unused(self._clock.now())
        unfinished = await self._store.attempts.unfinished()
        for attempt in unfinished:
            withdrawn = await self._was_withdrawn(attempt)
            self._tracker.begin(attempt, permit_used=bool(attempt.trunk_channel), is_withdrawn=withdrawn)
            self._trunks.adopt(attempt.trunk)
        log.info("recovery_began", permits_voided=voided, attempts_unfinished=len(unfinished))

    async def _was_withdrawn(self, attempt: Attempt) -> bool:
        """Tell whether a dial was to be hung up while it rang: written down before the pbx heard of it."""
        if attempt.rang_at is None or attempt.answered_at is not None:
            return False
        events = await self._store.attempts.events(attempt.attempt_id)
        return any(event.kind == CallWithdrawn.__name__ for event in events)

    def restored(self, node: str, channels: Sequence[ChannelFact]) -> None:
        """A link is back: settle in the background."""
        # The calls known now: one begun later cannot stand in a list of channels made before it.
        known = list(self._tracker.calls())
        if node == PBX:
            self._phones.restore({fact.channel: fact for fact in channels})
        task = asyncio.create_task(self._settle(node, known, {fact.channel: fact for fact in channels}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle(self, node: str, known: Sequence[Call], present: Mapping[ChannelId, ChannelFact]) -> None:
        for one in known:
            call = self._tracker.call(one.attempt.attempt_id)  # as it is now: settling the others took time
            if call is None:
                continue
            if node == PBX:
                await self._settle_customer(call, present)
            else:
                await self._settle_trunk(call.attempt, present)
        if node == PBX:
            self._seats.settle()
        self._seen.add(node)
        if self._seen >= {PBX, GATE}:
            self.ready.set()

    async def _settle_trunk(self, attempt: Attempt, present: Mapping[ChannelId, ChannelFact]) -> None:
        if not attempt.trunk_channel:
            for fact in present.values():
                if fact.extension == attempt.permit_id and fact.endpoint == attempt.trunk:
                    self._tracker.happened(attempt.attempt_id, TrunkLegBegan(self._clock.now(), fact.channel))
        elif ChannelId(attempt.trunk_channel) not in present:
            at = await self._end_of(attempt)
            self._tracker.happened(attempt.attempt_id, TrunkLegEnded(at, 0, ""))

    async def _settle_customer(self, call: Call, present: Mapping[ChannelId, ChannelFact]) -> None:
        attempt = call.attempt
        if call.customer_gone_at is not None:
            return
        fact = present.get(ChannelId(attempt.attempt_id))
        if fact is None:
            if attempt.answered_at is None:
                self._tracker.happened(attempt.attempt_id, CallInterrupted(self._clock.now()))
            await self._unseen_trunk_leg(attempt)
            at = await self._end_of(attempt)
            self._tracker.happened(attempt.attempt_id, CustomerLegEnded(at, 0))
            return
        if fact.is_up or attempt.answered_at is not None:
            await self._seen_up(call, fact, present)
        else:
            self._tracker.happened(attempt.attempt_id, CallInterrupted(self._clock.now()))
            await self._unseen_trunk_leg(attempt)
            try:
                await self._switch.hang_up(ChannelId(attempt.attempt_id))
            except SwitchError as error:
                log.error("leg_not_ended", attempt=attempt.attempt_id, reason=str(error))

    async def _seen_up(self, call: Call, fact: ChannelFact, present: Mapping[ChannelId, ChannelFact]) -> None:
        """Somebody answered, whether we were told or not: no second call, and nobody is cut off.

        With an operator the conversation is taken over; without one the dialplan asks for a seat, or says sorry and
        ends the call itself.
        """
        attempt = call.attempt
        if attempt.answered_at is None:
            at = await self._answer_of(attempt)
            call = self._tracker.happened(attempt.attempt_id, PersonAnswered(at)) or call
        seat = self._seats.in_bridge(fact.bridge, present) if call.attempt.connected_at is None else None
        if seat is not None and seat.row.operator_id is not None:
            now = self._clock.now()
            self._tracker.happened(attempt.attempt_id, OperatorChosen(now, seat.row.operator_id, seat.row.seat))
            call = self._tracker.happened(attempt.attempt_id, OperatorConnected(now)) or call
        if call.attempt.connected_at is not None:
            log.info("call_taken_over", attempt=attempt.attempt_id, seat=call.attempt.seat)
            self._seats.adopt(call)

    async def _answer_of(self, attempt: Attempt) -> datetime:
        """Return when a call that is up was answered unseen: its recording began with the answer."""
        now = self._clock.now()
        try:
            raw = await self._archive.raw_state(attempt.recording_id)
        except ArchiveError as error:
            log.error("raw_unreadable", recording=attempt.recording_id, reason=str(error))
            return now
        return now - timedelta(seconds=raw.length_s)

    async def _unseen_trunk_leg(self, attempt: Attempt) -> None:
        """The gate recorded something nobody told us of: there was a trunk leg."""
        if attempt.trunk_channel:
            return
        try:
            raw = await self._archive.raw_state(attempt.recording_id)
        except ArchiveError as error:
            log.error("raw_unreadable", recording=attempt.recording_id, reason=str(error))
            return
        if raw.is_present:
            channel = ChannelId(f"unseen-{attempt.attempt_id}")
            now = self._clock.now()
            self._tracker.happened(attempt.attempt_id, TrunkLegBegan(now, channel))
            self._tracker.happened(attempt.attempt_id, TrunkLegEnded(now, 0, ""))

    async def _end_of(self, attempt: Attempt) -> datetime:
        """Return when a call that ended unseen did end: its recording is as long as the call was."""
        began = attempt.early_media_at or attempt.answered_at
        if began is None:
            return self._clock.now()
        try:
            raw = await self._archive.raw_state(attempt.recording_id)
        except ArchiveError as error:
            log.error("raw_unreadable", recording=attempt.recording_id, reason=str(error))
            return self._clock.now()
        return began + timedelta(seconds=raw.length_s) if raw.is_present else self._clock.now()

    async def run(self) -> None:
        """Look for attempts that were written and that nobody follows, until cancelled."""
        await self.ready.wait()
        while True:
            try:
                await self.sweep()
            except StoreError as error:
                log.error("recovery_sweep_failed", reason=str(error))
            await asyncio.sleep(SWEEP_S)

    async def sweep(self) -> None:
        """Settle unfinished attempts that nobody follows: their order was never given."""
        now = self._clock.now()
        for attempt in await self._store.attempts.unfinished():
            if self._tracker.call(attempt.attempt_id) is None and now - attempt.started_at > STRAY_AGE:
                self._tracker.begin(attempt)
                self._tracker.happened(attempt.attempt_id, CallLost(now))
