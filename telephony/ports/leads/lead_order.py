"""What services need to know of the leads to choose who is called first. Part of ``telephony.ports.store``.

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
    """What choosing who is called first looks at; the leads themselves come from ``LeadStore.due``."""

    async def offered(self, campaign_id: CampaignId, at: datetime, is_open: IsOpen) -> Sequence[LeadGroup]:
        """Return where leads that may be tried now stand, callbacks apart, of the lists that are called.

        Of each list and open clock the highest priority at which a lead is due.
        """

    async def picked(self, shelves: Sequence[LeadGroup], limit: int, at: datetime) -> Sequence[Lead]:
        """Return up to ``limit`` leads due of each shelf: those that come back, by their moment, then by row."""

    async def count_by_group(self, campaign_id: CampaignId) -> Mapping[tuple[ListId, str], int]:
        """Count the leads that wait, now or later, by list and bucket, of the lists that are called."""

    async def held_back(self, campaign_id: CampaignId, at: datetime, most: int) -> Sequence[WaitingGroup]:
        """Group the leads that are left, of lists not withdrawn: waiting, refused, or closed by a quota that is full.

        Of each list and state no more than ``most`` are looked at; ``at``, aware UTC, tells who is due.
        """

    async def told(
        self, campaign_id: CampaignId, after: tuple[datetime, AttemptId] | None, until: datetime, limit: int
    ) -> Sequence[AttemptSample]:
        """Return attempts that ended before ``until``, oldest first; ``after`` is the end and id of the last seen."""
