"""The leads offered to operators now, and each operator's recent skips: in memory, as in the database.

``offering`` decides who is offered what, ``desk`` has what operators do with it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from telephony.domain.calls.operators import OperatorEvent, OperatorState
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.leads.deferred import DeferredLeads
from telephony.domain.leads.leads import Lead
from telephony.domain.leads.preview import HOUR, Preview, PreviewEnding, SkipReason, recent_skips
from telephony.errors import InputError, UnreadableRowError
from telephony.ids import CampaignId, LeadId, OperatorId
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.calls.seats import Seats

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Offer:
    """A lead offered to an operator; ``is_pressed`` while their call is being written down."""

    preview: Preview
    campaign: Campaign
    lead: Lead
    is_pressed: bool = False


class Offers:
    """Every open offer, one per operator and per lead."""

    def __init__(self, store: Store, seats: Seats, deferred: DeferredLeads, clock: Clock) -> None:
        self._deferred = deferred
        self._store = store
        self._seats = seats
        self._clock = clock
        self._open: dict[OperatorId, Offer] = {}
        self._skips: dict[OperatorId, list[datetime]] = {}

    def all(self) -> Collection[Offer]:
        """Return the open offers."""
        return list(self._open.values())

    def of(self, operator_id: OperatorId) -> Offer | None:
        """Return the offer open for an operator."""
        return self._open.get(operator_id)

    def is_deferred(self, lead_id: LeadId) -> bool:
        """Return True if a lead is offered to somebody, or left to others for a while."""
        return self._deferred.is_deferred(lead_id, self._clock.now())

    def defer(self, lead_id: LeadId, rest: timedelta) -> None:
        """Leave a lead alone for a while: nobody here may be offered it."""
        self._deferred.defer(lead_id, self._clock.now() + rest)

    def of_campaign(self, campaign_id: CampaignId) -> int:
        """Return how many offers of a campaign are open."""
        return sum(1 for offer in self._open.values() if offer.campaign.campaign_id == campaign_id)

    async def recall(self) -> None:
        """Restore offers whose operator still reads them, take back the others; at start, when seats are settled.

        Raises:
            StoreError: the database cannot be read; nothing is offered until it can.
        """
        now = self._clock.now()
        self._skips.clear()
        for skip in await self._store.previews.skipped(now - HOUR):
            self._note_skip(skip.operator_id, skip.ended_at or now, skip.reason)
        for preview in await self._store.previews.open():
            offer = await self._offer_of(preview) if self._is_reading(preview.operator_id) else None
            if offer is not None:
                self._present(offer)
            else:
                await self._store.previews.end(preview.preview_id, PreviewEnding.TAKEN_BACK, now, "restart")
        for seat in self._seats.seats.values():
            operator = seat.row.operator_id
            if operator is not None and operator not in self._open:
                self._seats.try_move(operator, OperatorEvent.LEAD_GIVEN_BACK)

    def _present(self, offer: Offer) -> None:
        self._open[offer.preview.operator_id] = offer
        self._deferred.present(offer.lead.lead_id)

    async def _offer_of(self, preview: Preview) -> Offer | None:
        """Return a stored preview as an offer, or None if it cannot be read."""
        try:
            lead = await self._store.leads.get(preview.lead_id)
            return Offer(preview, await self._store.campaigns.get(preview.campaign_id), lead)
        except UnreadableRowError:
            return None

    def _is_reading(self, operator_id: OperatorId) -> bool:
        try:
            return self._seats.seat_of(operator_id).state is OperatorState.PREVIEW
        except InputError:
            return False  # they have no seat any more

    async def offer(self, campaign: Campaign, lead: Lead, operator_id: OperatorId) -> bool:
        """Offer a lead to a ready operator; False if either is not available.

        The seat moves first, so that no call is routed to it meanwhile; the operator sees the lead once it is written.
        """
        if not self._seats.try_move(operator_id, OperatorEvent.LEAD_OFFERED):
            return False
        preview = None
        try:
            preview = await self._store.previews.offer(lead, operator_id, self._clock.now())
        finally:
            if preview is None:
                self._seats.try_move(operator_id, OperatorEvent.LEAD_GIVEN_BACK)
        if preview is not None:
            self._present(Offer(preview, campaign, lead))
            log.info("lead_offered", lead=lead.lead_id, operator=operator_id)
        return preview is not None

    async def end(
        self,
        offer: Offer,
        ending: PreviewEnding,
        event: OperatorEvent,
        reason: str = "",
        not_before: datetime | None = None,
    ) -> bool:
        """End an offer and move its operator; False if it had ended already."""
        preview = offer.preview
        now = self._clock.now()
        was_open = await self._store.previews.end(preview.preview_id, ending, now, reason, not_before)
        if not was_open and offer.is_pressed:
            return False  # it became a call meanwhile
        self.forget(offer)
        self._seats.try_move(preview.operator_id, event)
        if ending is PreviewEnding.SKIPPED and was_open:
            self._note_skip(preview.operator_id, now, reason)
        log.info("lead_offer_ended", lead=preview.lead_id, operator=preview.operator_id, ending=str(ending))
        return was_open

    def forget(self, offer: Offer) -> None:
        """Drop an offer that has ended in the database."""
        if self._open.get(offer.preview.operator_id) is offer:
            del self._open[offer.preview.operator_id]
            self._deferred.put_back(offer.lead.lead_id)

    def _note_skip(self, operator_id: OperatorId, at: datetime, reason: str) -> None:
        if reason != SkipReason.KNOWN_PERSON:
            self._skips.setdefault(operator_id, []).append(at)

    def skips(self, operator_id: OperatorId) -> list[datetime]:
        """Return the times of an operator's counted skips in the last hour."""
        now = self._clock.now()
        recent = [at for at in self._skips.get(operator_id, ()) if now - at < HOUR]
        self._skips[operator_id] = recent
        return recent

    def recent_skips(self, operator_id: OperatorId) -> int:
        """Return how many skips of the last hour count against an operator's limit."""
        return recent_skips(self.skips(operator_id), self._clock.now())
