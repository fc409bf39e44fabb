"""Locks: a person (or the watch) stops all calls of the site, one campaign or one seat.

A lock is in force until somebody lifts it with a reason; it survives every restart. Terminating present calls and
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
# Decimal digits as in ids: no leading 0, no digits of other scripts, no more than the database can store.
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
        reason: in the words of the person who locked; "" when none was given.
        ends_calls: present calls are terminated too, a separate action; a lock by itself only stops new ones.
        released_by: who lifted it, None while it is in force.
        released_at: when it was lifted, None while it is in force.
        release_reason: why it was lifted, never empty then; None before.
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
        """Return True if it applies to a call of that campaign, at that seat if it has one."""
        match self.scope:
            case LockScope.SITE:
                return True
            case LockScope.CAMPAIGN:
                return self.target == str(campaign_id)
            case LockScope.SEAT:
                return seat is not None and self.target == str(seat)


def is_target(scope: LockScope, target: str) -> bool:
    """Return True if a target has the form its scope requires; it need not exist."""
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
        ValueError: its target does not have the form its scope requires: it could lock nothing.
    """
    lock = Lock(**values)
    if not is_target(lock.scope, lock.target):
        raise ValueError(f"a lock of scope {lock.scope} has an impossible target")
    return lock


def stops(locks: Iterable[Lock], campaign_id: CampaignId) -> Lock | None:
    """Return the lock that stops this campaign's calls, or None; a seat's lock does not stop a campaign."""
    for lock in locks:
        if lock.covers(campaign_id, None):
            return lock
    return None
