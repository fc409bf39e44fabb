"""Store interface for campaigns: their settings, retry plans and progress.

Part of ``telephony.ports.store``, with the same guarantees: one transaction per method, everything in the ledger, only
the ``StoreError`` family raised.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.campaigns.campaigns import AnsweredCounts, Campaign, CampaignProgress, CampaignState, NewCampaign
from telephony.domain.campaigns.dialing_options import NO_OPTIONS
from telephony.domain.leads.retries import RetryPlan
from telephony.domain.trunks.routes import Route
from telephony.ids import CampaignId


class CampaignStore(Protocol):
    """Campaigns and their progress."""

    async def add(self, campaign: NewCampaign, by: str) -> Campaign:
        """Create a campaign and enter it in the ledger; ConflictError when the name is taken."""

    async def get(self, campaign_id: CampaignId) -> Campaign:
        """Return the campaign; NotFoundError when there is none."""

    async def by_name(self, name: str) -> Campaign:
        """Return the campaign; NotFoundError when there is none (the message lists the existing ones)."""

    async def all(self) -> Sequence[Campaign]:
        """Return all campaigns, oldest first."""

    async def plan(self, campaign_id: CampaignId) -> RetryPlan:
        """Return the campaign's retry plan; ``ONCE`` when none was set."""

    async def set_plan(self, campaign_id: CampaignId, plan: RetryPlan, by: str, at: datetime) -> None:
        """Change the plan from the next ended attempt on, entered in the ledger; NotFoundError without campaign."""

    async def set_state(self, campaign_id: CampaignId, state: CampaignState, by: str, at: datetime) -> Campaign:
        """Change the state, entered in the ledger; ConflictError when ``MAY_FOLLOW`` does not allow it."""

    async def change(
        self,
        campaign_id: CampaignId,
        by: str,
        at: datetime,
        options: Mapping[str, object] = NO_OPTIONS,
        routes: Sequence[Route] = (),
    ) -> Campaign:
        """Change options, by key, and routes. Values not given stay; differences are entered in the ledger.

        InputError when an option is unknown, may not be changed, or contradicts the campaign's other options.
        """

    async def answered_since(self, campaign_id: CampaignId, since: datetime) -> AnsweredCounts:
        """Count the attempts begun since a time, aware UTC: all, connected, abandoned, ended by AMD, cancelled."""

    async def progress(self, campaign_id: CampaignId) -> CampaignProgress:
        """Return counts of the campaign's leads, outcomes and results."""
