"""One campaign as the floor shows it: today's counts, its live calls, and why it dials as it does."""

from telephony.domain.calls.attempts import CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.floor.snapshot import CampaignView
from telephony.domain.law.abandonment import CROSSED_SHARE
from telephony.domain.text.reason import Reason
from telephony.services.calls.tracker import Tracker
from telephony.services.dialing.lead_order import LeadOrders
from telephony.services.dialing.nobody_due import NobodyDue
from telephony.services.floor.counts import FloorCounts
from telephony.services.floor.mode_router import ModeRouter
from telephony.services.recordings.amd_review import AmdReview
from telephony.services.rules.blockers import NOT_RUNNING


class CampaignViews:
    """Makes the views of campaigns."""

    def __init__(
        self,
        tracker: Tracker,
        counts: FloorCounts,
        modes: ModeRouter,
        amd_review: AmdReview,
        orders: LeadOrders,
        nobody: NobodyDue,
    ) -> None:
        self._tracker = tracker
        self._counts = counts
        self._modes = modes
        self._amd_review = amd_review
        self._orders = orders
        self._nobody = nobody

    def campaign(self, campaign: Campaign) -> CampaignView:
        """Return the current view of one campaign."""
        campaign_id = campaign.campaign_id
        calls = [call.attempt for call in self._tracker.calls() if call.attempt.campaign_id == campaign_id]
        outcomes = self._counts.outcomes(campaign_id)
        progress = self._counts.progress.get(campaign_id)
        talking = sum(1 for attempt in calls if attempt.state is CallState.CONNECTED)
        return CampaignView(
            campaign_id=campaign_id,
            name=campaign.name,
            state=campaign.state,
            leads=progress.leads if progress else 0,
            waiting=progress.waiting if progress else 0,
            done=progress.done if progress else 0,
            lines=len(calls) - talking,
            talking=talking,
            outcomes=dict(outcomes),
            abandoned=outcomes[Outcome.ABANDONED],
            answered=outcomes[Outcome.ANSWERED] + outcomes[Outcome.ABANDONED],
            calls_per_minute=self._counts.per_minute(campaign_id),
            pace=self._pace(campaign),
            estimated_unseen_abandons=outcomes[Outcome.MACHINE] * self._amd_review.share(campaign_id)
            + outcomes[Outcome.WITHDRAWN] * CROSSED_SHARE,
            dialing=campaign.dialing,
            order=self._orders.describe(campaign),
            held=self._nobody.held(campaign_id),
        )

    def _pace(self, campaign: Campaign) -> Reason:
        return self._modes.reason(campaign) if campaign.state is CampaignState.RUNNING else NOT_RUNNING
