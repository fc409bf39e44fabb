"""What an operator sees of a call that comes to them: whom one talks to, for whom one calls, what to say first.

Of the name as much as the campaign allows; never a number, whatever stands in the list (I8).
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
        company: for whom one calls.
        campaign: its name.
        first_sentence: what to say first, or "".
        zone: IANA name of the person's clock, on which a callback is agreed; "" when it is not known.
    """

    person: str
    company: str
    campaign: str
    first_sentence: str
    zone: str | None = None


def talk_of(campaign: Campaign, lead: Lead, operator: str) -> Talk:
    """Return what a desk shows of a campaign's call to a lead.

    Args:
        campaign: whose call it is.
        lead: who is called.
        operator: the operator's work name, put in place of ``{operator}`` in the first sentence.
    """
    sentence = campaign.dialing.first_sentence.replace("{operator}", operator).replace(
        "{company}", campaign.client_company
    )
    return Talk(person_shown(lead, campaign.dialing.shown_name), campaign.client_company, campaign.name, sentence)
