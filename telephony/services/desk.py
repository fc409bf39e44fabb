"""The operator's desk: what a signed-in operator may do at their own seat; never a number (I8)."""

from telephony.domain.attempts import Result
from telephony.domain.floor import SeatView
from telephony.ids import OperatorId
from telephony.services.floor import Floor
from telephony.services.seats import Seats


class Desk:
    """Acts on the seat of the operator who asks, and on no other."""

    def __init__(self, seats: Seats, floor: Floor) -> None:
        """Keep the parts."""
        self._seats = seats
        self._floor = floor

    def seat_of(self, operator_id: OperatorId) -> SeatView:
        """Return the operator's own seat; InputError when they have none."""
        return self._floor.seat_view(self._seats.seat_of(operator_id))

    async def choose_result(self, operator_id: OperatorId, result: Result) -> None:
        """Keep the result of the call that ended; InputError when none is due."""
        await self._seats.choose_result(operator_id, result)

    async def pause(self, operator_id: OperatorId) -> None:
        """Pause; InputError when the operator is not ready."""
        await self._seats.pause(operator_id)

    async def ready(self, operator_id: OperatorId) -> None:
        """End the pause; InputError when there is none."""
        await self._seats.ready(operator_id)
