"""Spare operators: ready, and not needed by a dialled campaign. Previews are offered to them."""

from collections.abc import Sequence

from telephony.ids import OperatorId
from telephony.services.calls.seats import Seats
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.dialing.live_view import LiveView


class SpareOperators:
    """Finds spare operators."""

    def __init__(self, seats: Seats, view: LiveView, dialled: LeadFeed) -> None:
        """``dialled`` is the feed of the dialled campaigns: they come first."""
        self._seats = seats
        self._view = view
        self._dialled = dialled

    def count(self) -> int:
        """Return how many ready operators no ringing call needs; 0 or less if a dialled campaign has leads."""
        view = self._view
        return 0 if self._dialled.is_due else len(view.free) - len(view.inflight) - len(view.waiting)

    def ready(self) -> Sequence[OperatorId]:
        """Return the ready operators, ready longest first; none if nobody is spare."""
        if self.count() <= 0:
            return ()
        seats = self._seats.ready()
        return [seat.row.operator_id for seat in seats if seat.row.operator_id is not None]
