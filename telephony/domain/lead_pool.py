"""Which lead to dial now: the one whose chance now is high, and not much higher at an hour still to come.

Leads with equal features share a bucket, and choosing is a heap over buckets, so that a decision costs the same with
a hundred leads or a million. A greedy choice would use up the good leads and lose on the last day; a lead's chance now
is therefore weighed by its chance now over its best in the hours that remain. Untried leads get their share of the
dials, so that each is tried while there is time. The chances themselves are left to ``propensity``; whether a lead may
be called, to ``retries`` and ``rules``.
"""

from collections import deque
from collections.abc import Hashable, Sequence
from heapq import heapify, heappop, heappush, heapreplace
from itertools import count
from typing import Final, Generic, TypeVar

from telephony.domain.propensity import Chance, Features, Propensity

L = TypeVar("L", bound=Hashable)

HOLD: Final = 1.0
"""How much a better hour to come weighs: the power of chance now over best chance."""
EXPLORE: Final = 0.0
"""Standard deviations added to a chance, so that what is not known yet is tried."""
SPARE: Final = 0.6
"""Share of the dials expected by which every lead is to be tried: the last hour may bring fewer."""
RESERVE: Final = 20
"""Untried leads counted beyond those there are, so that the last few do not wait for the last dial."""
STALE: Final = 20
"""Attempts that a weighed bucket may lag behind."""
RENEW: Final = 500
"""Attempts after which every bucket is looked at anew; in between, only those about to be chosen."""


def score(now: Chance, ahead: Sequence[Chance], hold: float = HOLD, explore: float = EXPLORE) -> float:
    """Return what dialling now is worth.

    Args:
        now: the chance now.
        ahead: the chances in the parts of the week that remain.
        hold: how much a better hour to come weighs.
        explore: standard deviations that are added.
    """
    hoped = now.mean + explore * now.sd
    best = max((one.mean + explore * one.sd for one in ahead), default=0.0)
    return hoped * (hoped / best) ** hold if best > hoped else hoped


class LeadPool(Generic[L]):
    """Leads that wait, those postponed included; moments are seconds on any one clock."""

    def __init__(
        self, propensity: Propensity, hold: float = HOLD, explore: float = EXPLORE, spare: float = 0.9
    ) -> None:
        """Begin empty; ``look`` before the first ``take``."""
        self.propensity = propensity
        self._hold, self._explore, self._spare = hold, explore, spare
        self._buckets: dict[Features, deque[L]] = {}
        self._heaps: tuple[list[tuple[float, int, Features]], ...] = ([], [])
        self._later: list[tuple[float, int, L, Features]] = []
        self._order = count()
        self._cell = 0
        self._ahead: tuple[int, ...] = ()
        self._scored_at = 0
        self._untried = self._due = 0
        self._owed = 0.0
        self._share = 0.0

    def __len__(self) -> int:
        """Leads that wait, now or later."""
        return len(self._later) + self._due

    def put(self, lead: L, features: Features, not_before: float = float("-inf")) -> None:
        """Let a lead wait."""
        heappush(self._later, (not_before, next(self._order), lead, features))
        self._untried += not features.tries

    def look(self, cell: int, ahead: Sequence[int], dials_ahead: float) -> None:
        """Learn what time it is: every bucket is weighed anew.

        Args:
            cell: the present part of the week.
            ahead: the parts of the week in which these leads can still be dialled.
            dials_ahead: dials expected until the last of them ends.
        """
        self._cell, self._ahead = cell, tuple(dict.fromkeys(ahead))
        self._share = min(1.0, (self._untried + RESERVE) / max(1.0, self._spare * dials_ahead))
        self._renew()

    def due(self, now: float) -> int:
        """Release those that may be dialled now; return how many there are."""
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
        """Take the lead to dial now; None when none is due."""
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
        """Bring the best bucket of a heap to its top, weighing it anew; return its score."""
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
        now, *ahead = self.propensity.chances(features, (self._cell, *self._ahead))
        return -score(now, ahead, self._hold, self._explore), self.propensity.seen, features
