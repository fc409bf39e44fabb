"""The call an operator pressed for: decided, written together with the end of its offer, reserved, then dialled."""

from enum import Enum, auto

from telephony.domain.calls.attempts import AttemptStart
from telephony.domain.calls.events import CallInterrupted
from telephony.domain.rules.decision import Refused
from telephony.domain.text.reason import Reason
from telephony.ids import AttemptId
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.calls.originate import Originator
from telephony.services.calls.seats import Seats
from telephony.services.calls.tracker import Tracker
from telephony.services.preview.offers import Offer, Offers
from telephony.services.rules.blockers import Blockers
from telephony.services.rules.decisions import Decisions


class NotDialled(Enum):
    """Why a pressed call was not dialled, other than a rule."""

    NO_LINE = auto()
    LEAD_TAKEN = auto()
    """The lead is not waiting any more; its offer must still be ended."""
    OPERATOR_GONE = auto()
    """The phone was lost while the attempt was being written; its lead waits again."""


class PressedCalls:
    """Dials pressed calls."""

    def __init__(
        self,
        store: Store,
        seats: Seats,
        tracker: Tracker,
        offers: Offers,
        decisions: Decisions,
        orders: Originator,
        blockers: Blockers,
        clock: Clock,
    ) -> None:
        self._store = store
        self._seats = seats
        self._tracker = tracker
        self._offers = offers
        self._decisions = decisions
        self._orders = orders
        self._blockers = blockers
        self._clock = clock

    async def dial(self, offer: Offer) -> AttemptId | Refused | Reason | NotDialled:
        """Dial the lead of an offer for its operator; return the attempt, or why there is none.

        Raises:
            StoreError: the attempt could not be written; nothing was dialled.
        """
        lead = offer.lead
        standing = (await self._store.whitelist.standing([lead.lead_id])).get(lead.lead_id)
        blocked = self._blockers.call(offer.campaign)  # after the read: it may have taken seconds
        if blocked is not None:
            return blocked
        route = self._decisions.choose_route(offer.campaign, lead, standing, is_guaranteed=True)
        if route is None:
            return NotDialled.NO_LINE
        if isinstance(route, Refused):
            return route
        start = self._decisions.start(lead, route, standing, offer.preview)
        is_begun = False
        try:
            is_begun = bool(await self._store.attempts.begin([start], []))
        finally:
            if not is_begun:
                self._decisions.give_back(route)
        if not is_begun:
            return NotDialled.LEAD_TAKEN
        self._offers.forget(offer)
        return await self._order(offer, start)

    async def _order(self, offer: Offer, start: AttemptStart) -> AttemptId | NotDialled:
        """Reserve the operator and order the call, or give it up if they are gone."""
        attempt_id = start.permit.attempt_id
        self._tracker.begin(start.attempt())
        if self._seats.guarantee(offer.preview.operator_id, attempt_id):
            self._orders.give(start.permit)
            return attempt_id
        self._tracker.record_event(attempt_id, CallInterrupted(self._clock.now()))
        await self._orders.give_up(start.permit)
        return NotDialled.OPERATOR_GONE
