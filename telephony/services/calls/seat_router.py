"""Which operator gets an answered call: the reserved one, the one who promised it, or the one ready longest.

Answers the dialplan's ``route`` request in time. ``seats`` follows what a seat's operator does.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog

from telephony.domain.calls.events import (
    MACHINE,
    CallEventValue,
    MachineJudged,
    NobodyFree,
    OperatorChosen,
    PersonAnswered,
)
from telephony.domain.calls.lifecycle import Call
from telephony.domain.calls.operators import OperatorEvent, OperatorState
from telephony.ids import AttemptId, OperatorId
from telephony.ports.calls.switch import AgiCall
from telephony.ports.clock import Clock
from telephony.services.calls.coverage import Coverage
from telephony.services.calls.seat_queue import SeatQueue
from telephony.services.calls.seats import Seat, Seats
from telephony.services.calls.tracker import Tracker

log = structlog.get_logger(__name__)

_NOT_AMD: Final = re.compile(r"[^A-Z0-9-]")
"""Characters that are never part of an AMD status or cause."""


class SeatRouter:
    """Routes answered calls to seats."""

    def __init__(self, seats: Seats, tracker: Tracker, clock: Clock, coverage: Coverage, route_wait_s: float) -> None:
        """``route_wait_s`` is how long an answered call may wait for an operator, seconds."""
        self._seats = seats
        self._tracker = tracker
        self._clock = clock
        self._coverage = coverage
        self._route_wait_s = route_wait_s
        self._queue: SeatQueue[Seat] = SeatQueue()
        self._preferred: dict[AttemptId, OperatorId] = {}

    @property
    def waiting(self) -> int:
        """Number of answered calls that wait for an operator now."""
        return len(self._queue)

    def prefer(self, attempt_id: AttemptId, operator_id: OperatorId) -> None:
        """Give this call to that operator if they are ready when it is answered, else to anyone."""
        self._preferred[attempt_id] = operator_id

    def on_call(self, call: Call, _event: CallEventValue) -> None:
        """Forget a call's preferred operator when it has ended."""
        if call.has_ended:
            self._preferred.pop(call.attempt.attempt_id, None)

    def on_seat(self, seat: Seat, _event: OperatorEvent) -> None:
        """Serve the calls that wait as soon as an operator is ready."""
        if seat.state is OperatorState.READY:
            self.serve()

    def on_reservation_ended(self) -> None:
        """Serve the calls that wait: one more operator is free."""
        self.serve()

    async def route(self, ask: AgiCall) -> Mapping[str, str]:
        """Answer the dialplan's ``route``: an operator who is free in time, or nobody."""
        attempt_id = AttemptId(ask.channel)
        call = self._tracker.call(attempt_id)
        if call is None:
            log.warning("route_refused", attempt=attempt_id, rule="unknown_call")
            return {}
        if call.attempt.answered_at is None:
            self._tracker.record_event(attempt_id, PersonAnswered(self._clock.now()))
        if self._is_amd_machine(attempt_id, ask):
            return {"SEAT": "", "VERDICT": f"MACHINE-{ask.channel}"}
        if call.attempt.guaranteed_to is not None:
            seat = self._seats.reserved_for(attempt_id)
        else:
            seat = await self._free_seat(attempt_id, self._time_left_s(call.attempt.answered_at))
        live = self._tracker.call(attempt_id)
        if seat is None or not seat.is_reserved_for(attempt_id) or live is None or live.customer_gone_at is not None:
            self._seats.release(seat, attempt_id)
            self._tracker.record_event(attempt_id, NobodyFree(self._clock.now()))
            return {"SEAT": "", "VERDICT": "NOBODY"}
        operator_id = seat.row.operator_id
        assert operator_id is not None  # noqa: S101  a ready seat has an operator
        self._tracker.record_event(attempt_id, OperatorChosen(self._clock.now(), operator_id, seat.row.seat))
        number = seat.row.seat
        return {"SEAT": str(number), "VERDICT": f"SEAT-{ask.channel}-{number}"}

    def _is_amd_machine(self, attempt_id: AttemptId, ask: AgiCall) -> bool:
        """Record the AMD verdict, if there is one; return True if it is a machine."""
        verdict, on = (_NOT_AMD.sub("", ask.headers.get(f"agi_arg_{place}", ""))[:40] for place in (1, 2))
        if not verdict:
            return False
        self._tracker.record_event(attempt_id, MachineJudged(self._clock.now(), verdict, on))
        return verdict == MACHINE

    def _time_left_s(self, answered_at: datetime | None) -> float:
        """Return how long a call may still wait: the limit counts from the answer and includes AMD's time."""
        gone_s = 0.0 if answered_at is None else (self._clock.now() - answered_at).total_seconds()
        return min(self._route_wait_s, max(0.0, self._route_wait_s - gone_s))

    async def _free_seat(self, attempt_id: AttemptId, within_s: float) -> Seat | None:
        """Reserve the operator who promised this call, or the one ready longest; wait up to the limit."""
        ready = self._seats.ready()
        if len(ready) > self._coverage.reserved_from(attempt_id):
            return self._best(ready, attempt_id)
        return await self._queue.wait(attempt_id, within_s, self._seats.release)

    def _best(self, ready: Sequence[Seat], attempt_id: AttemptId) -> Seat:
        preferred = self._preferred.get(attempt_id)
        seat = next((seat for seat in ready if seat.row.operator_id == preferred), ready[0])
        self._seats.reserve(seat, attempt_id)
        return seat

    def serve(self) -> None:
        """Give free operators who are reserved for no other call to the calls that wait, in order."""
        for wait in self._queue.those():
            ready = self._seats.ready()
            if len(ready) > self._coverage.reserved_from(wait.attempt_id):
                wait.seat.set_result(self._best(ready, wait.attempt_id))
