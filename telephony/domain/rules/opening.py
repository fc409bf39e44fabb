"""What a law asks of a campaign before it calls anybody: what it may sell at all, and what its operators say first."""

from datetime import date
from typing import Final

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.law.basis import CampaignKind, Sector
from telephony.domain.law.decision import TABLES, provisions_for
from telephony.domain.law.provisions import Law, NotSold
from telephony.domain.law.site import SiteRules
from telephony.domain.text.reason import Reason

_UNSOLD_IN: Final[dict[CampaignKind, str]] = {
    CampaignKind.CONSUMER: (
        "{sector} may not be sold to consumers by telephone (art. L. 223-1 C. conso.), an existing contract excepted:"
        " create the campaign with the kind existing_contract, for leads whose list says contract"
    ),
    CampaignKind.SURVEY: (
        "a survey sells nothing, so it has no sector {sector}: leave the sector out, or name the kind of what it sells"
    ),
}
"""Kinds in which nobody could be called lawfully about what may not be sold by telephone, and the mend."""


def impossible(kind: CampaignKind, sector: Sector) -> str | None:
    """Return why a campaign of this kind cannot sell that; None when there are people whom it may call."""
    unsold = {sector_ for table in TABLES.values() for row in table if isinstance(row.bound, NotSold)
              for sector_ in row.bound.sectors}  # fmt: skip
    return _UNSOLD_IN[kind].format(sector=sector) if sector in unsold and kind in _UNSOLD_IN else None


def say_first(campaign: Campaign, site: SiteRules, on: date) -> Reason | None:
    """Return the sentence for a campaign's calls on a day, with the company called for; None when no law asks one."""
    rows = provisions_for(site.home, campaign.kind, site)
    text = next((row.text for row in rows if row.law is Law.START_OF_CALL and row.is_in_force(on)), None)
    if text is None:
        return None
    company = campaign.client_company
    return Reason("law.say_first", first=text, company=company)
