"""What services need to keep of the work people do on lists and leads: pausing, mixing, recycling.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, everything in the ledger, only
the ``StoreError`` family raised.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.calls.attempts import Attempt
from telephony.domain.leads.leads import Lead, LeadList
from telephony.ids import LeadId, ListId


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
        """Change how soon it is called among its list's; ConflictError while it waits for a callback."""

    async def attempts_of(self, lead_id: LeadId) -> Sequence[Attempt]:
        """Return the lead's attempts, oldest first."""
