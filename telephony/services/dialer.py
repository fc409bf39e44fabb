"""The dialer: steps the pacer after every event, and says why each campaign dials as it does.

Nothing here waits for the database: what the pacer orders is handed to the ``launcher``, which takes leads and writes
attempts while the next decisions are made. Following calls is left to the tracker, choosing how many to the pacer.
"""

import asyncio
import math
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from telephony.domain.campaigns import Campaign
from telephony.domain.floor import PaceReason
from telephony.domain.pacing import AnyPacer
from telephony.ids import CampaignId
from telephony.services.dialing_view import DialingView
from telephony.services.holds import Holds
from telephony.services.launcher import Launcher
from telephony.services.lead_feed import LeadFeed
from telephony.services.nobody_due import NOBODY_NOW
from telephony.services.readiness import Readiness

HOG_S: Final = 0.01
"""After so much deciding in one go, everybody else has their turn."""


class Dialer:
    """Drives every running campaign."""

    def __init__(
        self,
        view: DialingView,
        pacer: AnyPacer,
        readiness: Readiness,
        feed: LeadFeed,
        launcher: Launcher,
        *,
        holds: Holds,
        poll_s: float,
        locked: Callable[[CampaignId], PaceReason | None] = lambda _: None,
        unreachable: Callable[[Campaign], PaceReason | None] = lambda _: None,
        why: Callable[[CampaignId], PaceReason] | None = None,
        why_nobody: Callable[[CampaignId], PaceReason] = lambda _: NOBODY_NOW,
    ) -> None:
        """Keep the parts; ``run`` does the work."""
        self._why_nobody = why_nobody
        self._view = view
        self._pacer = pacer
        self._readiness = readiness
        self._feed = feed
        self._launcher = launcher
        self._holds = holds
        self._poll_s = poll_s
        self._locked = locked
        self._unreachable = unreachable
        self._why = why or (lambda _: self._pacer.reason())

    def reason(self, campaign_id: CampaignId) -> PaceReason:
        """Say why a campaign dials as it does."""
        why = self._readiness.why_not()
        if why is not None:
            return why
        if self._launcher.is_store_away:
            return PaceReason(
                fr="La base de données ne répond pas\u202f: aucun appel ne part.",
                en="The database does not answer: no call leaves.",
            )
        locked = self._locked(campaign_id)
        if locked is not None:
            return locked
        campaign = self._feed.running.get(campaign_id)
        if campaign is None:
            return PaceReason(fr="La campagne ne tourne pas.", en="The campaign does not run.")
        unreachable = self._unreachable(campaign)
        if unreachable is not None:
            return unreachable
        held = self._holds.why_not(campaign_id)
        if held is not None:
            return held
        if not self._feed.has_leads(campaign_id):
            return self._holds.why_empty(campaign_id) or self._nobody_due(campaign_id)
        return self._why(campaign_id)

    def has_nobody(self, campaign_id: CampaignId) -> bool:
        """Tell whether it drives a campaign that has nobody to call now."""
        return campaign_id in self._feed.running and not self._feed.has_leads(campaign_id)

    def _nobody_due(self, campaign_id: CampaignId) -> PaceReason:
        wait = self._feed.next_in(campaign_id)
        return self._why_nobody(campaign_id) if wait is None else _due_later(wait)

    @property
    def is_idle(self) -> bool:
        """Whether nobody is due to be called in any campaign it drives: ready operators may be used otherwise."""
        return not self._feed.is_due

    async def run(self) -> None:
        """Step the pacer after every event and tick, order what it says; until cancelled."""
        loop = asyncio.get_running_loop()
        self._pacer.start(self._view)
        began = loop.time()
        while True:
            kind, call, agent = await self._view.next(min(self._pacer.tick, self._poll_s))
            self._view.now = loop.time()
            count = self._pacer.step(self._view.now, kind, call, agent)
            for _ in range(count):
                if not self._launcher.order():
                    break
            if loop.time() - began > HOG_S:
                await asyncio.sleep(0)
                began = loop.time()


def _due_later(wait: timedelta) -> PaceReason:
    if not wait:
        return PaceReason(fr="Les rappels attendent leur opérateur.", en="Callbacks wait for their operator.")
    minutes = math.ceil(wait / timedelta(minutes=1))
    return PaceReason(
        fr=f"Personne à appeler avant {minutes}\u202fmin.", en=f"Nobody is due to be called for {minutes} min."
    )
