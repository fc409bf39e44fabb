"""What services need to keep of the work on leads: pausing, mixing and recycling lists, callbacks, quotas, choosing.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, everything in the ledger, only
the ``StoreError`` family raised.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.attempts import Attempt
from telephony.domain.callbacks import Bounds, Callback, Repeated
from telephony.domain.held_leads import LeadGroup
from telephony.domain.lead_buckets import Shelf, Told
from telephony.domain.leads import IsOpen, Lead, LeadList
from telephony.domain.quotas import Quota
from telephony.ids import AttemptId, CallbackId, CampaignId, LeadId, ListId
from telephony.ports.pages import PAGE


class LeadWorkStore(Protocol):
    """Lists and leads that people move."""

    async def pause_list(self, list_id: ListId, by: str, at: datetime) -> LeadList:
        """Leave its leads untouched from now on; ConflictError when it is paused already."""

    async def resume_list(self, list_id: ListId, by: str, at: datetime) -> LeadList:
        """Call its leads again; ConflictError when it is not paused."""

    async def set_share(self, list_id: ListId, share: int, by: str, at: datetime) -> LeadList:
        """Give it a weight among the campaign's lists."""

    async def recycle(self, list_id: ListId, reasons: Collection[str], by: str, at: datetime) -> int:
        """Let the list's finished leads with one of these reasons be called anew; return how many."""

    async def reactivate(self, lead_id: LeadId, reason: str, by: str, at: datetime) -> Lead:
        """Let one finished or refused lead be called anew; ConflictError when it asked for no more calls."""

    async def set_priority(self, lead_id: LeadId, priority: int, by: str, at: datetime) -> Lead:
        """Change how soon it is called among its list's."""

    async def attempts_of(self, lead_id: LeadId) -> Sequence[Attempt]:
        """Return the lead's attempts, oldest first."""


class CallbackStore(Protocol):
    """Promised calls; they are made in ``AttemptStore.set_result``."""

    async def get(self, callback_id: CallbackId) -> Callback:
        """Return it; NotFoundError when there is none."""

    async def open(
        self, campaign_id: CampaignId | None = None, limit: int = PAGE, after: Callback | None = None
    ) -> Sequence[Callback]:
        """Return the open ones, the earliest first."""

    async def of_lead(self, lead_id: LeadId) -> Sequence[Callback]:
        """Return all of a lead, oldest first."""

    async def repeated(self, since: datetime, most: int) -> Sequence[Repeated]:
        """Return persons who wait for a callback and were promised several since a moment, the most first."""

    async def of_person(self, lead_id: LeadId) -> Sequence[Callback]:
        """Return all of the person a lead is, under whichever of their leads, oldest first."""

    async def move(
        self, callback_id: CallbackId, at: datetime, zone: str, by: str, now: datetime, bounds: Bounds | None = None
    ) -> Callback:
        """Change its moment; ConflictError when it is over or its call is under way.

        ``bounds`` are asked in the same step; what they raise is raised, and nothing changes.
        """

    async def cancel(self, callback_id: CallbackId, by: str, now: datetime) -> Callback:
        """Let the lead be as if nothing had been promised: done; errors as for ``move``."""


class QuotaStore(Protocol):
    """Survey quotas. Completed answers are counted in ``AttemptStore.set_result``."""

    async def of(self, campaign_id: CampaignId) -> Sequence[Quota]:
        """Return the campaign's cells, oldest first."""

    async def set(
        self, campaign_id: CampaignId, cell: Mapping[str, str], target: int, by: str, at: datetime
    ) -> tuple[Quota, int]:
        """Make the cell or change its target; return it, and how many of its closed leads were opened again."""

    async def close(self, quota: Quota, leads: Sequence[LeadId], at: datetime) -> None:
        """Close waiting leads of a full cell, their callbacks too."""


class ChoiceStore(Protocol):
    """What choosing who is called first looks at; the leads themselves come from ``LeadStore.due``."""

    async def offered(self, campaign_id: CampaignId, at: datetime, is_open: IsOpen) -> Sequence[Shelf]:
        """Return where leads that may be tried now stand, callbacks apart, of the lists that are called.

        Of each list and open clock the highest priority at which a lead is due.
        """

    async def picked(self, shelves: Sequence[Shelf], limit: int, at: datetime) -> Sequence[Lead]:
        """Return up to ``limit`` leads due of each shelf: those that come back, by their moment, then by row."""

    async def census(self, campaign_id: CampaignId) -> Mapping[tuple[ListId, str], int]:
        """Count the leads that wait, now or later, by list and bucket, of the lists that are called."""

    async def held_back(self, campaign_id: CampaignId, at: datetime, most: int) -> Sequence[LeadGroup]:
        """Group the leads that are left, of lists not withdrawn: waiting, refused, or closed by a quota that is full.

        Of each list and state no more than ``most`` are looked at; ``at``, aware UTC, tells who is due.
        """

    async def told(
        self, campaign_id: CampaignId, after: tuple[datetime, AttemptId] | None, until: datetime, limit: int
    ) -> Sequence[Told]:
        """Return attempts that ended before ``until``, oldest first; ``after`` is the end and id of the last seen."""
