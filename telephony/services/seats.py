"""Seats: who is at which seat, in which state, and who gets the next answered call.

A seat is an operator's phone held in its own conference, and a desk somebody is signed in at: without either, and while
a result is due, no call comes. The seat service answers the dialplan's ``route`` question, moves operators through the
domain's table, and keeps seats across a restart. Phones are left to ``phones``, desks to ``presence``, results to
``results_due``. It never originates and never sees a number.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from telephony.domain.attempts import Result
from telephony.domain.callbacks import CallbackWish
from telephony.domain.calls import (
    MACHINE,
    Call,
    CallEventValue,
    MachineJudged,
    NobodyFree,
    OperatorChosen,
    OperatorConnected,
    PersonAnswered,
)
from telephony.domain.operators import TABLE, IllegalOperatorEventError, OperatorEvent, OperatorState, follow
from telephony.errors import ConflictError, InputError, StoreError
from telephony.ids import AttemptId, ChannelId, OperatorId, SeatNumber
from telephony.ports.clock import Clock
from telephony.ports.people import SeatRow
from telephony.ports.store import Store
from telephony.ports.switch import AgiCall
from telephony.services.presence import Presence
from telephony.services.results_due import ResultsDue
from telephony.services.seat_queue import SeatQueue
from telephony.services.tracker import Tracker

log = structlog.get_logger(__name__)

_DETECTED: Final = re.compile(r"[^A-Z0-9-]")
"""What the detector's words are not made of."""
KEEPS_CALL: Final = frozenset({OperatorState.TALKING, OperatorState.WRAP_UP, OperatorState.RESERVED})
NO_PHONE: Final = ChannelId("")
ENDPOINT: Final = "seat"
"""Phones' endpoints are named ``seat`` and the number."""


@dataclass(slots=True)
class Seat:
    """One seat while the service runs; ``dialing_in`` is a phone that was let in and is not yet in the conference."""

    row: SeatRow
    operator_name: str = ""
    dialing_in: ChannelId = NO_PHONE

    @property
    def state(self) -> OperatorState:
        """The operator's state."""
        return OperatorState(self.row.state)


OnSeat = Callable[[Seat, OperatorEvent], None]


def _is_for(seat: Seat, attempt_id: AttemptId) -> bool:
    return seat.state is OperatorState.RESERVED and seat.row.attempt_id == attempt_id


class Seats:
    """Every seat of the site."""

    def __init__(
        self,
        store: Store,
        tracker: Tracker,
        clock: Clock,
        route_wait_s: float,
        presence: Presence,
        due: ResultsDue,
    ) -> None:
        """Begin with no seats; ``load`` reads them."""
        self.kept_from: Callable[[AttemptId], int] = lambda _: 0
        """How many free operators a call must leave to others."""
        self._store = store
        self._tracker = tracker
        self._clock = clock
        self._route_wait_s = route_wait_s
        self._presence = presence
        self._due = due
        self._seats: dict[SeatNumber, Seat] = {}
        self._queue: SeatQueue[Seat] = SeatQueue()
        self._listeners: list[OnSeat] = []
        self._dirty: dict[SeatNumber, SeatRow] = {}
        self._locked: frozenset[SeatNumber] = frozenset()
        self._preferred: dict[AttemptId, OperatorId] = {}
        tracker.listen(self._on_call)

    def listen(self, listener: OnSeat) -> None:
        """Be told of every change of a seat, in the event loop; the listener must not raise."""
        self._listeners.append(listener)

    @property
    def seats(self) -> Mapping[SeatNumber, Seat]:
        """Every seat by number."""
        return self._seats

    @property
    def waiting(self) -> int:
        """Answered calls that wait for an operator now."""
        return len(self._queue)

    async def load(self) -> None:
        """Read seats, operators and what they owe; call again when operators were added."""
        await self._due.look()
        rows = {row.seat: row for row in await self._store.seats.all()}
        for operator in await self._store.accounts.operators():
            if operator.seat not in self._seats:
                self._seats[operator.seat] = self._found(operator.seat, rows.get(operator.seat))
            seat = self._seats[operator.seat]
            seat.operator_name = operator.name
            if seat.row.operator_id != operator.operator_id:
                seat.row = replace(seat.row, operator_id=operator.operator_id)

    def _found(self, number: SeatNumber, row: SeatRow | None) -> Seat:
        """Return a seat as it was left, its operator nobody's guess: who is at the desk will be heard of."""
        if row is None:
            return Seat(SeatRow(number, None, NO_PHONE, OperatorState.OFFLINE, None, self._clock.now()))
        is_owing = row.state in (OperatorState.TALKING, OperatorState.WRAP_UP)
        if is_owing and row.operator_id is not None and row.attempt_id is not None:
            self._due.owe(row.attempt_id, row.operator_id)
        if row.operator_id is not None and row.state == OperatorState.PREVIEW:
            self._presence.seen(row.operator_id)  # a lead lies there: it is taken back should nobody be heard of
        is_ready = row.state == OperatorState.READY
        return Seat(replace(row, state=OperatorState.ABSENT) if is_ready else row)

    def seed(self, listener: OnSeat) -> None:
        """Tell one listener of every seat as it was read, so that it counts operators who stayed logged in."""
        for seat in self._seats.values():
            listener(seat, OperatorEvent.READY_ASKED)

    def settle(self) -> None:
        """When the calls have been settled: no seat stays with a call that is gone."""
        for seat in self._seats.values():
            if seat.row.attempt_id is None or self._tracker.call(seat.row.attempt_id) is None:
                self._without_call(seat)

    def _without_call(self, seat: Seat) -> None:
        """A seat whose call ended while nobody watched."""
        if seat.state is OperatorState.TALKING:
            self.move(seat, OperatorEvent.CALL_ENDED)
        elif seat.state is OperatorState.RESERVED:
            self.move(seat, OperatorEvent.CALL_LOST)

    async def route(self, ask: AgiCall) -> Mapping[str, str]:
        """Answer the dialplan's ``route``: a free operator within the bound, or nobody."""
        attempt_id = AttemptId(ask.channel)
        call = self._tracker.call(attempt_id)
        if call is None:
            log.warning("route_refused", attempt=attempt_id, rule="unknown_call")
            return {}
        if call.attempt.answered_at is None:
            self._tracker.happened(attempt_id, PersonAnswered(self._clock.now()))
        if self._is_machine(attempt_id, ask):
            return {"SEAT": "", "VERDICT": f"MACHINE-{ask.channel}"}
        if call.attempt.guaranteed_to is not None:
            seat = self._kept_for(attempt_id)
        else:
            seat = await self._free_seat(attempt_id, self._time_left_s(call.attempt.answered_at))
        live = self._tracker.call(attempt_id)
        if seat is None or not _is_for(seat, attempt_id) or live is None or live.customer_gone_at is not None:
            self._release(seat, attempt_id)
            self._tracker.happened(attempt_id, NobodyFree(self._clock.now()))
            return {"SEAT": "", "VERDICT": "NOBODY"}
        operator_id = seat.row.operator_id
        assert operator_id is not None  # noqa: S101  a seat that is ready has an operator
        self._tracker.happened(attempt_id, OperatorChosen(self._clock.now(), operator_id, seat.row.seat))
        number = seat.row.seat
        return {"SEAT": str(number), "VERDICT": f"SEAT-{ask.channel}-{number}"}

    def _is_machine(self, attempt_id: AttemptId, ask: AgiCall) -> bool:
        """Keep what the detector heard, if it listened; tell whether it was a machine."""
        verdict, on = (_DETECTED.sub("", ask.headers.get(f"agi_arg_{place}", ""))[:40] for place in (1, 2))
        if not verdict:
            return False
        self._tracker.happened(attempt_id, MachineJudged(self._clock.now(), verdict, on))
        return verdict == MACHINE

    def _time_left_s(self, answered_at: datetime | None) -> float:
        """Return how long a call may still wait: the bound counts from the answer, the detector's time included."""
        gone_s = 0.0 if answered_at is None else (self._clock.now() - answered_at).total_seconds()
        return min(self._route_wait_s, max(0.0, self._route_wait_s - gone_s))

    async def _free_seat(self, attempt_id: AttemptId, within_s: float) -> Seat | None:
        """Reserve the operator who promised this call, or has been ready longest, waiting for one up to the bound."""
        ready = [seat for seat in self._seats.values() if seat.state is OperatorState.READY]
        if len(ready) > self.kept_from(attempt_id):
            return self._best(ready, attempt_id)
        return await self._queue.wait(attempt_id, within_s, self._release)

    def _best(self, ready: Sequence[Seat], attempt_id: AttemptId) -> Seat:
        wanted = self._preferred.get(attempt_id)
        seat = min(ready, key=lambda one: (one.row.operator_id != wanted, one.row.since_at))
        self._reserve(seat, attempt_id)
        return seat

    def _reserve(self, seat: Seat, attempt_id: AttemptId) -> None:
        seat.row = replace(seat.row, attempt_id=attempt_id)
        self.move(seat, OperatorEvent.CALL_OFFERED)

    def _release(self, seat: Seat | None, attempt_id: AttemptId) -> None:
        if seat is not None and _is_for(seat, attempt_id):
            self.move(seat, OperatorEvent.CALL_LOST)

    def lay(self, operator_id: OperatorId) -> bool:
        """Let a ready operator look at a lead: no call comes to them; False when they are not ready."""
        return self._moved(operator_id, OperatorEvent.LEAD_OFFERED)

    def end_look(self, operator_id: OperatorId, event: OperatorEvent) -> bool:
        """Let an operator look no more, ready or paused as the event says; False when they look at nothing."""
        return self._moved(operator_id, event)

    def guarantee(self, operator_id: OperatorId, attempt_id: AttemptId) -> bool:
        """Reserve an operator who pressed call for that call alone; False when they look at nothing any more."""
        seat = self.seat_of(operator_id)
        if seat.state is OperatorState.PREVIEW:
            seat.row = replace(seat.row, attempt_id=attempt_id)
        return self._moved(operator_id, OperatorEvent.CALL_PRESSED)

    def is_kept(self, attempt_id: AttemptId) -> bool:
        """Tell whether an operator is reserved for this call now."""
        return self._kept_for(attempt_id) is not None

    def given(self, attempt_id: AttemptId) -> Seat | None:
        """Return the seat that has this call: reserved for it, in it, or with its result due."""
        has = (seat for seat in self._seats.values() if seat.row.attempt_id == attempt_id)
        return next((seat for seat in has if seat.state in KEEPS_CALL), None)

    def _kept_for(self, attempt_id: AttemptId) -> Seat | None:
        return next((seat for seat in self._seats.values() if _is_for(seat, attempt_id)), None)

    def _moved(self, operator_id: OperatorId, event: OperatorEvent) -> bool:
        seat = self.seat_of(operator_id)
        if (seat.state, event) not in TABLE:
            return False
        self.move(seat, event)
        return True

    def prefer(self, attempt_id: AttemptId, operator_id: OperatorId) -> None:
        """Give this call to that operator if they are ready when it is answered, to anyone otherwise."""
        self._preferred[attempt_id] = operator_id

    async def choose_result(
        self, operator_id: OperatorId, result: Result, callback: CallbackWish | None = None
    ) -> None:
        """Keep the operator's result, with what they promised, and make the seat ready again.

        Raises:
            InputError: the operator has no seat, or is not choosing a result now.
            ConflictError: a refusal was kept for that call already, and stands; the seat goes on.
        """
        seat = self.seat_of(operator_id)
        if seat.state is not OperatorState.WRAP_UP:
            raise IllegalOperatorEventError(f"a result is chosen after a call; this seat is {seat.state}")
        attempt_id, stands = seat.row.attempt_id, None
        if attempt_id is not None:
            await self._tracker.flush()
            try:
                await self._store.attempts.set_result(attempt_id, result, operator_id, self._clock.now(), callback)
            except ConflictError as error:
                stands = error
            self._due.given(attempt_id)
        if seat.state is OperatorState.WRAP_UP and seat.row.attempt_id == attempt_id:
            self.move(seat, OperatorEvent.RESULT_CHOSEN)
        await self.save()  # or a crash now would ask again, when the person may have been called since
        if stands is not None:
            raise stands

    async def pause(self, operator_id: OperatorId) -> None:
        """Pause a ready operator."""
        self._move_or_say(self.seat_of(operator_id), OperatorEvent.PAUSE_ASKED)

    async def ready(self, operator_id: OperatorId) -> None:
        """End a pause."""
        seat = self.seat_of(operator_id)
        if seat.row.seat in self._locked:
            raise IllegalOperatorEventError(f"seat {seat.row.seat} is locked: it takes no call until it is unlocked")
        self._move_or_say(seat, OperatorEvent.READY_ASKED)

    def lock(self, numbers: frozenset[SeatNumber]) -> None:
        """Keep calls from exactly these seats: whoever is ready there, or comes to be, is paused."""
        self._locked = numbers
        for number in numbers:
            seat = self._seats.get(number)
            if seat is not None and seat.state in (OperatorState.READY, OperatorState.PREVIEW):
                self.move(seat, OperatorEvent.PAUSE_ASKED)

    def is_talking(self, attempt_id: AttemptId) -> bool:
        """Return True when an operator is in that conversation."""
        return any(
            one.row.attempt_id == attempt_id and one.state is OperatorState.TALKING for one in self._seats.values()
        )

    def seat_of(self, operator_id: OperatorId) -> Seat:
        """Return the operator's seat; InputError when there is none."""
        for seat in self._seats.values():
            if seat.row.operator_id == operator_id:
                return seat
        raise InputError(f"operator {operator_id} has no seat: give one with telephony operator add --seat")

    def phone_in(self, seat: Seat, channel: ChannelId) -> None:
        """Note that a seat's phone is in its conference."""
        seat.row, seat.dialing_in = replace(seat.row, channel=channel), NO_PHONE
        if seat.state is OperatorState.OFFLINE:
            self.move(seat, OperatorEvent.LOGGED_IN)
        else:
            self._dirty[seat.row.seat] = seat.row
            self._tell(seat, OperatorEvent.LOGGED_IN)

    def phone_lost(self, seat: Seat) -> None:
        """Note that a seat's phone is gone; a result that is due stays so."""
        self.move(seat, OperatorEvent.PHONE_LOST)

    def _on_call(self, call: Call, event: CallEventValue) -> None:
        """Follow the call in the operator's state."""
        if call.has_ended:
            self._preferred.pop(call.attempt.attempt_id, None)
        number = call.attempt.seat
        seat = self._seats.get(number) if number is not None else None
        if number is None and call.attempt.guaranteed_to is not None:
            seat = self._kept_for(call.attempt.attempt_id)
        if seat is None or seat.row.attempt_id != call.attempt.attempt_id:
            return
        if isinstance(event, OperatorConnected) and seat.state is OperatorState.RESERVED:
            self.move(seat, OperatorEvent.CALL_CONNECTED)
        elif call.customer_gone_at is not None or call.has_ended:
            self._without_call(seat)

    def adopt(self, call: Call) -> None:
        """Take over a conversation that went on while the controller was away."""
        number = call.attempt.seat
        seat = self._seats.get(number) if number is not None else None
        if seat is not None and seat.row.channel:
            seat.row = replace(seat.row, state=OperatorState.TALKING, attempt_id=call.attempt.attempt_id)
            if seat.row.operator_id is not None:
                self._due.owe(call.attempt.attempt_id, seat.row.operator_id)
            self._dirty[seat.row.seat] = seat.row
            self._tell(seat, OperatorEvent.CALL_CONNECTED)

    def _move_or_say(self, seat: Seat, event: OperatorEvent) -> None:
        follow(seat.state, event)
        self.move(seat, event)

    def move(self, seat: Seat, event: OperatorEvent) -> None:
        """Move a seat by the domain's table; what is not in it changes nothing."""
        try:
            state = follow(seat.state, event)
        except IllegalOperatorEventError as error:
            log.warning("seat_event_ignored", seat=seat.row.seat, reason=str(error))
            return
        if event is OperatorEvent.PHONE_LOST:
            seat.row = replace(seat.row, channel=NO_PHONE)
        instead = self._instead_of_ready(seat) if state is OperatorState.READY else None
        if instead is not None:
            state, event = follow(state, instead), instead
        attempt_id = self._due.of(seat.row.operator_id) if event is OperatorEvent.RESULT_DUE else seat.row.attempt_id
        seat.row = replace(
            seat.row,
            state=state,
            since_at=seat.row.since_at if state is seat.state else self._clock.now(),
            attempt_id=attempt_id if state in KEEPS_CALL else None,
        )
        self._dirty[seat.row.seat] = seat.row
        self._tell(seat, event)
        if state is OperatorState.READY:
            self.serve()

    def _instead_of_ready(self, seat: Seat) -> OperatorEvent | None:
        """Return what keeps a seat from being ready, None when it may be: the one place that says who gets calls."""
        if self._due.of(seat.row.operator_id) is not None:
            return OperatorEvent.RESULT_DUE
        if not seat.row.channel:
            return OperatorEvent.PHONE_LOST
        if seat.row.seat in self._locked:
            return OperatorEvent.PAUSE_ASKED
        return None if self._presence.is_here(seat.row.operator_id) else OperatorEvent.DESK_LEFT

    def _tell(self, seat: Seat, event: OperatorEvent) -> None:
        for listener in self._listeners:
            listener(seat, event)

    def serve(self) -> None:
        """Give operators who are free, and kept for no other call, to those who wait, in their order."""
        for wait in self._queue.those():
            ready = [seat for seat in self._seats.values() if seat.state is OperatorState.READY]
            if len(ready) > self.kept_from(wait.attempt_id):
                wait.seat.set_result(self._best(ready, wait.attempt_id))

    async def save(self) -> None:
        """Write changed seats down; they are kept and tried again when the database refuses."""
        dirty, self._dirty = self._dirty, {}
        if not dirty:
            return
        try:
            await self._store.seats.save(list(dirty.values()))
        except StoreError as error:
            self._dirty = dirty | self._dirty
            log.error("seats_wait", reason=str(error))
