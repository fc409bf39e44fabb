"""The figures of the pacing benchmark with 95 % intervals, by resampling scenarios and days."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from telephony.simulation.results import DayResult

CAP: Final = 0.03
RESAMPLES: Final = 2000
_SEED: Final = 95

Days = Sequence[Sequence[DayResult]]
"""Per scenario, its days; the same days for every pacer."""
_Grid = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float

    def text(self, digits: int = 1) -> str:
        """Return it for a table."""
        return f"{self.mean:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


@dataclass(frozen=True, slots=True)
class Figures:
    """One pacer over a set of scenarios; shares in percent.

    Attributes:
        pacer: its name.
        utilisation: talk and wrap-up over time logged in and not paused.
        abandoned: mean over days of abandoned over answered.
        worst_day: the highest of them.
        days: how many days.
        days_over: days on which more than the cap was abandoned.
        gap_closed: of the way from progressive to clairvoyant.
        points: utilisation beyond VICIdial's tapered, available only.
        wait_s: operators' mean wait for a call, seconds.
        calls: calls per operator hour.
        decision_us: mean time of a decision, microseconds.
        longest_ms: the longest decision, milliseconds.
    """

    pacer: str
    utilisation: Estimate
    abandoned: float
    worst_day: float
    days: int
    days_over: int
    gap_closed: Estimate
    points: Estimate
    wait_s: float
    calls: float
    decision_us: float
    longest_ms: float


def figures(pacer: str, own: Days, progressive: Days, clairvoyant: Days, peer: Days) -> Figures:
    """Compare one pacer with the floor, the bound and the peer, day by day.

    Args:
        pacer: its name.
        own: its days.
        progressive: the same days, one dial per free operator.
        clairvoyant: the same days with foresight.
        peer: the same days under VICIdial's tapered mode, available only.
    """
    used = _utilisation(own)
    floor, bound = _utilisation(progressive), _utilisation(clairvoyant)
    days = [day for scenario in own for day in scenario]
    return Figures(
        pacer=pacer,
        utilisation=estimate(100 * used),
        abandoned=100 * float(np.mean([day.abandoned_share for day in days])),
        worst_day=100 * max(day.abandoned_share for day in days),
        days=len(days),
        days_over=sum(day.abandoned_share > CAP for day in days),
        gap_closed=estimate(100 * (used - floor) / np.maximum(bound - floor, 1e-9)),
        points=estimate(100 * (used - _utilisation(peer))),
        wait_s=float(np.mean([day.mean_wait_s for day in days])),
        calls=float(np.mean([day.calls_per_operator_hour for day in days])),
        decision_us=sum(day.decision_ns for day in days) / 1000 / max(1, sum(day.steps for day in days)),
        longest_ms=max(day.longest_ns for day in days) / 1e6,
    )


def estimate(grid: _Grid) -> Estimate:
    """Return the mean of scenarios × days, and its interval: scenarios are resampled, and days within each.

    Args:
        grid: scenarios × days.
    """
    dice = np.random.default_rng(_SEED)
    scenarios, days = grid.shape
    drawn = (
        dice.integers(scenarios, size=(RESAMPLES, scenarios, 1)) if scenarios > 1 else np.zeros((RESAMPLES, 1, 1), int)
    )
    means = grid[drawn, dice.integers(days, size=(RESAMPLES, scenarios, days))].mean(axis=(1, 2))
    low, high = np.percentile(means, (2.5, 97.5))
    return Estimate(float(grid.mean()), float(low), float(high))


def _utilisation(days: Days) -> _Grid:
    return np.array([[day.utilisation for day in scenario] for scenario in days])
