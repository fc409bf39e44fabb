"""What services need to keep of promised calls.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, everything in the ledger, only
the ``StoreError`` family raised.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.leads.callbacks import Bounds, Callback, Repeated
from telephony.ids import CallbackId, CampaignId, LeadId
from telephony.ports.pages import PAGE


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
