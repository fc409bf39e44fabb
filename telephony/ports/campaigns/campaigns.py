"""What services need to keep of campaigns: their settings, their retry plans, their progress.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, everything in the ledger, only
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

    async def change(
        self,
        campaign_id: CampaignId,
        by: str,
        at: datetime,
        options: Mapping[str, object] = NO_OPTIONS,
        routes: Sequence[Route] = (),
    ) -> Campaign:
        """Change its options, by key, and its routes; what is not given stays, what differs is entered in the ledger.

        InputError when an option is none, may not be changed, or is not possible with the others it has.
        """

    async def answered_since(self, campaign_id: CampaignId, since: datetime) -> AnsweredCounts:
        """Count the attempts begun since a moment, aware UTC: all, connected, abandoned, machines, withdrawn."""

    async def progress(self, campaign_id: CampaignId) -> CampaignProgress:
        """Count its leads, outcomes and results."""
