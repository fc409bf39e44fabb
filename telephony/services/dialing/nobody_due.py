"""Why nobody is due in a campaign: looked up only while it has nobody to call, and not more often than it changes.

"The list is finished" is said here alone, when nothing holds anybody back. Telling the causes apart is left to
``telephony.domain.leads.waiting_causes``.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.leads.waiting_causes import MOST, Held, held_by_cause, without_due
from telephony.domain.text.reason import Reason
from telephony.ids import CampaignId
from telephony.ports.clock import Clock
from telephony.ports.leads.lead_order import ChoiceStore
from telephony.services.rules.calling_hours import CallingHours

AGAIN: Final = timedelta(seconds=10)
"""After so long the leads of a campaign with nobody due are counted again."""
FINISHED: Final = Reason("nobody.list_finished")
NOBODY_NOW: Final = Reason("nobody.now")


class NobodyDue:
    """What holds the leads of campaigns back that have nobody due."""

    def __init__(self, choice: ChoiceStore, clocks: CallingHours, clock: Clock) -> None:
        self._choice = choice
        self._clocks = clocks
        self._clock = clock
        self._held: dict[CampaignId, tuple[Held, ...]] = {}
        self._counted_at: dict[CampaignId, datetime] = {}

    async def of(self, campaign: Campaign) -> tuple[Held, ...]:
        """Return what holds a campaign's leads back now, those to be called now included.

        Raises:
            StoreError: the database cannot be asked.
        """
        await self._clocks.refresh()
        groups = await self._choice.held_back(campaign.campaign_id, self._clock.now(), MOST)
        return held_by_cause(groups, lambda word: self._clocks.shut(campaign, word))

    async def look(self, empty: Collection[Campaign]) -> None:
        """Count for the campaigns that have nobody due, those counted a moment ago left out; forget the others.

        Raises:
            StoreError: the database cannot be asked; what was known is kept.
        """
        now, ids = self._clock.now(), {campaign.campaign_id for campaign in empty}
        self._held = {key: held for key, held in self._held.items() if key in ids}
        self._counted_at = {key: at for key, at in self._counted_at.items() if key in ids}
        for campaign in empty:
            counted_at = self._counted_at.get(campaign.campaign_id)
            if counted_at is None or now - counted_at >= AGAIN:
                self._held[campaign.campaign_id] = await self.of(campaign)
                self._counted_at[campaign.campaign_id] = now

    def held(self, campaign_id: CampaignId) -> tuple[Held, ...]:
        """Return what holds a campaign's leads back, as of the last look; empty when nothing does or it has leads."""
        return without_due(self._held.get(campaign_id, ()))

    def why(self, campaign_id: CampaignId) -> Reason:
        """Say that the list is finished when it is, else that nobody is to be called now."""
        return FINISHED if self._held.get(campaign_id) == () else NOBODY_NOW
