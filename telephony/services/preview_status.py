"""Why a preview campaign's leads are offered as they are, for the floor and the desks."""

from telephony.domain.campaigns import Campaign
from telephony.domain.floor import PaceReason
from telephony.ids import CampaignId
from telephony.services.blockers import Blockers
from telephony.services.lead_feed import LeadFeed
from telephony.services.offers import Offers
from telephony.services.spare_operators import SpareOperators


class PreviewStatus:
    """Looks at the preview campaigns that run."""

    def __init__(self, feed: LeadFeed, offers: Offers, blockers: Blockers, spare: SpareOperators) -> None:
        self._feed = feed
        self._offers = offers
        self._blockers = blockers
        self._spare = spare

    def serves(self, campaign_id: CampaignId) -> bool:
        """Return True when it is a running preview campaign, as of the last look."""
        return campaign_id in self._feed.running

    def reason(self, campaign: Campaign) -> PaceReason:
        """Return why a campaign's leads are offered as they are."""
        campaign_id = campaign.campaign_id
        blocked = self._blockers.call(campaign)
        if blocked is not None:
            return blocked
        looking = self._offers.of_campaign(campaign_id)
        if looking == 0 and not self._feed.has_leads(campaign_id):
            return PaceReason(fr="Aperçu\u202f: personne à proposer maintenant.", en="Preview: nobody to offer now.")
        if looking == 0 and self._spare.count() <= 0:
            return PaceReason(
                fr="Aperçu\u202f: aucun poste libre pour une fiche, les autres campagnes passent avant.",
                en="Preview: no seat is free for a lead; other campaigns come first.",
            )
        return PaceReason(
            fr=f"Aperçu\u202f: {looking} fiches sous les yeux, chacun appelle quand il appuie.",
            en=f"Preview: {looking} leads being looked at; each call leaves when its operator presses.",
        )

    def has_nobody(self, campaign_id: CampaignId) -> bool:
        """Return True when it serves a campaign of which nobody is looked at or to be offered now."""
        is_idle = not self._feed.has_leads(campaign_id) and self._offers.of_campaign(campaign_id) == 0
        return self.serves(campaign_id) and is_idle
