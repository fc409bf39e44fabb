"""One seat as the floor and its operator's desk show it."""

from typing import Final

from telephony.domain.calls.lifecycle import Call
from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.snapshot import SeatView
from telephony.domain.law.site import SiteRules
from telephony.domain.rules.opening import say_first
from telephony.ports.clock import Clock
from telephony.services.calls.seats import Seat
from telephony.services.calls.tracker import Tracker
from telephony.services.floor.counts import FloorCounts
from telephony.services.preview.offers import Offers

_SPEAKS: Final = frozenset({OperatorState.RESERVED, OperatorState.TALKING})


class SeatViews:
    """Makes the views of seats."""

    def __init__(self, tracker: Tracker, counts: FloorCounts, offers: Offers, site: SiteRules, clock: Clock) -> None:
        self._tracker = tracker
        self._counts = counts
        self._offers = offers
        self._site = site
        self._clock = clock

    def seat(self, seat: Seat) -> SeatView:
        """Return the current view of one seat."""
        call = self._tracker.call(seat.row.attempt_id) if seat.row.attempt_id else None
        campaign = self._counts.campaigns.get(call.attempt.campaign_id) if call else None
        first = None
        if campaign is not None and seat.state in _SPEAKS:
            first = say_first(campaign, self._site, self._clock.now().date())
        return SeatView(
            seat=seat.row.seat,
            operator_id=seat.row.operator_id,
            operator=seat.operator_name,
            state=seat.state,
            since_at=seat.row.since_at,
            campaign=campaign.name if campaign else "",
            say_first=first,
            skips=self._offers.recent_skips(seat.row.operator_id) if seat.row.operator_id is not None else 0,
            is_calling=_is_calling(seat, call),
            has_phone=bool(seat.row.channel),
        )


def _is_calling(seat: Seat, call: Call | None) -> bool:
    """Return True if the call that the operator pressed for is not answered yet."""
    return seat.state is OperatorState.RESERVED and call is not None and call.attempt.answered_at is None
