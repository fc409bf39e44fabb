"""What services need to keep of lists and their leads; the work people do on them is left to ``lead_work``.

Part of ``telephony.ports.store``, under the same promises; a list is loaded in many transactions that nobody sees.
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
    """What is known of a list before its rows are read."""

    campaign_id: CampaignId
    name: str
    file_sha256: str
    loaded_by: str
    loaded_at: datetime


class ListLoad(Protocol):
    """One list being loaded, inside one transaction; leaving its context with an exception leaves nothing behind."""

    async def add(self, leads: Sequence[NewLead]) -> Sequence[NewLead]:
        """Write a batch; return the rows left out because the campaign has that number already.

        A person of a withdrawn list who waits, or whom a rule refused, is none of them: their lead moves to this list,
        with its attempts, when its context ends well. Those left out are kept as rejected rows, with their number, name
        and fields as values; an importer that has the row as it was read may ``reject`` it again with better ones.
        """

    @property
    def settled(self) -> Collection[int]:
        """Rows left out so far whose person a withdrawn list was done with, or has on the line."""

    async def reject(self, rows: Sequence[RejectedRow]) -> None:
        """Keep rejected rows with their reasons, so that they can be downloaded later.

        One whose reason begins with ``duplicate`` counts as a duplicate.
        """

    async def __aenter__(self) -> Self:
        """Begin.

        Raises:
            NotFoundError: there is no such campaign.
            ConflictError: another list is being loaded into it.
        """

    async def __aexit__(self, *exc_info: object) -> None:
        """Commit, or roll everything back when an exception passes."""

    async def finish(self) -> LeadList:
        """Count and return the list; call last, inside the context.

        It is shown, and entered in the ledger, when the context ends well.
        """


class LeadStore(Protocol):
    """Lists and leads."""

    def load(self, new: NewList) -> ListLoad:
        """Begin loading a list; use as ``async with``."""

    async def lists(self, campaign_id: CampaignId) -> Sequence[LeadList]:
        """Return the campaign's lists, oldest first."""

    async def rejected(
        self, list_id: ListId, limit: int = PAGE, after: RejectedRow | None = None
    ) -> Sequence[RejectedRow]:
        """Return a page of the rows that were not taken (duplicates included), in file order."""

    async def waiting(self, campaign_id: CampaignId, limit: int, at: datetime = WHENEVER) -> Sequence[Lead]:
        """Return the next leads that may be tried at a moment, of lists that are approved and not withdrawn.

        Oldest list first; within a list the higher priority first; within a priority those that come back first, by
        their moment, then the fresh ones in file order. Nothing is claimed.
        """

    async def due(
        self,
        campaign_id: CampaignId,
        limit: int,
        at: datetime,
        free: Collection[OperatorId],
        is_open: IsOpen = every_clock,
    ) -> DueLeads:
        """Return what may be called now: callbacks kept for anyone or an operator in ``free``, then lists' leads.

        Up to ``limit`` of each list with a share, and of the others together, in the order of ``waiting``. Leads on a
        clock that is not open are not looked at, however many they are; their clocks are returned as ``shut``.
        """

    async def get(self, lead_id: LeadId) -> Lead:
        """Return it; NotFoundError when there is none."""
