"""Decides every open offer again: it leaves the desk if it is revoked, locked, paused or in another dialing mode."""

from typing import Final

from telephony.domain.calls.operators import OperatorEvent, OperatorState
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.leads.preview import PreviewEnding, PreviewRules
from telephony.domain.rules.decision import Refused
from telephony.ports.clock import Clock
from telephony.ports.rules.whitelist import Standing, WhitelistStore
from telephony.services.calls.seats import Seats
from telephony.services.dialing.refused_leads import RefusedLeads
from telephony.services.preview.offers import Offer, Offers
from telephony.services.rules.blockers import Blocker, Blockers
from telephony.services.rules.decisions import Decisions

OTHER_MODE: Final = "mode_changed"
LEFT: Final = "operator_left"


class OfferReview:
    """Reviews the open offers."""

    def __init__(
        self,
        whitelist: WhitelistStore,
        seats: Seats,
        offers: Offers,
        decisions: Decisions,
        refused: RefusedLeads,
        blockers: Blockers,
        rules: PreviewRules,
        clock: Clock,
    ) -> None:
        self._whitelist = whitelist
        self._seats = seats
        self._offers = offers
        self._decisions = decisions
        self._refused = refused
        self._blockers = blockers
        self._rules = rules
        self._clock = clock

    async def look(self) -> None:
        """Take back every offer that must not be called any more.

        Raises:
            StoreError: the database cannot be read; open offers stay, and no call leaves.
        """
        offers = [offer for offer in self._offers.all() if not offer.is_pressed]
        ids = [offer.lead.lead_id for offer in offers]
        standings = await self._whitelist.standing(ids) if ids else {}
        for offer in offers:
            if offer.is_pressed or self._offers.of(offer.preview.operator_id) is not offer:
                continue  # pressed or skipped while the others were decided
            await self._review(offer, standings.get(offer.lead.lead_id))

    async def _review(self, offer: Offer, standing: Standing | None) -> None:
        back = OperatorEvent.LEAD_GIVEN_BACK
        seat = self._seats.seat_of(offer.preview.operator_id)
        if seat.state is not OperatorState.PREVIEW:
            await self._offers.end(offer, PreviewEnding.TAKEN_BACK, back, LEFT)
        elif self._clock.now() - offer.preview.offered_at >= self._rules.look:
            await self._offers.end(offer, PreviewEnding.EXPIRED, OperatorEvent.LOOKED_TOO_LONG)
        elif standing is not None and standing.campaign.dialing.mode is not DialMode.PREVIEW:
            await self._offers.end(offer, PreviewEnding.TAKEN_BACK, back, OTHER_MODE)
        elif Blocker.LOCK in self._blockers.blocking(offer.campaign):
            await self._offers.end(offer, PreviewEnding.TAKEN_BACK, back, "locked")
        elif self._blockers.site() is None:  # a link that is down only delays the press
            refused = self._decisions.refused(offer.campaign, offer.lead, standing)
            if refused is not None:
                await self.refuse(offer, refused)

    async def refuse(self, offer: Offer, refused: Refused) -> None:
        """Take back an offer that a rule does not allow any more, and write the refusal of its lead."""
        await self._offers.end(offer, PreviewEnding.TAKEN_BACK, OperatorEvent.LEAD_GIVEN_BACK, refused.rule)
        await self._refused.write(offer.campaign, offer.lead, refused)
