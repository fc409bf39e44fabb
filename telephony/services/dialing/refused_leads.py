"""What a refused lead comes to: its campaign waits, it is read again when its clock opens, or a refusal is written."""

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
    """Why nothing is written of a refused lead."""

    CLOCK = auto()
    """Its clock is outside calling hours: it is read again when they begin."""
    CAMPAIGN = auto()
    """Its whole campaign waits."""


class RefusedLeads:
    """Says it for the leads of one feed."""

    def __init__(self, attempts: AttemptStore, feed: LeadFeed, holds: Holds, decisions: Decisions) -> None:
        self._attempts = attempts
        self._feed = feed
        self._holds = holds
        self._decisions = decisions

    async def judge(self, campaign: Campaign, lead: Lead, refused: Refused) -> Refusal | Waits:
        """Return the refusal to write, or what the lead waits for.

        Raises:
            StoreError: the database cannot be asked.
        """
        if refused.rule in CLOCK and self._feed.is_outside_hours(campaign, lead):
            return Waits.CLOCK
        if await self._holds.take(campaign.campaign_id, lead, refused):
            return Waits.CAMPAIGN
        return self._decisions.refusal(lead, refused)

    async def write(self, campaign: Campaign, lead: Lead, refused: Refused) -> bool:
        """Write what a refusal comes to; True when the next lead may be looked at, False when the campaign waits."""
        refusal = await self.judge(campaign, lead, refused)
        if isinstance(refusal, Refusal):
            await self.write_all([refusal])
        return refusal is not Waits.CAMPAIGN

    async def write_all(self, refusals: list[Refusal]) -> None:
        """Write refusals in one transaction."""
        if refusals:
            await self._attempts.begin([], refusals)
