"""The race between people answering and operators becoming free: chances of sums of independent yes-or-no events.

Exact (Poisson-binomial) for few events, a normal approximation with skewness for more. The single chances come from
``ringing`` and ``serving``.
"""

import math
from collections.abc import Sequence
from typing import Final

EXACT_UP_TO: Final = 90
"""Most events computed exactly; with more, the sum is close enough to normal."""
NEGLIGIBLE: Final = 1e-7
MARGIN: Final = 8
"""Counts kept above the one that matters; higher ones are added together, exactly."""


def counts(chances: Sequence[float], top: int) -> list[float]:
    """Return the distribution of how many independent events happen.

    Args:
        chances: chance of each event, 0 to 1.
        top: the last count that is distinguished; its entry is the chance of ``top`` or more.

    Returns:
        ``top + 1`` chances that sum to 1.
    """
    distribution = [1.0] + [0.0] * top
    reached = 0
    for chance in chances:
        if chance > NEGLIGIBLE:
            if reached < top:
                reached += 1
            _one_more(distribution, chance, reached)
    return distribution


def _one_more(distribution: list[float], chance: float, reached: int) -> None:
    """Add one event, in place, to a distribution up to ``reached``; its last entry includes all higher counts."""
    stay = 1.0 - chance
    above = distribution[-1]
    for count in range(reached, 0, -1):
        distribution[count] = distribution[count] * stay + distribution[count - 1] * chance
    if reached == len(distribution) - 1:
        distribution[-1] += above * chance
    if reached:
        distribution[0] *= stay


class Race:
    """The chance that by a given time at least as many people have answered as there are operators for them."""

    def __init__(self, free: int, arrivals: Sequence[float], releases: Sequence[float], spare: int = 0) -> None:
        """Compute what may happen by that time.

        Args:
            free: operators free now, less the people already waiting; may be negative.
            arrivals: each dial's chance to reach a person by then.
            releases: each busy operator's chance to be free by then.
            spare: highest ``spare`` for ``is_lost``.
        """
        self._free = free
        self._is_exact = len(arrivals) + len(releases) <= EXACT_UP_TO
        if self._is_exact:
            self._released = counts(releases, min(len(releases), MARGIN))
            self._answered = counts(arrivals, max(0, free + spare) + len(self._released))
        else:
            self._moments = _moments(arrivals, releases)

    def add(self, chance: float) -> None:
        """Add one more dial."""
        if self._is_exact:
            _one_more(self._answered, chance, len(self._answered) - 1)
        else:
            mean, variance, third = self._moments
            spread = chance * (1 - chance)
            self._moments = (mean + chance, variance + spread, third + spread * (1 - 2 * chance))

    def is_lost(self, spare: int = 0) -> float:
        """Return the chance that one more person would find no operator, after ``spare`` others had found none."""
        free = self._free + spare
        if not self._is_exact:
            return _above(self._moments, free - 0.5)
        lost = 0.0
        short = 1.0
        taken = 0
        for count in range(free):
            short -= self._answered[count]
            taken = count + 1
        for released, chance in enumerate(self._released):
            while taken < free + released:
                short -= self._answered[taken]
                taken += 1
            lost += chance * short
        return max(0.0, lost)


def _moments(arrivals: Sequence[float], releases: Sequence[float]) -> tuple[float, float, float]:
    """Return mean, variance and third central moment of arrivals less releases."""
    mean = sum(arrivals) - sum(releases)
    variance = third = 0.0
    for chance in arrivals:
        spread = chance * (1 - chance)
        variance += spread
        third += spread * (1 - 2 * chance)
    for chance in releases:
        spread = chance * (1 - chance)
        variance += spread
        third -= spread * (1 - 2 * chance)
    return mean, variance, third


def _above(moments: tuple[float, float, float], level: float) -> float:
    """Return the chance that a nearly normal count is above ``level`` (first Edgeworth term)."""
    mean, variance, third = moments
    if variance < 1e-9:
        return 1.0 if mean > level else 0.0
    deviation = math.sqrt(variance)
    x = (level - mean) / deviation
    skewness = third / (variance * deviation)
    tail = 0.5 * math.erfc(x / math.sqrt(2))
    density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return min(1.0, max(0.0, tail + density * skewness * (x * x - 1) / 6))
