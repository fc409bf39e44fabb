"""Reads which campaigns run and who is due; those whose leads are all outside calling hours wait."""

from collections.abc import Mapping

from telephony.domain.campaigns.campaigns import Campaign
from telephony.ids import CampaignId
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.rules.holds import Holds


class CampaignPoll:
    """One feed's look."""

    def __init__(self, feed: LeadFeed, holds: Holds, every_s: float) -> None:
        self._feed = feed
        self._holds = holds
        self.every_s = every_s
        """Seconds between looks."""

    @property
    def running(self) -> Mapping[CampaignId, Campaign]:
        """Campaigns that run, as of the last look."""
        return self._feed.running

    def forget(self) -> None:
        """Take nothing more from any campaign before the next look."""
        self._feed.forget()

    async def look(self) -> None:
        """Read once.

        Raises:
            StoreError: the database cannot be asked; nothing is left to call.
        """
        await self._feed.look()
        for campaign_id, (word, refusal) in self._feed.shut.items():
            await self._holds.shut(campaign_id, word, refusal)
