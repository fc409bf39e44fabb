"""Leads whose attempt failed by its carrier: taken up again on the next trunk, deferred, or refused for good.

The rule is ``failover``'s; here the failed attempt is written down first, and what follows reaches whoever drives the
campaign.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from telephony.domain.calls.attempts import Refusal
from telephony.domain.campaigns.campaigns import Campaign
from telephony.ids import CampaignId, LeadId
from telephony.services.calls.tracker import Tracker
from telephony.services.trunks.capacity import TrunkCapacity
from telephony.services.trunks.failover import Failover


@dataclass(slots=True)
class FailedOver:
    """What follows for the leads of one look: those with another trunk, and refusals to be written."""

    again: list[LeadId] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


class FailedLeads:
    """Takes them up for the dialer, or for previews."""

    def __init__(self, tracker: Tracker, trunks: TrunkCapacity, failover: Failover) -> None:
        self._tracker = tracker
        self._trunks = trunks
        self._failover = failover

    async def take(self, running: Mapping[CampaignId, Campaign], *, guaranteed: bool) -> FailedOver:
        """Return what follows for leads that a carrier failed for since the last time.

        Args:
            running: campaigns of whoever asks.
            guaranteed: those an operator pressed for, or those a pacer dialled.

        Raises:
            StoreError: the failed attempts cannot be written down yet.
        """
        failed = FailedOver()
        if self._failover.is_idle(guaranteed=guaranteed):
            return failed
        await self._tracker.flush()  # the failed attempt gives its lead back first
        for lead_id, campaign_id in self._failover.take(guaranteed=guaranteed).items():
            campaign = running.get(campaign_id)
            routes = campaign.routes if campaign is not None else ()
            if self._failover.untried(lead_id, self._trunks.routes(campaign_id, routes)):
                failed.again.append(lead_id)
                continue
            refusal = self._failover.all_failed(lead_id, campaign_id, routes)
            failed.refusals += [] if refusal is None else [refusal]
        return failed
