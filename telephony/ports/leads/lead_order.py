"""Store interface for the lead order: data to choose who is called first. Part of ``telephony.ports.store``.

Nothing here writes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.lead_order.buckets import AttemptSample, LeadGroup
from telephony.domain.leads.leads import IsOpen, Lead
from telephony.domain.leads.waiting_causes import WaitingGroup
from telephony.ids import AttemptId, CampaignId, ListId


class ChoiceStore(Protocol):
    """Data to choose who is called first."""

    async def offered(self, campaign_id: CampaignId, at: datetime, is_open: IsOpen) -> Sequence[LeadGroup]:
        """Return the groups of leads that may be tried now, without callbacks, of the active lists.

        For each list and each zone within calling hours: the highest priority that has a due lead.
        """

    async def picked(self, shelves: Sequence[LeadGroup], limit: int, at: datetime) -> Sequence[Lead]:
        """Return up to ``limit`` due leads of each group: first those tried before, by time, then by row."""

    async def count_by_group(self, campaign_id: CampaignId) -> Mapping[tuple[ListId, str], int]:
        """Count the leads that wait, now or later, by list and bucket, in the active lists."""

    async def held_back(self, campaign_id: CampaignId, at: datetime, most: int) -> Sequence[WaitingGroup]:
        """Return the leads left on lists that are not revoked, in groups: waiting, refused, or closed by a full quota.

        At most ``most`` leads are read of each list and state; ``at``, aware UTC, decides which are due.
        """

    async def told(
        self, campaign_id: CampaignId, after: tuple[datetime, AttemptId] | None, until: datetime, limit: int
    ) -> Sequence[AttemptSample]:
        """Return attempts that ended before ``until``, oldest first; ``after`` is end and id of the last one read."""
