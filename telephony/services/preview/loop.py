"""The preview loop: leads are offered to ready operators, and taken back when they must not be called any more.

Beside campaigns that dial by themselves, previews come second: an operator whom a ringing call counts on, or whom a
dialled campaign has somebody for, is offered nothing. Offering is left to ``lead_offering``, taking back to
``offer_review``, pressing and skipping to ``preview_desk``; how many calls a pacer dials, to the dialer.
"""

import asyncio

import structlog

from telephony.domain.calls.operators import OperatorEvent
from telephony.errors import StoreError
from telephony.services.calls.failed_leads import FailedLeads
from telephony.services.calls.seats import Seat
from telephony.services.dialing.campaign_poll import CampaignPoll
from telephony.services.dialing.refused_leads import RefusedLeads
from telephony.services.preview.offering import LeadOffering
from telephony.services.preview.offers import Offers
from telephony.services.preview.review import OfferReview

log = structlog.get_logger(__name__)


class PreviewLoop:
    """Drives every running preview campaign."""

    def __init__(
        self,
        poll: CampaignPoll,
        offers: Offers,
        review: OfferReview,
        offering: LeadOffering,
        failed: FailedLeads,
        refused: RefusedLeads,
    ) -> None:
        self._poll = poll
        self._offers = offers
        self._review = review
        self._offering = offering
        self._failed = failed
        self._refused = refused
        self._wake = asyncio.Event()
        self._is_recalled = False

    def on_seat(self, _seat: Seat, _event: OperatorEvent) -> None:
        """Look again at once when a seat changes."""
        if self._poll.running or self._offers.all():
            self._wake.set()

    async def run(self) -> None:
        """Look after every change of a seat and again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                self._poll.forget()
                log.error("previews_wait", reason=str(error))
            try:
                async with asyncio.timeout(self._poll.every_s):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    async def look(self) -> None:
        """Read what runs, take back what must not be called, offer what may.

        Raises:
            StoreError: the database cannot be asked; open offers stay, and no call leaves.
        """
        if not self._is_recalled:
            await self._offers.recall()
            self._is_recalled = True
        await self._poll.look()
        if not self._poll.running and not self._offers.all():
            return
        # A lead that a carrier failed for is offered again, is deferred, or is refused because its number fails.
        failed = await self._failed.take(self._poll.running, guaranteed=True)
        await self._refused.write_all(failed.refusals)
        await self._review.look()
        await self._offering.look()
