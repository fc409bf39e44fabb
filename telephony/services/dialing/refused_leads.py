"""What happens to a refused lead: its campaign waits, it waits for its calling hours, or a refusal is written."""

from enum import Enum, auto

from telephony.domain.calls.attempts import Refusal
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.law.decision import CLOCK
from telephony.domain.leads.leads import Lead
from telephony.domain.rules.decision import Refused
from telephony.ports.calls.attempts import AttemptStore
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.rules.decisions import Decisions
from telephony.services.rules.holds import Holds


class Waits(Enum):
    """Why no refusal is written for a refused lead."""

    CLOCK = auto()
    """It is outside its calling hours: it is read again when they begin."""
    CAMPAIGN = auto()
    """Its whole campaign waits."""


class RefusedLeads:
    """Handles the refused leads of one feed."""

    def __init__(self, attempts: AttemptStore, feed: LeadFeed, holds: Holds, decisions: Decisions) -> None:
        self._attempts = attempts
        self._feed = feed
        self._holds = holds
        self._decisions = decisions

    async def judge(self, campaign: Campaign, lead: Lead, refused: Refused) -> Refusal | Waits:
        """Return the refusal to write, or what the lead waits for.

        Raises:
            StoreError: the database cannot be read.
        """
        if refused.rule in CLOCK and self._feed.is_outside_hours(campaign, lead):
            return Waits.CLOCK
        if await self._holds.take(campaign.campaign_id, lead, refused):
            return Waits.CAMPAIGN
        return self._decisions.refusal(lead, refused)

    async def write(self, campaign: Campaign, lead: Lead, refused: Refused) -> bool:
        """Write the refusal, if one is due; True if the next lead may be decided, False if the campaign waits."""
        refusal = await self.judge(campaign, lead, refused)
        if isinstance(refusal, Refusal):
            await self.write_all([refusal])
        return refusal is not Waits.CAMPAIGN

    async def write_all(self, refusals: list[Refusal]) -> None:
        """Write refusals in one transaction."""
        if refusals:
            await self._attempts.begin([], refusals)
