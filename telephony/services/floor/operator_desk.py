"""The operator's desk: what a signed-in operator may do at their own seat; never a number (I8)."""

from contextlib import AbstractContextManager

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.operators import OperatorEvent
from telephony.domain.floor.snapshot import SeatView
from telephony.domain.leads.callbacks import Later
from telephony.domain.leads.preview import PreviewView, SkipReason
from telephony.ids import OperatorId, PreviewId
from telephony.services.calls.presence import Presence
from telephony.services.calls.seat_duties import SeatDuties
from telephony.services.calls.seat_results import SeatResults
from telephony.services.calls.seats import Seats
from telephony.services.floor.callback_wishes import CallbackWishes
from telephony.services.floor.seat_views import SeatViews
from telephony.services.preview.desk import PreviewActions


class OperatorDesktop:
    """Acts on the signed-in operator's own seat, and on no other.

    Args:
        seats: the seats.
        seat_views: makes the view of a seat.
        previews: the operators' actions on an offered lead.
        presence: who is at their desk.
        duties: notes who signed out.
        results: stores the results of calls.
        wishes: reads and checks the times of callbacks.
    """

    def __init__(
        self,
        seats: Seats,
        seat_views: SeatViews,
        previews: PreviewActions,
        presence: Presence,
        duties: SeatDuties,
        results: SeatResults,
        wishes: CallbackWishes,
    ) -> None:
        self._results = results
        self._wishes = wishes
        self._presence = presence
        self._duties = duties
        self._previews = previews
        self._seats = seats
        self._seat_views = seat_views

    def seat_of(self, operator_id: OperatorId) -> SeatView:
        """Return the operator's own seat; InputError when they have none."""
        return self._seat_views.seat(self._seats.seat_of(operator_id))

    def seen(self, operator_id: OperatorId) -> None:
        """Note a request of the signed-in operator: a seat with nobody at its desk gets no call."""
        self._presence.seen(operator_id)

    def connected(self, operator_id: OperatorId) -> AbstractContextManager[None]:
        """Count the operator as present while a connection of their desk is open."""
        return self._presence.connected(operator_id)

    def left(self, operator_id: OperatorId) -> None:
        """Note that the operator signed out: they get no call, and a missing result stays due."""
        self._duties.left(operator_id)

    def preview_of(self, operator_id: OperatorId) -> PreviewView | None:
        """Return the lead offered to the operator, None when there is none."""
        return self._previews.view(operator_id)

    async def call(self, operator_id: OperatorId, preview_id: PreviewId) -> None:
        """Call the offered lead; PreviewError when that is not possible: nothing is dialled then."""
        await self._previews.call(operator_id, preview_id)

    async def skip(self, operator_id: OperatorId, preview_id: PreviewId, reason: SkipReason) -> None:
        """Skip the offered lead; PreviewError when the offer has ended, or too many were skipped."""
        await self._previews.skip(operator_id, preview_id, reason)

    async def choose_result(self, operator_id: OperatorId, result: Result, later: Later | None = None) -> None:
        """Store the result of the ended call, with the promised callback.

        Raises:
            InputError: no result is due, or the callback's time cannot be read or may not be promised.
        """
        wish = None
        if later is not None and result is Result.CALL_BACK:
            wish = await self._wishes.read(operator_id, self._seats.seat_of(operator_id).row.attempt_id, later)
        await self._results.choose(operator_id, result, wish)

    async def pause(self, operator_id: OperatorId) -> None:
        """Pause the seat; InputError when the operator is not ready."""
        self._seats.ask(operator_id, OperatorEvent.PAUSE_ASKED)

    async def ready(self, operator_id: OperatorId) -> None:
        """End the pause; InputError when there is none."""
        self._seats.ask(operator_id, OperatorEvent.READY_ASKED)
