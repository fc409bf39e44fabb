"""What the law requires of a campaign before its first call: what it may sell, and what operators must say first."""

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
        "a survey sells nothing, so its sector cannot be {sector}: leave the sector out, or choose the kind of a sale"
    ),
}
"""Kinds of campaign that may call nobody about what may not be sold by telephone, with the message and its fix."""


def impossible(kind: CampaignKind, sector: Sector) -> str | None:
    """Return why a campaign of this kind cannot sell that sector; None when it may call some people."""
    bounds = (row.bound for table in TABLES.values() for row in table)
    unsold = {forbidden for bound in bounds if isinstance(bound, NotSold) for forbidden in bound.sectors}
    return _UNSOLD_IN[kind].format(sector=sector) if sector in unsold and kind in _UNSOLD_IN else None


def say_first(campaign: Campaign, site: SiteRules, on: date) -> Reason | None:
    """Return what operators must say first in a campaign's calls on a day; None when no law requires it."""
    rows = provisions_for(site.home, campaign.kind, site)
    text = next((row.text for row in rows if row.law is Law.START_OF_CALL and row.is_in_force(on)), None)
    if text is None:
        return None
    company = campaign.client_company
    return Reason("law.say_first", first=text, company=company)
