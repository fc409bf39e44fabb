"""What services need to keep of the law: opposition lists and exemptions. Part of ``telephony.ports.store``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.law.opposition import OppositionList
from telephony.domain.law.provisions import Law
from telephony.domain.law.site import Exemption
from telephony.ids import CampaignId, Number


class LawStore(Protocol):
    """Opposition lists and exemptions; every change bumps the whitelist's version and stands in the ledger."""

    async def begin_opposition(self, name: str, client_company: str, file_sha256: str, by: str, at: datetime) -> int:
        """Make an empty list that holds from now on; return its number."""

    async def oppose(self, list_id: int, keys: Sequence[str]) -> int:
        """Add keys (``telephony.domain.law.opposition``) to it; return how many were not on it yet."""

    async def finish_opposition(self, list_id: int, at: datetime) -> OppositionList:
        """Count it and enter it in the ledger."""

    async def opposition_lists(self) -> Sequence[OppositionList]:
        """Return them all, oldest first."""

    async def opposed(self, number: Number, client_company: str) -> Sequence[str]:
        """Return the names of the lists that hold a number and bind that company."""

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
