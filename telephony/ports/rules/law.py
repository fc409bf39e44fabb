"""What services need to keep of the law's exemptions. Part of ``telephony.ports.store``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.law.provisions import Law
from telephony.domain.law.site import Exemption
from telephony.ids import CampaignId


class LawStore(Protocol):
    """Exemptions; every change bumps the whitelist's version and stands in the ledger."""

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
        """Write down that somebody wants a rule lifted for a while; it lifts nothing before ``approve_exemption``."""

    async def approve_exemption(self, exemption_id: int, by: str, at: datetime) -> Exemption:
        """Agree as the second person; ConflictError when it is one's own, or nothing waits."""

    async def end_exemption(self, exemption_id: int, by: str, at: datetime) -> Exemption:
        """Let the rule hold again, at once; ConflictError when it was ended already."""

    async def exemptions(self) -> Sequence[Exemption]:
        """Return them all, oldest first."""
