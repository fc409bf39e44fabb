"""The value of dialing a lead now, compared with keeping it for a later hour.

Every remaining hour has room for a number of dials. Each hour has a price, adjusted until the leads worth more than
the price fill the room. So a lead with four tries is not dialled at an hour with a poor chance while a better hour is
still affordable. A lead's value includes what an unanswered try would show about it. The choice is soft instead of
the single best: chances are estimates, and a plan that trusts the highest of many estimates is disappointed.

The chances are left to ``contact_rate``, room and remaining hours to the caller.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from telephony.domain.lead_order.contact_rate import Features, Propensity, Reply

SOFT: Final = 0.15
"""Softness: how far apart two choices must be to be clearly distinguished, in mean chances."""
FIRST: Final = 0.3
"""Bonus of a lead's first try, in mean chances: each lead is to be tried, and the try shows something."""
KEPT: Final = 0.96
"""Discount of a value kept for a later hour: the team may call less than expected."""
ROUNDS: Final = 40
"""Number of price corrections."""
_STEP: Final = 3.0
_MOST: Final = 3_000
"""Most kinds of leads in a plan; those that would come after more tries are left out."""

_Floats = npt.NDArray[np.float64]
_Indices = npt.NDArray[np.int64]


class Hour(NamedTuple):
    """An hour of calling: when it begins, in seconds on one clock, and its part of the week."""

    begins: float
    cell: int


class RetryLimits(NamedTuple):
    """Limits of a lead's retries: most tries in all, and least seconds between two tries."""

    most_tries: int
    again_s: float


def first_hour(hours: Sequence[Hour], at: float) -> int:
    """Return the index of the first hour that begins at or after a time; the number of hours when none does."""
    return bisect_left(hours, at, key=lambda hour: hour.begins)


class LeadPlan:
    """A plan for the remaining hours, the first of them being now."""

    def __init__(
        self,
        propensity: Propensity,
        hours: Sequence[Hour],
        waiting: Mapping[tuple[Features, int], int],
        room: float,
        course: RetryLimits,
        prices: Sequence[float] = (),
    ) -> None:
        """Compute the prices.

        Args:
            propensity: the chances as known now.
            hours: the remaining hours, at least one.
            waiting: number of leads by their features and the index of the first hour in which they may be dialled.
            room: dials per hour.
            course: the limits of a lead's retries.
            prices: prices of an earlier plan, for its last hours, as a starting point.
        """
        self.hours = hours
        self._propensity = propensity
        self._cells = sorted({hour.cell for hour in hours})
        self._index: dict[Features, int] = {}
        self._order: list[Features] = []
        self._next = self._follow([features for features, _ in waiting], course)
        self._again = [max(n + 1, first_hour(hours, hour.begins + course.again_s)) for n, hour in enumerate(hours)]
        rows = [propensity.chances(features, self._cells) for features in self._order]
        chances = np.array([[chance.mean for chance in row] for row in rows], dtype=np.float64)
        self._chances = chances.reshape(len(rows), len(self._cells))
        self._mean = self._mean_chance(waiting)
        self._soft = SOFT * self._mean
        self._bonus = np.array([0.0 if features.tries else FIRST * self._mean for features in self._order])
        self.prices = self._settle(waiting, room, prices or [self._mean] * len(hours))
        self._value, _ = self._values(self.prices)

    def worth(self, features: Features, cell: int) -> float:
        """Return the value of dialing such a lead now, less the value of keeping it; compare it with this hour's price.

        Args:
            features: the lead's.
            cell: the part of the week in the lead's own time zone.
        """
        chance = self._propensity.chance(features, cell).mean
        n = self._index.get(features)
        if n is None:
            return chance - self._last_try(features)
        then = self._next[n, self._cells.index(self.hours[0].cell)]
        after = self._value[self._again[0], then]
        return float(chance + self._bonus[n] + (1 - chance) * after - KEPT * self._value[1, n])

    def _follow(self, known: Sequence[Features], course: RetryLimits) -> _Indices:
        """Return for each kind of lead the kind after an unanswered try; one more than the last: no further try."""
        for features in known:
            self._number(features)
        rows: list[list[int]] = []
        while len(rows) < len(self._order):
            features = self._order[len(rows)]
            may_go_on = len(features.tries) + 1 < course.most_tries
            after = [self._number(features.after(cell, Reply.NOBODY)) if may_go_on else -1 for cell in self._cells]
            rows.append(after)
        following = np.array(rows, dtype=np.int64).reshape(len(rows), len(self._cells))
        following[following < 0] = len(rows)
        return following

    def _number(self, features: Features) -> int:
        n = self._index.get(features, -1)
        if n < 0 and len(self._order) < _MOST:
            n = self._index[features] = len(self._order)
            self._order.append(features)
        return n

    def _mean_chance(self, waiting: Mapping[tuple[Features, int], int]) -> float:
        """Return the mean chance of the waiting leads over the remaining hours."""
        weights = np.zeros(len(self._order) + 1)
        for (features, _), leads in waiting.items():
            weights[self._index.get(features, -1)] += leads
        shares = np.bincount([self._cells.index(hour.cell) for hour in self.hours], minlength=len(self._cells))
        total = weights[:-1].sum() * len(self.hours)
        return float(weights[:-1] @ self._chances @ shares / total) if total else 0.1

    def _settle(self, waiting: Mapping[tuple[Features, int], int], room: float, before: Sequence[float]) -> _Floats:
        """Raise the prices of hours with too many dials, and lower the others."""
        count = len(self.hours)
        common = min(count, len(before))
        prices = np.full(count, np.mean(before))
        prices[-common:] = before[-common:]
        begins = np.zeros((count, len(self._order)))
        for (features, first), leads in waiting.items():
            if first < count and features in self._index:
                begins[first, self._index[features]] += leads
        for n in range(ROUNDS):
            _, shares = self._values(prices)
            dials = self._dials(begins, shares)
            prices = prices + _STEP * self._soft / (1 + n / 20) * np.clip(np.log((dials + 1) / (room + 1)), -2, 2)
            prices = np.maximum(prices, -self._mean)
        return prices

    def _values(self, prices: _Floats) -> tuple[_Floats, _Floats]:
        """Return the value of each kind of lead from each hour on, and the share of it dialled in that hour."""
        count, kinds = len(self.hours), len(self._order)
        value = np.zeros((count + 1, kinds + 1))
        shares = np.zeros((count, kinds))
        for n in range(count - 1, -1, -1):
            column = self._cells.index(self.hours[n].cell)
            chance = self._chances[:, column]
            after = value[self._again[n]][self._next[:, column]]
            later = KEPT * value[n + 1, :kinds]
            more = (chance + self._bonus + (1 - chance) * after - prices[n] - later) / self._soft
            shares[n] = 1 / (1 + np.exp(-np.clip(more, -30, 30)))
            value[n, :kinds] = later + self._soft * np.logaddexp(0, more)
        return value, shares

    def _dials(self, begins: _Floats, shares: _Floats) -> _Floats:
        """Return the dials in each hour that follow from the shares."""
        count, kinds = shares.shape
        there = np.zeros((count + 1, kinds + 1))
        there[:count, :kinds] = begins
        dials = np.zeros(count)
        for n in range(count):
            column = self._cells.index(self.hours[n].cell)
            dialled = there[n, :kinds] * shares[n]
            dials[n] = dialled.sum()
            there[n + 1, :kinds] += there[n, :kinds] - dialled
            unanswered = dialled * (1 - self._chances[:, column])
            there[self._again[n]] += np.bincount(self._next[:, column], unanswered, minlength=kinds + 1)
        return dials

    def _last_try(self, features: Features) -> float:
        """Return the later value of a lead that is not in the plan, as if one try were left."""
        chances = dict(zip(self._cells, self._propensity.chances(features, self._cells), strict=True))
        best = [chances[hour.cell].mean - price for hour, price in zip(self.hours[1:], self.prices[1:], strict=True)]
        return max(0.0, max(best, default=0.0))
