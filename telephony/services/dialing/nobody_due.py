"""Why no lead of a campaign is due: read only while it has nobody to call, at most every ``AGAIN``.

Only this module reports "the list is finished": when nothing holds a lead back.
``telephony.domain.leads.waiting_causes`` tells the causes apart.
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
"""Time after which the leads of a campaign with nobody due are counted again."""
FINISHED: Final = Reason("nobody.list_finished")
NOBODY_NOW: Final = Reason("nobody.now")


class NobodyDue:
    """What holds leads back, for campaigns with nobody due."""

    def __init__(self, choice: ChoiceStore, clocks: CallingHours, clock: Clock) -> None:
        self._choice = choice
        self._clocks = clocks
        self._clock = clock
        self._held: dict[CampaignId, tuple[Held, ...]] = {}
        self._counted_at: dict[CampaignId, datetime] = {}

    async def of(self, campaign: Campaign) -> tuple[Held, ...]:
        """Return what holds a campaign's leads back now; includes the leads that are due.

        Raises:
            StoreError: the database cannot be read.
        """
        await self._clocks.refresh()
        groups = await self._choice.held_back(campaign.campaign_id, self._clock.now(), MOST)
        return held_by_cause(groups, lambda zone: self._clocks.shut(campaign, zone))

    async def look(self, empty: Collection[Campaign]) -> None:
        """Count for the campaigns with nobody due, unless counted just before; forget all other campaigns.

        Raises:
            StoreError: the database cannot be read; earlier counts are kept.
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
        """Return what holds a campaign's leads back, as of the last count; empty if nothing does or leads are due."""
        return without_due(self._held.get(campaign_id, ()))

    def why(self, campaign_id: CampaignId) -> Reason:
        """Return that the list is finished if it is, else that nobody can be called now."""
        return FINISHED if self._held.get(campaign_id) == () else NOBODY_NOW
