"""Takes leads for the dials that were ordered and asks the rules: what one transaction will hold, and what goes back.

Writing it down and dialling are left to ``launcher``.
"""

import contextlib
from collections.abc import Container, Mapping, Sized
from dataclasses import dataclass, field

from telephony.domain.calls.attempts import AttemptStart, Refusal
from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.leads.leads import Lead
from telephony.domain.trunks.routes import Route
from telephony.errors import UnreadableRowError
from telephony.ids import AttemptId, CampaignId
from telephony.ports.rules.whitelist import Standing
from telephony.ports.store import Store
from telephony.services.calls.failed_leads import FailedLeads
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.dialing.refused_leads import RefusedLeads, Waits
from telephony.services.rules.blockers import Blockers
from telephony.services.rules.decisions import Decisions
from telephony.services.trunks.capacity import TrunkCapacity


@dataclass(slots=True)
class Batch:
    """What one transaction will hold, and the leads that go back to where they were taken."""

    starts: list[AttemptStart] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    back: list[Lead] = field(default_factory=list)


class LeadDecider:
    """Decides for the dials of one transaction."""

    def __init__(
        self,
        store: Store,
        feed: LeadFeed,
        decisions: Decisions,
        blockers: Blockers,
        refused: RefusedLeads,
        failed: FailedLeads,
        trunks: TrunkCapacity,
    ) -> None:
        self._store = store
        self._feed = feed
        self._decisions = decisions
        self._blockers = blockers
        self._refused = refused
        self._failed = failed
        self._trunks = trunks

    async def fill(self, batch: Batch, calls_by_campaign: Mapping[CampaignId | None, Sized]) -> None:
        """Take a lead for each ordered call and decide; leads that no call takes go back to the feed.

        Args:
            batch: empty; filled as far as possible, also on an error, so that trunk lines can be given back.
            calls_by_campaign: the ordered calls; None: of campaigns in turn.

        Raises:
            StoreError: the database cannot be asked.
        """
        with self._feed.taking():
            batch.refusals += await self._fail_over()
            for campaign_id, calls in calls_by_campaign.items():
                await self._decide(campaign_id, len(calls), batch)
            for lead in reversed(batch.back):
                self._feed.give_back(lead)

    async def _fail_over(self) -> list[Refusal]:
        """Put leads that a carrier failed for in front; return the refusals of those whose number is what fails."""
        failed = await self._failed.take(self._feed.running, guaranteed=False)
        for lead_id in failed.again:
            with contextlib.suppress(UnreadableRowError):  # its incident names it
                self._feed.put_first(await self._store.leads.get(lead_id))
        return failed.refusals

    async def _decide(self, campaign_id: CampaignId | None, count: int, batch: Batch) -> None:
        """Take leads until ``count`` more may be dialled, or there is no lead or no room left."""
        count += len(batch.starts)
        has_room = True
        while has_room and len(batch.starts) < count:
            taken = await self._take(campaign_id, count - len(batch.starts))
            if not taken:
                break
            standings = await self._store.whitelist.standing([lead.lead_id for _, lead in taken])
            for campaign, lead in taken:
                standing = standings.get(lead.lead_id)
                if standing is not None and standing.campaign.state is not CampaignState.RUNNING:
                    # Moved since the last look: its leads go on waiting; they are fetched again when it runs again.
                    self._feed.forget(campaign.campaign_id)
                elif not has_room or self._blockers.campaign(campaign) is not None:
                    batch.back.append(lead)
                else:
                    has_room = await self._decide_lead(campaign, lead, standing, batch)

    async def _take(self, campaign_id: CampaignId | None, count: int) -> list[tuple[Campaign, Lead]]:
        taken: list[tuple[Campaign, Lead]] = []
        while len(taken) < count:
            lead = await self._feed.next(campaign_id)
            if lead is None:
                break
            taken.append(lead)
        return taken

    async def _decide_lead(self, campaign: Campaign, lead: Lead, standing: Standing | None, batch: Batch) -> bool:
        """Decide for one lead; False when there is no room for it."""
        route = self._decisions.choose_route(campaign, lead, standing)
        if isinstance(route, Route):
            batch.starts.append(self._decisions.start(lead, route, standing))
            return True
        if route is None:
            batch.back.append(lead)
            return False
        refusal = await self._refused.judge(campaign, lead, route)
        if isinstance(refusal, Refusal):
            batch.refusals.append(refusal)
        elif refusal is Waits.CAMPAIGN:
            batch.back.append(lead)
        return True

    def give_back_lines(self, batch: Batch, begun: Container[AttemptId]) -> None:
        """Give back the room on trunks that was taken for calls that were not begun."""
        for start in batch.starts:
            if start.permit.attempt_id not in begun:
                self._trunks.give_back(start.permit.trunk)
