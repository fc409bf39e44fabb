"""Locks: a person (or the watch) says that nothing leaves, for the site, one campaign or one seat.

A lock holds until somebody lifts it and says why; it survives every restart. Ending the calls under way and
refusing new ones is left to the services.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from telephony.ids import CampaignId, SeatNumber

SITE: Final = ""
"""Target of a lock of the whole site."""
# Decimal digits as ids are written: no leading nought, no other script's digits, no more than the database counts to.
_CAMPAIGN: Final = re.compile("[1-9][0-9]{0,17}")
_SEAT: Final = re.compile("[1-9][0-9]{0,2}")


class LockScope(StrEnum):
    """How far a lock reaches."""

    SITE = "site"
    CAMPAIGN = "campaign"
    SEAT = "seat"


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock.

    Attributes:
        target: "" for the site, a campaign's id or a seat's number in decimal digits.
        by: who locked, as shown to people: a display name, ``cli:<user>`` or ``watch``.
        at: aware UTC.
        reason: in the words of whoever locked; "" when nothing was said.
        ends_calls: calls under way are ended too, which is an act of its own; a lock by itself only stops new ones.
        released_by: who lifted it, None while it holds.
        released_at: when, None while it holds.
        release_reason: why, never empty once lifted; None before.
    """

    scope: LockScope
    target: str
    by: str
    at: datetime
    reason: str = ""
    ends_calls: bool = False
    released_by: str | None = None
    released_at: datetime | None = None
    release_reason: str | None = None

    def covers(self, campaign_id: CampaignId, seat: SeatNumber | None) -> bool:
        """Return True if a call of that campaign, at that seat if it has one, falls under it."""
        match self.scope:
            case LockScope.SITE:
                return True
            case LockScope.CAMPAIGN:
                return self.target == str(campaign_id)
            case LockScope.SEAT:
                return seat is not None and self.target == str(seat)


def is_target(scope: LockScope, target: str) -> bool:
    """Return True if a lock of that scope can be of that target: written as ids and seats are, whether there is one."""
    match scope:
        case LockScope.SITE:
            return target == SITE
        case LockScope.CAMPAIGN:
            return _CAMPAIGN.fullmatch(target) is not None
        case LockScope.SEAT:
            return _SEAT.fullmatch(target) is not None


def target_checked(**values: Any) -> Lock:
    """Return a lock as stored.

    Raises:
        ValueError: its target is none of its scope: it could lock nothing.
    """
    lock = Lock(**values)
    if not is_target(lock.scope, lock.target):
        raise ValueError(f"a lock of a {lock.scope} whose target is none")
    return lock


def stops(locks: Iterable[Lock], campaign_id: CampaignId) -> Lock | None:
    """Return the lock that lets no call of this campaign leave, or None; a seat's lock stops no campaign."""
    for lock in locks:
        if lock.covers(campaign_id, None):
            return lock
    return None
