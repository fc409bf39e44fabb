"""Whose fault a refusal is: every reason there is, classified, so that nobody is set aside for what others did.

Only a fault of the lead's own sets it aside. A fault of the campaign or the site holds the campaign, with an incident,
and its leads wait; what is of the call alone, or of its moment, is over with it. A reason that stands here nowhere is
an error of the program: a test enumerates them all.
"""

from enum import StrEnum
from typing import Final

from telephony.domain.law.provisions import HOLDS_CAMPAIGN, POSTPONES, Law


class Responsibility(StrEnum):
    """Where a refusal is mended."""

    LEAD = "lead"
    """The person, the number, or what the list says of them."""
    LIST = "list"
    """The list as a whole: its leads wait until it is approved or resumed."""
    CAMPAIGN = "campaign"
    """What a campaign manager chose, or the settings no longer hold: every lead would be refused alike."""
    SITE = "site"
    """The site: its locks, recorder, watch, hours."""
    CALL = "call"
    """This call alone, or its moment: tried again."""


RESPONSIBLE: Final[dict[str, Responsibility]] = {
    "number_form": Responsibility.LEAD,
    "number_not_on_list": Responsibility.LEAD,
    "number_denied": Responsibility.LEAD,
    "country_not_open": Responsibility.LEAD,
    "number_not_carried": Responsibility.LEAD,
    str(Law.OBJECTION): Responsibility.LEAD,
    str(Law.OPPOSITION): Responsibility.LEAD,
    str(Law.LEGAL_BASIS): Responsibility.LEAD,
    str(Law.SECTOR): Responsibility.LEAD,
    **dict.fromkeys(map(str, POSTPONES), Responsibility.LEAD),
    "list_not_approved": Responsibility.LIST,
    "list_paused": Responsibility.LIST,
    "campaign_not_running": Responsibility.CAMPAIGN,
    "trunk_unknown": Responsibility.CAMPAIGN,
    "caller_id": Responsibility.CAMPAIGN,
    **dict.fromkeys(map(str, HOLDS_CAMPAIGN), Responsibility.CAMPAIGN),
    "locked": Responsibility.SITE,
    "recorder": Responsibility.SITE,
    "not_watched": Responsibility.SITE,
    "rerouted": Responsibility.CALL,
    "on_the_line": Responsibility.CALL,
    "operator_gone": Responsibility.CALL,
    "rules_changed": Responsibility.CALL,
    "attempt_not_followed": Responsibility.CALL,
    "permit_form": Responsibility.CALL,
    "permit_unknown": Responsibility.CALL,
    "permit_used": Responsibility.CALL,
    "permit_void": Responsibility.CALL,
    "permit_early": Responsibility.CALL,
    "permit_expired": Responsibility.CALL,
    "permit_gate": Responsibility.CALL,
}
"""Every reason, by its word."""
WAITS: Final = frozenset({Responsibility.LIST, Responsibility.CAMPAIGN, Responsibility.SITE, Responsibility.CALL})
"""Whose faults leave the lead waiting."""
HOLDS: Final = frozenset({Responsibility.CAMPAIGN, Responsibility.SITE})
"""Whose faults hold the campaign as a whole."""


def is_the_leads(reason: str) -> bool:
    """Return True if a refusal at the gate says something lasting of the lead: a rule about time does not."""
    return RESPONSIBLE[reason] is Responsibility.LEAD and reason not in POSTPONES
