"""What an operator does with the lead before them: press call, or skip it. Never a choice of lead or number (I8).

Pressing decides the rules, gives a permit, writes the attempt and ends the offer in one transaction, reserves the
operator, and only then dials (I4). Offering is left to ``previews``.
"""

from collections.abc import Callable
from typing import Final

from telephony.domain.calls import CallInterrupted
from telephony.domain.campaigns import Campaign
from telephony.domain.floor import PaceReason
from telephony.domain.operators import OperatorEvent
from telephony.domain.previews import PreviewEnding, PreviewRules, PreviewView, SkipReason, may_skip, shown_lead
from telephony.domain.rules import Refused
from telephony.errors import InputError
from telephony.ids import AttemptId, OperatorId, PreviewId
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.decisions import Decisions
from telephony.services.offers import Offer, Offers
from telephony.services.orders import Orders
from telephony.services.previews import Previews
from telephony.services.seats import Seats
from telephony.services.tracker import Tracker
from telephony.services.trunks import Trunks

NOTHING: Final = PaceReason(fr="Aucune fiche devant vous maintenant.", en="No lead lies before you now.")
PRESSED: Final = PaceReason(fr="L’appel part déjà.", en="The call is leaving already.")
NO_LINE: Final = PaceReason(
    fr="Aucune ligne libre\u202f: appuyez de nouveau dans un instant.", en="No line is free: press again in a moment."
)
GONE: Final = PaceReason(
    fr="Cette fiche vient d’être reprise\u202f: la suivante arrive.",
    en="This lead was just taken back: the next comes.",
)


class PreviewError(InputError):
    """What the operator asked of the lead before them is not possible now; nothing was dialled."""

    def __init__(self, why: PaceReason) -> None:
        """Keep the sentence in both languages."""
        super().__init__(why.en)
        self.why = why


class PreviewDesk:
    """Acts on the lead before the operator who asks, and on no other."""

    def __init__(
        self,
        store: Store,
        seats: Seats,
        tracker: Tracker,
        offers: Offers,
        previews: Previews,
        decisions: Decisions,
        orders: Orders,
        trunks: Trunks,
        clock: Clock,
        rules: PreviewRules,
        why_not: Callable[[Campaign], PaceReason | None] = lambda _: None,
    ) -> None:
        """Keep the parts; ``why_not`` says why nothing may leave for a campaign now."""
        self._store = store
        self._seats = seats
        self._tracker = tracker
        self._offers = offers
        self._previews = previews
        self._decisions = decisions
        self._orders = orders
        self._trunks = trunks
        self._clock = clock
        self._rules = rules
        self._why_not = why_not
        self._called: dict[OperatorId, tuple[AttemptId, PreviewView]] = {}

    def view(self, operator_id: OperatorId) -> PreviewView | None:
        """Return what lies before an operator, or whom they called last until its result; None when nothing does."""
        offer = self._offers.of(operator_id)
        if offer is None:
            attempt_id, called = self._called.get(operator_id, (None, None))
            return called if attempt_id == self._seats.seat_of(operator_id).row.attempt_id else None
        return self._shown(offer)

    def _shown(self, offer: Offer) -> PreviewView:
        operator_id = offer.preview.operator_id
        shown = shown_lead(offer.lead, self._rules, offer.campaign.shown_name)
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
        """Call the lead before an operator.

        Args:
            operator_id: who pressed.
            preview_id: the offer they read: the next lead, laid since they looked, is never called by that press.

        Raises:
            PreviewError: it is not possible now; the sentence says why and what follows.
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
        lead = offer.lead
        standing = (await self._store.whitelist.standing([lead.lead_id])).get(lead.lead_id)
        why = self._why_not(offer.campaign)
        if why is not None:
            raise PreviewError(why)
        way = self._decisions.way_out(offer.campaign, lead, standing, is_guaranteed=True)
        if way is None:
            raise PreviewError(NO_LINE)
        if isinstance(way, Refused):
            offer.is_pressed = False
            await self._previews.refuse(offer, way)
            raise PreviewError(PaceReason(fr=way.french or way.text, en=way.text))
        start = self._decisions.start(lead, way, standing, offer.preview)
        is_kept = False
        try:
            is_kept = bool(await self._store.attempts.begin([start], []))
        finally:
            if not is_kept:
                self._trunks.give_back(way.trunk)
        if not is_kept:
            offer.is_pressed = False
            await self._offers.end(offer, PreviewEnding.TAKEN_BACK, OperatorEvent.LEAD_GIVEN_BACK, "lead_taken")
            raise PreviewError(GONE)
        self._offers.forget(offer)
        attempt_id = start.permit.attempt_id
        self._tracker.begin(start.attempt())
        if self._seats.guarantee(offer.preview.operator_id, attempt_id):
            self._called[offer.preview.operator_id] = (attempt_id, self._shown(offer))
            self._orders.give(start.permit)
            return
        # The phone was lost while the attempt was being written: it is not dialled, and its lead waits again.
        self._tracker.happened(attempt_id, CallInterrupted(self._clock.now()))
        await self._orders.give_up(start.permit)
        raise PreviewError(GONE)

    async def skip(self, operator_id: OperatorId, preview_id: PreviewId, reason: SkipReason) -> None:
        """Leave the lead before an operator to later, or to others.

        Args:
            operator_id: who skips.
            preview_id: the offer they read, as in ``call``.
            reason: why.

        Raises:
            PreviewError: that lead lies before them no more, or they skipped too many within the hour.
        """
        offer = self._pressable(operator_id, preview_id)
        now = self._clock.now()
        if not may_skip(reason, self._offers.skips(operator_id), now, self._rules):
            limit = self._rules.skips_per_hour
            raise PreviewError(
                PaceReason(
                    fr=f"{limit} fiches passées en une heure, c’est le maximum\u202f: appelez, ou faites une pause.",
                    en=f"{limit} leads skipped within an hour is the most there may be: call, or pause.",
                )
            )
        until_at = now + self._rules.skip_wait
        if not await self._offers.end(
            offer, PreviewEnding.SKIPPED, OperatorEvent.LEAD_GIVEN_BACK, str(reason), until_at
        ):
            raise PreviewError(GONE)
