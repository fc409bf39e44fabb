"""The circuit breaker of one trunk: when calls to a carrier are paused, for how long, and how they resume.

::

    closed ──faults, or a long run without one ring──► open ──the pause is over──► half-open
      ▲                                                 ▲                             │
      │                                                 └── one test call fails ──────┤  (the pause doubles)
      └───────────────────────── one test call rings, is busy or is answered ─────────┘

Pure: the present time is an argument, and the same calls give the same breaker, so that it can be rebuilt from stored
attempts after a restart. Incidents, pausing campaigns and choosing another trunk are left to services.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from telephony.domain.trunks.routes import Sign
from telephony.ids import LeadId


class BreakerState(StrEnum):
    """Whether calls go out on the trunk."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class BreakerBounds:
    """When it opens, and for how long.

    Attributes:
        window: number of latest calls checked.
        least: least faults among them that open it, so that two failed calls do not.
        share: least share of faults among them that opens it.
        in_a_row: number of consecutive calls without ringing, busy or answer, for any reason, that also opens it.
        pause: the first pause.
        longest_pause: the pause doubles with every failed test call, up to this.
    """

    window: int = 20
    least: int = 5
    share: float = 0.5
    in_a_row: int = 20
    pause: timedelta = timedelta(seconds=30)
    longest_pause: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Seen:
    """The sign of one call.

    Attributes:
        lead_id: the called lead; only its latest call counts, so that a number that no carrier can reach never looks
            like a failing carrier.
        began_at: when it began; while not closed, only a call begun after the pause is a test call.
    """

    sign: Sign
    lead_id: LeadId
    began_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Breaker:
    """One trunk's breaker.

    Attributes:
        seen: signs of the latest calls, one per lead, oldest first; emptied when it closes again.
        until_at: end of the pause; None while closed.
        openings: number of pauses since a call was last carried.
    """

    seen: tuple[Seen, ...] = ()
    until_at: datetime | None = None
    openings: int = 0

    def state(self, now: datetime) -> BreakerState:
        """Return its state at a time."""
        if self.until_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self.until_at else BreakerState.HALF_OPEN

    @property
    def failed(self) -> int:
        """How many of the latest calls were not carried."""
        return sum(1 for seen in self.seen if seen.sign is not Sign.CARRIED)


def follow(breaker: Breaker, new: Seen, bounds: BreakerBounds) -> Breaker:
    """Return the breaker after the sign of one more call."""
    if breaker.until_at is not None and new.began_at < breaker.until_at:
        return breaker
    if breaker.until_at is not None and new.sign is Sign.CARRIED:
        return Breaker((new,))
    others = tuple(seen for seen in breaker.seen if seen.lead_id != new.lead_id)
    seen = (*others, new)[-max(bounds.window, bounds.in_a_row) :]
    if breaker.until_at is not None or (new.sign is not Sign.CARRIED and _has_failed(seen, bounds)):
        pause = min(bounds.longest_pause, bounds.pause * 2 ** min(breaker.openings, 30))
        return Breaker(seen, new.at + pause, breaker.openings + 1)
    return replace(breaker, seen=seen)


def _has_failed(seen: tuple[Seen, ...], bounds: BreakerBounds) -> bool:
    window = seen[-bounds.window :]
    faults = sum(1 for seen in window if seen.sign is Sign.FAULT)
    if faults >= bounds.least and faults >= bounds.share * len(window):
        return True
    latest = seen[-bounds.in_a_row :]
    return len(latest) == bounds.in_a_row and all(seen.sign is not Sign.CARRIED for seen in latest)
