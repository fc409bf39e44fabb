"""What an operator does with an offered lead: press call, or skip it. Never a choice of lead or number (I8).

``pressed_calls`` dials (I4), ``offering`` offers.
"""

from typing import Final

from telephony.domain.calls.operators import OperatorEvent
from telephony.domain.leads.preview import PreviewEnding, PreviewRules, PreviewView, SkipReason, may_skip, shown_lead
from telephony.domain.rules.decision import Refused
from telephony.domain.text.reason import Reason, ReasonError
from telephony.ids import AttemptId, OperatorId, PreviewId
from telephony.ports.clock import Clock
from telephony.services.calls.seats import Seats
from telephony.services.preview.offers import Offer, Offers
from telephony.services.preview.pressed_calls import NotDialled, PressedCalls
from telephony.services.preview.review import OfferReview

NOTHING: Final = Reason("preview.nothing")
PRESSED: Final = Reason("preview.leaving")
NO_LINE: Final = Reason("preview.no_line")
GONE: Final = Reason("preview.taken_back")


class PreviewError(ReasonError):
    """The operator's request for the offered lead is not possible now; nothing was dialled."""


class PreviewActions:
    """Acts on the lead offered to the operator who makes the request, and on no other."""

    def __init__(
        self,
        seats: Seats,
        offers: Offers,
        review: OfferReview,
        pressed: PressedCalls,
        rules: PreviewRules,
        clock: Clock,
    ) -> None:
        self._seats = seats
        self._offers = offers
        self._review = review
        self._pressed = pressed
        self._rules = rules
        self._clock = clock
        self._called: dict[OperatorId, tuple[AttemptId, PreviewView]] = {}

    def view(self, operator_id: OperatorId) -> PreviewView | None:
        """Return the lead offered to an operator, or the one called last until its result; None if there is none."""
        offer = self._offers.of(operator_id)
        if offer is None:
            attempt_id, called = self._called.get(operator_id, (None, None))
            return called if attempt_id == self._seats.seat_of(operator_id).row.attempt_id else None
        return self._shown(offer)

    def _shown(self, offer: Offer) -> PreviewView:
        operator_id = offer.preview.operator_id
        shown = shown_lead(offer.lead, self._rules, offer.campaign.dialing.shown_name)
        return PreviewView(
            offer.preview.preview_id,
            offer.campaign.name,
            shown.name,
            shown.fields,
            offer.preview.offered_at + self._rules.look,
            self.skips_left(operator_id),
            is_called=offer.is_pressed,
        )

    def skips_left(self, operator_id: OperatorId) -> int:
        """Return how many leads they may still skip within the hour."""
        return max(0, self._rules.skips_per_hour - self._offers.recent_skips(operator_id))

    async def call(self, operator_id: OperatorId, preview_id: PreviewId) -> None:
        """Call the lead offered to an operator.

        Args:
            operator_id: the operator who pressed.
            preview_id: the offer they read, so that this press never calls a lead offered since.

        Raises:
            PreviewError: it is not possible now; the message says why and what follows.
            StoreError: the attempt could not be written; nothing was dialled.
        """
        offer = self._pressable(operator_id, preview_id)
        offer.is_pressed = True
        try:
            await self._call(offer)
        finally:
            offer.is_pressed = False

    def _pressable(self, operator_id: OperatorId, preview_id: PreviewId) -> Offer:
        offer = self._offers.of(operator_id)
        if offer is None:
            raise PreviewError(NOTHING)
        if offer.preview.preview_id != preview_id:
            raise PreviewError(GONE)
        if offer.is_pressed:
            raise PreviewError(PRESSED)
        return offer

    async def _call(self, offer: Offer) -> None:
        operator_id, shown = offer.preview.operator_id, self._shown(offer)
        dialled = await self._pressed.dial(offer)
        if isinstance(dialled, Refused):
            offer.is_pressed = False
            await self._review.refuse(offer, dialled)
            raise PreviewError(dialled.reason)
        match dialled:
            case Reason():
                raise PreviewError(dialled)
            case NotDialled.NO_LINE:
                raise PreviewError(NO_LINE)
            case NotDialled.LEAD_TAKEN:
                offer.is_pressed = False
                await self._offers.end(offer, PreviewEnding.TAKEN_BACK, OperatorEvent.LEAD_GIVEN_BACK, "lead_taken")
                raise PreviewError(GONE)
            case NotDialled.OPERATOR_GONE:
                raise PreviewError(GONE)
            case attempt_id:
                self._called[operator_id] = (attempt_id, shown)

    async def skip(self, operator_id: OperatorId, preview_id: PreviewId, reason: SkipReason) -> None:
        """Skip the offered lead: it is left to later, or to others.

        Args:
            operator_id: the operator who skips.
            preview_id: the offer they read, as in ``call``.
            reason: why.

        Raises:
            PreviewError: that lead is not offered to them any more, or they skipped too many within the hour.
        """
        offer = self._pressable(operator_id, preview_id)
        now = self._clock.now()
        if not may_skip(reason, self._offers.skips(operator_id), now, self._rules):
            limit = self._rules.skips_per_hour
            raise PreviewError(Reason("preview.skips_spent", limit=limit))
        until_at = now + self._rules.skip_wait
        if not await self._offers.end(
            offer, PreviewEnding.SKIPPED, OperatorEvent.LEAD_GIVEN_BACK, str(reason), until_at
        ):
            raise PreviewError(GONE)
