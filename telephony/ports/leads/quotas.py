"""Store interface for survey quotas. Part of ``telephony.ports.store``, with the same guarantees."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.leads.quotas import Quota
from telephony.ids import CampaignId, LeadId


class QuotaStore(Protocol):
    """Survey quotas. ``AttemptStore.set_result`` counts the completed interviews."""

    async def of(self, campaign_id: CampaignId) -> Sequence[Quota]:
        """Return the campaign's cells, oldest first."""

    async def set(
        self, campaign_id: CampaignId, cell: Mapping[str, str], target: int, by: str, at: datetime
    ) -> tuple[Quota, int]:
        """Create a cell or change its target; return it, and how many of its closed leads were opened again."""

    async def close(self, quota: Quota, leads: Sequence[LeadId], at: datetime) -> None:
        """Close waiting leads of a full cell, and their callbacks."""
