"""Store interface for exemptions from the law. Part of ``telephony.ports.store``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.law.provisions import Law
from telephony.domain.law.site import Exemption
from telephony.ids import CampaignId


class LawStore(Protocol):
    """Exemptions; every change bumps the whitelist's version and is in the ledger."""

    async def ask_exemption(
        self,
        law: Law,
        campaign_id: CampaignId | None,
        valid_from: datetime,
        valid_until: datetime,
        by: str,
        reason: str,
        at: datetime,
    ) -> Exemption:
        """Request a temporary exemption from a rule; it has no effect before ``approve_exemption``."""

    async def approve_exemption(self, exemption_id: int, by: str, at: datetime) -> Exemption:
        """Approve an exemption as the second person; ConflictError for one's own, or none waiting."""

    async def end_exemption(self, exemption_id: int, by: str, at: datetime) -> Exemption:
        """End an exemption at once; ConflictError when it has already ended."""

    async def exemptions(self) -> Sequence[Exemption]:
        """Return all exemptions, oldest first."""
