"""Who is responsible for a refusal: every reason, classified, so that no lead is refused for the fault of others.

Only a lead's own fault refuses the lead. A fault of the campaign or the site holds the campaign, with an incident, and
its leads wait. A fault of one call, or of its time, ends with that call. A reason that is missing here is a program
error; a test lists them all.
"""

from enum import StrEnum
from typing import Final

from telephony.domain.law.provisions import HOLDS_CAMPAIGN, POSTPONES, Law


class Responsibility(StrEnum):
    """Where a refusal must be fixed."""

    LEAD = "lead"
    """The person, the number, or what the list says about them."""
    LIST = "list"
    """The list as a whole: its leads wait until it is approved or resumed."""
    CAMPAIGN = "campaign"
    """What a campaign manager chose, or what the settings no longer have: every lead would be refused alike."""
    SITE = "site"
    """The site: its locks, recorder, watch, hours."""
    CALL = "call"
    """This call only, or its time: it is tried again."""


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
"""Every reason, by its code."""
WAITS: Final = frozenset({Responsibility.LIST, Responsibility.CAMPAIGN, Responsibility.SITE, Responsibility.CALL})
"""Responsibilities that leave the lead waiting."""
HOLDS: Final = frozenset({Responsibility.CAMPAIGN, Responsibility.SITE})
"""Responsibilities that hold the whole campaign."""


def is_the_leads(reason: str) -> bool:
    """Return True if a refusal at the gate is a lasting fault of the lead; rules about time are not."""
    return RESPONSIBLE[reason] is Responsibility.LEAD and reason not in POSTPONES
