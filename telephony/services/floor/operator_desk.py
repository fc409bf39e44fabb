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
    """Acts on the seat of the operator who asks, and on no other."""

    def __init__(
        self,
        seats: Seats,
        pictures: SeatViews,
        previews: PreviewActions,
        presence: Presence,
        duties: SeatDuties,
        results: SeatResults,
        wishes: CallbackWishes,
    ) -> None:
        """Act at one site.

        Args:
            seats: the seats.
            pictures: how a seat is shown.
            previews: what operators do with the lead before them.
            presence: who is at their desk.
            duties: told who signed out.
            results: keeps what they say of a call.
            wishes: for which times a callback may be promised.
        """
        self._results = results
        self._wishes = wishes
        self._presence = presence
        self._duties = duties
        self._previews = previews
        self._seats = seats
        self._pictures = pictures

    def seat_of(self, operator_id: OperatorId) -> SeatView:
        """Return the operator's own seat; InputError when they have none."""
        return self._pictures.seat(self._seats.seat_of(operator_id))

    def seen(self, operator_id: OperatorId) -> None:
        """Note that the operator, signed in, asked something: a seat with nobody at its desk gets no call."""
        self._presence.seen(operator_id)

    def connected(self, operator_id: OperatorId) -> AbstractContextManager[None]:
        """Count the operator as there as long as a connection of their desk is open."""
        return self._presence.connected(operator_id)

    def left(self, operator_id: OperatorId) -> None:
        """Note that the operator signed out: no call comes, and what they owe stays due."""
        self._duties.left(operator_id)

    def preview_of(self, operator_id: OperatorId) -> PreviewView | None:
        """Return the lead before the operator, None when there is none."""
        return self._previews.view(operator_id)

    async def call(self, operator_id: OperatorId, preview_id: PreviewId) -> None:
        """Call the lead the operator read; PreviewError, and nothing is dialled, when that is not possible."""
        await self._previews.call(operator_id, preview_id)

    async def skip(self, operator_id: OperatorId, preview_id: PreviewId, reason: SkipReason) -> None:
        """Leave the lead the operator read to later; PreviewError when it is gone, or too many were skipped."""
        await self._previews.skip(operator_id, preview_id, reason)

    async def choose_result(self, operator_id: OperatorId, result: Result, later: Later | None = None) -> None:
        """Keep the result of the call that ended, with the callback it promised.

        Raises:
            InputError: none is due, or the callback's moment makes no sense, or is none at which it may be promised.
        """
        wish = None
        if later is not None and result is Result.CALL_BACK:
            wish = await self._wishes.read(operator_id, self._seats.seat_of(operator_id).row.attempt_id, later)
        await self._results.choose(operator_id, result, wish)

    async def pause(self, operator_id: OperatorId) -> None:
        """Pause; InputError when the operator is not ready."""
        self._seats.ask(operator_id, OperatorEvent.PAUSE_ASKED)

    async def ready(self, operator_id: OperatorId) -> None:
        """End the pause; InputError when there is none."""
        self._seats.ask(operator_id, OperatorEvent.READY_ASKED)
