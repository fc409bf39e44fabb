"""What an operator must say first, where a law asks it: shown at the seat, checked by nobody but those who listen."""

from datetime import date

from telephony.domain.campaigns import Campaign
from telephony.domain.law.decision import provisions_for
from telephony.domain.law.provisions import Law
from telephony.domain.law.site import SiteRules
from telephony.domain.law.wording import Text


def say_first(campaign: Campaign, site: SiteRules, on: date) -> Text | None:
    """Return the sentence for a campaign's calls on a day, with the company called for; None when no law asks one."""
    rows = provisions_for(site.home, campaign.kind, site)
    asked = next((row.text for row in rows if row.law is Law.START_OF_CALL and row.holds(on)), None)
    if asked is None:
        return None
    company = campaign.client_company
    return Text(f"{asked.fr} Entreprise\u202f: {company}.", f"{asked.en} Company: {company}.")
