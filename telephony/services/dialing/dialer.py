"""The dialer: steps the pacer after every event, gives its orders to the launcher, explains each campaign's pace.

Nothing here waits for the database: the pacer's orders go to the ``launcher``, which takes leads and writes attempts
while the next decisions are made. The tracker follows the calls; the pacer chooses how many.
"""

import asyncio
import math
from datetime import timedelta
from typing import Final

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.text.reason import Reason
from telephony.ids import CampaignId
from telephony.services.dialing.launcher import Launcher
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.dialing.live_view import LiveView
from telephony.services.dialing.nobody_due import NobodyDue
from telephony.services.dialing.pace import FloorPacer
from telephony.services.rules.blockers import NOT_RUNNING, Blockers
from telephony.services.rules.holds import Holds

HOG_S: Final = 0.01
"""Seconds of deciding without a pause, after which other tasks get their turn."""


class Dialer:
    """Drives every running campaign of the dialled modes."""

    def __init__(
        self,
        view: LiveView,
        pacer: FloorPacer,
        blockers: Blockers,
        feed: LeadFeed,
        launcher: Launcher,
        holds: Holds,
        nobody: NobodyDue,
        poll_s: float,
    ) -> None:
        self._view = view
        self._pacer = pacer
        self._blockers = blockers
        self._feed = feed
        self._launcher = launcher
        self._holds = holds
        self._nobody = nobody
        self._poll_s = poll_s

    def reason(self, campaign: Campaign) -> Reason:
        """Return why a campaign dials as it does."""
        campaign_id = campaign.campaign_id
        blocked = self._blockers.call(campaign)
        if blocked is not None:
            return blocked
        if campaign_id not in self._feed.running:
            return NOT_RUNNING
        if not self._feed.has_leads(campaign_id):
            return self._holds.why_empty(campaign_id) or self._nobody_due(campaign_id)
        return self._pacer.reason(campaign_id)

    def has_nobody(self, campaign_id: CampaignId) -> bool:
        """Return True if this campaign runs here and has nobody to call now."""
        return campaign_id in self._feed.running and not self._feed.has_leads(campaign_id)

    def _nobody_due(self, campaign_id: CampaignId) -> Reason:
        wait = self._feed.next_in(campaign_id)
        return self._nobody.why(campaign_id) if wait is None else _due_later(wait)

    async def run(self) -> None:
        """Step the pacer after every event and tick, give its orders to the launcher; until cancelled."""
        loop = asyncio.get_running_loop()
        self._pacer.start()
        began = loop.time()
        while True:
            kind, call, agent = await self._view.next(min(self._pacer.tick, self._poll_s))
            for order in self._pacer.step(self._view.now, kind, call, agent):
                if not self._launcher.order(order):
                    break
            if loop.time() - began > HOG_S:
                await asyncio.sleep(0)
                began = loop.time()


def _due_later(wait: timedelta) -> Reason:
    if not wait:
        return Reason("nobody.callbacks_wait")
    minutes = math.ceil(wait / timedelta(minutes=1))
    return Reason("nobody.for_minutes", minutes=minutes)
