"""What an operator sees of their call: the called person, the company called for, what to say first.

The name is shown as far as the campaign allows; a number never is, whatever the list contains (I8).
"""

from dataclasses import dataclass

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.leads.leads import Lead
from telephony.domain.leads.shown_name import person_shown


@dataclass(frozen=True, slots=True)
class Talk:
    """A call at an operator's desk.

    Attributes:
        person: the called person's name as far as the campaign shows it, or "".
        company: the company called for.
        campaign: its name.
        first_sentence: what to say first, or "".
        zone: IANA name of the person's time zone, in which a callback is agreed; None when it is not known.
    """

    person: str
    company: str
    campaign: str
    first_sentence: str
    zone: str | None = None


def talk_of(campaign: Campaign, lead: Lead, operator: str) -> Talk:
    """Return what a desk shows of a call.

    Args:
        campaign: the campaign.
        lead: the called lead.
        operator: the operator's work name, which replaces ``{operator}`` in the first sentence.
    """
    sentence = campaign.dialing.first_sentence.replace("{operator}", operator).replace(
        "{company}", campaign.client_company
    )
    return Talk(person_shown(lead, campaign.dialing.shown_name), campaign.client_company, campaign.name, sentence)
