"""Takes leads for the ordered dials and checks the rules: what one transaction will contain, and what goes back.

``launcher`` writes the transaction and dials.
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
    """The content of one transaction, and the leads that go back to the feed."""

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
            StoreError: the database cannot be read.
        """
        with self._feed.taking():
            batch.refusals += await self._fail_over()
            for campaign_id, calls in calls_by_campaign.items():
                await self._decide(campaign_id, len(calls), batch)
            for lead in reversed(batch.back):
                self._feed.give_back(lead)

    async def _fail_over(self) -> list[Refusal]:
        """Put leads whose carrier failed first; return refusals for those whose number is the cause."""
        failed = await self._failed.take(self._feed.running, guaranteed=False)
        for lead_id in failed.again:
            with contextlib.suppress(UnreadableRowError):  # its incident names it
                self._feed.put_first(await self._store.leads.get(lead_id))
        return failed.refusals

    async def _decide(self, campaign_id: CampaignId | None, count: int, batch: Batch) -> None:
        """Take leads until ``count`` more may be dialled, or no lead or no trunk line is left."""
        count += len(batch.starts)
        has_line = True
        while has_line and len(batch.starts) < count:
            taken = await self._take(campaign_id, count - len(batch.starts))
            if not taken:
                break
            standings = await self._store.whitelist.standing([lead.lead_id for _, lead in taken])
            for campaign, lead in taken:
                if any(refusal.lead_id == lead.lead_id for refusal in batch.refusals):
                    continue  # it was read again before its refusal, of this transaction, is written
                standing = standings.get(lead.lead_id)
                if standing is not None and standing.campaign.state is not CampaignState.RUNNING:
                    # Stopped since the last poll: its leads keep waiting and are read again when it runs again.
                    self._feed.forget(campaign.campaign_id)
                elif not has_line or self._blockers.campaign(campaign) is not None:
                    batch.back.append(lead)
                else:
                    has_line = await self._decide_lead(campaign, lead, standing, batch)

    async def _take(self, campaign_id: CampaignId | None, count: int) -> list[tuple[Campaign, Lead]]:
        taken: list[tuple[Campaign, Lead]] = []
        while len(taken) < count:
            lead = await self._feed.next(campaign_id)
            if lead is None:
                break
            taken.append(lead)
        return taken

    async def _decide_lead(self, campaign: Campaign, lead: Lead, standing: Standing | None, batch: Batch) -> bool:
        """Decide one lead; False if no trunk line is free for it."""
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
        """Give back the trunk lines of calls that were not begun."""
        for start in batch.starts:
            if start.permit.attempt_id not in begun:
                self._trunks.give_back(start.permit.trunk)
