"""Store interface for changes that people make to lists and leads: pause, share, recycle, reactivate.

Part of ``telephony.ports.store``, with the same guarantees: one transaction per method, everything in the ledger, only
the ``StoreError`` family raised.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.calls.attempts import Attempt
from telephony.domain.leads.leads import Lead, LeadList
from telephony.ids import LeadId, ListId


class LeadWorkStore(Protocol):
    """Changes that people make to lists and leads."""

    async def pause_list(self, list_id: ListId, by: str, at: datetime) -> LeadList:
        """Pause a list: its leads are not called; ConflictError when it is already paused."""

    async def resume_list(self, list_id: ListId, by: str, at: datetime) -> LeadList:
        """Resume a list; ConflictError when it is not paused."""

    async def set_share(self, list_id: ListId, share: int, by: str, at: datetime) -> LeadList:
        """Set a list's share among the campaign's lists."""

    async def recycle(self, list_id: ListId, reasons: Collection[str], by: str, at: datetime) -> int:
        """Let the list's finished leads with one of these reasons be called again; return their number."""

    async def reactivate(self, lead_id: LeadId, reason: str, by: str, at: datetime) -> Lead:
        """Let one finished or refused lead be called again; ConflictError when it asked for no more calls."""

    async def set_priority(self, lead_id: LeadId, priority: int, by: str, at: datetime) -> Lead:
        """Set a lead's priority within its list; ConflictError while it waits for a callback."""

    async def attempts_of(self, lead_id: LeadId) -> Sequence[Attempt]:
        """Return the lead's attempts, oldest first."""
