"""Polls which campaigns run and which leads are due; defers campaigns whose leads are all outside calling hours."""

from collections.abc import Mapping

from telephony.domain.campaigns.campaigns import Campaign
from telephony.ids import CampaignId
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.rules.holds import Holds


class CampaignPoll:
    """The poll of one lead feed."""

    def __init__(self, feed: LeadFeed, holds: Holds, every_s: float) -> None:
        self._feed = feed
        self._holds = holds
        self.every_s = every_s
        """Seconds between polls."""

    @property
    def running(self) -> Mapping[CampaignId, Campaign]:
        """Running campaigns, as of the last poll."""
        return self._feed.running

    def forget(self) -> None:
        """Take no more leads from any campaign before the next poll."""
        self._feed.forget()

    async def look(self) -> None:
        """Poll once.

        Raises:
            StoreError: the database cannot be read; there is nothing to call.
        """
        await self._feed.look()
        for campaign_id, (zone, refusal) in self._feed.shut.items():
            await self._holds.shut(campaign_id, zone, refusal)
