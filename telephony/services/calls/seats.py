"""Seats: which operator is at which seat, and in which state.

A seat is an operator's phone in its own conference, and a desk where somebody is signed in. Without either, and while a
result is due, it gets no call. Operators move through the domain's table; seats survive a restart. ``seat_router`` has
the routing, ``seat_login`` the phones, ``presence`` the desks, ``seat_results`` the results. Nothing here originates a
call or sees a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import structlog

from telephony.domain.calls.events import CallEventValue, OperatorConnected
from telephony.domain.calls.lifecycle import Call
from telephony.domain.calls.operators import TABLE, IllegalOperatorEventError, OperatorEvent, OperatorState, follow
from telephony.errors import InputError, StoreError
from telephony.ids import AttemptId, ChannelId, OperatorId, SeatNumber
from telephony.ports.calls.seats import SeatRow
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.calls.presence import Presence
from telephony.services.calls.results_due import ResultsDue
from telephony.services.calls.tracker import Tracker

log = structlog.get_logger(__name__)

KEEPS_CALL: Final = frozenset({OperatorState.TALKING, OperatorState.WRAP_UP, OperatorState.RESERVED})
NO_PHONE: Final = ChannelId("")
ENDPOINT: Final = "seat"
"""A phone's endpoint is named ``seat`` and the seat's number."""


@dataclass(slots=True)
class Seat:
    """One seat while the service runs; ``dialing_in`` is a phone that logged in and is not in the conference yet."""

    row: SeatRow
    operator_name: str = ""
    dialing_in: ChannelId = NO_PHONE

    @property
    def state(self) -> OperatorState:
        """The operator's state."""
        return OperatorState(self.row.state)

    def is_reserved_for(self, attempt_id: AttemptId) -> bool:
        """Return True if the operator is reserved for that call."""
        return self.state is OperatorState.RESERVED and self.row.attempt_id == attempt_id


class SeatObserver(Protocol):
    """Is notified of every change of a seat."""

    def on_seat(self, seat: Seat, event: OperatorEvent) -> None:
        """Handle one change, in the event loop; must not raise."""


class Seats:
    """Every seat of the site."""

    def __init__(self, store: Store, tracker: Tracker, clock: Clock, presence: Presence, due: ResultsDue) -> None:
        self._store = store
        self._tracker = tracker
        self._clock = clock
        self._presence = presence
        self._due = due
        self._seats: dict[SeatNumber, Seat] = {}
        self._observers: list[SeatObserver] = []
        self._dirty: dict[SeatNumber, SeatRow] = {}
        self._locked: frozenset[SeatNumber] = frozenset()

    def observe(self, *observers: SeatObserver) -> None:
        """Register observers of seat changes, in this order, after those registered before."""
        self._observers += observers

    @property
    def seats(self) -> Mapping[SeatNumber, Seat]:
        """Every seat by number."""
        return self._seats

    def ready(self) -> Sequence[Seat]:
        """Return the seats whose operator is ready, longest ready first."""
        ready = [seat for seat in self._seats.values() if seat.state is OperatorState.READY]
        return sorted(ready, key=lambda seat: seat.row.since_at)

    async def load(self) -> None:
        """Read seats, operators and the results they owe; call again when operators were added."""
        await self._due.look()
        rows = {row.seat: row for row in await self._store.seats.all()}
        for operator in await self._store.accounts.operators():
            if operator.seat not in self._seats:
                self._seats[operator.seat] = self._seat_from_row(operator.seat, rows.get(operator.seat))
            seat = self._seats[operator.seat]
            seat.operator_name = operator.name
            if seat.row.operator_id != operator.operator_id:
                seat.row = replace(seat.row, operator_id=operator.operator_id)

    def _seat_from_row(self, number: SeatNumber, row: SeatRow | None) -> Seat:
        """Return a seat as it was stored; presence will show if somebody is at the desk."""
        if row is None:
            return Seat(SeatRow(number, None, NO_PHONE, OperatorState.OFFLINE, None, self._clock.now()))
        is_owing = row.state in (OperatorState.TALKING, OperatorState.WRAP_UP)
        if is_owing and row.operator_id is not None and row.attempt_id is not None:
            self._due.owe(row.attempt_id, row.operator_id)
        if row.operator_id is not None and row.state == OperatorState.PREVIEW:
            self._presence.seen(row.operator_id)  # a preview is open there: it is taken back if nobody is present
        is_ready = row.state == OperatorState.READY
        return Seat(replace(row, state=OperatorState.ABSENT) if is_ready else row)

    def settle(self) -> None:
        """Release seats whose call is gone; called when the calls have been settled."""
        for seat in self._seats.values():
            if seat.row.attempt_id is None or self._tracker.call(seat.row.attempt_id) is None:
                self._release_ended(seat)

    def _release_ended(self, seat: Seat) -> None:
        """Release a seat whose call has ended."""
        if seat.state is OperatorState.TALKING:
            self.move(seat, OperatorEvent.CALL_ENDED)
        elif seat.state is OperatorState.RESERVED:
            self.move(seat, OperatorEvent.CALL_LOST)

    def reserve(self, seat: Seat, attempt_id: AttemptId) -> None:
        """Reserve a ready operator for a call that was answered."""
        seat.row = replace(seat.row, attempt_id=attempt_id)
        self.move(seat, OperatorEvent.CALL_OFFERED)

    def release(self, seat: Seat | None, attempt_id: AttemptId) -> None:
        """End a seat's reservation for this call; a reservation for another call stays."""
        if seat is not None and seat.is_reserved_for(attempt_id):
            self.move(seat, OperatorEvent.CALL_LOST)

    def guarantee(self, operator_id: OperatorId, attempt_id: AttemptId) -> bool:
        """Reserve an operator who pressed call for that call alone; False if they have no preview any more."""
        seat = self.seat_of(operator_id)
        if seat.state is OperatorState.PREVIEW:
            seat.row = replace(seat.row, attempt_id=attempt_id)
        return self.try_move(operator_id, OperatorEvent.CALL_PRESSED)

    def is_kept(self, attempt_id: AttemptId) -> bool:
        """Return True if an operator is reserved for this call now."""
        return self.reserved_for(attempt_id) is not None

    def holder_of(self, attempt_id: AttemptId) -> Seat | None:
        """Return the seat that has this call: reserved for it, in it, or with its result due."""
        has = (seat for seat in self._seats.values() if seat.row.attempt_id == attempt_id)
        return next((seat for seat in has if seat.state in KEEPS_CALL), None)

    def reserved_for(self, attempt_id: AttemptId) -> Seat | None:
        """Return the seat that is reserved for this call."""
        return next((seat for seat in self._seats.values() if seat.is_reserved_for(attempt_id)), None)

    def try_move(self, operator_id: OperatorId, event: OperatorEvent) -> bool:
        """Move an operator's seat where the domain's table allows it; False where it does not."""
        seat = self.seat_of(operator_id)
        if (seat.state, event) not in TABLE:
            return False
        self.move(seat, event)
        return True

    def ask(self, operator_id: OperatorId, event: OperatorEvent) -> None:
        """Carry out an operator's request: a pause, or its end.

        Raises:
            InputError: the operator has no seat, or the seat cannot do that now.
        """
        seat = self.seat_of(operator_id)
        if event is OperatorEvent.READY_ASKED and seat.row.seat in self._locked:
            raise IllegalOperatorEventError(f"seat {seat.row.seat} is locked: it takes no call until it is unlocked")
        follow(seat.state, event)
        self.move(seat, event)

    def lock(self, numbers: frozenset[SeatNumber]) -> None:
        """Lock exactly these seats: an operator who is ready there, or becomes ready, is paused."""
        self._locked = numbers
        for number in numbers:
            seat = self._seats.get(number)
            if seat is not None and seat.state in (OperatorState.READY, OperatorState.PREVIEW):
                self.move(seat, OperatorEvent.PAUSE_ASKED)

    def seat_of(self, operator_id: OperatorId) -> Seat:
        """Return the operator's seat; InputError if there is none."""
        for seat in self._seats.values():
            if seat.row.operator_id == operator_id:
                return seat
        raise InputError(f"operator {operator_id} has no seat: give one with telephony operator add --seat")

    def phone_in(self, seat: Seat, channel: ChannelId) -> None:
        """Record that a seat's phone is in its conference."""
        seat.row, seat.dialing_in = replace(seat.row, channel=channel), NO_PHONE
        if seat.state is OperatorState.OFFLINE:
            self.move(seat, OperatorEvent.LOGGED_IN)
        else:
            self._dirty[seat.row.seat] = seat.row
            self._notify(seat, OperatorEvent.LOGGED_IN)

    def on_call(self, call: Call, event: CallEventValue) -> None:
        """Update the operator's state from the call."""
        number = call.attempt.seat
        seat = self._seats.get(number) if number is not None else None
        if number is None and call.attempt.guaranteed_to is not None:
            seat = self.reserved_for(call.attempt.attempt_id)
        if seat is None or seat.row.attempt_id != call.attempt.attempt_id:
            return
        if isinstance(event, OperatorConnected) and seat.state is OperatorState.RESERVED:
            self.move(seat, OperatorEvent.CALL_CONNECTED)
        elif call.customer_gone_at is not None or call.has_ended:
            self._release_ended(seat)

    def adopt(self, call: Call) -> None:
        """Take over a conversation that went on while the controller was away."""
        number = call.attempt.seat
        seat = self._seats.get(number) if number is not None else None
        if seat is not None and seat.row.channel:
            seat.row = replace(seat.row, state=OperatorState.TALKING, attempt_id=call.attempt.attempt_id)
            if seat.row.operator_id is not None:
                self._due.owe(call.attempt.attempt_id, seat.row.operator_id)
            self._dirty[seat.row.seat] = seat.row
            self._notify(seat, OperatorEvent.CALL_CONNECTED)

    def move(self, seat: Seat, event: OperatorEvent) -> None:
        """Move a seat by the domain's table; an event that is not in it has no effect."""
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
        self._notify(seat, event)

    def _instead_of_ready(self, seat: Seat) -> OperatorEvent | None:
        """Return the event that keeps a seat from being ready, or None: the only place that decides who gets calls."""
        if self._due.of(seat.row.operator_id) is not None:
            return OperatorEvent.RESULT_DUE
        if not seat.row.channel:
            return OperatorEvent.PHONE_LOST
        if seat.row.seat in self._locked:
            return OperatorEvent.PAUSE_ASKED
        return None if self._presence.is_here(seat.row.operator_id) else OperatorEvent.DESK_LEFT

    def _notify(self, seat: Seat, event: OperatorEvent) -> None:
        for observer in self._observers:
            observer.on_seat(seat, event)

    async def save(self) -> None:
        """Write changed seats; they are kept and tried again if the database fails."""
        dirty, self._dirty = self._dirty, {}
        if not dirty:
            return
        try:
            await self._store.seats.save(list(dirty.values()))
        except StoreError as error:
            self._dirty = dirty | self._dirty
            log.error("seats_not_saved", reason=str(error))
