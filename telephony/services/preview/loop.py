"""The preview loop: leads are offered to ready operators, and taken back when they must not be called any more.

Dialled campaigns come before previews: an operator who is needed for a ringing call, or for a dialled campaign that has
leads, is offered nothing. ``offering`` offers, ``review`` takes back, ``desk`` has call and skip. The dialer dials the
other campaigns.
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
        """Poll again at once when a seat changes."""
        if self._poll.running or self._offers.all():
            self._wake.set()

    async def run(self) -> None:
        """Poll periodically and after every change of a seat, until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                self._poll.forget()
                log.error("previews_not_polled", reason=str(error))
            try:
                async with asyncio.timeout(self._poll.every_s):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    async def look(self) -> None:
        """Read the running campaigns, take back offers that must not be called, offer new leads.

        Raises:
            StoreError: the database cannot be read; open offers stay, and no call leaves.
        """
        if not self._is_recalled:
            await self._offers.recall()
            self._is_recalled = True
        await self._poll.look()
        if not self._poll.running and not self._offers.all():
            return
        # A lead whose carrier failed is offered again, deferred, or refused if its number is the cause.
        failed = await self._failed.take(self._poll.running, guaranteed=True)
        await self._refused.write_all(failed.refusals)
        await self._review.look()
        await self._offering.look()
