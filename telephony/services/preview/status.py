"""Why a preview campaign's leads are offered as they are, for the floor and the desks."""

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.text.reason import Reason
from telephony.ids import CampaignId
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.preview.offers import Offers
from telephony.services.preview.spare_operators import SpareOperators
from telephony.services.rules.blockers import Blockers


class PreviewStatus:
    """The status of the running preview campaigns."""

    def __init__(self, feed: LeadFeed, offers: Offers, blockers: Blockers, spare: SpareOperators) -> None:
        self._feed = feed
        self._offers = offers
        self._blockers = blockers
        self._spare = spare

    def serves(self, campaign_id: CampaignId) -> bool:
        """Return True if it is a running preview campaign, as of the last poll."""
        return campaign_id in self._feed.running

    def reason(self, campaign: Campaign) -> Reason:
        """Return why a campaign's leads are offered as they are."""
        campaign_id = campaign.campaign_id
        blocked = self._blockers.call(campaign)
        if blocked is not None:
            return blocked
        n_open = self._offers.of_campaign(campaign_id)
        if n_open == 0 and not self._feed.has_leads(campaign_id):
            return Reason("preview.nobody")
        if n_open == 0 and self._spare.count() <= 0:
            return Reason("preview.no_seat")
        return Reason("preview.looking", looking=n_open)

    def has_nobody(self, campaign_id: CampaignId) -> bool:
        """Return True if a running preview campaign has no open offer and no lead to offer now."""
        is_idle = not self._feed.has_leads(campaign_id) and self._offers.of_campaign(campaign_id) == 0
        return self.serves(campaign_id) and is_idle
