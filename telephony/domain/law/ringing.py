"""After how long an unanswered call may be cancelled: as the law's ``ring_time`` rows say, 15 s at least.

Cancelling, and whether a campaign does it, is left to services. An exemption never shortens a ring.
"""

from datetime import datetime

from telephony.domain.law.basis import LEAST_RING_S, CampaignKind
from telephony.domain.law.decision import provisions_for
from telephony.domain.law.places import clock, place_of
from telephony.domain.law.provisions import Law, RingsAtLeast
from telephony.domain.law.site import SiteRules
from telephony.ids import Number


def may_give_up_after_s(number: Number, kind: CampaignKind, site: SiteRules, at: datetime) -> float | None:
    """Return how long a call to a number must ring before it may be cancelled, seconds.

    Args:
        number: the called number, E.164 without plus.
        kind: the campaign's legal kind.
        site: the site's stricter rules.
        at: aware UTC; a row counts if its day has begun in every zone the number may be in.

    Returns:
        None when no row in force has a ring time: then it rings out.
    """
    place = place_of(number)
    days = {at.astimezone(clock(zone)).date() for zone in place.zones or ("UTC",)}
    bounds = [
        row.bound.seconds
        for row in provisions_for(place.jurisdiction, kind, site)
        if row.law is Law.RING_TIME
        and isinstance(row.bound, RingsAtLeast)
        and all(row.is_in_force(day) for day in days)
    ]
    return max(LEAST_RING_S, *bounds) if bounds else None
