"""Ready operators whom no other campaign needs now: those a preview may be offered to."""

from collections.abc import Sequence

from telephony.ids import OperatorId
from telephony.services.calls.seats import Seats
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.dialing.live_view import LiveView


class SpareOperators:
    """Says who is spare."""

    def __init__(self, seats: Seats, view: LiveView, dialled: LeadFeed) -> None:
        """``dialled`` is the feed of campaigns that dial by themselves: they come first."""
        self._seats = seats
        self._view = view
        self._dialled = dialled

    def count(self) -> int:
        """Count ready operators no ringing call counts on, while no dialled campaign has anybody to call."""
        view = self._view
        return 0 if self._dialled.is_due else len(view.free) - len(view.inflight) - len(view.waiting)

    def ready(self) -> Sequence[OperatorId]:
        """Return who is ready, ready longest first; none when nobody is spare."""
        if self.count() <= 0:
            return ()
        seats = self._seats.ready()
        return [seat.row.operator_id for seat in seats if seat.row.operator_id is not None]
