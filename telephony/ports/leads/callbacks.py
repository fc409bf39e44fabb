"""Store interface for callbacks.

Part of ``telephony.ports.store``, with the same guarantees: one transaction per method, everything in the ledger, only
the ``StoreError`` family raised.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.leads.callbacks import Bounds, Callback, Repeated
from telephony.ids import CallbackId, CampaignId, LeadId
from telephony.ports.pages import PAGE


class CallbackStore(Protocol):
    """Callbacks; ``AttemptStore.set_result`` creates them."""

    async def get(self, callback_id: CallbackId) -> Callback:
        """Return the callback; NotFoundError when there is none."""

    async def open(
        self, campaign_id: CampaignId | None = None, limit: int = PAGE, after: Callback | None = None
    ) -> Sequence[Callback]:
        """Return the open callbacks, the earliest first."""

    async def of_lead(self, lead_id: LeadId) -> Sequence[Callback]:
        """Return all callbacks of a lead, oldest first."""

    async def repeated(self, since: datetime, most: int) -> Sequence[Repeated]:
        """Return persons with an open callback who were promised several since a time, the most first."""

    async def of_person(self, lead_id: LeadId) -> Sequence[Callback]:
        """Return all callbacks of a lead's person, on any of their leads, oldest first."""

    async def move(
        self, callback_id: CallbackId, at: datetime, zone: str, by: str, now: datetime, bounds: Bounds | None = None
    ) -> Callback:
        """Change the time of a callback; ConflictError when it has ended or its call is in progress.

        ``bounds`` are checked in the same transaction; if they raise, nothing changes.
        """

    async def cancel(self, callback_id: CallbackId, by: str, now: datetime) -> Callback:
        """Cancel a callback; its lead becomes done. Raises the same errors as ``move``."""
