"""What keeps a seat from being ready, checked periodically: nobody at the desk, a result that is due.

The rule itself is in ``Seats.move``. Here changes are noticed that come without an event of the call or the phone:
somebody signed in or went away, another person gave the result, a restart found one due.
"""

import asyncio
from typing import Final

import structlog

from telephony.domain.calls.operators import TABLE, OperatorEvent, OperatorState
from telephony.errors import StoreError
from telephony.ids import OperatorId
from telephony.services.calls.presence import Presence
from telephony.services.calls.results_due import ResultsDue
from telephony.services.calls.seats import Seats

log = structlog.get_logger(__name__)

LOOK_S: Final = 1.0
_WAITING: Final = frozenset({OperatorState.READY, OperatorState.PREVIEW})


class SeatDuties:
    """Checks who is at their desk and which results are due."""

    def __init__(self, seats: Seats, presence: Presence, due: ResultsDue) -> None:
        self._seats = seats
        self._presence = presence
        self.due = due
        """The results that are due."""

    async def run(self) -> None:
        """Check periodically, until cancelled."""
        while True:
            self._check_desks()
            try:
                await self.due.look()
            except StoreError as error:
                log.error("results_due_unreadable", reason=str(error))
            self._check_results()
            await asyncio.sleep(LOOK_S)

    def _check_desks(self) -> None:
        for seat in self._seats.seats.values():
            if seat.state in _WAITING and not self._presence.is_here(seat.row.operator_id):
                log.info("desk_left", seat=seat.row.seat)
                self._seats.move(seat, OperatorEvent.DESK_LEFT)

    def _check_results(self) -> None:
        """Ask for results that only the database knew of; release seats whose result another person gave."""
        for seat in self._seats.seats.values():
            owed = seat.row.attempt_id
            if seat.state is OperatorState.WRAP_UP and owed is not None and not self.due.is_due(owed):
                self._seats.move(seat, OperatorEvent.RESULT_CHOSEN)
            elif (seat.state, OperatorEvent.RESULT_DUE) in TABLE and self.due.of(seat.row.operator_id) is not None:
                self._seats.move(seat, OperatorEvent.RESULT_DUE)

    def on_presence(self, operator_id: OperatorId) -> None:
        """Make the seat of an operator who came to their desk ready."""
        for seat in self._seats.seats.values():
            if seat.row.operator_id == operator_id and seat.state is OperatorState.ABSENT:
                self._seats.move(seat, OperatorEvent.DESK_OPENED)

    def left(self, operator_id: OperatorId) -> None:
        """Send no calls to an operator who signed out; the result they owe stays due."""
        self._presence.left(operator_id)
        self._check_desks()
