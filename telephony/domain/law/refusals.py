"""Until when a person who refused in the conversation may not be called."""

from datetime import date, datetime, tzinfo

from telephony.domain.calls.attempts import Result
from telephony.domain.law.basis import CampaignKind
from telephony.domain.law.contacts import REFUSALS
from telephony.domain.law.decision import provisions_for
from telephony.domain.law.history import block_ends
from telephony.domain.law.places import place_of
from telephony.domain.law.provisions import CoolOff
from telephony.domain.law.site import LAW_ALONE
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.ids import Number


def blocked_until(
    number: Number, kind: CampaignKind, result: Result | None, said_at: datetime, zone: tzinfo
) -> datetime | None:
    """Return when a person who refused may be called again at the earliest; None when the law sets no time.

    Args:
        number: the called number; its country's law applies.
        kind: the campaign's legal kind.
        result: what the operator chose.
        said_at: aware UTC.
        zone: the person's time zone.
    """
    if result not in REFUSALS:
        return None
    days = blocked_days(kind, place_of(number).jurisdiction, said_at.astimezone(zone).date())
    return None if days is None else block_ends(said_at, days, zone)


def blocked_days(kind: CampaignKind, jurisdiction: Jurisdiction | None, on: date) -> int | None:
    """Return for how many calendar days a refusal on a given day blocks calls; None when it does not."""
    rows = provisions_for(jurisdiction, kind, LAW_ALONE)
    days = [row.bound.days for row in rows if isinstance(row.bound, CoolOff) and row.is_in_force(on)]
    return max(days, default=None)
