"""The result an operator gives after a call, and the callback it promised: written down, then the seat goes on."""

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.operators import IllegalOperatorEventError, OperatorEvent, OperatorState
from telephony.domain.leads.callbacks import CallbackWish
from telephony.errors import ConflictError
from telephony.ids import OperatorId
from telephony.ports.calls.attempts import AttemptStore
from telephony.ports.clock import Clock
from telephony.services.calls.results_due import ResultsDue
from telephony.services.calls.seats import Seats
from telephony.services.calls.tracker import Tracker


class SeatResults:
    """Stores operators' results."""

    def __init__(self, seats: Seats, tracker: Tracker, attempts: AttemptStore, due: ResultsDue, clock: Clock) -> None:
        self._seats = seats
        self._tracker = tracker
        self._attempts = attempts
        self._due = due
        self._clock = clock

    async def choose(self, operator_id: OperatorId, result: Result, callback: CallbackWish | None = None) -> None:
        """Store the operator's result and promised callback, and make the seat ready again.

        Raises:
            InputError: the operator has no seat, or is not choosing a result now.
            ConflictError: a refusal is stored for that call already and stays; the seat goes on.
        """
        seat = self._seats.seat_of(operator_id)
        if seat.state is not OperatorState.WRAP_UP:
            raise IllegalOperatorEventError(f"a result is chosen after a call; this seat is {seat.state}")
        attempt_id, conflict = seat.row.attempt_id, None
        if attempt_id is not None:
            await self._tracker.flush()
            try:
                await self._attempts.set_result(attempt_id, result, operator_id, self._clock.now(), callback)
            except ConflictError as error:
                conflict = error
            self._due.given(attempt_id)
        if seat.state is OperatorState.WRAP_UP and seat.row.attempt_id == attempt_id:
            self._seats.move(seat, OperatorEvent.RESULT_CHOSEN)
        await self._seats.save()  # or a restart would ask again, when the person may have been called since
        if conflict is not None:
            raise conflict
