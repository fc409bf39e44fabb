"""Blockers that block nothing: benchmarks and attacks measure the gate's decisions alone."""

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.text.reason import Reason
from telephony.ids import AttemptId, CampaignId
from telephony.services.rules.blockers import CAMPAIGN, SITE, Blockers


class _NeverBlocks:
    """A check of the site that finds nothing."""

    def blocking_reason(self) -> Reason | None:
        """Return None."""
        return None


class _NeverBlocksCampaign:
    """A check of a campaign that finds nothing."""

    def blocking_reason(self, campaign: Campaign) -> Reason | None:
        """Return None."""
        del campaign
        return None


def unblocked() -> Blockers:
    """Return blockers that block nothing."""
    return Blockers(dict.fromkeys(SITE, _NeverBlocks()), dict.fromkeys(CAMPAIGN, _NeverBlocksCampaign()))


class NoKeys:
    """No campaign's calls carry DTMF."""

    def allows(self, campaign_id: CampaignId) -> bool:
        """Return False."""
        del campaign_id
        return False


class EveryoneWaits:
    """Every operator who pressed call is still waiting."""

    def is_kept(self, attempt_id: AttemptId) -> bool:
        """Return True."""
        del attempt_id
        return True


class HeldLock:
    """A database lock that is never lost."""

    is_held = True
