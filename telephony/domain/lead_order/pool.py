"""A pool of leads in memory for the simulation; the dialer's leads stay in the database.

Leads with equal features share a bucket, and choosing uses a heap of buckets, so a decision costs the same with a
hundred leads or a million. The value of dialing a lead now comes from ``plan``; untried leads get their share of the
dials, so that each is tried in time. The chances are left to ``contact_rate``; whether a lead may be called, to
``retries`` and ``rules``.
"""

from collections import Counter, deque
from collections.abc import Hashable, Sequence
from heapq import heapify, heappop, heappush, heapreplace
from itertools import count
from typing import Final, Generic, TypeVar

from telephony.domain.lead_order.contact_rate import Features, Propensity
from telephony.domain.lead_order.plan import Hour, LeadPlan, RetryLimits, first_hour

L = TypeVar("L", bound=Hashable)

SPARE: Final = 0.6
"""Share of the expected dials within which every lead is to be tried: the last hour may have fewer."""
RESERVE: Final = 20
"""Added to the number of untried leads, so that the last few do not wait for the last dial."""
STALE: Final = 20
"""Attempts after which a bucket's value must be computed again before it is chosen."""
RENEW: Final = 500
"""Attempts after which every bucket's value is computed again; in between, only that of buckets about to be chosen."""
_HALF_HOUR: Final = 1800.0


def share_of_untried(untried: int, dials_ahead: float) -> float:
    """Return the share of the dials needed to try every untried lead in time."""
    return min(1.0, (untried + RESERVE) / max(1.0, SPARE * dials_ahead)) if untried else 0.0


class LeadPool(Generic[L]):
    """Waiting leads, postponed ones included; times are seconds on one clock. ``look`` before the first ``take``."""

    def __init__(self, propensity: Propensity, course: RetryLimits) -> None:
        self.propensity = propensity
        self._course = course
        self._plan: LeadPlan | None = None
        self._buckets: dict[Features, deque[L]] = {}
        self._heaps: tuple[list[tuple[float, int, Features]], ...] = ([], [])
        self._later: list[tuple[float, int, L, Features]] = []
        self._order = count()
        self._cell = 0
        self._scored_at = 0
        self._untried = self._due = 0
        self._owed = 0.0
        self._share = 0.0

    def __len__(self) -> int:
        """Return the number of waiting leads, due now or later."""
        return len(self._later) + self._due

    def put(self, lead: L, features: Features, not_before: float = float("-inf")) -> None:
        """Add a lead."""
        heappush(self._later, (not_before, next(self._order), lead, features))
        self._untried += not features.tries

    def look(self, hours: Sequence[Hour], room: float) -> None:
        """Plan the remaining hours and compute every bucket's value again.

        Args:
            hours: in which these leads can still be dialled, the present one first.
            room: dials per hour.
        """
        self._cell = hours[0].cell
        self._share = share_of_untried(self._untried, room * len(hours))
        waiting = Counter({(features, 0): len(bucket) for features, bucket in self._buckets.items()})
        for at, _, _, features in self._later:
            waiting[features, first_hour(hours, at - _HALF_HOUR)] += 1
        before = self._plan.prices if self._plan is not None else ()
        self._plan = LeadPlan(self.propensity, hours, waiting, room, self._course, list(before))
        self._renew()

    def due(self, now: float) -> int:
        """Release the leads that are due; return how many are due in all."""
        while self._later and self._later[0][0] <= now:
            _, _, lead, features = heappop(self._later)
            bucket = self._buckets.get(features)
            if bucket is None:
                bucket = self._buckets[features] = deque()
            if not bucket:
                self._push(features)
            bucket.append(lead)
            self._due += 1
        return self._due

    def take(self, now: float) -> tuple[L, Features] | None:
        """Remove and return the lead to dial now; None when none is due."""
        self.due(now)
        if self.propensity.seen >= self._scored_at + RENEW:
            self._renew()
        self._owed = min(self._owed + self._share, 1.0)
        tried, untried = (self._top(heap) for heap in self._heaps)
        if tried is None and untried is None:
            return None
        is_untried = tried is None or (untried is not None and (self._owed >= 1 or untried >= tried))
        _, _, features = self._heaps[is_untried][0]
        if is_untried:
            self._owed = max(0.0, self._owed - 1)
            self._untried -= 1
        self._due -= 1
        return self._buckets[features].popleft(), features

    def _top(self, heap: list[tuple[float, int, Features]]) -> float | None:
        """Bring the best bucket of a heap to its top, with its present value; return that value."""
        while heap:
            _, seen, features = heap[0]
            if not self._buckets[features]:
                heappop(heap)
            elif seen >= self.propensity.seen - STALE:
                return -heap[0][0]
            else:
                heapreplace(heap, self._entry(features))
        return None

    def _renew(self) -> None:
        self._buckets = {features: bucket for features, bucket in self._buckets.items() if bucket}
        self._scored_at = self.propensity.seen
        for heap in self._heaps:
            heap.clear()
        for features in self._buckets:
            self._heaps[not features.tries].append(self._entry(features))
        for heap in self._heaps:
            heapify(heap)

    def _push(self, features: Features) -> None:
        heappush(self._heaps[not features.tries], self._entry(features))

    def _entry(self, features: Features) -> tuple[float, int, Features]:
        worth = self._plan.worth(features, self._cell) if self._plan is not None else 0.0
        return -worth, self.propensity.seen, features
