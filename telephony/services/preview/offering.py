"""Offers the next leads of preview campaigns to spare operators, one at a time, each checked by the rules first."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.leads.leads import Lead
from telephony.ids import OperatorId
from telephony.ports.rules.whitelist import WhitelistStore
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.dialing.refused_leads import RefusedLeads
from telephony.services.preview.offers import Offers
from telephony.services.preview.spare_operators import SpareOperators
from telephony.services.rules.blockers import Blockers
from telephony.services.rules.decisions import Decisions

REST: Final = timedelta(minutes=1)
"""How long a lead is left to others if no operator here may be offered it."""
AT_ONCE: Final = 50
"""Most leads decided in one poll: a list that is refused from end to end must not delay everything else."""


class LeadOffering:
    """Offers leads."""

    def __init__(
        self,
        whitelist: WhitelistStore,
        feed: LeadFeed,
        offers: Offers,
        decisions: Decisions,
        refused: RefusedLeads,
        blockers: Blockers,
        spare: SpareOperators,
    ) -> None:
        self._whitelist = whitelist
        self._feed = feed
        self._offers = offers
        self._decisions = decisions
        self._refused = refused
        self._blockers = blockers
        self._spare = spare

    async def look(self) -> None:
        """Offer leads until no operator is spare, or no lead is left.

        Raises:
            StoreError: the database cannot be read.
        """
        for _ in range(AT_ONCE):
            with self._feed.taking():
                if not await self._offer_next():
                    break

    async def _offer_next(self) -> bool:
        """Decide the next lead and offer it; False if there is nothing more to do now."""
        if not self._spare.ready():
            return False
        taken = await self._feed.next()
        if taken is None:
            return False
        campaign, lead = taken
        if self._offers.is_deferred(lead.lead_id):
            return True
        standing = (await self._whitelist.standing([lead.lead_id])).get(lead.lead_id)
        if standing is not None and (
            standing.campaign.state is not CampaignState.RUNNING
            or standing.campaign.dialing.mode is not DialMode.PREVIEW
        ):
            self._feed.forget(campaign.campaign_id)
            return True
        if self._blockers.call(campaign) is not None or self._spare.count() <= 0:
            return False
        refused = self._decisions.refused(campaign, lead, standing)
        if refused is not None:
            return await self._refused.write(campaign, lead, refused)
        return await self._offer(campaign, lead)

    async def _offer(self, campaign: Campaign, lead: Lead) -> bool:
        """Offer a lead to an operator who may have it; False if operators are needed elsewhere."""
        for operator_id in self._candidates(lead):
            if self._spare.count() <= 0:
                return False
            if await self._offers.offer(campaign, lead, operator_id):
                return True
        # No operator here may be offered it, or it is not waiting any more.
        self._offers.defer(lead.lead_id, REST)
        return True

    def _candidates(self, lead: Lead) -> Sequence[OperatorId]:
        """Return who may be offered a lead: only the operator who promised the call, or all, ready longest first."""
        promised = self._feed.promised_to(lead.lead_id)
        return [operator_id for operator_id in self._spare.ready() if promised in (None, operator_id)]
