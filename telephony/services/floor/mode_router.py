"""Which part drives a campaign, by its mode: the preview loop or the dialer."""

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.text.reason import Reason
from telephony.ids import CampaignId
from telephony.services.dialing.dialer import Dialer
from telephony.services.preview.status import PreviewStatus


class ModeRouter:
    """Asks the part that drives a campaign now."""

    def __init__(self, dialer: Dialer, previews: PreviewStatus) -> None:
        self._dialer = dialer
        self._previews = previews

    def reason(self, campaign: Campaign) -> Reason:
        """Return why a campaign dials, or offers its leads, as it does."""
        if self._previews.serves(campaign.campaign_id):
            return self._previews.reason(campaign)
        return self._dialer.reason(campaign)

    def has_nobody(self, campaign_id: CampaignId) -> bool:
        """Return True if a campaign has no lead to call or to offer now."""
        return self._dialer.has_nobody(campaign_id) or self._previews.has_nobody(campaign_id)
