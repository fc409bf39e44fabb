"""Leads whose attempt the carrier failed: retried on the next trunk, deferred, or refused permanently.

``failover`` has the rule. Here the failed attempt is written down first; the caller drives the campaign.
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
    """The leads to retry on another trunk, and the refusals to be written."""

    again: list[LeadId] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


class FailedLeads:
    """Hands failed leads to the dialer, or to previews."""

    def __init__(self, tracker: Tracker, trunks: TrunkCapacity, failover: Failover) -> None:
        self._tracker = tracker
        self._trunks = trunks
        self._failover = failover

    async def take(self, running: Mapping[CampaignId, Campaign], *, guaranteed: bool) -> FailedOver:
        """Return what to do with the leads whose carrier failed since the last call.

        Args:
            running: the caller's running campaigns.
            guaranteed: True for calls that an operator pressed for, False for calls that a pacer dialled.

        Raises:
            StoreError: the failed attempts cannot be written down yet.
        """
        failed = FailedOver()
        if self._failover.is_idle(guaranteed=guaranteed):
            return failed
        await self._tracker.flush()  # requeues the failed attempt's lead first
        for lead_id, campaign_id in self._failover.take(guaranteed=guaranteed).items():
            campaign = running.get(campaign_id)
            routes = campaign.routes if campaign is not None else ()
            if self._failover.untried(lead_id, self._trunks.routes(campaign_id, routes)):
                failed.again.append(lead_id)
                continue
            refusal = self._failover.all_failed(lead_id, campaign_id, routes)
            failed.refusals += [] if refusal is None else [refusal]
        return failed
