"""Starts the call of an attempt that is written down: tracks it, counts it, orders it from the pbx."""

from telephony.domain.calls.attempts import AttemptStart
from telephony.services.calls.originate import Originator
from telephony.services.calls.seat_router import SeatRouter
from telephony.services.calls.tracker import Tracker
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.dialing.live_view import LiveView


class CallStarter:
    """Starts calls of the dialled modes."""

    def __init__(
        self, tracker: Tracker, view: LiveView, feed: LeadFeed, router: SeatRouter, orders: Originator
    ) -> None:
        self._tracker = tracker
        self._view = view
        self._feed = feed
        self._router = router
        self._orders = orders

    def start(self, call: int, start: AttemptStart) -> float:
        """Dial an attempt that is durable; return the seconds since it was ordered.

        Args:
            call: the pacer's number of the ordered dial.
            start: the attempt as it was written down.
        """
        permit = start.permit
        self._tracker.begin(start.attempt())
        is_promised = self._feed.is_promised(permit.lead_id)
        took_s = self._view.dialled(call, permit.attempt_id, permit.campaign_id, is_promised=is_promised)
        operator_id = self._feed.promised_to(permit.lead_id)
        if operator_id is not None:
            self._router.prefer(permit.attempt_id, operator_id)
        campaign = self._feed.running.get(permit.campaign_id)
        self._orders.give(permit, detects_machines=campaign is not None and campaign.dialing.detects_machines)
        return took_s

    def cancel(self) -> None:
        """Stop waiting for the pbx."""
        self._orders.cancel()
