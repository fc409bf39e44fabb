"""Store interface for lists and their leads; ``management`` has the changes that people make.

Part of ``telephony.ports.store``, with the same guarantees; a list is loaded in many invisible transactions.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from telephony.domain.leads.leads import WHENEVER, DueLeads, IsOpen, Lead, LeadList, NewLead, RejectedRow, every_clock
from telephony.ids import CampaignId, LeadId, ListId, OperatorId
from telephony.ports.pages import PAGE


@dataclass(frozen=True, slots=True)
class NewList:
    """The facts about a list before its rows are read."""

    campaign_id: CampaignId
    name: str
    file_sha256: str
    loaded_by: str
    loaded_at: datetime


class ListLoad(Protocol):
    """One list being loaded, all or nothing; leaving its context with an exception removes everything."""

    async def add(self, leads: Sequence[NewLead]) -> Sequence[NewLead]:
        """Write a batch; return the rows left out because the campaign already has that number.

        A waiting or refused person of a revoked list is not left out: their lead moves to this list, with its attempts,
        when the context ends without an error. The others are stored as rejected rows, with number, name and fields as
        values; an importer that has the original row may ``reject`` it again with better values.
        """

    @property
    def settled(self) -> Collection[int]:
        """Rows left out so far because the person's lead on a revoked list is finished or on the line."""

    async def reject(self, rows: Sequence[RejectedRow]) -> None:
        """Store rejected rows with their reasons, so that they can be downloaded later.

        A row whose reason begins with ``duplicate`` counts as a duplicate.
        """

    async def __aenter__(self) -> Self:
        """Begin loading.

        Raises:
            NotFoundError: there is no such campaign.
            ConflictError: another list is being loaded into it.
        """

    async def __aexit__(self, *exc_info: object) -> None:
        """Commit, or roll everything back on an exception."""

    async def finish(self) -> LeadList:
        """Count and return the list; call it last, inside the context.

        The list becomes visible and is entered in the ledger when the context ends without an error.
        """


class LeadStore(Protocol):
    """Lists and leads."""

    def load(self, new: NewList) -> ListLoad:
        """Return a new load of a list; use it with ``async with``."""

    async def lists(self, campaign_id: CampaignId) -> Sequence[LeadList]:
        """Return the campaign's lists, oldest first."""

    async def rejected(
        self, list_id: ListId, limit: int = PAGE, after: RejectedRow | None = None
    ) -> Sequence[RejectedRow]:
        """Return a page of the rows that were not accepted (duplicates included), in file order."""

    async def waiting(self, campaign_id: CampaignId, limit: int, at: datetime = WHENEVER) -> Sequence[Lead]:
        """Return the next leads that may be tried at the given time, of lists that are approved and not revoked.

        Oldest list first; within a list the higher priority first; within a priority the leads tried before, by their
        time, then the new ones in file order. Nothing is claimed.
        """

    async def due(
        self,
        campaign_id: CampaignId,
        limit: int,
        at: datetime,
        free: Collection[OperatorId],
        is_open: IsOpen = every_clock,
    ) -> DueLeads:
        """Return the leads to call now: callbacks for anyone or an operator in ``free``, then the lists' leads.

        Up to ``limit`` of each list with a share, and of the others together, in the order of ``waiting``. Leads in
        zones outside calling hours are not read, however many they are; their zones are returned as ``shut``.
        """

    async def get(self, lead_id: LeadId) -> Lead:
        """Return the lead; NotFoundError when there is none."""
