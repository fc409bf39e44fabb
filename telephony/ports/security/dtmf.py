"""Store interface for DTMF allowances: who requested, approved and revoked them.

Part of ``telephony.ports.store``, with the same guarantees: one transaction per method, everything in the ledger, only
the ``StoreError`` family raised.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.security.dtmf import DtmfAllowance, NewDtmfAllowance
from telephony.ids import CampaignId


class DtmfStore(Protocol):
    """DTMF allowances; a campaign has at most one that is not revoked."""

    async def ask(self, request: NewDtmfAllowance, at: datetime) -> DtmfAllowance:
        """Request an allowance; it waits for approval. ConflictError when the campaign has an unexpired one."""

    async def approve(self, campaign_id: CampaignId, by: str, at: datetime) -> DtmfAllowance:
        """Approve the allowance; ConflictError when it is approved or ``by`` requested it; NotFoundError if none."""

    async def deny(self, campaign_id: CampaignId, by: str, reason: str, at: datetime) -> DtmfAllowance:
        """Revoke the allowance at once; NotFoundError when the campaign has none."""

    async def standing(self) -> Sequence[DtmfAllowance]:
        """Return the allowances that are not revoked, oldest first; some wait for approval, some have expired."""
