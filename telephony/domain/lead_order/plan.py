"""What dialling a lead now is worth, as against keeping it for an hour to come.

Every hour that remains has room for so many dials. Each has a price, found by trying prices until the leads that are
worth more than the price of an hour are as many as there is room for: a lead with four tries is not dialled at an
hour where its chance is poor while a dearer hour can still be paid for. What a lead is worth takes into account what
a try in vain would tell about it. A soft choice, not the best one alone: chances are beliefs, and a plan that trusts
the highest of many beliefs is disappointed.

The chances are left to ``propensity``, room and remaining hours to whoever asks.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from telephony.domain.lead_order.contact_rate import Features, Propensity, Reply

SOFT: Final = 0.15
"""How far apart two choices are that the plan tells clearly from one another, in mean chances."""
FIRST: Final = 0.3
"""What a lead's first try is worth beyond its chance, in mean chances: each is to be tried, and tells something."""
KEPT: Final = 0.96
"""What is left of a worth that is kept for another hour: the team may call less than is thought."""
ROUNDS: Final = 40
"""Times the prices are corrected."""
_STEP: Final = 3.0
_MOST: Final = 3_000
"""Kinds of leads a plan follows; what would come after more tries than these is left out."""

_Floats = npt.NDArray[np.float64]
_Indices = npt.NDArray[np.int64]


class Hour(NamedTuple):
    """An hour in which calls are made: when it begins, in seconds on any one clock, and its part of the week."""

    begins: float
    cell: int


class RetryLimits(NamedTuple):
    """What may become of a lead: tries in all, and seconds at least between two of them."""

    most_tries: int
    again_s: float


def first_hour(hours: Sequence[Hour], moment: float) -> int:
    """Return which is the first hour that begins at a moment or after it; their number when none does."""
    return bisect_left(hours, moment, key=lambda hour: hour.begins)


class LeadPlan:
    """A plan for the hours that remain, the first of them being now."""

    def __init__(
        self,
        propensity: Propensity,
        hours: Sequence[Hour],
        waiting: Mapping[tuple[Features, int], int],
        room: float,
        course: RetryLimits,
        prices: Sequence[float] = (),
    ) -> None:
        """Find the prices.

        Args:
            propensity: chances as they are known now.
            hours: those that remain, at least one.
            waiting: leads by what is known of them and the first of the hours in which they may be dialled.
            room: dials there is room for in an hour.
            course: what may become of a lead.
            prices: those of an earlier plan, for its last hours: a good beginning.
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
        """Return what dialling such a lead now is worth beyond keeping it; a soft zero is the price of this hour.

        Args:
            features: the lead's.
            cell: the part of the week it is for the lead, whose clock may be another.
        """
        chance = self._propensity.chance(features, cell).mean
        n = self._index.get(features)
        if n is None:
            return chance - self._last_try(features)
        then = self._next[n, self._cells.index(self.hours[0].cell)]
        after = self._value[self._again[0], then]
        return float(chance + self._bonus[n] + (1 - chance) * after - KEPT * self._value[1, n])

    def _follow(self, known: Sequence[Features], course: RetryLimits) -> _Indices:
        """Number what is known, and what a further try in vain leads to; one more than the last: no further try."""
        for one in known:
            self._number(one)
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
        """Return the mean chance of those who wait, over the hours that remain."""
        weights = np.zeros(len(self._order) + 1)
        for (features, _), leads in waiting.items():
            weights[self._index.get(features, -1)] += leads
        shares = np.bincount([self._cells.index(hour.cell) for hour in self.hours], minlength=len(self._cells))
        total = weights[:-1].sum() * len(self.hours)
        return float(weights[:-1] @ self._chances @ shares / total) if total else 0.1

    def _settle(self, waiting: Mapping[tuple[Features, int], int], room: float, before: Sequence[float]) -> _Floats:
        """Raise the prices of hours too many would be dialled in, and lower the others."""
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
        """Return what each kind of lead is worth from each hour on, and the share of it dialled in that hour."""
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
        """Return how many dials the shares come to, hour by hour."""
        count, kinds = shares.shape
        there = np.zeros((count + 1, kinds + 1))
        there[:count, :kinds] = begins
        dials = np.zeros(count)
        for n in range(count):
            column = self._cells.index(self.hours[n].cell)
            dialled = there[n, :kinds] * shares[n]
            dials[n] = dialled.sum()
            there[n + 1, :kinds] += there[n, :kinds] - dialled
            in_vain = dialled * (1 - self._chances[:, column])
            there[self._again[n]] += np.bincount(self._next[:, column], in_vain, minlength=kinds + 1)
        return dials

    def _last_try(self, features: Features) -> float:
        """Return what a lead the plan does not follow is worth later, as if one try were left."""
        chances = dict(zip(self._cells, self._propensity.chances(features, self._cells), strict=True))
        best = [chances[hour.cell].mean - price for hour, price in zip(self.hours[1:], self.prices[1:], strict=True)]
        return max(0.0, max(best, default=0.0))
