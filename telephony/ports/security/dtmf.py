"""What services need to keep of key allowances: who asked, who agreed, who took one back.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, everything in the ledger, only
the ``StoreError`` family raised.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.security.dtmf import DtmfAllowance, NewDtmfAllowance
from telephony.ids import CampaignId


class DtmfStore(Protocol):
    """Key allowances; a campaign has at most one that is not taken back."""

    async def ask(self, request: NewDtmfAllowance, at: datetime) -> DtmfAllowance:
        """Write one down, waiting for approval; ConflictError when the campaign has one whose time is not over."""

    async def approve(self, campaign_id: CampaignId, by: str, at: datetime) -> DtmfAllowance:
        """Let it hold; ConflictError when ``by`` asked for it or it holds already, NotFoundError without one."""

    async def deny(self, campaign_id: CampaignId, by: str, reason: str, at: datetime) -> DtmfAllowance:
        """Take it back at once; NotFoundError when the campaign has none."""

    async def standing(self) -> Sequence[DtmfAllowance]:
        """Return those that are not taken back, oldest first; some wait for approval, some have run out."""
