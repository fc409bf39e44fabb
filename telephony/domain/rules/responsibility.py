"""Whose fault a refusal is: every reason there is, classified, so that nobody is set aside for what others did.

Only a fault of the lead's own sets it aside. A fault of the campaign or the site holds the campaign, with an incident,
and its leads wait; what is of the call alone, or of its moment, is over with it. A reason that stands here nowhere is
an error of the program: a test enumerates them all.
"""

from enum import StrEnum
from typing import Final

from telephony.domain.law.provisions import HOLDS_CAMPAIGN, POSTPONES, Law


class Whose(StrEnum):
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


WHOSE: Final[dict[str, Whose]] = {
    "number_form": Whose.LEAD,
    "number_not_on_list": Whose.LEAD,
    "number_denied": Whose.LEAD,
    "country_not_open": Whose.LEAD,
    "number_not_carried": Whose.LEAD,
    str(Law.OBJECTION): Whose.LEAD,
    str(Law.OPPOSITION): Whose.LEAD,
    str(Law.LEGAL_BASIS): Whose.LEAD,
    str(Law.SECTOR): Whose.LEAD,
    **dict.fromkeys(map(str, POSTPONES), Whose.LEAD),
    "list_not_approved": Whose.LIST,
    "list_paused": Whose.LIST,
    "campaign_not_running": Whose.CAMPAIGN,
    "trunk_unknown": Whose.CAMPAIGN,
    "caller_id": Whose.CAMPAIGN,
    **dict.fromkeys(map(str, HOLDS_CAMPAIGN), Whose.CAMPAIGN),
    "locked": Whose.SITE,
    "recorder": Whose.SITE,
    "not_watched": Whose.SITE,
    "rerouted": Whose.CALL,
    "on_the_line": Whose.CALL,
    "operator_gone": Whose.CALL,
    "rules_changed": Whose.CALL,
    "attempt_not_followed": Whose.CALL,
    "permit_form": Whose.CALL,
    "permit_unknown": Whose.CALL,
    "permit_used": Whose.CALL,
    "permit_void": Whose.CALL,
    "permit_early": Whose.CALL,
    "permit_expired": Whose.CALL,
    "permit_gate": Whose.CALL,
}
"""Every reason, by its word."""
WAITS: Final = frozenset({Whose.LIST, Whose.CAMPAIGN, Whose.SITE, Whose.CALL})
"""Whose faults leave the lead waiting."""
HOLDS: Final = frozenset({Whose.CAMPAIGN, Whose.SITE})
"""Whose faults hold the campaign as a whole."""


def is_the_leads(reason: str) -> bool:
    """Tell whether a refusal at the gate says something lasting of the lead: a rule about time does not."""
    return WHOSE[reason] is Whose.LEAD and reason not in POSTPONES
