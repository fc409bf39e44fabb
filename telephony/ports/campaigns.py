"""What services need to keep of campaigns: their settings, their retry plans, their progress.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, everything in the ledger, only
the ``StoreError`` family raised.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.campaigns import (
    AnsweredCounts,
    CallOrder,
    Campaign,
    CampaignProgress,
    CampaignState,
    DialMode,
    NewCampaign,
)
from telephony.domain.retries import RetryPlan
from telephony.domain.talk import NameShown
from telephony.domain.trunks import Route
from telephony.ids import CampaignId


class CampaignStore(Protocol):
    """Campaigns and their progress."""

    async def add(self, campaign: NewCampaign, by: str) -> Campaign:
        """Create it, entered in the ledger; ConflictError when the name is taken."""

    async def get(self, campaign_id: CampaignId) -> Campaign:
        """Return it; NotFoundError when there is none."""

    async def by_name(self, name: str) -> Campaign:
        """Return it; NotFoundError when there is none (the message lists what exists)."""

    async def all(self) -> Sequence[Campaign]:
        """Return all, oldest first."""

    async def plan(self, campaign_id: CampaignId) -> RetryPlan:
        """Return when its leads are tried again; ``ONCE`` when nobody said."""

    async def set_plan(self, campaign_id: CampaignId, plan: RetryPlan, by: str, at: datetime) -> None:
        """Change that from the next ended attempt on, entered in the ledger; NotFoundError when there is none."""

    async def set_state(self, campaign_id: CampaignId, state: CampaignState, by: str, at: datetime) -> Campaign:
        """Move it, entered in the ledger; ConflictError when ``MAY_FOLLOW`` does not allow it."""

    async def set_routes(self, campaign_id: CampaignId, routes: Sequence[Route], by: str, at: datetime) -> Campaign:
        """Give it other ways out, at least one, entered in the ledger."""

    async def set_mode(
        self, campaign_id: CampaignId, mode: DialMode, by: str, at: datetime, power_tenths: int | None = None
    ) -> Campaign:
        """Pace it otherwise, entered in the ledger; ``power_tenths`` is kept when None."""

    async def set_withdrawing(self, campaign_id: CampaignId, after_s: int, by: str, at: datetime) -> Campaign:
        """Let dials that ring in vain be hung up after so many seconds, 0 never; entered in the ledger."""

    async def set_detecting(self, campaign_id: CampaignId, by: str, at: datetime, *, detects: bool) -> Campaign:
        """Have answered calls listened to for machines, or not; entered in the ledger."""

    async def set_call_order(self, campaign_id: CampaignId, order: CallOrder, by: str, at: datetime) -> Campaign:
        """Choose which of its leads are called first, entered in the ledger."""

    async def set_desk(
        self, campaign_id: CampaignId, shown_name: NameShown, first_sentence: str, by: str, at: datetime
    ) -> Campaign:
        """Choose what operators see of its calls, entered in the ledger."""

    async def answered_since(self, campaign_id: CampaignId, since: datetime) -> AnsweredCounts:
        """Count the attempts begun since a moment, aware UTC: all, connected, abandoned, machines, withdrawn."""

    async def progress(self, campaign_id: CampaignId) -> CampaignProgress:
        """Count its leads, outcomes and results."""
