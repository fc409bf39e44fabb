"""After how long a call that rings in vain may be given up: as the rows ``ring_time`` of the law say, 15 s at least.

What gives it up, and whether a campaign wants it, is left to services. An exemption never shortens a ring.
"""

from datetime import datetime

from telephony.domain.law.basis import LEAST_RING_S, CampaignKind
from telephony.domain.law.decision import provisions_for
from telephony.domain.law.places import clock, place_of
from telephony.domain.law.provisions import Law, RingsAtLeast
from telephony.domain.law.site import SiteRules
from telephony.ids import Number


def may_give_up_after_s(number: Number, kind: CampaignKind, site: SiteRules, at: datetime) -> float | None:
    """Return how long a call to a number rings before it may be given up, seconds.

    Args:
        number: who is called, E.164 without plus.
        kind: the campaign's legal kind.
        site: the site's tightening.
        at: the moment, aware UTC; a row counts where its day has begun on every clock the number may have.

    Returns:
        None when no row in force says so: then it rings out.
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
